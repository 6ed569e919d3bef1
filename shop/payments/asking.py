"""Talking to the providers: what is due is found in the tables, every call is made outside of a transaction.

A row is claimed by moving its next time ahead, then the provider is called, then the answer is written down. Who dies
in between is followed by whoever finds the row due again: every call may be made twice under the same number.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.events import record
from shop.core.types import say
from shop.orders.progress import lock_order
from shop.orders.tables import Order
from shop.payments import books, machine
from shop.payments.contract import Answer, Back, BackSaid, Charge, Provider, ProviderAway, Said, TakesCodes
from shop.payments.tables import LIVE, Payment, PaymentState, Refund, RefundState
from shop.people.shops import Shop

P, R = PaymentState, RefundState
AGAIN = tuple(timedelta(seconds=s) for s in (5, 15, 60, 120))
"""When a provider that did not answer is asked again."""
LOOK, LOOK_LATER, SOON = timedelta(seconds=3), timedelta(seconds=10), 20
LEASE = timedelta(seconds=30)
MOST = 20
Writing = Callable[[], AbstractContextManager[Session]]
Find = Callable[[str], Provider | None]
OVER = (P.EXPIRED, P.FAILED)
"""Attempts that ended here; a late notice lets the provider be asked about them once more."""
REFUNDING = (R.APPROVED, R.SENT, R.UNKNOWN)


@dataclass(frozen=True)
class Office:
    """What the worker needs: how to write, who the providers are, where they send notices, and what time it is."""

    writing: Writing
    provider: Find
    public_url: str
    now: Callable[[], datetime]


def something_due(session: Session, *, at: datetime) -> bool:
    """Whether a provider must be asked now: looked at often, by reading only."""
    payment = select(Payment.id).where(Payment.ask_at <= at, Payment.state.in_((*LIVE, *OVER)))
    refund = select(Refund.id).where(Refund.ask_at <= at, Refund.state.in_(REFUNDING))
    return any(session.scalar(due.limit(1)) is not None for due in (payment, refund))


def ask_due(office: Office) -> int:
    """Ask about every payment and refund that is due; returns how many. A provider that is away is left in peace."""
    away: set[str] = set()
    asked = 0
    while asked < MOST and (ask_payment(office, away) or ask_refund(office, away)):
        asked += 1
    return asked


def ask_payment(office: Office, away: set[str]) -> bool:
    """Ask about the payment that has waited longest; False if none is due."""
    at = office.now()
    with office.writing() as tx:
        due = select(Payment).where(Payment.ask_at <= at, Payment.state.in_((*LIVE, *OVER)))
        due = due.where(Payment.method.not_in(away)).order_by(Payment.ask_at, Payment.id).limit(1)
        payment = tx.scalars(due.with_for_update(skip_locked=True)).first()
        if payment is None:
            return False
        payment.ask_at, payment.asked = at + LEASE, payment.asked + 1
        if payment.state == P.CREATED and _another_open(tx, payment):
            payment.ask_at = at + LOOK
            return True
        charge, by_code = _charge(tx, office, payment), payment.by_code
        state, over = P(payment.state), payment.expires_at is not None and payment.expires_at <= at
        over = over and state not in OVER
    provider = office.provider(payment.method)
    try:
        if provider is None:
            raise ProviderAway("no account")
        answer = _ask_of_code(provider, charge, over) if by_code else _ask(provider, charge, state, over)
    except ProviderAway:
        away.add(payment.method)
        _nobody_knows(office, payment.id)
        return True
    _write_down(office, payment.id, answer, over)
    return True


def _another_open(tx: Session, payment: Payment) -> bool:
    """Whether an older attempt of the same order has not ended yet: two codes at once would be paid twice."""
    older = select(Payment.id).where(
        Payment.order_id == payment.order_id, Payment.id < payment.id, Payment.state.in_(LIVE),
        Payment.attempt.is_not(None), Payment.trouble != "amount",
    )  # fmt: skip
    return tx.scalar(older.limit(1)) is not None


def _charge(tx: Session, office: Office, payment: Payment) -> Charge:
    order, shop = tx.get_one(Order, payment.order_id), tx.get_one(Shop, payment.shop_id)
    return Charge(
        payment.attempt or "", payment.amount, payment.currency, f"{say(shop.names, order.language)} {order.number}",
        payment.expires_at or payment.made_at, f"{office.public_url}/pay/{payment.method}/notify",
    )  # fmt: skip


def _ask(provider: Provider, charge: Charge, state: PaymentState, over: bool) -> Answer:
    """Make the one call that moves an attempt on; what is out of time is ended at the provider, not only here."""
    if over:
        answer = provider.close(charge.attempt)
        return provider.query(charge.attempt) if answer.said == Said.PAID else answer
    return provider.create(charge) if state == P.CREATED else provider.query(charge.attempt)


def _ask_of_code(provider: Provider, charge: Charge, over: bool) -> Answer:
    """Ask about a payment by the customer's own code; out of time, and not paid, it is taken back for good."""
    answer = provider.query(charge.attempt)
    if (
        not over
        or answer.said in (Said.PAID, Said.CLOSED, Said.FAILED)
        or not isinstance(provider, TakesCodes)
    ):
        return answer
    return provider.reverse(charge.attempt)


