"""Cash that a customer wants hidden in a cake: taken at the counter, and given back where that comes to nothing."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from admin import entries
from admin.around import allowed
from admin.my_till import my_till
from shop.core.permissions import Permission as P
from shop.orders import finding, progress
from shop.orders.tables import Order, OrderState
from shop.payments import hidden
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.i18n import money


def hidden_now(row: Order) -> dict[str, Any]:
    """Return into which cakes cash can be put, and what the shop holds of it, for who may take money."""
    may = allowed(P.PAYMENT_TAKE)
    return {
        "cakes_to_fill": hidden.cakes_open(reader(), row) if may else [],
        "hidden_owed": hidden.owed(reader(), row) if may else 0,
        "hidden_boxed": hidden.owed(reader(), row) > hidden.to_put_in(reader(), row),
        "hidden_away": row.state == OrderState.OUT_FOR_DELIVERY,
    }


def hide_cash(tx: Session, order_id: int) -> Made:
    """Take cash to be put into a cake."""
    row = progress.lock_order(tx, finding.by_id(tx, this_shop(), order_id).id)
    amount = entries.amount("hidden", gettext("Amount")) or 0
    hidden.take(
        tx, this_shop(), row, entries.number("cake", 0), amount, till=my_till(tx), by=actor(), at=now()
    )
    said = gettext("%(amount)s for the cake. The kitchen puts it in.", amount=money(amount))
    return entries.done(url_for("admin.order", order_id=order_id), said)


def give_hidden_back(tx: Session, order_id: int) -> Made:
    """Give the cash back over the counter, in full."""
    row = progress.lock_order(tx, finding.by_id(tx, this_shop(), order_id).id)
    till = my_till(tx) if hidden.to_put_in(tx, row) else None
    amount = hidden.give_back(tx, this_shop(), row, till=till, by=actor(), at=now())
    said = gettext("Give %(amount)s back to the customer.", amount=money(amount))
    return entries.done(url_for("admin.order", order_id=order_id), said)
