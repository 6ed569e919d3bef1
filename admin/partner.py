"""Who answers for an order: on its sheet, in the shop's settings, and a partner's own orders on today's page."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select

from admin import entries
from admin.around import me
from admin.changes import weekday_words
from admin.orders import cakes_of
from shop.orders import partner
from shop.orders.finding import by_id
from shop.orders.searching import OPEN
from shop.orders.tables import Order
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.pages import page

SHOWN = 6
CHANNELS = ("kiosk", "counter", "phone", "chat", "web")


def rules_shown() -> dict[str, Any]:
    """Return what the form of the rules shows."""
    shop = this_shop()
    return {
        "rules": [rule for rule in partner.RULES if rule.key != "first"],
        "used": [rule.key for rule in partner.rules_of(shop)],
        "partners": partner.partners(reader(), shop),
        "chosen": partner.settings_of(shop),
        "channels": CHANNELS,
        "weekdays": weekday_words(),
    }


def save_partner_rules(tx: Session) -> Made:
    """Choose the rules, and who has which weekday and channel."""
    partner.change_rules(
        tx, this_shop(), rules=request.form.getlist("rules"), by=actor(), at=now(),
        weekdays={str(day): entries.number(f"weekday.{day}", 0) for day in range(7)},
        channels={name: entries.number(f"channel.{name}", 0) for name in CHANNELS},
    )  # fmt: skip
    return entries.done(url_for("admin.settings"))


def change_partner(tx: Session, order_id: int) -> Made:
    """Make another partner accountable for an order, with a reason."""
    row = by_id(tx, this_shop(), order_id)
    partner.change_partner(
        tx,
        this_shop(),
        row,
        entries.number("partner", 0),
        reason=entries.text("reason"),
        by=actor(),
        at=now(),
    )
    who = partner.partners(tx, this_shop())[row.partner_id or 0]
    return entries.done(
        url_for("admin.order", order_id=order_id), gettext("%(name)s answers for this order now.", name=who)
    )


def of_mine() -> dict[str, Any]:
    """Return the open orders that the person of this request answers for: the next ones, and how many in all."""
    mine = (Order.shop_id == this_shop().id, Order.partner_id == me().id, Order.state.in_(OPEN))
    next_due = list(reader().scalars(select(Order).where(*mine).order_by(Order.due_at).limit(SHOWN)))
    return {
        "my_orders": next_due, "my_cakes": cakes_of(next_due),
        "answers_for": me().id in partner.partners(reader(), this_shop()),
        "in_all": reader().scalar(select(func.count()).select_from(Order).where(*mine)) or 0,
    }  # fmt: skip


def my_orders() -> Response:
    """A partner's own orders, asked for anew when something has happened."""
    return page("admin/_my_orders.html", **of_mine())