def charge_code(office: Office, payment_id: int, code: str) -> None:
    """Charge the phone that shows ``code``, once, for an attempt that was begun for it; what comes of it stands in the
    attempt. Without an answer nobody knows, and the worker asks; the code is sent to nobody twice."""
    with office.writing() as tx:
        _, payment = machine.lock_payment(tx, payment_id)
        if payment.state != P.PENDING or not payment.by_code or payment.asked:
            return
        payment.asked, payment.ask_at = 1, office.now() + LEASE
        charge, method = _charge(tx, office, payment), payment.method
    provider = office.provider(method)
    try:
        if not isinstance(provider, TakesCodes):
            raise ProviderAway("takes no codes")
        answer = provider.charge_code(charge, code)
    except ProviderAway:
        _nobody_knows(office, payment_id)
        return
    _write_down(office, payment_id, answer, over=False)


def _nobody_knows(office: Office, payment_id: int) -> None:
    """No answer: an attempt that may be paid is unknown from now on, and asked about until somebody knows."""
    at = office.now()
    with office.writing() as tx:
        order, payment = machine.lock_payment(tx, payment_id)
        if payment.state not in (*LIVE, *OVER):
            return  # a notice was quicker: it is booked
        payment.trouble, payment.ask_at = "away", at + AGAIN[min(max(payment.asked, 1), len(AGAIN)) - 1]
        if payment.state == P.PENDING:
            machine.move(tx, payment, P.UNKNOWN, asked=0, unknown_since=at)
            record(tx, order.shop_id, "payment_doubted", by=SYSTEM, at=at, topics=("money", f"order:{order.id}"),
                   order_id=order.id, payment=payment.id)  # fmt: skip


def _write_down(office: Office, payment_id: int, answer: Answer, over: bool) -> None:
    at = office.now()
    with office.writing() as tx:
        order, payment = machine.lock_payment(tx, payment_id)
        shop = tx.get_one(Shop, payment.shop_id)
        match answer.said:
            case Said.PAID:
                machine.capture(tx, shop, payment.id, trade_no=answer.trade_no, amount=answer.amount,
                                currency=answer.currency, paid_at=answer.paid_at, at=at)  # fmt: skip
            case _ if payment.state in OVER:
                payment.ask_at = None
            case Said.FAILED:
                machine.end(tx, shop, payment.id, P.FAILED, at=at, trouble="refused")
            case Said.CLOSED | Said.NOT_FOUND if over or answer.said == Said.CLOSED:
                machine.end(tx, shop, payment.id, P.EXPIRED, at=at)
            case _:
                _still_open(tx, shop, order, payment, answer, at)


