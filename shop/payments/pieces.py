"""The notes and coins of a currency, for counting a drawer."""

from collections.abc import Mapping

from shop.core.errors import N_, Invalid

YUAN = (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10)
WORTHS: Mapping[str, tuple[int, ...]] = {
    "CNY": YUAN,
    "TWD": (2000_00, 1000_00, 500_00, 200_00, 100_00, 50_00, 10_00, 5_00, 1_00),
    "HKD": (1000_00, 500_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10),
    "USD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 25, 10, 5, 1),
    "EUR": (500_00, 200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
    "GBP": (50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
}
"""Worth of each piece in minor units, by currency, the largest first."""
MOST_PIECES = 9_999


def worths(currency: str) -> tuple[int, ...]:
    """Return the worth of each note and coin, the largest first; one unit and its hundredth where nothing is known."""
    return WORTHS.get(currency, (1_00, 1))


def worth_of(pieces: Mapping[int, int], currency: str) -> int:
    """Return what was counted, in minor units. Raises `Invalid` naming the field ``piece.<worth>``."""
    for worth, number in pieces.items():
        if worth not in worths(currency) or not 0 <= number <= MOST_PIECES:
            raise Invalid(
                N_("Please enter how many there are, 0 to %(most)s."),
                field=f"piece.{worth}",
                most=MOST_PIECES,
            )
    return sum(worth * number for worth, number in pieces.items())
