"""Rows of one shop, found by their number: whoever asks for another shop's learns only that there is none."""

from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from shop.core.errors import Missing
from shop.core.tables import Base

Row = TypeVar("Row", bound=Base)


def found_in(session: Session, shop_id: int, table: type[Row], number: int) -> Row:
    """Return a row of this shop; raises `Missing`."""
    return _of(shop_id, session.get(table, number))


def held_in(tx: Session, shop_id: int, table: type[Row], number: int) -> Row:
    """Return a row of this shop as it stands now, held until the end of the transaction; raises `Missing`."""
    return _of(shop_id, tx.get(table, number, with_for_update=True, populate_existing=True))


def _of(shop_id: int, row: Row | None) -> Row:
    if row is None or cast(Any, row).shop_id != shop_id:
        raise Missing()
    return row
