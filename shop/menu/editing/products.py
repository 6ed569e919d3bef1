"""Products: adding and changing them, and switching one off for today."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid, Missing
from shop.core.types import Words
from shop.menu.drawing.sides import SIDES
from shop.menu.drawing.toppings import TOPPINGS
from shop.menu.editing.pen import Changes, clean_allergens, clean_number, clean_slug, clean_words, mine, note
from shop.menu.tables import Product, ProductSize, Route, Size
from shop.people.shops import Shop

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")
COLOURS = ("icing", "top", "filling", "drip", "crumb", "ink")
SHAPES = ("round", "square", "heart")


def look_choices() -> dict[str, tuple[str, ...]]:
    """Return what can be chosen for the parts of a drawing that are no colours."""
    return {"shape": SHAPES, "topping": tuple(TOPPINGS), "side": tuple(SIDES)}


def add_product(
    tx: Session, shop: Shop, *, slug: str, names: Mapping[str, str], route_id: int, by: Actor, at: datetime
) -> Product:
    """Add a product that is not for sale yet: it gets prices and is switched on afterwards."""
    changes = Changes()
    row = Product(
        shop_id=shop.id, slug=clean_slug(tx, shop, Product, slug), names={}, about={}, allergens=[], look={}
    )
    row.route_id = _route(tx, shop, route_id)
    row.active = False
    last = tx.scalars(select(Product.sort).where(Product.shop_id == shop.id).order_by(Product.sort.desc()))
    row.sort = (last.first() or 0) + 10
    tx.add(row)
    changes.put(row, "names", clean_words(names, field="names"))
    note(tx, shop, changes, of="product", slug=row.slug, by=by, at=at)
    return row


def change_product(
    tx: Session,
    shop: Shop,
    product_id: int,
    *,
    names: Mapping[str, str],
    about: Mapping[str, str],
    allergens: Collection[str],
    route_id: int,
    look: Mapping[str, str],
    sort: int,
    active: bool,
    by: Actor,
    at: datetime,
) -> Product:
    """Change a product; ``look`` holds only what differs from the drawing's own picture of it."""
    row = mine(tx, shop, Product, product_id)
    changes = Changes()
    changes.put(row, "names", clean_words(names, field="names"))
    changes.put(row, "about", clean_words(about, field="about", longest=160, needed=False))
    changes.put(row, "allergens", clean_allergens(tx, shop, allergens))
    changes.put(row, "route_id", _route(tx, shop, route_id), "route")
    changes.put(row, "look", clean_look(look))
    changes.put(row, "sort", clean_number(sort, 0, 9999, field="sort"))
    if active and not row.active and not _has_price(tx, row):
        raise Invalid(N_("A cake on the menu needs a price in at least one size."), field="active")
    changes.put(row, "active", active)
    note(tx, shop, changes, of="product", slug=row.slug, by=by, at=at)
    return row


def switch(
    tx: Session, shop: Shop, product_id: int, *, on: bool, inch: int | None = None, by: Actor, at: datetime
) -> Words:
    """Switch a product, or one size of it, off for today or on again; tomorrow it is on by itself.

    Returns the product's names. Orders that are already placed stay as they are.
    """
    product = mine(tx, shop, Product, product_id)
    day = None if on else shop.business_date(at)
    changes = Changes()
    if inch is None:
        changes.put(product, "off_on", day)
    else:
        query = select(ProductSize).join(Size, Size.id == ProductSize.size_id)
        row = tx.scalars(query.where(ProductSize.product_id == product.id, Size.inch == inch)).first()
        if row is None:
            raise Missing()
        changes.put(row, "off_on", day, f"off_on.{inch}")
    note(tx, shop, changes, of="product", slug=product.slug, by=by, at=at)
    return product.names


def clean_look(look: Mapping[str, str]) -> dict[str, str]:
    """Return the drawing's changes; raises `Invalid` for a colour or a shape that cannot be drawn."""
    kept: dict[str, str] = {}
    choices = look_choices()
    for key, value in look.items():
        value = value.strip().lower()
        if not value:
            continue
        good = value in choices[key] if key in choices else key in COLOURS and bool(_COLOUR.match(value))
        if not good and not (key == "drip" and value == "none"):
            raise Invalid(N_("This cannot be drawn. Colours look like #f7cdd0."), field=f"look.{key}")
        kept[key] = value
    return kept


def _route(tx: Session, shop: Shop, route_id: int) -> int:
    if not tx.scalar(select(Route.id).where(Route.id == route_id, Route.shop_id == shop.id)):
        raise Invalid(N_("Please choose the way this cake takes through the kitchen."), field="route")
    return route_id


def _has_price(tx: Session, product: Product) -> bool:
    priced = select(ProductSize.price).where(ProductSize.product_id == product.id, ProductSize.active)
    return tx.scalars(priced).first() is not None
