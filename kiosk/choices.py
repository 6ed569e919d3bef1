"""What a customer's taps say: a line of the cart from a form or an address, always within the menu."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from shop.core.errors import N_, Invalid
from shop.menu.card import Dish, Group
from shop.orders.cart import MOST_CANDLES, MOST_OF_A_KIND, CartLine, WrongCandles
from web.house import menu_card


def line_from(slug: str, values: Mapping[str, str], was: CartLine | None = None) -> CartLine:
    """Return the line that ``values`` (``inch``, ``candles``, a field for each group) describe.

    What is not said is as before, or the usual: 8 inch, the first answer of each group. An answer that
    needs a larger cake falls back to the usual one.
    """
    dish = menu_card().dishes.get(slug)
    if dish is None:
        raise Invalid(N_("We do not make this cake."), field="product")
    line = was or CartLine(slug, inch=usual_inch(dish))
    if line.product != slug:  # another cake in its place: how many and the words stay
        line = CartLine(slug, usual_inch(dish), line.quantity, inscription=line.inscription)
    inch = number(values.get("inch"), line.inch)
    options = {}
    for group in dish.groups:
        wanted = values.get(group.slug) or line.options.get(group.slug) or group.default.slug
        options[group.slug] = within(group, wanted, inch)
    candles = min(MOST_CANDLES, max(0, number(values.get("candles"), line.candles)))
    return CartLine(slug, inch, line.quantity, options, line.inscription, candles)


def within(group: Group, wanted: str, inch: int) -> str:
    """Return ``wanted``, or the usual answer where this size is too small for it."""
    choice = group.choice(wanted)
    if choice is not None and choice.min_inch <= inch:
        return wanted
    return group.default.slug


def usual_inch(dish: Dish) -> int:
    """Return 8 inch, or the nearest size this cake comes in."""
    return min(dish.prices, key=lambda inch: (abs(inch - 8), inch), default=8)


def number(text: str | None, otherwise: int) -> int:
    """Return a whole number that somebody may have typed."""
    with suppress(ValueError, TypeError):
        return int(text or "")
    return otherwise


def moment(text: str | None) -> datetime:
    """Return the time that a slot's button carries; raises `Invalid`."""
    with suppress(ValueError, TypeError):
        at = datetime.fromisoformat(text or "")
        if at.tzinfo is not None and 2000 <= at.year < 2100:
            return at
    raise Invalid(N_("Please choose a time."), field="due_at")


def candles(text: str | None, otherwise: int) -> int:
    """Return how many candles somebody typed; raises `WrongCandles` for what cannot stand on a cake."""
    wanted = number(text, -1) if text else otherwise
    if not 0 <= wanted <= MOST_CANDLES:
        raise WrongCandles()
    return wanted


def quantity(text: str | None) -> int:
    """Return how many cakes of a kind, from 1 up to what the shop makes at once."""
    return min(MOST_OF_A_KIND, max(1, number(text, 1)))


def mark(line: CartLine) -> str:
    """Return a mark that changes with the line, so that its picture is asked for anew."""
    return hashlib.sha256(repr(line).encode()).hexdigest()[:8]
