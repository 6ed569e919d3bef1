"""Cash that couriers carry: theirs to bring back, taken in at a till by somebody else."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict, Denied, Invalid
from shop.core.events import record
from shop.ledger.tables import Entry, Posting
from shop.payments.till import TOPICS, ring
from shop.payments.till_tables import LineKind, TillLine
from shop.people.shops import Shop
from shop.people.staff import Staff

PURSE = "courier-cash:"


def carried(session: Session, shop: Shop) -> list[tuple[Staff, int]]:
    """Return who carries the shop's cash, and how much (minor units), by name."""
    owed = func.sum(Posting.amount)
    query = select(Posting.account, owed).join(Entry, Entry.seq == Posting.seq).where(
        Entry.shop_id == shop.id, Posting.account.startswith(PURSE)
    )  # fmt: skip
    rows = session.execute(query.group_by(Posting.account).having(owed != 0)).all()
    amounts = {int(account.removeprefix(PURSE)): int(amount) for account, amount in rows}
    people = select(Staff).where(Staff.shop_id == shop.id, Staff.id.in_(amounts)).order_by(Staff.name)
    return [(person, amounts[person.id]) for person in session.scalars(people)]


def take_in(
    tx: Session, shop: Shop, courier_id: int, amount: int, *, till: int, by: Actor, at: datetime
) -> TillLine:  # fmt: skip
    """Put a courier's cash into a till; what is not brought stays owed by the courier.

    Raises `Denied` for the courier's own hand, `Invalid` (field ``amount``), `Conflict` where nothing is owed,
    `Missing` and `shop.payments.till.NoOpenTill`.
    """
    courier = held_in(tx, shop.id, Staff, courier_id)  # two at two tills take the same cash in once
    if by.id == courier.id:
        raise Denied(N_("Somebody else takes your cash in."))
    owed = dict((person.id, cash) for person, cash in carried(tx, shop)).get(courier.id, 0)
    if owed <= 0:
        raise Conflict(N_("This courier carries no cash of the shop any more."))
    if not 0 < amount <= owed:
        raise Invalid(N_("Please enter an amount up to what the courier carries."), field="amount")
    line = ring(
        tx, shop, LineKind.COURIER_CASH, amount, till=till, against=f"{PURSE}{courier.id}", by=by, at=at
    )
    record(tx, shop.id, "courier_cash_cleared", by=by, at=at, topics=TOPICS, staff=courier.id, amount=amount,
           till=till, line=line.number)  # fmt: skip
    return line
