"""A card at the shop's own terminal; the slip's reference ties the two together."""

import re

from shop.core.errors import N_, Invalid
from shop.payments.contract import Method

REFERENCE = re.compile(r"[A-Za-z0-9-]{4,32}")


def _check(*, amount: int, tendered: int | None, reference: str) -> None:
    if not REFERENCE.fullmatch(reference.strip()):
        raise Invalid(N_("Please type the reference from the terminal's slip (4 to 32 letters, digits or dashes)."),
                      field="reference")  # fmt: skip


CARD = Method("card", {"en": "Card", "zh_Hans": "刷卡", "zh_Hant": "刷卡"}, "reference", _check)
