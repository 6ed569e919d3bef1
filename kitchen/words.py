"""The kitchen's words for what is stored as a key."""

from functools import lru_cache

from flask_babel import gettext
from markupsafe import Markup

from shop.menu.drawing import CakeLook, draw_small
from shop.orders.cart import inscription_length

BESIDE, ALONE, ONE_LINE = 9, 15, 18
"""Room on a card: for one word beside the picture and without it, and for writing that needs no more lines."""


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


def minute_words() -> dict[str, str]:
    """Return what a card says of its minutes, for the browser to go on saying: {n} minutes or {h} hours {m}."""
    hour, hours = gettext("%(h)d h") % {"h": 0}, gettext("%(h)d h %(m)02d") % {"h": 0, "m": 77}
    hour, hours = hour.replace("0", "{h}"), hours.replace("0", "{h}").replace("77", "{m}")
    return {
        "left": gettext("%(n)s min left", n="{n}"), "late": gettext("%(n)s min late", n="{n}"),
        "hour_left": gettext("%(time)s left", time=hour), "hour_late": gettext("%(time)s late", time=hour),
        "over": gettext("%(n)s min over", n="{n}"), "hour_over": gettext("%(time)s over", time=hour),
        "hours_over": gettext("%(time)s over", time=hours),
        "hours_left": gettext("%(time)s left", time=hours), "hours_late": gettext("%(time)s late", time=hours),
        "is_late": gettext("Should have begun"), "is_risk": gettext("May be late"),
        "is_now": gettext("Start now"), "is_notyet": gettext("Later"),
    }  # fmt: skip


def fit(inscription: str) -> str:
    """Return how a card makes room for writing, so that no word breaks: the picture gives way, then the size."""
    word = max((_unbroken(part) for part in inscription.split()), default=0)
    if word > ALONE:
        return "is-longest"
    return "is-long" if word > BESIDE or inscription_length(inscription) > ONE_LINE else ""


def _unbroken(word: str) -> int:
    """Return the room of the longest part of a word that may not break: Chinese breaks anywhere."""
    longest = run = 0
    for sign in word:
        run = 0 if inscription_length(sign) == 2 else run + inscription_length(sign)
        longest = max(longest, run)
    return longest


def small_cake(look: CakeLook) -> Markup:
    """Draw a cake for a card, once for each look: a board draws the same cakes again and again."""
    return _drawn(look.product, look.inch, look.tiers, look.candles, look.inscription,
                  tuple(sorted((look.base or {}).items())))  # fmt: skip


@lru_cache(maxsize=1024)
def _drawn(
    product: str, inch: int, tiers: int, candles: int, inscription: str, base: tuple[tuple[str, str], ...]
) -> Markup:
    return Markup(draw_small(CakeLook(product, inch, tiers, candles, inscription, dict(base) or None)))