def _still_open(
    tx: Session, shop: Shop, order: Order, payment: Payment, answer: Answer, at: datetime
) -> None:
    payment.trouble = ""
    payment.ask_at = at + (LOOK if payment.asked < SOON else LOOK_LATER)
    if payment.state == P.CREATED and answer.qr:
        machine.move(tx, payment, P.PENDING, qr=answer.qr)
        record(tx, shop.id, "payment_offered", by=SYSTEM, at=at, topics=("money", f"order:{order.id}"),
               order_id=order.id, payment=payment.id)  # fmt: skip
    elif payment.state == P.UNKNOWN:
        machine.move(tx, payment, P.PENDING)


def ask_refund(office: Office, away: set[str]) -> bool:
    """Send or ask about the refund that has waited longest; False if none is due."""
    at = office.now()
    with office.writing() as tx:
        due = select(Refund).join(Payment, Payment.id == Refund.payment_id)
        due = due.where(Refund.ask_at <= at, Refund.state.in_(REFUNDING), Payment.method.not_in(away))
        row = due.order_by(Refund.ask_at, Refund.id).limit(1).with_for_update(skip_locked=True, of=Refund)
        refund = tx.scalars(row).first()
        if refund is None:
            return False
        payment = tx.get_one(Payment, refund.payment_id)
        new = refund.state == R.APPROVED
        refund.ask_at, refund.asked = at + LEASE, refund.asked + 1
        if new:
            refund.state = (
                R.SENT
            )  # kept before it is sent: who dies now asks first, and sends under the same number
        back = Back(refund.ref, payment.attempt or "", payment.trade_no, refund.amount, payment.amount,
                    refund.currency, refund.reason)  # fmt: skip
    provider = office.provider(payment.method)
    try:
        if provider is None:
            raise ProviderAway("no account")
        said = provider.refund(back) if new else _again(provider, back)
    except ProviderAway:
        away.add(payment.method)
        said = None
    _note_refund(office, refund.id, said)
    return True


def _again(provider: Provider, back: Back) -> BackSaid:
    said = provider.query_refund(back)
    return provider.refund(back) if said.said == Said.NOT_FOUND else said


def _note_refund(office: Office, refund_id: int, said: BackSaid | None) -> None:
    at = office.now()
    with office.writing() as tx:
        order_id = tx.scalar(select(Refund.order_id).where(Refund.id == refund_id))
        order = lock_order(tx, order_id or 0)
        row = select(Refund).where(Refund.id == refund_id).with_for_update()
        refund = tx.scalars(row.execution_options(populate_existing=True)).one()
        if refund.state not in REFUNDING:
            return
        if said is None:
            refund.state, refund.trouble = R.UNKNOWN, "away"
            refund.ask_at = at + AGAIN[min(refund.asked, len(AGAIN)) - 1]
        elif said.said == Said.PAID:
            refund.state, refund.ended_at, refund.ask_at, refund.trouble = R.REFUNDED, at, None, ""
            books.paid_back(tx, order, refund, by=SYSTEM, at=at)
            _tell(tx, order, refund, "refund_completed", at)
        elif said.said == Said.WAITING:
            refund.state, refund.ask_at, refund.trouble = R.SENT, at + LOOK_LATER, ""
        else:
            refund.state, refund.ask_at, refund.trouble = R.FAILED, None, "refused"
            _tell(tx, order, refund, "refund_failed", at)


def _tell(tx: Session, order: Order, refund: Refund, kind: str, at: datetime) -> None:
    record(tx, order.shop_id, kind, by=SYSTEM, at=at, topics=("orders", "money", f"order:{order.id}"),
           order_id=order.id, refund=refund.id, amount=refund.amount)  # fmt: skip
