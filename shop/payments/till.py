"""Tills: opened by somebody with a float, and a tape of lines numbered without a gap, so that nothing is off the books.

A line and its entry in the books are written together (`ring`). The next number is taken by changing the till's row:
it comes back when the transaction fails, and two people at one till queue there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from shop.core import money
from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.core.belonging import found_in, held_in
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.reasons import reason_given
from shop.core.store import new_row
from shop.ledger import post
from shop.payments.tables import Payment
from shop.payments.till_tables import LineKind, Till, TillDay, TillLine, TillShift
from shop.people.shops import Shop

K = LineKind
TOPICS = ("tills",)
CARD = "card:counter"
"""The account of the card terminal at the counter."""


@dataclass(frozen=True)
class How:
    """How a kind of line stands in the books: the entry's kind, in (1) or out (-1), the other account, the drawer."""

    entry: str
    sign: int
    against: str
    cash: bool = True


HOW: dict[LineKind, How] = {
    K.OPENED: How("till_opened", 1, "safe"),
    K.CASH_SALE: How("payment_captured", 1, "deposits"),
    K.CARD_SALE: How("payment_captured", 1, "deposits", cash=False),
    K.CASH_REFUND: How("refund_paid", -1, "refunds-due"),
    K.CARD_REFUND: How("refund_paid", -1, "refunds-due", cash=False),
    K.COURIER_CASH: How("courier_cash_cleared", 1, ""),
    K.PAID_IN: How("till_paid_in", 1, "safe"),
    K.PAID_OUT: How("till_paid_out", -1, "safe"),
    K.SPENT: How("till_paid_out", -1, "expense:petty"),
    K.HIDDEN_TAKEN: How("hidden_cash_taken", 1, "hidden-cash"),
    K.HIDDEN_GIVEN: How("cash_enveloped", -1, "envelopes"),
    K.HIDDEN_OUT: How("envelope_removed", 1, "envelopes"),
    K.HIDDEN_BACK: How("hidden_cash_returned", -1, "hidden-cash"),
}
MOST_BY_HAND = 50_000_00
"""No single float, nor cash put in or taken out by hand, is above this, in minor units: more is a slip of the keys."""
BY_HAND = (K.PAID_IN, K.PAID_OUT, K.SPENT)
"""What a person writes with a reason."""


Entry = Callable[[str, int, int], str]
"""Posts the entry of a line, given its account in the books, the till and the number; returns its ``txid``."""


class NoOpenTill(Conflict):
    """Money cannot be taken: no till is open, or none of several was chosen."""

    kind = "no_open_till"
    message = N_("No till is open. Please open one first: then every payment has its number.")


def account_of(till_id: int) -> str:
    """Return a till's account in the books."""
    return f"till:{till_id}"


def find(session: Session, shop: Shop, till_id: int) -> Till:
    """Return a till of this shop; raises `Missing`."""
    return found_in(session, shop.id, Till, till_id)


def find_shift(session: Session, shop: Shop, shift_id: int) -> TillShift:
    """Return a shift of this shop's tills; raises `Missing`."""
    return found_in(session, shop.id, TillShift, shift_id)


def lock(tx: Session, shop: Shop, till_id: int) -> Till:
    """Return a till as it stands now, held until the end of the transaction; raises `Missing`."""
    return held_in(tx, shop.id, Till, till_id)


def open_tills(session: Session, shop: Shop) -> list[Till]:
    """Return the tills that are open."""
    query = select(Till).where(Till.shop_id == shop.id, Till.shift_id.is_not(None)).order_by(Till.id)
    return list(session.scalars(query))


def day_of(session: Session, shop: Shop, at: datetime) -> date:
    """Return the business day that money belongs to at a moment: the next one, where that day is closed already."""
    closed = session.scalar(select(func.max(TillDay.day)).where(TillDay.shop_id == shop.id))
    today = shop.business_date(at)
    return today if closed is None or closed < today else closed + timedelta(days=1)


