"""Cash at the counter."""

from shop.core.errors import N_, Invalid
from shop.payments.contract import Method


def _check(*, amount: int, tendered: int | None, reference: str) -> None:
    if tendered is None:
        raise Invalid(N_("Please enter how much cash you received."), field="tendered")
    if tendered < amount:
        raise Invalid(N_("The cash received is less than the amount."), field="tendered")
    if tendered > amount + 10_000_00:
        raise Invalid(N_("Please check the cash received: that is far too much."), field="tendered")


def change_of(amount: int, tendered: int) -> int:
    """Return what goes back to the customer, minor units."""
    return max(0, tendered - amount)


CASH = Method("cash", {"en": "Cash", "zh_Hans": "现金", "zh_Hant": "現金"}, "tendered", _check)
