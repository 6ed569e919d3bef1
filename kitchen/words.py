"""The kitchen's words for what is stored as a key."""

from functools import lru_cache

from flask_babel import gettext
from markupsafe import Markup

from shop.menu.drawing import CakeLook, draw_small


def reason_words(reason: str) -> str:
    """Say why a cake is made again."""
    said: str = {
        "broken": gettext("It broke"),
        "burnt": gettext("It burnt"),
        "wrong_writing": gettext("Wrong writing"),
        "wrong_flavour": gettext("Wrong flavour"),
        "dropped": gettext("It fell down"),
        "looks": gettext("It does not look right"),
    }.get(reason, gettext("Something else"))
    return said


def small_cake(look: CakeLook) -> Markup:
    """Draw a cake for a card, once for each look: a board draws the same cakes again and again."""
    return _drawn(look.product, look.inch, look.tiers, look.candles, look.inscription,
                  tuple(sorted((look.base or {}).items())))  # fmt: skip


@lru_cache(maxsize=1024)
def _drawn(
    product: str, inch: int, tiers: int, candles: int, inscription: str, base: tuple[tuple[str, str], ...]
) -> Markup:
    return Markup(draw_small(CakeLook(product, inch, tiers, candles, inscription, dict(base) or None)))
