"""What the pages of an order show of its discounts, and whether another may be given now."""

from typing import Any

from admin.around import allowed
from shop.core.permissions import Permission as P
from shop.orders.tables import Order
from shop.payments import discounts
from shop.payments.discount_tables import Coupon
from shop.payments.machine import WAITING
from web.access import actor
from web.database import reader
from web.house import this_shop


def discounts_shown(row: Order) -> dict[str, Any]:
    """Return what the sheet of an order says of its discounts."""
    found = discounts.discounts_of(reader(), row)
    wanted = {d.coupon_id for d in found if d.coupon_id}
    coupons = {id: reader().get_one(Coupon, id) for id in wanted}
    return {"discounts": [d for d in found if d.state in ("given", "requested")], "coupons": coupons}


def may_discount(row: Order) -> dict[str, Any]:
    """Return whether this person may take something off now, and how much alone."""
    can = allowed(P.DISCOUNT_GIVE) and row.state in WAITING and row.total > row.paid
    return {
        "can_discount": can,
        "alone": discounts.alone(reader(), this_shop(), row, actor()) if can else 0,
    }
