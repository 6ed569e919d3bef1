"""How today goes and how fast the shop answers: plain reads for the dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.orders.tables import Order, OrderState
from shop.payments.owed import OWED
from shop.payments.tables import COUNTED, Payment, Refund
from shop.people.shops import Shop
from shop.production.tables import Task

S = OrderState
OPEN = (S.PLACED, S.CONFIRMED, S.IN_PRODUCTION, S.READY, S.OUT_FOR_DELIVERY)
UNFINISHED = (S.CONFIRMED, S.IN_PRODUCTION)
TARGETS = {"confirm": 10, "start": 45}


@dataclass(frozen=True)
class Figures:
    """Orders due today by state; ``late`` ones are past their time and not ready; ``revenue`` minor units."""

    states: Mapping[str, int]
    late: int
    due: int
    placed_today: int
    revenue: int

    def count(self, *states: str) -> int:
        """Return how many of today's orders stand in one of these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True)
class Answer:
    """One day's median minutes from placed to confirmed, and from confirmed to the first start."""

    day: date
    orders: int
    confirm: float | None
    start: float | None


def refunds_due(session: Session, shop: Shop, *, limit: int = 12) -> list[tuple[Order, int, str]]:
    """Return what is still to be paid back as (order, amount, method), the newest first."""
    query = select(Order, Refund.amount, Payment.method).join(Refund, Refund.order_id == Order.id)
    query = query.join(Payment, Payment.id == Refund.payment_id)
    query = query.where(Refund.shop_id == shop.id, Refund.state.in_(OWED))
    query = query.order_by(Refund.id.desc()).limit(limit)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def figures(session: Session, shop: Shop, *, at: datetime) -> Figures:
    """Count today's orders in three queries."""
    today = shop.business_date(at)
    due_today = (Order.shop_id == shop.id, Order.due_date == today)
    rows = session.execute(select(Order.state, func.count()).where(*due_today).group_by(Order.state))
    states = {state: int(n) for state, n in rows}
    late = select(func.count()).where(
        Order.shop_id == shop.id, Order.state.in_(UNFINISHED), Order.due_at < at
    )
    begin, end = shop.day_bounds(today)
    taken = select(func.coalesce(func.sum(Payment.amount), 0)).where(
        Payment.shop_id == shop.id,
        Payment.state.in_(COUNTED),
        Payment.captured_at >= begin,
        Payment.captured_at < end,
    )
    placed = select(func.count()).where(Order.shop_id == shop.id, Order.business_date == today)
    alive = sum(n for state, n in states.items() if state not in (S.CANCELLED, S.EXPIRED, S.REJECTED))
    return Figures(
        states, session.scalar(late) or 0, alive, session.scalar(placed) or 0, session.scalar(taken) or 0
    )


def next_due(session: Session, shop: Shop, *, limit: int = 8) -> list[Order]:
    """Return the open orders with the nearest times, overdue ones first."""
    query = select(Order).where(Order.shop_id == shop.id, Order.state.in_((*UNFINISHED, S.READY)))
    return list(session.scalars(query.order_by(Order.due_at, Order.id).limit(limit)))


def answers(session: Session, shop: Shop, *, at: datetime, days: int = 14) -> list[Answer]:
    """Return the response times of the last ``days`` days, oldest first, today last.

    Confirmed to first start counts only orders wanted on the day they were placed: an order for
    Saturday is not slow because nobody bakes it on Tuesday. Before the kitchen opens no time runs.
    """
    today = shop.business_date(at)
    first = today - timedelta(days=days - 1)
    started = select(Task.order_id, func.min(Task.started_at).label("first")).group_by(Task.order_id)
    started = started.where(Task.started_at >= shop.day_bounds(first)[0])
    begun = started.subquery()
    query = (
        select(Order.business_date, Order.due_date, Order.placed_at, Order.confirmed_at, begun.c.first)
        .outerjoin(begun, begun.c.order_id == Order.id)
        .where(Order.shop_id == shop.id, Order.business_date >= first, Order.confirmed_at.is_not(None))
    )
    confirm: dict[date, list[float]] = {}
    start: dict[date, list[float]] = {}
    for day, due, placed, confirmed, began in session.execute(query):
        confirm.setdefault(day, []).append(_minutes(placed, confirmed))
        if began is not None and due == day:
            start.setdefault(day, []).append(
                _minutes(max(confirmed, shop.moment(day, shop.kitchen_opens)), began)
            )
    span = [first + timedelta(days=n) for n in range(days)]
    return [
        Answer(day, len(confirm.get(day, ())), _middle(confirm.get(day)), _middle(start.get(day)))
        for day in span
    ]


def targets(shop: Shop) -> dict[str, int]:
    """Return the shop's targets in minutes for both response times."""
    own = shop.settings.get("response_minutes", {})
    return {name: int(own.get(name, minutes)) for name, minutes in TARGETS.items()}


def _minutes(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() / 60)


def _middle(values: Sequence[float] | None) -> float | None:
    return round(median(values), 1) if values else None