def make_till(tx: Session, shop: Shop, name: str, *, by: Actor, at: datetime) -> Till:
    """Put up another till; raises `Invalid` (field ``name``)."""
    till = Till(shop_id=shop.id, name=_name(tx, shop, name))
    tx.add(till)
    tx.flush()
    record(tx, shop.id, "till_made", by=by, at=at, topics=TOPICS, till=till.id, name=till.name)
    return till


def change_till(
    tx: Session, shop: Shop, till_id: int, *, name: str, active: bool, by: Actor, at: datetime
) -> None:
    """Rename a till or put it away; an open one stays in use. Raises `Invalid` and `Conflict`."""
    till = lock(tx, shop, till_id)
    if till.shift_id is not None and not active:
        raise Conflict(N_("This till is open. Please count it first."))
    was = {"name": till.name, "active": till.active}
    till.name, till.active = _name(tx, shop, name, besides=till.id), active
    now = {"name": till.name, "active": active}
    record(tx, shop.id, "till_changed", by=by, at=at, topics=TOPICS, till=till.id, was=was, now=now)


def _name(tx: Session, shop: Shop, typed: str, besides: int = 0) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= 20:
        raise Invalid(N_("Please give the till a name of up to 20 characters."), field="name")
    taken = select(Till.id).where(Till.shop_id == shop.id, Till.name == name, Till.id != besides)
    if tx.scalar(taken) is not None:
        raise Invalid(N_("Another till has this name."), field="name")
    return name


def open_till(
    tx: Session, shop: Shop, till_id: int, *, floated: int, by: Actor, at: datetime
) -> TillShift:  # fmt: skip
    """Open a till with a float from the safe (minor units); raises `Conflict` where it is open already."""
    till = lock(tx, shop, till_id)
    if till.shift_id is not None:
        raise Conflict(N_("This till is open already."))
    if not till.active:
        raise Conflict(N_("This till is not in use."))
    _fits_a_drawer(floated, "float")
    shift = TillShift(
        shop_id=shop.id, till_id=till.id, business_date=day_of(tx, shop, at), opened_at=at, float_amount=floated,
        opened_by=by.id if by.kind is ActorKind.STAFF else None, first_number=till.last_number + 1,
    )  # fmt: skip
    tx.add(shift)
    tx.flush()
    till.shift_id = shift.id
    tx.flush()
    ring(tx, shop, K.OPENED, floated, till=till.id, by=by, at=at)
    record(tx, shop.id, "till_opened", by=by, at=at, topics=TOPICS, till=till.id, shift=shift.id)
    return shift


def _fits_a_drawer(amount: int, field: str) -> None:
    if not 0 <= amount <= MOST_BY_HAND:
        raise Invalid(N_("%(most)s is the most at a time. Please check the digits."), field=field,
                      most=money.written(MOST_BY_HAND))  # fmt: skip


def till_for(tx: Session, shop: Shop, *, at: datetime, chosen: int | None = None, alone: bool = False) -> int:
    """Return the number of the open till to take money at: the chosen one, or the only one that is open.

    ``alone``: nobody is there to open one (a program, the demo), so the first is opened without a float, and of
    several the first serves. Raises `NoOpenTill`.
    """
    there = [till.id for till in open_tills(tx, shop)]
    if chosen is not None and chosen in there:
        return chosen
    if len(there) == 1 or (there and alone):
        return there[0]
    if there:
        raise NoOpenTill(N_("Several tills are open. Please choose yours first."))
    if not alone:
        raise NoOpenTill()
    return _open_by_itself(tx, shop, at)


def _open_by_itself(tx: Session, shop: Shop, at: datetime) -> int:
    first = select(Till.id).where(Till.shop_id == shop.id, Till.active).order_by(Till.id).limit(1)
    till_id = tx.scalar(first)
    if till_id is None:
        values = {"shop_id": shop.id, "name": "1", "active": True, "last_number": 0}
        tx.execute(new_row(tx, Till).values(**values))
        till_id = tx.scalars(first).one()
    if lock(tx, shop, till_id).shift_id is None:
        open_till(tx, shop, till_id, floated=0, by=SYSTEM, at=at)
    return till_id


