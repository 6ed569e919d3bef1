"""A station's board: the cards it shows, in which order and state, read with plain SQL."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from shop.core.clock import minutes_between
from shop.core.errors import Missing
from shop.core.types import Words
from shop.menu.card import MenuCard, StationRow
from shop.menu.drawing import CakeLook
from shop.menu.tables import StageKind
from shop.orders.cart import clashing
from shop.orders.tables import Cake, Fulfilment, Line, Order
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.alarms import chances
from shop.production.noticed import NoticeCard, notices_at
from shop.production.onshift import people_here
from shop.production.slack import (
    START_NOW_MINUTES,
    CardState,
    limits_of,
    over_by,
    over_from,
    slack_of,
    state_of,
)
from shop.production.tables import TO_DO, Task, TaskState
from shop.production.warnings import Warning_, warnings


@dataclass(frozen=True)
class BoardCard:
    """One cake at one station. ``slack`` in minutes, negative when late; ``cooling_until`` while it cools.

    ``limit`` and ``still_until`` are what slack comes from: a screen without a line counts on with them. ``chance``
    (percent) is what an alarm says of being late: it makes the card at risk.
    ``clash`` are those of the ``allergies`` that this very cake contains.
    ``over`` is by how many minutes started work is over its time, from ``over_at`` on: it is at risk, too.
    ``leave_by`` is when the courier must go, None for what is fetched.
    """

    task_id: int
    version: int
    kind: str
    task_state: str
    order_id: int
    number: str
    due_at: datetime
    cake_id: int
    cake_code: str
    cake_no: int
    cakes_in_order: int
    names: Words
    inch: int
    tiers: int
    option_words: Sequence[Words]
    inscription: str
    candles: int
    allergies: Sequence[Words]
    clash: Sequence[Words]
    private: bool
    urgent: bool
    slack: int
    state: CardState
    stages: Sequence[tuple[str, str]]
    started_at: datetime | None
    started_by_name: str
    written: bool
    needs_tick: bool
    hidden: int
    needs_envelope: bool
    look: CakeLook
    before: str
    cooling_until: datetime | None
    cooling_task: tuple[int, int] | None
    remake: int
    latest_start: datetime
    limit: datetime
    still_until: datetime | None
    leave_by: datetime | None = None
    chance: int = 0
    over: int = 0
    over_at: datetime | None = None


@dataclass(frozen=True)
class Count:
    """How many of a product are still to do here today, and of which sizes: ``{8: 3, 6: 1}``."""

    names: Words
    n: int
    sizes: dict[int, int]


@dataclass(frozen=True)
class Board:
    """Everything one station's display shows. ``total`` counts every open card, hidden ones too."""

    station: StationRow
    cards: Sequence[BoardCard]
    more: int
    more_due: datetime | None
    running: int
    left_today: int
    total: int
    counts: Sequence[Count]
    warnings: Sequence[Warning_]
    notices: Sequence[NoticeCard]
    people: Sequence[tuple[int, str]] = field(default_factory=list)


def board(
    session: Session, shop: Shop, card: MenuCard, station: str, *, at: datetime, room: int = 8
) -> Board:
    """Return a station's board with at most ``room`` cards; raises `Missing` for a station nobody knows."""
    here = card.stations_by_slug.get(station)
    if here is None:
        raise Missing(field="station")
    rows = [(slack_of(row, at), row) for row in _open_rows(session, shop, here.id)]
    today = shop.business_date(at)
    rows.sort(key=lambda pair: _place_in_queue(*pair))
    likely = chances(session, shop)
    shown = [p for p in rows if p[1].due_date <= today or _must_show(*p, at, likely)]
    shown.sort(key=lambda p: _place_on_board(p[1], _must_show(p[0], p[1], at, likely)))
    shown = sorted(shown[:room], key=lambda pair: _place_in_queue(*pair))
    due_today = [row for _, row in rows if row.due_date <= today]
    hidden = [pair for pair in rows if not any(pair is s for s in shown)]
    rest = [row for slack, row in hidden if row.due_date <= today or _must_show(slack, row, at, likely)]
    waiting = rest or [row for _, row in hidden]
    return Board(
        station=here,
        cards=_cards(session, card, shown, at, likely),
        more=len(rest),
        more_due=min((row.due_at for row in waiting), default=None),
        running=sum(1 for _, row in rows if row.state == TaskState.RUNNING),
        left_today=len(due_today),
        total=len(rows),
        counts=_counts(due_today),
        warnings=warnings(session, shop, card, at=at, station_id=here.id),
        notices=notices_at(session, shop, card, here.id),
        people=people_here(session, shop, card, here.id, at=at),
    )


