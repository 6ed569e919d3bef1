"""Each in turn: whoever has the fewest orders of this day; the one who joined first where that is even."""

from typing import Any

from sqlalchemy import bindparam, func, select

from shop.core.errors import N_
from shop.orders.partner.contract import Asked, Rule
from shop.orders.tables import Order

_O: Any = Order.__table__.c
_TODAY = (
    select(_O.partner_id, func.count())
    .where(_O.shop_id == bindparam("shop"), _O.business_date == bindparam("day"))
    .group_by(_O.partner_id)
)


def _choose(asked: Asked) -> int | None:
    where = {"shop": asked.shop.id, "day": asked.shop.business_date(asked.at)}
    has = {row[0]: row[1] for row in asked.session.connection().execute(_TODAY, where)}
    return min(asked.partners, key=lambda staff_id: (has.get(staff_id, 0), staff_id), default=None)


IN_TURN = Rule("turn", N_("Each partner in turn, the fewest orders first"), N_("their turn"), _choose)
