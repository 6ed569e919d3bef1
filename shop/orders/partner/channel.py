"""Who looks after the channel the order came through."""

from shop.core.errors import N_
from shop.orders.partner.contract import Asked, Rule


def _choose(asked: Asked) -> int | None:
    return asked.known(asked.settings.get("channels", {}).get(asked.channel))


CHANNEL = Rule(
    "channel", N_("The partner who looks after the channel"), N_("looks after this channel"), _choose
)
