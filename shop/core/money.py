"""Amounts of money as people write them: 1000, 1,000.50, ¥268, full-width digits; never 1e3, -5 or 1.000,50."""

import re

from shop.core.errors import N_, Invalid

SYMBOLS = {"CNY": "¥", "TWD": "NT$", "HKD": "HK$", "USD": "$", "EUR": "€", "GBP": "£"}
MOST = 100_000_000
"""No single amount in a cake shop is above this: a million, in minor units."""
_WIDE = str.maketrans("０１２３４５６７８９．，￥", "0123456789.,¥")
_PLAIN = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<cents>[0-9]{1,2}))?")


def read(text: str, currency: str, *, field: str, what: str, most: int = MOST) -> int | None:
    """Return what somebody wrote as minor units of ``currency``, None where nothing is written.

    ``what`` is the field's name for people. Raises `Invalid` for everything but a plain amount up to ``most``.
    """
    bare = text.translate(_WIDE).strip()
    for mark in (SYMBOLS.get(currency, currency), currency):
        bare = bare.removeprefix(mark).strip()
    if not bare:
        return None
    found = _PLAIN.fullmatch(bare)
    if found is None:
        raise Invalid(
            N_("%(what)s: please write a plain amount such as 1000 or 1,000.50."), field=field, what=what
        )
    whole = found["whole"].replace(",", "")
    if len(whole) > 12 or (minor := int(whole) * 100 + int((found["cents"] or "").ljust(2, "0"))) > most:
        raise Invalid(N_("%(what)s: %(most)s is the most. Please check the digits."), field=field, what=what,
                      most=written(most))  # fmt: skip
    return minor


def written(minor: int) -> str:
    """Return an amount as it may be typed again: 26850 -> 268.50, 10000000 -> 100,000."""
    whole, cents = divmod(minor, 100)
    return f"{whole:,}" + (f".{cents:02d}" if cents else "")
