"""Amounts as people write them, and what is no amount."""

import pytest

from shop.core import money
from shop.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("268", 26800), ("268.5", 26850), ("268.50", 26850), ("1,000.50", 100050), ("12,345,6", None),
        ("¥268", 26800), ("￥２６８．５０", 26850), ("CNY 300", 30000), (" 0 ", 0), ("0.01", 1),
        ("1,000,000", 100_000_000), ("007", 700),
    ],
)  # fmt: skip
def test_a_plain_amount_is_read(text: str, minor: int | None) -> None:
    if minor is None:
        with pytest.raises(Invalid):
            money.read(text, "CNY", field="cash", what="Cash")
    else:
        assert money.read(text, "CNY", field="cash", what="Cash") == minor


@pytest.mark.parametrize(
    "text",
    ["1e3", "1E3", "-5", "−5", "+5", "1.000,50", "1,00", "2.505", ".", "5.", ".5", "NaN", "inf", "0x10", "10²",
     "٣٠٠", "1 000", "$5", "NT$5", "1_000", "二百", "5元", "10000000000000000000000"],
)  # fmt: skip
def test_nothing_else_is_an_amount(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        money.read(text, "CNY", field="tendered", what="Cash received")
    assert refused.value.field == "tendered" and "Cash received" in str(refused.value)


def test_nothing_written_is_no_amount_and_not_zero() -> None:
    assert money.read("  ", "CNY", field="x", what="X") is None
    assert money.read("¥", "CNY", field="x", what="X") is None


@pytest.mark.parametrize("text", ["1,000,000.01", "10000000", "1" + "0" * 18, "9" * 4000])
def test_too_much_says_the_most_there_is(text: str) -> None:
    with pytest.raises(Invalid, match="1,000,000 is the most"):
        money.read(text, "CNY", field="x", what="X")


def test_the_shops_own_sign_is_understood_and_no_other() -> None:
    assert money.read("NT$300", "TWD", field="x", what="X") == 30000
    with pytest.raises(Invalid):
        money.read("¥300", "USD", field="x", what="X")


def test_what_is_written_is_read_as_the_same() -> None:
    for minor in (1, 100, 26850, 100_000_00, money.MOST):
        assert money.read(money.written(minor), "CNY", field="x", what="X") == minor
