"""What comes off a price: a percentage of the cakes it is for, rounded half up at each line, or an amount.

It never takes more than those cakes cost, and never touches the fee of a delivery.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shop.payments.rules import share

WHOLE = 100


@dataclass(frozen=True)
class Piece:
    """A line of an order or a cart, as far as its price goes: ``total`` in minor units."""

    product: str
    inch: int
    total: int


@dataclass(frozen=True)
class Off:
    """``percent``, or ``fixed`` minor units; not more than ``most`` (0: no limit).

    ``products`` (slugs) and ``inches`` say which cakes it is for; empty is all of them.
    """

    percent: int = 0
    fixed: int = 0
    most: int = 0
    products: frozenset[str] = frozenset()
    inches: frozenset[int] = frozenset()

    def fits(self, piece: Piece) -> bool:
        """Whether it is for this cake."""
        return (not self.products or piece.product in self.products) and (
            not self.inches or piece.inch in self.inches
        )

    def of(self, pieces: Iterable[Piece]) -> int:
        """Return what comes off these lines, minor units (decisions.md 25: half up, at the line)."""
        mine = [piece.total for piece in pieces if self.fits(piece)]
        taken = sum(share(total, self.percent) for total in mine) if self.percent else self.fixed
        return min(taken, sum(mine), self.most or taken)
