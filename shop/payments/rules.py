"""What the shop has decided about money: how much is paid ahead, what cancelling costs, who may pay back how much.

Rules are the shop's settings; an order keeps the terms that were shown when it was placed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.money import MOST
from shop.core.permissions import Role
from shop.ledger import post
from shop.ledger.canonical import canonical
from shop.orders.tables import Order, OrderState
from shop.people.shops import Shop

REFUND_LIMIT = 300_00
"""Minor units that one person may pay back alone, unless the shop says otherwise."""
ALL = 100
DISCOUNT_CAPS: Mapping[str, int] = {Role.CLERK: 10, Role.MANAGER: 40}
"""Percent of the cakes' price that one person may take off alone, unless the shop says otherwise; others nothing."""
NO_SHOW_MINUTES, BALANCE_HOURS, MOST_WAIT = 120, 24, 9_999
MOST_HOURS = 60 * 24
NAMES = ("deposit", "cancelling", "refund_limit", "discount_caps", "no_show_minutes", "balance_hours")
"""Where the rules stand in the settings."""


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


def ahead_for(shop: Shop, total: int) -> dict[str, int]:
    """Return how a new order of ``total`` is paid ahead: ``percent`` or ``fixed`` (minor units), empty: all of it.

    The shop's rule: ``{"above": minor, "percent": p}`` or ``{"above": minor, "fixed": minor}``.
    """
    rule = shop.settings.get("deposit")
    if not rule or total <= int(rule["above"]):
        return {}
    way = "fixed" if rule.get("fixed") else "percent"
    return {way: int(rule[way])}


def _deposit(ahead: Mapping[str, int], total: int) -> int:
    if not ahead:
        return total
    return min(total, max(1, ahead["fixed"] if "fixed" in ahead else share(total, ahead["percent"])))


def deposit_for(shop: Shop, total: int) -> int:
    """Return what must be paid before the kitchen gets a new order of ``total``, minor units."""
    return _deposit(ahead_for(shop, total), total)


def deposit_of(order: Order, total: int) -> int:
    """Return what must be paid ahead of an order that stands and costs ``total`` by now, minor units.

    It is worked out as was shown when it was placed, whatever the shop has decided since, and whether or not its
    price is still above where the rule begins. Orders from before that was kept show it by their deposit.
    """
    ahead = (order.terms or {}).get("ahead")
    if ahead is None:
        ahead = {} if order.deposit >= order.total else {"fixed": order.deposit}
    return _deposit(ahead, total)


def shown_terms(shop: Shop, total: int) -> dict[str, Any]:
    """Return what a new order of ``total`` keeps of the rules: the ladder, and how it is paid ahead."""
    return {**terms_of_shop(shop).as_json(), "ahead": ahead_for(shop, total)}


def refund_limit(shop: Shop) -> int:
    """Return how much one person may pay back alone, minor units."""
    return int(shop.settings.get("refund_limit", REFUND_LIMIT))


def discount_caps(shop: Shop) -> dict[str, int]:
    """Return how many percent of the cakes' price a role may take off alone."""
    return {**DISCOUNT_CAPS, **(shop.settings.get("discount_caps") or {})}


def no_show_minutes(shop: Shop) -> int:
    """Return how many minutes after its time an order that lies ready counts as not fetched."""
    return int(shop.settings.get("no_show_minutes") or NO_SHOW_MINUTES)


def balance_hours(shop: Shop) -> int:
    """Return how many hours before its time the rest of an order is due."""
    return int(shop.settings.get("balance_hours") or BALANCE_HOURS)


def rules_hash(settings: Mapping[str, Any]) -> str:
    """Return the hash of the rules about money, as the books keep it: SHA-256 of their canonical form."""
    return sha256(canonical({name: settings.get(name) for name in NAMES})).hexdigest()


