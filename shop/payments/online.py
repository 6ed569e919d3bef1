"""Beginning to pay online: the attempt is a row first, the provider hears of it after the commit.

Whoever looks after it is `shop.payments.asking`. An order has one attempt at a time: another way of paying ends the
one before at its provider first.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.orders.progress import lock_order
from shop.orders.tables import Order
from shop.orders.words import STATE_WORDS
from shop.payments.asking import LEASE
from shop.payments.machine import WAITING, move
from shop.payments.owed import new_ref
from shop.payments.tables import LIVE, Payment, PaymentState
from shop.people.shops import Shop

MINUTES = 15
"""How long a code can be paid; the order's time is kept for longer."""
CODE_SECONDS = timedelta(seconds=90)
"""How long a customer may take to agree on the phone whose code was scanned."""
_LAST = (
    select(Payment)
    .where(Payment.order_id == bindparam("order"), Payment.attempt.is_not(None))
    .order_by(Payment.id.desc())
    .limit(1)
)


def attempt_of(session: Session, order: Order) -> Payment | None:
    """Return the newest attempt of an order whose end is not known, None where nobody is paying.

    One that brought another amount never pays for the order; what becomes of it is somebody's to decide.
    """
    live = select(Payment).where(
        Payment.order_id == order.id, Payment.state.in_(LIVE), Payment.attempt.is_not(None),
        Payment.trouble != "amount",
    )  # fmt: skip
    return session.scalars(live.order_by(Payment.id.desc()).limit(1)).first()


def check_nobody_pays(session: Session, order: Order) -> None:
    """Raise `Conflict` while somebody may be paying an order, whose price stays what they were shown until then."""
    if attempt_of(session, order) is not None:
        raise Conflict(N_("The customer is paying at this moment. Please wait until that is over."))


def last_attempt(session: Session, order: Order) -> Payment | None:
    """Return the newest online attempt of an order, whatever became of it."""
    return session.scalars(_LAST, {"order": order.id}).first()


def was_stopped(payment: Payment) -> bool:
    """Whether somebody ended this attempt before its time, to pay in another way."""
    return payment.expires_at is not None and payment.expires_at - payment.made_at < timedelta(
        minutes=MINUTES
    )


def begin(
    tx: Session, shop: Shop, order: Order, method: str, amount: int, *, account: str, by_code: bool = False,
    by: Actor, at: datetime,
) -> Payment:  # fmt: skip
    """Begin to pay ``amount`` (minor units) of an order online; the attempt gets its code within a second or two.

    ``account`` is the shop's account at the provider. The same wish again answers the attempt that is open. With
    ``by_code`` the customer's phone shows a code to be charged as soon as this is committed
    (`shop.payments.asking.charge_code`); the code itself is kept nowhere. Raises `Conflict` when the order takes no
    more money, and `Invalid` (field ``amount``) for more than is due.
    """
    order = lock_order(tx, order.id)
    if order.state not in WAITING:
        raise Conflict(N_("This order is %(state)s by now."), state=STATE_WORDS[order.state])
    if not order.balance:
        raise Conflict(N_("This order is already paid."))
    if not 0 < amount <= order.balance or order.paid + amount < order.deposit:
        raise Invalid(N_("Please enter an amount up to what is still to be paid."), field="amount")
    before = attempt_of(tx, order)
    still = before is not None and before.expires_at is not None and before.expires_at > at
    if (
        before is not None
        and still
        and (before.method, before.amount, before.by_code) == (method, amount, by_code)
    ):
        return before
    if before is not None and by_code:
        raise Conflict(N_("This order is being paid by phone right now. Please stop that first."))
    if before is not None:
        before.expires_at = before.ask_at = at
    payment = Payment(
        shop_id=shop.id, order_id=order.id, method=method, state=PaymentState.CREATED, amount=amount,
        currency=order.currency, made_at=at, attempt=new_ref(), by_code=by_code,
        expires_at=at + (CODE_SECONDS if by_code else timedelta(minutes=MINUTES)), ask_at=at + LEASE if by_code else at,
        taken_by=by.id if by.kind is ActorKind.STAFF else None, account=f"psp:{method}:{account}",
    )  # fmt: skip
    tx.add(payment)
    tx.flush()
    if by_code:
        move(tx, payment, PaymentState.PENDING)
    record(tx, shop.id, "payment_started", by=by, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, method=method, amount=amount, payment=payment.id)  # fmt: skip
    return payment


def drop(tx: Session, shop: Shop, order: Order, *, by: Actor, at: datetime) -> bool:
    """Stop paying online: the provider is asked to end it. Money that comes all the same is counted or goes back."""
    order = lock_order(tx, order.id)
    payment = attempt_of(tx, order)
    if payment is None:
        return False
    payment.expires_at = payment.ask_at = at
    record(tx, shop.id, "payment_stopped", by=by, at=at, topics=("money", f"order:{order.id}"), order_id=order.id,
           payment=payment.id)  # fmt: skip
    return True
