"""The watchers of money: what somebody has to look at. Alarms keep what they find, and end when its cause is gone."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import and_, or_, select

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.orders.tables import Order
from shop.payments import disputes as held_back
from shop.payments.asking import REFUNDING
from shop.payments.owed import HELD
from shop.payments.providers import names_of
from shop.payments.reconciliation import bills_missing, waiting_long
from shop.payments.tables import Payment, PaymentState, Refund, RefundState
from shop.production.warnings import LOOK_THERE, Warning_
from shop.production.watchers import Look

DOUBT = timedelta(minutes=10)
"""So long a provider may leave us without an answer before somebody is told."""
BY_ITSELF = ("late", "twice")
"""Reasons of a refund that is owed because money came for an order that did not wait for it."""


def payments(look: Look) -> list[Warning_]:
    """Payments of which nobody knows whether they came, and those that brought another amount."""
    long = Payment.unknown_since <= look.at - DOUBT
    doubtful = select(Payment, Order).join(Order, Order.id == Payment.order_id).where(
        Payment.shop_id == look.shop.id, Payment.state.not_in(HELD),
        or_(and_(Payment.state == PaymentState.UNKNOWN, long), Payment.trouble == "amount"),
    )  # fmt: skip
    return [
        Warning_(
            "payment_mismatched" if payment.trouble == "amount" else "payment_unknown", LOOK_THERE,
            minutes_between(payment.unknown_since or payment.made_at, look.at), order.number, order.id,
            names=_named(payment.method), subject=f"payment:{payment.id}",
        )
        for payment, order in look.session.execute(doubtful.order_by(Payment.id))
    ]  # fmt: skip


def refunds(look: Look) -> list[Warning_]:
    """Refunds that the provider refused or leaves unanswered, and money that came although nobody waited for it."""
    found = []
    owed = select(Refund, Payment, Order).join(Payment, Payment.id == Refund.payment_id).join(
        Order, Order.id == Refund.order_id
    ).where(Refund.shop_id == look.shop.id, Refund.state.in_((*REFUNDING, RefundState.FAILED)))  # fmt: skip
    for refund, payment, order in look.session.execute(owed.order_by(Refund.id)):
        if refund.state == RefundState.FAILED:
            kind = "refund_failed"
        elif refund.state == RefundState.UNKNOWN and (refund.decided_at or refund.made_at) <= look.at - DOUBT:
            kind = "refund_unknown"
        elif refund.reason in BY_ITSELF:
            kind = "payment_late"
        else:
            continue
        found.append(Warning_(
            kind, LOOK_THERE, minutes_between(refund.decided_at or refund.made_at, look.at), order.number, order.id,
            names=_named(payment.method), subject=f"refund:{refund.id}",
        ))  # fmt: skip
    return found


def bills(look: Look) -> list[Warning_]:
    """Bills with lines that nobody has matched or explained for more than a day, and bills that did not come."""
    found = [
        Warning_("bill_unmatched", LOOK_THERE, many, names=_named(bill.method, bill.day), subject=f"bill:{bill.id}")
        for bill, many in waiting_long(look.session, look.shop, at=look.at)
    ]  # fmt: skip
    missing = bills_missing(look.session, look.shop, at=look.at)
    return found + [
        Warning_("bill_missing", LOOK_THERE, 0, names=_named(method, day), subject=f"bills:{method}:{day}")
        for method, day in missing
    ]  # fmt: skip


def disputes(look: Look) -> list[Warning_]:
    """Disputes that must be answered soon."""
    return [
        Warning_(
            "dispute_unanswered", LOOK_THERE, 0, order.number, order.id,
            names=_named(payment.method, dispute.answer_by), subject=f"dispute:{dispute.id}",
        )
        for dispute, payment, order in held_back.open_ones(look.session, look.shop)
        if held_back.needs_answer(dispute, look.shop, look.at)
    ]  # fmt: skip


def _named(method: str, day: date | None = None) -> Words:
    return {language: f"{name} · {day}" if day else name for language, name in names_of(method).items()}


WATCHERS: tuple[Callable[[Look], list[Warning_]], ...] = (payments, refunds, bills, disputes)
"""Handed to `shop.production.alarms.watch` beside those of the kitchen."""