def change_rules(
    tx: Session,
    shop: Shop,
    *,
    deposit: Mapping[str, int] | None,
    terms: Terms,
    limit: int,
    caps: Mapping[str, int] | None = None,
    waits: Mapping[str, int] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Decide anew; orders that stand keep what was shown to their customers.

    ``deposit`` is None (all is paid ahead) or as `deposit_for` reads it; ``limit`` in minor units; ``caps`` percent by
    role, ``waits`` the ``no_show_minutes`` and ``balance_hours``; None: as before. The new rules are an entry of the
    books. Raises `Invalid` naming ``percent``, ``fixed``, ``step.<n>``, ``started``, ``limit``, ``cap.<role>`` or one
    of the waits.
    """
    _check(deposit, terms, limit)
    for role, percent in (caps or {}).items():
        if role not in DISCOUNT_CAPS or not 0 <= percent <= ALL:
            raise Invalid(N_("Please write a percentage from 0 to 100."), field=f"cap.{role}")
    if caps and caps.get(Role.CLERK, 0) > caps.get(Role.MANAGER, ALL):
        raise Invalid(N_("A clerk takes off no more alone than a manager."), field=f"cap.{Role.CLERK}")
    for name, value in (waits or {}).items():
        if not 1 <= value <= MOST_WAIT:
            raise Invalid(
                N_("Please enter a number from %(low)s to %(high)s."), field=name, low=1, high=MOST_WAIT
            )
    row = tx.get(Shop, shop.id, with_for_update=True)
    assert row is not None
    chosen = {
        "deposit": dict(deposit) if deposit else None,
        "cancelling": terms.as_json(),
        "refund_limit": limit,
        "discount_caps": dict(caps) if caps is not None else row.settings.get("discount_caps"),
        **{name: (waits or row.settings).get(name) for name in ("no_show_minutes", "balance_hours")},
    }
    was = {name: row.settings.get(name) for name in NAMES}
    if chosen == was:
        return
    row.settings = {**row.settings, **chosen}
    post(tx, shop.id, "money_rules_changed", [], currency=shop.currency, by=by, at=at, rules=rules_hash(row.settings),
         was=was, now=chosen)  # fmt: skip
    record(
        tx, shop.id, "money_rules_changed", by=by, at=at, topics=("menu", "money"), before=was, after=chosen
    )


def _check(deposit: Mapping[str, int] | None, terms: Terms, limit: int) -> None:
    if deposit and deposit.get("fixed") == 0:
        raise Invalid(N_("Please enter an amount."), field="fixed")
    if deposit and deposit.get("fixed") and deposit["fixed"] > deposit["above"]:
        raise Invalid(
            N_("The amount ahead must not be above the amount of the rule."),
            field="fixed",
        )
    if deposit and not deposit.get("fixed") and not 1 <= deposit.get("percent", 0) < ALL:
        raise Invalid(N_("Please write a percentage from 1 to 99."), field="percent")
    for n, step in enumerate(terms.steps):
        for value, most, named in ((step.hours, MOST_HOURS, "hours"), (step.percent, ALL, "back")):
            if not 0 <= value <= most:
                raise Invalid(N_("Please enter a number from %(low)s to %(high)s."), field=f"step.{n}.{named}",
                              low=0, high=most)  # fmt: skip
    before = ALL
    for n, step in sorted(enumerate(terms.steps), key=lambda each: -each[1].hours):
        if step.percent > before:
            raise Invalid(
                N_("The nearer the time, the less goes back: from 100 down to 0 percent."), field=f"step.{n}"
            )
        before = step.percent
    if not 0 <= terms.started <= before:
        raise Invalid(
            N_("The nearer the time, the less goes back: from 100 down to 0 percent."), field="started"
        )
    if len({step.hours for step in terms.steps}) != len(terms.steps) or not any(
        s.hours == 0 for s in terms.steps
    ):
        raise Invalid(N_("Each step needs its own hours, and the last one is 0 hours."), field="step.0")
    if not 0 <= limit <= MOST:
        raise Invalid(N_("Please check the amount."), field="limit")
