"""One day of the plan as a chart: bars by station and by person, shifts behind them, and how full each hour is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import Words, from_minute, to_minute
from shop.menu.tables import Station
from shop.orders.tables import Cake, Line, Order
from shop.people.hours import spans_on
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.alarms import chances
from shop.production.plan.named import NAMED, Named, named_of
from shop.production.tables import Task, TaskState

Span = tuple[int, int]
BEGUN = ("done", "now")
FULL = 85
"""An hour with so much of its time taken (percent) has no room for trouble."""


@dataclass(frozen=True)
class Bar:
    """A stage of one cake, or an oven run of several. ``state``: done, now, late, risk, notyet."""

    kind: str
    start: int
    end: int
    state: str
    cakes: Sequence[Named]
    station_id: int | None
    unit: int
    person_id: int | None
    heat: int = 0
    held: bool = False
    by_hand: bool = True


@dataclass
class Lane:
    """A station's room, or a person: ``rows`` of bars that do not overlap, ``open`` hours behind them."""

    id: int
    unit: int
    names: Words
    rows: list[list[Bar]]
    open: list[Span] = field(default_factory=list)
    load: dict[int, int] = field(default_factory=dict)
    """Percent taken, by the first minute of the hour."""


@dataclass(frozen=True)
class Chart:
    """The day; ``begins`` and ``ends`` are whole hours around all there is to see."""

    day: date
    begins: int
    ends: int
    now: int
    stations: Sequence[Lane]
    people: Sequence[Lane]
    nobody: int

    @property
    def empty(self) -> bool:
        """Whether nothing is planned and nothing was made."""
        return not any(lane.rows for lane in self.stations)

    def tightest(self) -> list[tuple[Lane, int, int]]:
        """Return (lane, percent, hour) where an hour to come has no room for trouble, the fullest first."""
        found = []
        for lane in (*self.stations, *self.people):
            to_come = [(percent, -hour) for hour, percent in lane.load.items() if hour + 60 > self.now]
            percent, hour = max(to_come, default=(0, 0))
            if percent >= FULL:
                found.append((lane, percent, -hour))
        return sorted(found, key=lambda each: (-each[1], each[2]))

    def within(self, begins: int, ends: int) -> "Chart":
        """Return the chart with the bars of these minutes only, in as few rows as those need."""
        return replace(
            self,
            stations=[_between(lane, begins, ends) for lane in self.stations],
            people=[_between(lane, begins, ends) for lane in self.people],
        )


