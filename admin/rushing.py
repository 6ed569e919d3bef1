"""Before an order goes before all others: who slips, by how much, and who gets late."""

from typing import Any

from flask import Response

from shop.core.permissions import Permission
from shop.orders import promise
from shop.orders.cart import Cart, PricedCart
from shop.orders.finding import by_id
from shop.orders.progress import NOT_STARTED
from shop.orders.tables import OrderState
from shop.production.plan.named import Named, named
from shop.production.plan.rushing import WhatIf, if_ordered, if_rushed
from web.access import Door, staff
from web.database import reader
from web.house import now, this_shop
from web.pages import page


def urgent(order_id: int) -> Response:
    """What happens if this order becomes urgent; nothing changes until somebody says why."""
    order = by_id(reader(), this_shop(), order_id)
    can = order.state in (*NOT_STARTED, OrderState.IN_PRODUCTION) and not order.urgent
    found = if_rushed(reader(), this_shop(), order, at=now()) if can else None
    return page("admin/urgent.html", order=order, found=found, cakes=cakes_of(found))


def cakes_of(found: WhatIf | None) -> dict[int, Named]:
    """Return the cakes that slip, to be called by name."""
    return named(reader(), {cake for slip in found.slips for cake, *_ in slip.cakes}) if found else {}


def if_promised(cart: Cart, priced: PricedCart) -> WhatIf | None:
    """Return what happens if this cart is promised for its time, full or not."""
    if cart.due_at is None:
        return None
    cakes: list[Any] = list(promise.cakes_of(priced.lines))
    way = priced.way.minutes
    return if_ordered(reader(), this_shop(), cakes, cart.due_at, at=now(), way=way)


DOORS = [Door("GET", "/orders/<int:order_id>/rush", urgent, staff(Permission.ORDER_CHANGE))]
