"""What to make on a day: cakes by product and size, the bases they need, and how those share the oven."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shop.core.types import Words, to_minute
from shop.menu.tables import StageKind, Station
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.people.shops import Shop
from shop.production.tables import NOT_BEGUN, Task, TaskState

GONE = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)


class Ready(Protocol):
    """What stands ready made: stock answers this one day, until then nothing is."""

    def cakes(self, day: date) -> Mapping[tuple[str, int], int]:
        """Return how many finished cakes of (product, inch) may be used."""

    def bases(self, day: date) -> Mapping[tuple[int, int], int]:
        """Return how many baked bases of (inch, degrees) may be used."""


class Nothing:
    """Nothing stands ready."""

    def cakes(self, day: date) -> Mapping[tuple[str, int], int]:
        return {}

    def bases(self, day: date) -> Mapping[tuple[int, int], int]:
        return {}


@dataclass(frozen=True)
class Wanted:
    """So many cakes of a product and size: ``done`` are ready, ``begun`` at work, the rest is still ``to_make``."""

    product: str
    names: Words
    inch: int
    cakes: int
    done: int
    begun: int
    ready: int

    @property
    def to_make(self) -> int:
        """Return how many nobody has begun."""
        return max(0, self.cakes - self.done - self.begun - self.ready)


@dataclass(frozen=True)
class Heat:
    """Bases that can share an oven: their sizes, trays, and the fewest runs those trays need."""

    celsius: int
    minutes: int
    sizes: Mapping[int, int]
    trays: int
    runs: int
    first: int

    @property
    def bases(self) -> int:
        """Return how many there are."""
        return sum(self.sizes.values())


@dataclass(frozen=True)
class Making:
    """Everything that is due on ``day``."""

    day: date
    cakes: Sequence[Wanted]
    heats: Sequence[Heat]

    @property
    def sizes(self) -> list[int]:
        """Return the sizes that are ordered."""
        return sorted({each.inch for each in self.cakes})

    def table(self) -> list["Row"]:
        """Return one row for each product, the most ordered first."""
        rows: dict[str, Row] = {}
        for each in self.cakes:
            rows.setdefault(each.product, Row(each.names, {})).by_inch[each.inch] = each
        return list(rows.values())


@dataclass(frozen=True)
class Row:
    """A product with its sizes."""

    names: Words
    by_inch: dict[int, Wanted]

    @property
    def cakes(self) -> int:
        """Return how many are ordered."""
        return sum(each.cakes for each in self.by_inch.values())

    @property
    def to_make(self) -> int:
        """Return how many nobody has begun."""
        return sum(each.to_make for each in self.by_inch.values())


def making(session: Session, shop: Shop, day: date, *, ready: Ready | None = None) -> Making:
    """Read what the orders of a day ask for, less what stands ready."""
    ready = ready or Nothing()
    mine = (Order.shop_id == shop.id, Order.due_date == day, Order.state.not_in(GONE))
    return Making(day, _cakes(session, mine, ready.cakes(day)), _heats(session, shop, mine, ready.bases(day)))


def _cakes(
    session: Session, mine: tuple[ColumnElement[bool], ...], ready: Mapping[tuple[str, int], int]
) -> list[Wanted]:
    query = (
        select(Line.product, Line.names, Line.inch, Cake.id, Task.state)
        .join(Cake, Cake.line_id == Line.id)
        .join(Order, Order.id == Line.order_id)
        .join(Task, Task.cake_id == Cake.id)
        .where(*mine, Task.state != TaskState.VOID)
    )
    states: dict[tuple[str, int], dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    names: dict[str, Words] = {}
    for product, words, inch, cake, state in session.execute(query):
        states[product, inch][cake].add(state)
        names[product] = words
    found = []
    for (product, inch), cakes in states.items():
        done = sum(each == {TaskState.DONE} for each in cakes.values())
        begun = sum(bool(each & {TaskState.DONE, TaskState.RUNNING}) for each in cakes.values()) - done
        stands = min(ready.get((product, inch), 0), len(cakes) - done - begun)
        found.append(Wanted(product, names[product], inch, len(cakes), done, begun, stands))
    many = {product: sum(w.cakes for w in found if w.product == product) for product in names}
    return sorted(found, key=lambda each: (-many[each.product], each.product, each.inch))


def _heats(
    session: Session, shop: Shop, mine: tuple[ColumnElement[bool], ...], ready: Mapping[tuple[int, int], int]
) -> list[Heat]:
    """Return what is still to be baked, by degrees and minutes, the soonest first."""
    query = (
        select(
            Task.celsius,
            Task.minutes,
            Line.inch,
            Task.amount,
            Task.planned_start,
            Station.places,
            Station.units,
        )
        .join(Order, Order.id == Task.order_id)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .join(Station, Station.id == Task.station_id)
        .where(*mine, Task.kind == StageKind.BAKE)
        .where(Task.state.in_(NOT_BEGUN))
    )
    left = dict(ready)
    groups: dict[tuple[int, int], list[tuple[int, int, int, int]]] = defaultdict(list)
    for celsius, minutes, inch, amount, start, places, units in session.execute(
        query.order_by(Task.planned_start)
    ):
        if left.get((inch, celsius), 0) > 0:
            left[inch, celsius] -= 1
            continue
        groups[celsius, minutes].append((inch, amount, to_minute(start), max(1, places // max(1, units))))
    found = []
    for (celsius, minutes), bases in groups.items():
        sizes: dict[int, int] = defaultdict(int)
        for inch, *_ in bases:
            sizes[inch] += 1
        trays = sum(amount for _, amount, _, _ in bases)
        runs, first = -(-trays // bases[0][3]), min(start for _, _, start, _ in bases)
        found.append(Heat(celsius, minutes, dict(sorted(sizes.items())), trays, runs, first))
    return sorted(found, key=lambda heat: heat.first)
