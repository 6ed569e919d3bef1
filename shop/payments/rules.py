"""What the shop has decided about money: how much is paid ahead, what cancelling costs, who may pay back how much.

Rules are the shop's settings; an order keeps the terms that were shown when it was placed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shop.orders.tables import Order, OrderState
from shop.people.shops import Shop

REFUND_LIMIT = 300_00
"""Minor units that one person may pay back alone, unless the shop says otherwise."""
ALL = 100


@dataclass(frozen=True)
class Step:
    """Whoever cancels at least ``hours`` before the time gets ``percent`` of what was paid."""

    hours: int
    percent: int


@dataclass(frozen=True)
class Terms:
    """The cancellation ladder, the longest time first; ``started`` is the percentage once the kitchen has begun."""

    steps: tuple[Step, ...] = (Step(0, ALL),)
    started: int = ALL

    def percent(self, *, due_at: datetime, at: datetime, started: bool) -> int:
        """Return how much of what was paid goes back, in percent."""
        if started:
            return self.started
        left = due_at - at
        fits = (step.percent for step in self.steps if left >= timedelta(hours=step.hours))
        return next(fits, 0)

    def as_json(self) -> dict[str, Any]:
        return {"steps": [[step.hours, step.percent] for step in self.steps], "started": self.started}


def _terms(kept: Mapping[str, Any] | None) -> Terms:
    if not kept:
        return Terms()
    steps = sorted((Step(int(h), int(p)) for h, p in kept["steps"]), key=lambda step: -step.hours)
    return Terms(tuple(steps), int(kept["started"]))


def terms_of_shop(shop: Shop) -> Terms:
    """Return the ladder that a new order gets."""
    return _terms(shop.settings.get("cancelling"))


def terms_of(order: Order) -> Terms:
    """Return the ladder that was shown when the order was placed."""
    return _terms(order.terms)


def share(amount: int, percent: int) -> int:
    """Return a percentage of an amount, half up, minor units (decisions.md 25)."""
    return (amount * percent + 50) // 100


def back_for(order: Order, *, at: datetime) -> int:
    """Return how much of what was paid goes back if the order is cancelled now, minor units."""
    started = order.state not in (OrderState.PLACED, OrderState.CONFIRMED)
    return share(order.paid, terms_of(order).percent(due_at=order.due_at, at=at, started=started))


def deposit_for(shop: Shop, total: int) -> int:
    """Return what must be paid before the kitchen gets an order of ``total``; the whole of it without a rule.

    The rule: ``{"above": minor, "percent": p}`` or ``{"above": minor, "fixed": minor}``.
    """
    rule = shop.settings.get("deposit")
    if not rule or total <= int(rule["above"]):
        return total
    ahead = int(rule["fixed"]) if rule.get("fixed") else share(total, int(rule["percent"]))
    return min(total, max(ahead, 1))


def refund_limit(shop: Shop) -> int:
    """Return how much one person may pay back alone, minor units."""
    return int(shop.settings.get("refund_limit", REFUND_LIMIT))