def _place_in_queue(slack: int, row: Row[Any]) -> tuple[int, int, int, datetime, int]:
    # As the plan has it: on a full day it lays work in long before its latest start. What nobody can start yet
    # stands last: it must not hold a place that a cake needs.
    start = min(row.planned_start, row.latest_start)
    return (
        1 if row.state == TaskState.WAITING else 0,
        0 if slack < 0 else 1,
        0 if row.urgent else 1,
        start,
        row.id,
    )


def _place_on_board(row: Row[Any], must: bool) -> tuple[bool, bool, bool]:
    # What somebody has begun can always be finished here; then what can be worked on today; then what still waits.
    waits, begun = row.state == TaskState.WAITING, row.state == TaskState.RUNNING
    return waits, not begun, not must


def _must_show(slack: int, row: Row[Any], at: datetime, likely: dict[int, int]) -> bool:
    return (
        slack <= START_NOW_MINUTES
        or (row.state == TaskState.READY and row.cake_id in likely)
        or minutes_between(at, row.planned_start) <= START_NOW_MINUTES
        or row.state == TaskState.RUNNING
        or (row.state == TaskState.WAITING and row.before_state == TaskState.RUNNING)
    )


_before, _who = aliased(Task), aliased(Staff)
_OPEN_ROWS = (
    select(
        Task.id, Task.version, Task.kind, Task.state, Task.station_id, Task.minutes, Task.after_minutes,
        Task.latest_start, Task.planned_start, Task.due_at, Task.started_at, Task.remake, Task.order_id, Task.cake_id,
        Order.letter, Order.counter, Order.due_date, Order.urgent, Order.private, Order.allergies,
        Order.fulfilment, Order.due_at.label("order_due"), Order.travel_minutes,
        Cake.code, Cake.sort.label("cake_no"), Cake.written_at, Cake.hidden, Cake.enveloped_at,
        Line.names, Line.product, Line.inch, Line.tiers, Line.option_words, Line.inscription, Line.candles,
        Line.look, Line.allergens,
        _who.name.label("started_by_name"),
        _before.id.label("before_id"), _before.version.label("before_version"), _before.kind.label("before_kind"),
        _before.state.label("before_state"), _before.started_at.label("before_started"),
        _before.minutes.label("before_minutes"), _before.station_id.label("before_station"),
    )
    .join(Order, Order.id == Task.order_id)
    .join(Cake, Cake.id == Task.cake_id)
    .join(Line, Line.id == Cake.line_id)
    .outerjoin(_who, _who.id == Task.started_by)
    .outerjoin(
        _before,
        (_before.cake_id == Task.cake_id) & (_before.sort == Task.sort - 1) & (_before.state != TaskState.VOID),
    )
    .where(
        Task.shop_id == bindparam("shop"),
        Task.station_id == bindparam("station"),
        Task.state.in_(TO_DO),
    )
    .order_by(Task.cake_id, Task.sort)
)  # fmt: skip


def _open_rows(session: Session, shop: Shop, station_id: int) -> list[Row[Any]]:
    """Return the station's open tasks, of each cake only the first one here, with the stage before."""
    rows: list[Any] = []
    cake = None
    for row in session.execute(_OPEN_ROWS, {"shop": shop.id, "station": station_id}):
        if row.cake_id != cake:
            rows.append(row)
        cake = row.cake_id
    return rows


