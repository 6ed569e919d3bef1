"""Who has the duty on the weekday on which the order comes in."""

from shop.core.errors import N_
from shop.orders.partner.contract import Asked, Rule


def _choose(asked: Asked) -> int | None:
    day = asked.shop.business_date(asked.at).weekday()
    return asked.known(asked.settings.get("weekdays", {}).get(str(day)))


WEEKDAY = Rule("weekday", N_("The partner on duty that weekday"), N_("on duty that day"), _choose)
