"""The accountable partner of each order: found by rules when it is placed, changed by hand with a reason.

A new rule is one file and one line in ``RULES``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Invalid
from shop.core.events import record
from shop.core.permissions import Role
from shop.core.reasons import reason_given
from shop.orders.partner.channel import CHANNEL
from shop.orders.partner.contract import Asked, Rule
from shop.orders.partner.first import FIRST
from shop.orders.partner.in_turn import IN_TURN
from shop.orders.partner.taker import TAKER
from shop.orders.partner.weekday import WEEKDAY
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.people.staff import Staff

RULES: tuple[Rule, ...] = (TAKER, WEEKDAY, CHANNEL, IN_TURN, FIRST)
"""Asked in this order; a shop switches off those it does not want, but never the last."""
WORDS = {rule.key: rule.reason for rule in RULES}
ANSWERABLE = (Role.OWNER, Role.PARTNER, Role.PARTNER_RESTRICTED)

_S: Any = Staff.__table__.c
_PARTNERS = (
    select(_S.id, _S.name, _S.role)
    .where(_S.shop_id == bindparam("shop"), _S.active, _S.role.in_(ANSWERABLE))
    .order_by(_S.id)
)


def partners(session: Session, shop: Shop) -> dict[int, str]:
    """Return the names of those who can answer for an order, by id: the partners; the owners where there are none."""
    rows = session.connection().execute(_PARTNERS, {"shop": shop.id}).all()
    mine = {row.id: row.name for row in rows if row.role != Role.OWNER}
    return mine or {row.id: row.name for row in rows}


def settings_of(shop: Shop) -> Mapping[str, Any]:
    """Return what the shop has chosen: the keys of its rules, and who has which weekday and channel."""
    chosen = shop.settings.get("partner")
    return chosen if isinstance(chosen, dict) else {}


def rules_of(shop: Shop) -> Sequence[Rule]:
    """Return the rules that this shop uses, in the order in which they are asked."""
    used = settings_of(shop).get("rules", [rule.key for rule in RULES])
    return [rule for rule in RULES if rule.key in used or rule is FIRST]


def partner_for(
    session: Session, shop: Shop, *, channel: str, by: Actor, at: datetime
) -> tuple[int | None, str]:
    """Return whose order this will be, with the key of the rule that says so; (None, "") without any partner."""
    found = partners(session, shop)
    if not found:
        return None, ""
    asked = Asked(session, shop, channel, by, at, found, settings_of(shop))
    for rule in rules_of(shop):
        chosen = rule.choose(asked)
        if chosen is not None:
            return chosen, rule.key
    return None, ""


def change_partner(
    tx: Session, shop: Shop, order: Order, staff_id: int, *, by: Actor, at: datetime, reason: str
) -> None:
    """Make somebody else accountable; the reason stands in the diary. Raises `Invalid` and `Conflict`."""
    reason = reason_given(reason)
    if staff_id not in partners(tx, shop):
        raise Invalid(N_("Please choose a partner."), field="partner")
    tx.refresh(order, with_for_update=True)
    if order.partner_id == staff_id:
        raise Conflict(N_("This partner is accountable for it already."), field="partner")
    was, order.partner_id = order.partner_id, staff_id
    record(
        tx, shop.id, "partner_changed", by=by, at=at, topics=("orders", f"order:{order.id}"), order_id=order.id,
        partner=staff_id, before=was, reason=reason,
    )  # fmt: skip


def change_rules(
    tx: Session, shop: Shop, *, rules: Sequence[str], weekdays: Mapping[str, int], channels: Mapping[str, int],
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Choose the rules and the duties; 0 stands for nobody. Raises `Invalid` naming the field."""
    row = tx.get(Shop, shop.id, with_for_update=True)
    assert row is not None
    known = partners(tx, shop)
    for kind, duties in (("weekday", weekdays), ("channel", channels)):
        for name, staff_id in duties.items():
            if staff_id and staff_id not in known:
                raise Invalid(N_("Please choose a partner."), field=f"{kind}.{name}")
    chosen = {
        "rules": [rule.key for rule in RULES if rule.key in rules],
        "weekdays": {name: staff_id for name, staff_id in weekdays.items() if staff_id},
        "channels": {name: staff_id for name, staff_id in channels.items() if staff_id},
    }
    was = settings_of(row)
    if chosen == was:
        return
    row.settings = {**row.settings, "partner": chosen}
    record(
        tx, shop.id, "partner_rules_changed", by=by, at=at, topics=("staff",), before=dict(was), after=chosen
    )


__all__ = [
    "RULES",
    "WORDS",
    "change_partner",
    "change_rules",
    "partner_for",
    "partners",
    "rules_of",
    "settings_of",
]
