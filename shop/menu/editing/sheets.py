"""The menu as its editor sees it: everything, also what is switched off."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.errors import Missing
from shop.menu.drawing import CakeLook
from shop.menu.tables import (
    Allergen,
    Option,
    OptionGroup,
    Product,
    ProductSize,
    Route,
    RouteStage,
    Size,
    Station,
)
from shop.people.shops import Shop


@dataclass(frozen=True)
class ProductSheet:
    """A product with its rows of prices by inch."""

    product: Product
    prices: Mapping[int, ProductSize]

    @property
    def look(self) -> CakeLook:
        """How the cake is drawn."""
        return CakeLook(self.product.slug, 8, base=self.product.look or None)


@dataclass(frozen=True)
class GroupSheet:
    """A question about a cake with its answers."""

    group: OptionGroup
    options: list[Option]

    @property
    def is_complete(self) -> bool:
        """Whether it has an answer on offer; without one no customer is asked."""
        return any(option.active for option in self.options)


@dataclass(frozen=True)
class RouteSheet:
    """A way through the kitchen with its stages by kind."""

    route: Route
    stages: Mapping[str, RouteStage]

    @property
    def minutes(self) -> int:
        """The minutes of an 8-inch cake from first to last stage."""
        return sum(stage.minutes for stage in self.stages.values())


def products(session: Session, shop: Shop) -> list[ProductSheet]:
    """Return all products in the menu's order, the ones for sale first."""
    inches = {s.id: s.inch for s in sizes(session, shop)}
    prices: dict[int, dict[int, ProductSize]] = {}
    for row in session.scalars(select(ProductSize).where(ProductSize.size_id.in_(inches))):
        prices.setdefault(row.product_id, {})[inches[row.size_id]] = row
    query = select(Product).where(Product.shop_id == shop.id)
    rows = session.scalars(query.order_by(Product.active.desc(), Product.sort, Product.id))
    return [ProductSheet(row, dict(sorted(prices.get(row.id, {}).items()))) for row in rows]


def product(session: Session, shop: Shop, product_id: int) -> ProductSheet:
    """Return one product; raises `Missing`."""
    for sheet in products(session, shop):
        if sheet.product.id == product_id:
            return sheet
    raise Missing()


def sizes(session: Session, shop: Shop) -> list[Size]:
    """Return all sizes, smallest first."""
    return list(session.scalars(select(Size).where(Size.shop_id == shop.id).order_by(Size.inch)))


def allergens(session: Session, shop: Shop) -> list[Allergen]:
    """Return all allergens in the shop's order."""
    query = select(Allergen).where(Allergen.shop_id == shop.id)
    return list(session.scalars(query.order_by(Allergen.sort, Allergen.id)))


def groups(session: Session, shop: Shop) -> list[GroupSheet]:
    """Return all groups with their options."""
    query = select(OptionGroup).where(OptionGroup.shop_id == shop.id)
    found = list(session.scalars(query.order_by(OptionGroup.sort, OptionGroup.id)))
    options: dict[int, list[Option]] = {}
    mine = select(Option).where(Option.group_id.in_([g.id for g in found]))
    for option in session.scalars(mine.order_by(Option.sort, Option.id)):
        options.setdefault(option.group_id, []).append(option)
    return [GroupSheet(g, options.get(g.id, [])) for g in found]


def group(session: Session, shop: Shop, group_id: int) -> GroupSheet:
    """Return one group; raises `Missing`."""
    for sheet in groups(session, shop):
        if sheet.group.id == group_id:
            return sheet
    raise Missing()


def routes(session: Session, shop: Shop) -> list[RouteSheet]:
    """Return all ways through the kitchen."""
    found = list(session.scalars(select(Route).where(Route.shop_id == shop.id).order_by(Route.id)))
    stages: dict[int, dict[str, RouteStage]] = {}
    mine = select(RouteStage).where(RouteStage.route_id.in_([r.id for r in found]))
    for stage in session.scalars(mine.order_by(RouteStage.sort)):
        stages.setdefault(stage.route_id, {})[stage.kind] = stage
    return [RouteSheet(r, stages.get(r.id, {})) for r in found]


def route(session: Session, shop: Shop, route_id: int) -> RouteSheet:
    """Return one way through the kitchen; raises `Missing`."""
    for sheet in routes(session, shop):
        if sheet.route.id == route_id:
            return sheet
    raise Missing()


def stations(session: Session, shop: Shop) -> list[Station]:
    """Return all stations, also closed ones."""
    query = select(Station).where(Station.shop_id == shop.id)
    return list(session.scalars(query.order_by(Station.sort, Station.id)))
