"""Tax inside prices: how much of a total is tax, and rates as people write them.

Prices include tax (the shop's decision on money, docs/decisions/0014). With a rate r in basis points, a hundredth of a
percent, the tax contained in a total is ``total * r / (10000 + r)``, rounded half up to a whole minor unit, once for
the whole document. What is left is the net amount, so that net and tax always add up to the total.
"""

import re

from shop.core.errors import N_, Invalid

WHOLE = 10_000
"""Basis points of the whole: 100 %."""
_WIDE = str.maketrans("０１２３４５６７８９．％，", "0123456789.%,")
_RATE = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?")


def tax_in(total: int, rate: int) -> int:
    """Return the tax contained in ``total`` (minor units, zero or more) at ``rate`` (basis points), half up."""
    whole = WHOLE + rate
    return (2 * total * rate + whole) // (2 * whole)


def read_rate(text: str, *, field: str = "rate") -> int | None:
    """Return a rate such as 13, 13.5 or 9,25 % as basis points, None for nothing. Raises `Invalid`."""
    bare = text.translate(_WIDE).strip().removesuffix("%").strip()
    if not bare:
        return None
    found = _RATE.fullmatch(bare)
    if found is None:
        raise Invalid(
            N_("Please write the rate in percent with at most two decimals, such as 13 or 6.5."), field=field
        )
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def rate_words(rate: int) -> str:
    """Write a rate as it is read: 1300 -> 13, 650 -> 6.5, 925 -> 9.25."""
    whole, rest = divmod(rate, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
