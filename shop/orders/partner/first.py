"""The partner who joined first: the answer where no rule has one."""

from shop.core.errors import N_
from shop.orders.partner.contract import Asked, Rule


def _choose(asked: Asked) -> int | None:
    return min(asked.partners, default=None)


FIRST = Rule("first", N_("The first partner"), N_("first partner of the shop"), _choose)
