"""Questions about a cake and their answers: groups and options with surcharges."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.menu.editing.pen import Changes, clean_allergens, clean_number, clean_slug, clean_words, mine, note
from shop.menu.editing.products import clean_look
from shop.menu.editing.sizes import clean_price
from shop.menu.tables import Option, OptionGroup, Product
from shop.people.shops import Shop


def keep_group(
    tx: Session,
    shop: Shop,
    row_id: int | None,
    *,
    slug: str = "",
    names: Mapping[str, str],
    products: Collection[str],
    sort: int,
    active: bool,
    by: Actor,
    at: datetime,
) -> OptionGroup:
    """Change a group, or add one where ``row_id`` is None. No products means all of them."""
    changes = Changes()
    if row_id is None:
        row = OptionGroup(
            shop_id=shop.id, slug=clean_slug(tx, shop, OptionGroup, slug), names={}, products=[]
        )
        row.sort, row.active = 0, True
        tx.add(row)
    else:
        row = mine(tx, shop, OptionGroup, row_id)
    known = set(tx.scalars(select(Product.slug).where(Product.shop_id == shop.id)))
    if set(products) - known:
        raise Invalid(N_("This cake is not on the menu. Please reload the page."), field="products")
    changes.put(row, "names", clean_words(names, field="names"))
    changes.put(row, "products", sorted(products))
    changes.put(row, "sort", clean_number(sort, 0, 999, field="sort"))
    changes.put(row, "active", active)
    note(tx, shop, changes, of="option_group", slug=row.slug, by=by, at=at)
    return row


def keep_option(
    tx: Session,
    shop: Shop,
    group_id: int,
    row_id: int | None,
    *,
    slug: str = "",
    names: Mapping[str, str],
    surcharge: int,
    minutes: int,
    min_inch: int,
    allergens: Collection[str],
    look: Mapping[str, str],
    is_default: bool,
    sort: int,
    active: bool,
    by: Actor,
    at: datetime,
) -> Option:
    """Change an answer of a group, or add one. The default is the only one of its group and free."""
    group = mine(tx, shop, OptionGroup, group_id)
    others = {o.id: o for o in tx.scalars(select(Option).where(Option.group_id == group.id))}
    row = _row(others, group, row_id, slug)
    if row_id is None:
        tx.add(row)
    changes = Changes()
    changes.put(row, "names", clean_words(names, field="names"))
    changes.put(row, "surcharge", clean_price(surcharge, field="surcharge", least=0))
    changes.put(row, "minutes", clean_number(minutes, 0, 240, field="minutes"))
    changes.put(row, "min_inch", clean_number(min_inch, 0, 30, field="min_inch"))
    changes.put(row, "allergens", clean_allergens(tx, shop, allergens))
    changes.put(row, "look", {**_kept_parts(row), **clean_look(look)})
    changes.put(row, "sort", clean_number(sort, 0, 999, field="sort"))
    if is_default and not active:
        raise Invalid(
            N_("The usual answer cannot be switched off. Choose another one first."), field="active"
        )
    changes.put(row, "is_default", is_default)
    changes.put(row, "active", active)
    for other in others.values():
        if is_default and other is not row:
            changes.put(other, "is_default", False, f"{other.slug}.is_default")
    note(tx, shop, changes, of="option", slug=f"{group.slug}.{row.slug}", by=by, at=at)
    return row


def _row(others: Mapping[int, Option], group: OptionGroup, row_id: int | None, slug: str) -> Option:
    if row_id is not None:
        if row_id not in others:
            raise Invalid(field="option")
        return others[row_id]
    slug = slug.strip().lower()
    if not slug.replace("-", "").isalnum() or not slug.isascii() or len(slug) > 40:
        raise Invalid(N_("Use small letters, digits and hyphens, such as lemon-tart."), field="slug")
    if any(o.slug == slug for o in others.values()):
        raise Invalid(N_("This short name is already used. Please choose another one."), field="slug")
    row = Option(group_id=group.id, slug=slug, names={}, allergens=[], look={})
    row.surcharge = row.minutes = row.min_inch = row.sort = 0
    row.is_default, row.active = False, True
    return row


def _kept_parts(row: Option) -> dict[str, str]:
    """What an option changes besides colours and shapes (tiers), which this form does not show."""
    return {key: value for key, value in (row.look or {}).items() if key == "tiers"}
