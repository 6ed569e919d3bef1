"""What tests of tills do all day: put up a till, sell, count it, check it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.ledger.tables import Posting
from shop.payments.count import check, count, explain, needs_reason
from shop.payments.till import make_till, open_till
from shop.payments.till_tables import Till, TillLine, TillShift
from tests import cast
from tests.counter import shop_and_card
from web.house import now


def opened(tx: Session, floated: int = 500_00, name: str = "1", login: str = "mei") -> Till:
    """Put up a till and open it."""
    shop, _ = shop_and_card(tx)
    till = make_till(tx, shop, name, by=cast.by(tx, "xu"), at=now())
    open_till(tx, shop, till.id, floated=floated, by=cast.by(tx, login), at=now())
    return till


def tape(session: Session, till_id: int = 1) -> list[tuple[int, str, int]]:
    """Return what a till rang, as (number, kind, amount)."""
    query = select(TillLine).where(TillLine.till_id == till_id).order_by(TillLine.number)
    return [(line.number, line.kind, line.amount) for line in session.scalars(query)]


def balance(session: Session, account: str) -> int:
    """Return what stands on an account in the books."""
    query = select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.account == account)
    return int(session.scalar(query) or 0)


def pieces_of(amount: int) -> dict[int, int]:
    """Return an amount in notes and coins of the yuan, as few as can be."""
    found = {}
    for worth in (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10):
        found[worth], amount = divmod(amount, worth)
    assert amount == 0, "no coin is that small"
    return found


def in_drawer(tx: Session, till_id: int = 1) -> int:
    """Return what must lie in a drawer, as the tests know it."""
    return sum(amount for _, _, amount in tape_of_cash(tx, till_id))


def tape_of_cash(tx: Session, till_id: int) -> list[tuple[int, str, int]]:
    """Return the lines that went through the drawer."""
    return [line for line in tape(tx, till_id) if not line[1].startswith("card")]


def closed(
    tx: Session, till_id: int = 1, off: int = 0, login: str = "mei", at: datetime | None = None
) -> TillShift:
    """Count a till, ``off`` from what should be there."""
    shop, _ = shop_and_card(tx)
    there = pieces_of(in_drawer(tx, till_id) + off)
    return count(tx, shop, till_id, there, by=cast.by(tx, login), at=at or now())


def checked(tx: Session, till_id: int = 1, off: int = 0, at: datetime | None = None) -> TillShift:
    """Count a till, explain what is off, and have it checked by Xu."""
    shop, _ = shop_and_card(tx)
    shift = closed(tx, till_id, off, at=at)
    if needs_reason(shop, shift):
        explain(tx, shop, shift.id, "change given twice", by=cast.by(tx, "mei"), at=at or now())
    check(tx, shop, shift.id, by=xu(tx), at=at or now())
    return shift


def xu(tx: Session) -> Actor:
    """The manager who did not stand at a till."""
    return cast.by(tx, "xu")
