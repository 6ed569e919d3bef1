"""The menu card: everything a customer can choose, read once and kept until somebody edits it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import Words
from shop.menu.tables import (
    Allergen,
    Option,
    OptionGroup,
    Product,
    ProductSize,
    RouteStage,
    Size,
    StageKind,
    Station,
)
from shop.people.shops import Shop


@dataclass(frozen=True)
class StageRow:
    """A stage of a route for an 8-inch cake; ``minutes`` of work, ``station_id`` None takes no place.

    ``celsius`` and ``keeps`` as in `shop.menu.tables.RouteStage`.
    """

    kind: StageKind
    station_id: int | None
    minutes: int
    needs_person: bool
    celsius: int = 0
    keeps: int | None = None


@dataclass(frozen=True)
class SizeRow:
    inch: int
    pounds: int
    serves: str
    percent: int
    trays: int


@dataclass(frozen=True)
class Choice:
    """One option of a group; ``surcharge`` in minor units, ``minutes`` more for the decorator."""

    slug: str
    names: Words
    surcharge: int
    minutes: int
    min_inch: int
    allergens: tuple[str, ...]
    look: Mapping[str, str]
    is_default: bool


@dataclass(frozen=True)
class Group:
    slug: str
    names: Words
    products: frozenset[str]
    choices: tuple[Choice, ...]

    def choice(self, slug: str) -> Choice | None:
        """Return the choice of that name, or None."""
        return next((c for c in self.choices if c.slug == slug), None)

    @property
    def default(self) -> Choice:
        """Return what is taken when nothing is said."""
        return next((c for c in self.choices if c.is_default), self.choices[0])


@dataclass(frozen=True)
class Dish:
    """A product as the customer sees it; ``prices`` by inch, minor units, tax included."""

    id: int
    slug: str
    names: Words
    about: Words
    allergens: tuple[str, ...]
    look: Mapping[str, str]
    prices: Mapping[int, int]
    sizes_off: Mapping[int, date]
    off_on: date | None
    stages: tuple[StageRow, ...]
    groups: tuple[Group, ...] = ()

    def sold_on(self, day: date, inch: int | None = None) -> bool:
        """Whether the product (in this size) can be ordered on ``day``."""
        return self.off_on != day and (
            inch is None or (inch in self.prices and self.sizes_off.get(inch) != day)
        )


@dataclass(frozen=True)
class StationRow:
    """A station; ``places`` in all, ``units`` and ``gates`` as in `shop.menu.tables.Station`."""

    id: int
    slug: str
    names: Words
    places: int
    units: int = 1
    gates: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class MenuCard:
    """The whole menu of a shop at one version."""

    version: int
    dishes: Mapping[str, Dish]
    sizes: Mapping[int, SizeRow]
    stations: Mapping[int, StationRow]
    allergens: Mapping[str, Words]
    stations_by_slug: Mapping[str, StationRow] = field(default_factory=dict)
    worked_out: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was found from this menu alone, by what was asked: it goes with the menu (`shop.orders.cart`)."""


_cards: dict[tuple[str, int], MenuCard] = {}


def cached_card(tx: Session, shop: Shop) -> MenuCard:
    """Return the shop's menu; read again only after `menu_version` has moved."""
    key = (str(tx.get_bind().engine.url.database), shop.id)
    card = _cards.get(key)
    if card is None or card.version != shop.menu_version:
        card = _cards[key] = read_card(tx, shop)
    return card


def read_card(tx: Session, shop: Shop) -> MenuCard:
    """Read the menu from its tables."""
    mine = {"shop_id": shop.id}
    sizes = {s.id: s for s in tx.scalars(select(Size).filter_by(**mine).order_by(Size.inch))}
    stations = {
        s.id: StationRow(s.id, s.slug, s.names, s.places, max(1, min(s.units, s.places)), s.gates)
        for s in tx.scalars(select(Station).filter_by(**mine, active=True).order_by(Station.sort, Station.id))
    }
    stages: dict[int, list[StageRow]] = {}
    for row in tx.scalars(select(RouteStage).order_by(RouteStage.route_id, RouteStage.sort)):
        stage = StageRow(
            StageKind(row.kind), row.station_id, row.minutes, row.needs_person, row.celsius, row.keeps
        )
        stages.setdefault(row.route_id, []).append(stage)
    groups = _groups(tx, shop)
    prices: dict[int, dict[int, ProductSize]] = {}
    for price in tx.scalars(select(ProductSize).where(ProductSize.active)):
        if price.size_id in sizes:
            prices.setdefault(price.product_id, {})[sizes[price.size_id].inch] = price
    dishes = {}
    for p in tx.scalars(select(Product).filter_by(**mine, active=True).order_by(Product.sort, Product.id)):
        costs = prices.get(p.id, {})
        dishes[p.slug] = Dish(
            p.id, p.slug, p.names, p.about, tuple(p.allergens), p.look,
            {inch: costs[inch].price for inch in sorted(costs)},
            {inch: c.off_on for inch, c in costs.items() if c.off_on},
            p.off_on, tuple(stages.get(p.route_id, ())),
            tuple(g for g in groups if not g.products or p.slug in g.products),
        )  # fmt: skip
    allergens = {
        a.slug: a.names for a in tx.scalars(select(Allergen).filter_by(**mine).order_by(Allergen.sort))
    }
    size_rows = {
        s.inch: SizeRow(s.inch, s.pounds, s.serves, s.minutes_percent, s.trays) for s in sizes.values()
    }
    by_slug = {s.slug: s for s in stations.values()}
    return MenuCard(shop.menu_version, dishes, size_rows, stations, allergens, by_slug)


def _groups(tx: Session, shop: Shop) -> list[Group]:
    choices: dict[int, list[Choice]] = {}
    for o in tx.scalars(select(Option).where(Option.active).order_by(Option.sort, Option.id)):
        choice = Choice(
            o.slug, o.names, o.surcharge, o.minutes, o.min_inch, tuple(o.allergens), o.look, o.is_default
        )
        choices.setdefault(o.group_id, []).append(choice)
    query = (
        select(OptionGroup).filter_by(shop_id=shop.id, active=True).order_by(OptionGroup.sort, OptionGroup.id)
    )
    return [
        Group(g.slug, g.names, frozenset(g.products), tuple(choices[g.id]))
        for g in tx.scalars(query)
        if choices.get(g.id)
    ]
