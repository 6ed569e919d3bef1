"""The shop's list of allergens."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.menu.editing.pen import Changes, clean_number, clean_slug, clean_words, mine, note
from shop.menu.tables import Allergen
from shop.people.shops import Shop


def keep_allergen(
    tx: Session,
    shop: Shop,
    row_id: int | None,
    *,
    slug: str = "",
    names: Mapping[str, str],
    sort: int,
    by: Actor,
    at: datetime,
) -> Allergen:
    """Change an allergen, or add one where ``row_id`` is None; its slug never changes, rows name it."""
    changes = Changes()
    if row_id is None:
        row = Allergen(shop_id=shop.id, slug=clean_slug(tx, shop, Allergen, slug), names={}, sort=0)
        tx.add(row)
    else:
        row = mine(tx, shop, Allergen, row_id)
    changes.put(row, "names", clean_words(names, field="names"))
    changes.put(row, "sort", clean_number(sort, 0, 999, field="sort"))
    note(tx, shop, changes, of="allergen", slug=row.slug, by=by, at=at)
    return row
