"""Whoever took the order, if that is a partner."""

from shop.core.actors import ActorKind
from shop.core.errors import N_
from shop.orders.partner.contract import Asked, Rule


def _choose(asked: Asked) -> int | None:
    return asked.known(asked.by.id) if asked.by.kind is ActorKind.STAFF else None


TAKER = Rule("taker", N_("The partner who takes the order"), N_("took the order"), _choose)
