"""Semi-finished bases: stages of a cake that are done already when its order comes.

A stock of sponges joins here with one object; until then no shop has any.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from shop.orders.cart import Work
from shop.people.shops import Shop


class Bases(Protocol):
    """What lies ready."""

    def saves(self, product: str, inch: int, cakes: int) -> Sequence[Collection[str]]:
        """Return for each of the first of so many ``cakes`` which kinds of stage a base saves it; fewer are fine."""
        ...


class NoBases:
    """Every cake is made from the beginning."""

    def saves(self, product: str, inch: int, cakes: int) -> Sequence[Collection[str]]:
        """Nothing."""
        return ()


NONE: Bases = NoBases()


def bases_of(session: Session, shop: Shop) -> Bases:
    """Return what lies ready in a shop."""
    return NONE


def left_to_do(
    works: Sequence[Work], bases: Bases, product: str, inch: int, cakes: int
) -> list[tuple[Work, ...]]:
    """Return the stages of so many equal cakes, without the first ones that a base saves.

    Only what comes first can be ready: a stage behind one that is to be done is to be done too, and so is the last.
    """
    saved = list(bases.saves(product, inch, cakes))[:cakes]
    found = []
    for kinds in [*saved, *[()] * (cakes - len(saved))]:
        first = next((n for n, work in enumerate(works) if work.kind.value not in kinds), len(works) - 1)
        found.append(tuple(works[first:]))
    return found
