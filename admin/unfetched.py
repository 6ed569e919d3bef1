"""A cake that nobody fetches: marked, taken back, or given up, from the order's sheet."""

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext

from admin import entries
from admin.around import allowed
from shop.core.permissions import Permission as P
from shop.orders import finding, unfetched
from shop.orders.tables import Fulfilment, Order, OrderState
from shop.payments.rules import back_for
from web.access import Made, Session, actor
from web.house import now, this_shop
from web.i18n import money


def unfetched_now(row: Order) -> dict[str, Any]:
    """Return what this person may do about an order that nobody has fetched."""
    marked = row.state == OrderState.NO_SHOW
    waits = row.state == OrderState.READY and row.fulfilment == Fulfilment.PICKUP
    late = waits and unfetched.late_from(this_shop(), row) <= now()
    return {
        "can_mark": late and allowed(P.ORDER_HAND_OVER), "can_unmark": marked and allowed(P.ORDER_HAND_OVER),
        "can_give_up": marked and allowed(P.ORDER_CANCEL_STARTED), "back_if_given_up": back_for(row, at=now()),
        "give_up_needs_second": unfetched.needs_second(this_shop(), row, at=now()),
    }  # fmt: skip


def _sheet(order_id: int) -> str:
    return url_for("admin.order", order_id=order_id)


def mark_unfetched(tx: Session, order_id: int) -> Made:
    """Write down that nobody came for it."""
    unfetched.mark(tx, this_shop(), finding.by_id(tx, this_shop(), order_id), by=actor(), at=now())
    return entries.done(_sheet(order_id), gettext("Marked as not picked up."))


def unmark_unfetched(tx: Session, order_id: int) -> Made:
    """Take the mark back."""
    unfetched.unmark(tx, this_shop(), finding.by_id(tx, this_shop(), order_id), by=actor(), at=now())
    return entries.done(_sheet(order_id), gettext("It lies ready again."))


def give_up(tx: Session, order_id: int) -> Made:
    """Sell the cake to somebody else, or dispose of it; the terms decide about the money."""
    row = finding.by_id(tx, this_shop(), order_id)
    back = unfetched.give_up(
        tx, this_shop(), row, request.form.get("how", ""), entries.text("reason"), second=g.before, by=actor(), at=now()
    )  # fmt: skip
    said = gettext("%(amount)s goes back.", amount=money(back)) if back else gettext("Nothing goes back.")
    return entries.done(_sheet(order_id), said)
