"""Sizes of the shop, and what each product costs in them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.menu.editing.pen import Changes, clean_number, mine, note
from shop.menu.tables import Product, ProductSize, Size
from shop.people.shops import Shop

DEAREST = 10_000_000
EMPTY_PRICE = N_(
    "The price of %(inch)s inch is empty. Write it, or mark that this size is not sold any more."
)


def keep_size(
    tx: Session,
    shop: Shop,
    row_id: int | None,
    *,
    inch: int,
    pounds: int,
    serves: str,
    minutes_percent: int,
    trays: int,
    by: Actor,
    at: datetime,
) -> Size:
    """Change a size, or add one; its diameter is fixed once it exists, because orders name it."""
    changes = Changes()
    if row_id is None:
        clean_number(inch, 2, 30, field="inch")
        if tx.scalar(select(Size.id).where(Size.shop_id == shop.id, Size.inch == inch)):
            raise Invalid(N_("This size is already on the list."), field="inch")
        row = Size(shop_id=shop.id, inch=inch, pounds=0, serves="", minutes_percent=0, trays=0)
        tx.add(row)
    else:
        row = mine(tx, shop, Size, row_id)
    if len(serves) > 12:
        raise Invalid(N_("Please keep this under %(n)s characters."), field="serves", n=12)
    changes.put(row, "pounds", clean_number(pounds, 1, 60, field="pounds"))
    changes.put(row, "serves", serves.strip())
    changes.put(row, "minutes_percent", clean_number(minutes_percent, 10, 500, field="minutes_percent"))
    changes.put(row, "trays", clean_number(trays, 1, 12, field="trays"))
    note(tx, shop, changes, of="size", slug=str(row.inch), by=by, at=at)
    return row


def clean_price(amount: int, *, field: str, least: int = 1) -> int:
    """Return a price or surcharge within its bounds; raises `Invalid` naming both as amounts."""
    if not least <= amount <= DEAREST:
        raise Invalid(
            N_("Please enter an amount from %(low)s to %(high)s."),
            field=field, low=money.written(least), high=money.written(DEAREST),
        )  # fmt: skip
    return amount


def set_prices(
    tx: Session, shop: Shop, product_id: int, prices: Mapping[int, int | None], *, by: Actor, at: datetime,
    given_up: Collection[int] = (),
) -> None:  # fmt: skip
    """Set a product's price in each size (minor units, by inch).

    A size in ``given_up`` is not sold any more; a sold one without a price and not given up is refused, so that
    an emptied field takes nothing off the menu. Open orders keep the price they were placed with.
    """
    product = mine(tx, shop, Product, product_id)
    sizes = {s.inch: s for s in tx.scalars(select(Size).where(Size.shop_id == shop.id))}
    rows = {r.size_id: r for r in tx.scalars(select(ProductSize).where(ProductSize.product_id == product.id))}
    changes = Changes()
    for inch, price in sorted(prices.items()):
        field = f"price.{inch}"
        if inch not in sizes:
            raise Invalid(N_("This size is not on the shop's list. Please reload the page."), field=field)
        row = rows.get(sizes[inch].id)
        if inch in given_up:
            if row is not None:
                changes.put(row, "active", False, f"size.{inch}")
            continue
        if price is None:
            if row is not None and row.active:
                raise Invalid(EMPTY_PRICE, field=field, inch=inch)
            continue
        clean_price(price, field=field)
        if row is None:
            row = ProductSize(product_id=product.id, size_id=sizes[inch].id, price=0, active=False)
            tx.add(row)
            rows[row.size_id] = row
        changes.put(row, "active", True, f"size.{inch}")
        changes.put(row, "price", price, field)
    if product.active and not any(row.active for row in rows.values()):
        raise Invalid(N_("A cake on the menu needs a price in at least one size."), field="active")
    note(tx, shop, changes, of="product", slug=product.slug, by=by, at=at)
