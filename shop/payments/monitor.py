"""What the money is doing now: payments and refunds of a day, what is stuck, and what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shop.orders.tables import Order
from shop.payments.owed import HELD, OWED
from shop.payments.tables import LIVE, Payment, PaymentState, Refund, RefundState
from shop.people.shops import Shop

MOST = 200


@dataclass(frozen=True)
class Money:
    """``stuck`` needs somebody to look: nobody knows whether it was paid, another amount came, a refund failed.

    ``owed`` are refunds on their way; ``asked`` those that a second person decides about. ``taken`` and ``given``
    are sums of the whole day in minor units, also where a list ends at `MOST`.
    """

    payments: Sequence[tuple[Payment, Order]]
    refunds: Sequence[tuple[Refund, Payment, Order]]
    asked: Sequence[tuple[Refund, Payment, Order]]
    owed: Sequence[tuple[Refund, Payment, Order]]
    stuck: Sequence[tuple[Payment, Order]]
    taken: int
    given: int
    live: int

    @property
    def by_hand(self) -> Sequence[Refund]:
        """Refunds that wait for a person: to be given back by hand, or refused by the provider."""
        agreed = [
            refund
            for refund, payment, _ in self.owed
            if refund.state == RefundState.APPROVED and not payment.attempt
        ]
        return agreed + [refund for refund, _, _ in self.owed if refund.state == RefundState.FAILED]


def money_of(session: Session, shop: Shop, day: date, *, at: datetime) -> Money:
    """Return the payments and refunds of a business day, newest first, and everything that is open of any day."""
    begin, end = shop.day_bounds(day)
    mine = select(Payment, Order).join(Order, Order.id == Payment.order_id).where(Payment.shop_id == shop.id)
    when = or_(Payment.made_at.between(begin, end), Payment.captured_at.between(begin, end))
    payments = _pairs(session, mine.where(when).order_by(Payment.id.desc()).limit(MOST))
    stuck = or_(Payment.state == PaymentState.UNKNOWN, Payment.trouble == "amount")
    back = select(Refund, Payment, Order).join(Payment, Payment.id == Refund.payment_id)
    back = back.join(Order, Order.id == Refund.order_id).where(Refund.shop_id == shop.id)
    of_day = or_(Refund.made_at.between(begin, end), Refund.ended_at.between(begin, end))
    refunds = _triples(session, back.where(of_day).order_by(Refund.id.desc()).limit(MOST))
    open_ = _triples(session, back.where(Refund.state.in_(OWED)).order_by(Refund.id).limit(MOST))
    took = select(func.sum(Payment.amount)).where(
        Payment.shop_id == shop.id, Payment.state.in_(HELD), _within(Payment.captured_at, begin, end)
    )
    gave = select(func.sum(Refund.amount)).where(
        Refund.shop_id == shop.id, Refund.state == RefundState.REFUNDED, _within(Refund.ended_at, begin, end)
    )
    paying = select(func.count()).where(
        Payment.shop_id == shop.id, Payment.state.in_(LIVE), Payment.made_at.between(begin, end)
    )
    return Money(
        payments=payments,
        refunds=refunds,
        asked=[row for row in open_ if row[0].state == RefundState.REQUESTED],
        owed=[row for row in open_ if row[0].state != RefundState.REQUESTED],
        stuck=_pairs(session, mine.where(stuck, Payment.state.not_in(HELD)).order_by(Payment.id).limit(MOST)),
        taken=int(session.scalar(took) or 0),
        given=int(session.scalar(gave) or 0),
        live=session.scalar(paying) or 0,
    )


def _within(
    moment: InstrumentedAttribute[datetime | None], begin: datetime, end: datetime
) -> ColumnElement[bool]:
    return and_(moment >= begin, moment < end)


def _pairs(session: Session, query: Select[Payment, Order]) -> list[tuple[Payment, Order]]:
    return [(row[0], row[1]) for row in session.execute(query)]


def _triples(session: Session, query: Select[Refund, Payment, Order]) -> list[tuple[Refund, Payment, Order]]:
    return [(row[0], row[1], row[2]) for row in session.execute(query)]
