"""The first place in the kitchen for some cakes, looked for once for the same question."""

from typing import Any

from shop.orders.afterthought import sooner
from shop.orders.asking import Cakes
from shop.orders.planned import FRESH_MINUTES as FRESH_MINUTES
from shop.orders.planned import jobs_of
from shop.planning.reservations.anew import BUDGET
from shop.planning.reservations.book import Book
from shop.planning.reservations.quote import Certificate, earliest, unhindered

MOVES = BUDGET
"""How hard a question looks for room by moving other work; 0 moves nothing."""
MOST_KEPT = 40
_kept: dict[Any, tuple[Book, Certificate | None, bool]] = {}


def soonest(book: Book, cakes: Cakes, since: int, budget: int) -> Certificate | None:
    """Return the first place for these cakes from ``since`` on, none of them begun long before it is done.

    The earliest time and the times of the day ask the same of the same book, which is never changed. Who moves other
    work (``budget``) is also told what was thought of since somebody asked the same (`afterthought`), unless nothing
    could be sooner.
    """
    found, best = _remembered(book, cakes, since, budget)
    return found if found is None or best or not budget else sooner(book, jobs_of(cakes, since), found)


def _remembered(book: Book, cakes: Cakes, since: int, budget: int) -> tuple[Certificate | None, bool]:
    """Return the first place, and whether no thought could find a sooner one."""
    key = (id(book), tuple(tuple(works) for works in cakes), since, budget)
    known = _kept.get(key)
    if known is None or known[0] is not book:
        if len(_kept) > MOST_KEPT:
            _kept.clear()
        found = _look(book, cakes, since, budget)
        best = found is not None and budget > 0 and found.end <= unhindered(book, jobs_of(cakes, since))
        known = _kept[key] = (book, found, best)
    return known[1:]


def _look(book: Book, cakes: Cakes, since: int, budget: int) -> Certificate | None:
    while True:
        found = earliest(book, jobs_of(cakes, since), budget=budget)
        if found is None:
            return None
        begun = min(laid[0].start for laid in found.laid.values())
        if found.end - begun <= FRESH_MINUTES:
            return found
        since, budget = max(begun + 1, found.end - FRESH_MINUTES), 0