def _cards(
    session: Session, card: MenuCard, shown: list[tuple[int, Row[Any]]], at: datetime, likely: dict[int, int]
) -> list[BoardCard]:
    ids = [row.cake_id for _, row in shown]
    stages: dict[int, list[tuple[str, str]]] = {}
    if ids:
        steps = select(Task.cake_id, Task.kind, Task.state).where(
            Task.cake_id.in_(ids), Task.state != TaskState.VOID
        )
        for cake_id, kind, state in session.execute(steps.order_by(Task.cake_id, Task.sort)):
            step = "done" if state == TaskState.DONE else "current" if state == TaskState.RUNNING else "todo"
            stages.setdefault(cake_id, []).append((kind, step))
    cakes: Counter[int] = Counter()
    if ids:
        orders = {row.order_id for _, row in shown}
        cakes.update(session.scalars(select(Cake.order_id).where(Cake.order_id.in_(orders))))
    return [
        _card(card, row, slack, stages.get(row.cake_id, []), cakes[row.order_id], at, likely)
        for slack, row in shown
    ]


def _card(
    card: MenuCard, row: Row[Any], slack: int, stages: list[tuple[str, str]], cakes: int, at: datetime,
    likely: dict[int, int],
) -> BoardCard:  # fmt: skip
    cooling = row.before_state == TaskState.RUNNING and row.before_station is None
    until = row.before_started + timedelta(minutes=row.before_minutes) if cooling else None
    running = row.state == TaskState.RUNNING
    chance = 0 if row.state == TaskState.WAITING else likely.get(row.cake_id, 0)
    limit, still_until = limits_of(row)
    over = over_by(row, at)
    look = CakeLook(row.product, row.inch, row.tiers, row.candles, row.inscription, row.look or None)
    return BoardCard(
        task_id=row.id, version=row.version, kind=row.kind, task_state=row.state, order_id=row.order_id,
        number=f"{row.letter}-{row.counter:03d}", due_at=row.due_at, cake_id=row.cake_id, cake_code=row.code,
        cake_no=row.cake_no, cakes_in_order=cakes, names=row.names, inch=row.inch, tiers=row.tiers,
        option_words=row.option_words, inscription=row.inscription, candles=row.candles,
        allergies=_allergies(card, row.allergies),
        clash=_allergies(card, clashing(row.allergies, row.allergens)), private=row.private,
        urgent=row.urgent, slack=slack, state=state_of(slack, running, chance, over), stages=stages,
        started_at=row.started_at, started_by_name=row.started_by_name or "", written=row.written_at is not None,
        needs_tick=row.kind == StageKind.DECORATE and bool(row.inscription) and row.written_at is None,
        hidden=row.hidden, needs_envelope=row.kind == StageKind.BOX and bool(row.hidden) and row.enveloped_at is None,
        look=look, before=row.before_kind if row.state == TaskState.WAITING and row.before_kind else "",
        cooling_until=until, cooling_task=(row.before_id, row.before_version) if cooling else None,
        remake=row.remake, latest_start=row.latest_start, limit=limit, still_until=still_until, chance=chance,
        over=over, over_at=over_from(row),
        leave_by=row.order_due - timedelta(minutes=row.travel_minutes)
        if row.fulfilment == Fulfilment.DELIVERY else None,
    )  # fmt: skip


def _allergies(card: MenuCard, keys: Sequence[str]) -> list[Words]:
    return [card.allergens.get(key, {"en": key}) for key in keys]


def _counts(rows: list[Row[Any]]) -> list[Count]:
    sizes: dict[str, Counter[int]] = {}
    names: dict[str, Words] = {}
    for row in rows:
        names[row.product] = row.names
        sizes.setdefault(row.product, Counter())[row.inch] += 1
    counts = [Count(names[p], sum(c.values()), dict(sorted(c.items()))) for p, c in sizes.items()]
    return sorted(counts, key=lambda count: -count.n)