def chart(session: Session, shop: Shop, day: date, *, at: datetime) -> Chart:
    """Read the day: what is planned, what is at work, what was done."""
    first, last = (to_minute(moment) for moment in shop.day_bounds(day))
    now = to_minute(at)
    bars = [bar for bar in _bars(session, shop, first, last, now) if bar.start < last and bar.end > first]
    stations = list(
        session.scalars(select(Station).filter_by(shop_id=shop.id).order_by(Station.sort, Station.id))
    )
    opening = (to_minute(shop.moment(day, shop.kitchen_opens)), to_minute(shop.moment(day, shop.closes)))
    rooms = []
    for station in stations:
        mine = [bar for bar in bars if bar.station_id == station.id]
        units = max(1, station.units)
        for unit in range(units):
            here = [bar for bar in mine if min(bar.unit, units - 1) == unit]
            if here or station.active:
                lane = Lane(station.id, unit if units > 1 else -1, station.names, _rows(here), [opening])
                lane.load = _load(here, [opening], max(1, station.places // units))
                rooms.append(lane)
    people = _people(session, shop, day, bars)
    shown = [minute for bar in bars for minute in (bar.start, bar.end)]
    spans = [minute for lane in people for span in lane.open for minute in span] or [*opening]
    begins, ends = min([*shown, *spans]), max([*shown, *spans])
    nobody = sum(bar.by_hand and bar.person_id is None and bar.state not in BEGUN for bar in bars)
    return Chart(day, begins // 60 * 60, -(-ends // 60) * 60, now, rooms, people, nobody)


def _people(session: Session, shop: Shop, day: date, bars: Sequence[Bar]) -> list[Lane]:
    names = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    hours: dict[int, list[Span]] = defaultdict(list)
    for begins, over, person in spans_on(session, shop, [day]):
        if person.skills:
            hours[person.id].append((to_minute(begins), to_minute(over)))
    theirs: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars:
        if bar.person_id is not None:
            theirs[bar.person_id].append(bar)
    lanes = []
    for person_id in sorted({*hours, *theirs}, key=lambda key: (min(hours.get(key, [(0, 0)])), key)):
        mine, open_ = theirs[person_id], hours[person_id]
        lane = Lane(person_id, -1, {"en": names.get(person_id, "")}, _rows(mine), open_)
        lane.load = _load(mine, open_, 1)
        lanes.append(lane)
    return lanes


_COLUMNS = (
    select(
        Task.kind, Task.station_id, Task.unit, Task.state, Task.minutes, Task.after_minutes, Task.due_at, Task.amount,
        Task.planned_start, Task.planned_end, Task.planned_for, Task.started_at, Task.finished_at, Task.started_by,
        Task.celsius, Task.cake_id, Task.needs_person, *NAMED,
    )
    .join(Order, Order.id == Task.order_id)
    .join(Cake, Cake.id == Task.cake_id)
    .join(Line, Line.id == Cake.line_id)
)  # fmt: skip


def _bars(session: Session, shop: Shop, first: int, last: int, now: int) -> list[Bar]:
    begins, ends = from_minute(first), from_minute(last)
    planned = (Task.planned_start < ends) & (Task.planned_end > begins)
    really = (Task.started_at < ends) & ((Task.finished_at > begins) | (Task.state == TaskState.RUNNING))
    query = _COLUMNS.where(Task.shop_id == shop.id, Task.state != TaskState.VOID, planned | really)
    likely = chances(session, shop)
    runs: dict[tuple[Any, ...], list[tuple[Any, Span, str]]] = {}
    for n, row in enumerate(session.execute(query.order_by(Task.planned_start, Task.id))):
        if row.station_id is None:
            continue  # cooling needs neither a place nor a person
        span = _span(row, now)
        state = _state(row, span, now, likely)
        key = (row.station_id, row.unit, row.celsius, span, row.kind) if row.celsius else (n,)
        runs.setdefault(key, []).append((row, span, state))
    return [_bar(run) for run in runs.values()]


def _span(row: Any, now: int) -> Span:
    """Return from when to when: as it was, as it is, or as it is planned."""
    start = to_minute(row.started_at) if row.started_at else to_minute(row.planned_start)
    if row.state == TaskState.DONE:
        return start, max(start + 1, to_minute(row.finished_at or row.planned_end))
    if row.state == TaskState.RUNNING:
        return start, max(now, start + row.minutes)
    return start, start + row.minutes


def _state(row: Any, span: Span, now: int, likely: Mapping[int, int]) -> str:
    if row.state == TaskState.DONE:
        return "done"
    if span[1] + row.after_minutes > to_minute(row.due_at):
        return "late"
    if row.cake_id in likely or (row.state != TaskState.RUNNING and span[0] < now):
        return "risk"
    return "now" if row.state == TaskState.RUNNING else "notyet"


WORST = ("late", "risk", "now", "notyet", "done")


def _bar(run: Sequence[tuple[Any, Span, str]]) -> Bar:
    row, span, _ = run[0]
    cakes = [named_of(each) for each, _, _ in run]
    state = min((state for _, _, state in run), key=WORST.index)
    person = row.started_by if row.state in (TaskState.RUNNING, TaskState.DONE) else row.planned_for
    held = all(each.state == TaskState.HELD for each, _, _ in run)
    return Bar(
        row.kind, span[0], span[1], state, cakes, row.station_id, row.unit, person if row.needs_person else None,
        row.celsius, held, row.needs_person,
    )  # fmt: skip


def _rows(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Return the bars in as few rows as they need."""
    rows: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.end)):
        for row in rows:
            if row[-1].end <= bar.start:
                row.append(bar)
                break
        else:
            rows.append([bar])
    return rows


def _between(lane: Lane, begins: int, ends: int) -> Lane:
    bars = [bar for row in lane.rows for bar in row if bar.end > begins and bar.start < ends]
    return replace(lane, rows=_rows(bars))


def _load(bars: Sequence[Bar], hours: Sequence[Span], places: int) -> dict[int, int]:
    """Return how much of each open hour is taken, in percent; an oven run takes a tray for each cake."""
    found = {}
    for start, end in hours:
        for hour in range(start // 60 * 60, end, 60):
            here = (max(start, hour), min(end, hour + 60))
            taken = sum(
                len(bar.cakes) * max(0, min(here[1], bar.end) - max(here[0], bar.start)) for bar in bars
            )
            room = places * (here[1] - here[0])
            if room > 0:
                found[hour] = min(999, round(100 * taken / room))
    return found