def ring(
    tx: Session, shop: Shop, kind: LineKind, amount: int, *, by: Actor, at: datetime, till: int | None = None,
    payment: int | None = None, order: int | None = None, ref: str | None = None, cake: int | None = None,
    against: str = "", entry: Entry | None = None, note: str = "",
) -> TillLine:  # fmt: skip
    """Write the next line of a till's tape, and its entry in the books; returns the line with its ``txid``.

    ``amount`` is above zero, in minor units; the kind says whether it comes or goes. ``till`` None is the shop's
    only till, opened by itself where none is open. ``against`` is the other account where the kind names none or
    another one is meant; ``ref`` the order's reference in the books, ``cake`` the one that the cash is for. ``entry``
    posts it instead, is given the till and the number, and returns its ``txid``. Raises `NoOpenTill`.
    """
    how = HOW[kind]
    if not 0 <= amount <= money.MOST:
        raise Invalid(N_("Please check the amount."), field="amount")
    till_id: int = till if till is not None else till_for(tx, shop, at=at, alone=True)
    number, shift_id = _next(tx, shop, till_id)
    signed = how.sign * amount
    own = account_of(till_id) if how.cash else CARD
    if entry is not None:
        txid = entry(own, till_id, number)
    else:
        other = against or how.against
        txid = post(
            tx, shop.id, how.entry, [(own, signed), (other, -signed)], currency=shop.currency, by=by, at=at,
            order=ref, till=till_id, number=number,
        )  # fmt: skip
    values = {
        "shop_id": shop.id, "till_id": till_id, "shift_id": shift_id, "number": number, "kind": kind.value,
        "amount": signed, "cash": how.cash, "order_id": order, "payment_id": payment, "cake_id": cake, "note": note,
        "at": at, "by_staff": by.id if by.kind is ActorKind.STAFF else None, "txid": txid,
    }  # fmt: skip
    tx.flush()
    line = tx.scalars(insert(TillLine).values(**values).returning(TillLine)).one()
    return line


def ring_payment(
    tx: Session, shop: Shop, payment: Payment, amount: int, *, by: Actor, at: datetime, entry: Entry,
    till: int | None = None, back: bool = False,
) -> TillLine:  # fmt: skip
    """Ring up what comes for a payment by hand, in cash or at the terminal, or what goes ``back`` of it, as `ring`."""
    if payment.method == "cash":
        kind = LineKind.CASH_REFUND if back else LineKind.CASH_SALE
    else:
        kind = LineKind.CARD_REFUND if back else LineKind.CARD_SALE
    return ring(
        tx,
        shop,
        kind,
        amount,
        till=till,
        payment=payment.id,
        order=payment.order_id,
        entry=entry,
        by=by,
        at=at,
    )


def _next(tx: Session, shop: Shop, till_id: int) -> tuple[int, int]:
    """Return the next number of an open till and its shift; the till is held until the transaction ends."""
    change = update(Till).where(Till.id == till_id, Till.shop_id == shop.id, Till.shift_id.is_not(None))
    taken = change.values(last_number=Till.last_number + 1).returning(Till.last_number, Till.shift_id)
    row = tx.execute(taken.execution_options(synchronize_session=False)).first()
    if row is None:
        raise NoOpenTill(N_("This till is not open any more. Please open one first."))
    number, shift_id = row
    return number, shift_id or 0


def move_cash(
    tx: Session, shop: Shop, till_id: int, kind: LineKind, amount: int, reason: str, *, by: Actor, at: datetime
) -> TillLine:  # fmt: skip
    """Put cash in or take it out by hand, with a reason. Raises `Invalid` naming ``kind``, ``amount``, ``reason``."""
    if kind not in BY_HAND:
        raise Invalid(N_("Please say what it is for."), field="kind")
    if amount <= 0:
        raise Invalid(N_("Please enter an amount."), field="amount")
    reason = reason_given(reason)
    _fits_a_drawer(amount, "amount")
    find(tx, shop, till_id)
    line = ring(tx, shop, kind, amount, till=till_id, by=by, at=at, note=reason)
    record(
        tx, shop.id, "cash_moved", by=by, at=at, topics=TOPICS, till=till_id, what=kind.value, amount=line.amount
    )  # fmt: skip
    return line
