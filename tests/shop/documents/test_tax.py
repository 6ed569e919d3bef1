"""Tax inside prices: the formula, how it rounds, and how a rate is written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.errors import Invalid
from shop.documents.tax import rate_words, read_rate, tax_in


@pytest.mark.parametrize(
    ("total", "rate", "tax"),
    [(11300, 1300, 1300), (26800, 1300, 3083), (26800, 600, 1517), (0, 1300, 0), (1, 1300, 0), (26800, 0, 0),
     (3, 10000, 2), (1, 9999, 0), (1, 10000, 1)],
)  # fmt: skip
def test_the_tax_in_a_total(total: int, rate: int, tax: int) -> None:
    assert tax_in(total, rate) == tax


@given(st.integers(0, 10**9), st.integers(0, 9999))
def test_it_is_the_fraction_rounded_half_up(total: int, rate: int) -> None:
    exact = Decimal(total) * rate / (10_000 + rate)
    assert tax_in(total, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert 0 <= tax_in(total, rate) <= total


def test_a_rate_is_read_as_people_write_it() -> None:
    read = {"13": 1300, "13 %": 1300, "6.5": 650, "９，２５％": 925, "0": 0, " 3.00 ": 300, "": None}
    assert {text: read_rate(text) for text in read} == read
    assert [rate_words(rate) for rate in (1300, 650, 925, 0, 305)] == ["13", "6.5", "9.25", "0", "3.05"]


@pytest.mark.parametrize("text", ["-1", "100", "13.125", "1e1", "half", "13..5", "NaN"])
def test_nonsense_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rate(text)
    assert refused.value.field == "rate"
