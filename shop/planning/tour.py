"""In which order to bring what is in the box: the least lateness first, then the soonest end.

Up to eight stops by looking at every order worth looking at (branch and bound), so the answer is the best there
is. More by cheapest insertion, then 2-opt and moving single stops until nothing gets better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EXACT = 8
LATE = 20
"""One minute late costs as much as so many minutes of riding."""
Table = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Stop:
    """Row ``n + 1`` of the table is stop ``n``. Due and ``opens`` are minutes on the clock of ``start``."""

    due: int
    opens: int = 0
    minutes: int = 4


@dataclass(frozen=True)
class Tour:
    """Stops in order, when each is reached, and what the tour costs."""

    order: tuple[int, ...]
    reached: tuple[int, ...]
    cost: int


def best_tour(table: Table, stops: Sequence[Stop], *, start: int = 0) -> Tour:
    """Return the order of all stops from row 0 of the table at minute ``start``."""
    if len(stops) <= EXACT:
        return walk(table, stops, _exact(table, stops, start), start)
    return walk(table, stops, good_tour(table, stops, start), start)


def good_tour(table: Table, stops: Sequence[Stop], start: int) -> list[int]:
    """Return an order that no small change makes better."""
    every = range(len(stops))
    by_due = sorted(every, key=lambda n: stops[n].due)
    near = sorted(every, key=lambda n: table[0][n + 1])
    begun = (_insert(table, stops, by_due, start), _insert(table, stops, near, start), by_due)
    tours = [_improve(table, stops, tour, start) for tour in begun]
    return min(tours, key=lambda tour: walk(table, stops, tour, start).cost)


def walk(table: Table, stops: Sequence[Stop], order: Sequence[int], start: int = 0) -> Tour:
    """Return when each stop of this order is reached, and its cost: lateness weighed, and the minutes of the tour."""
    at, here, late, reached = start, 0, 0, []
    for n in order:
        at = max(at + table[here][n + 1], stops[n].opens)
        reached.append(at)
        late += max(0, at - stops[n].due)
        at += stops[n].minutes
        here = n + 1
    return Tour(tuple(order), tuple(reached), late * LATE + at - start)


def _exact(table: Table, stops: Sequence[Stop], start: int) -> Sequence[int]:
    best = good_tour(table, stops, start)
    bound = walk(table, stops, best, start).cost
    nearest = [
        min((table[k][n + 1] for k in range(len(table)) if k != n + 1), default=0) for n in range(len(stops))
    ]

    def go(done: list[int], left: frozenset[int], at: int, late: int) -> None:
        nonlocal best, bound
        if not left:
            cost = late * LATE + at - start
            if cost < bound:
                best, bound = list(done), cost
            return
        here = done[-1] + 1 if done else 0
        at_least = late * LATE + at - start + sum(nearest[n] + stops[n].minutes for n in left)
        at_least += LATE * sum(max(0, at + nearest[n] - stops[n].due) for n in left)
        if at_least >= bound:
            return
        for n in sorted(left, key=lambda n: (table[here][n + 1], stops[n].due)):
            there = max(at + table[here][n + 1], stops[n].opens)
            go([*done, n], left - {n}, there + stops[n].minutes, late + max(0, there - stops[n].due))

    go([], frozenset(range(len(stops))), start, 0)
    return best


def _insert(table: Table, stops: Sequence[Stop], turns: Sequence[int], start: int) -> list[int]:
    """Take the stops in these turns; each goes where it costs least."""
    tour: list[int] = []
    for n in turns:
        tried = ([*tour[:k], n, *tour[k:]] for k in range(len(tour) + 1))
        tour = min(tried, key=lambda order: walk(table, stops, order, start).cost)
    return tour


def _improve(table: Table, stops: Sequence[Stop], tour: list[int], start: int) -> list[int]:
    """Turn parts around and move up to three stops together, first gain taken, until nothing gets better."""
    cost, better = walk(table, stops, tour, start).cost, True
    while better:
        better = False
        for order in _neighbours(tour):
            tried = walk(table, stops, order, start).cost
            if tried < cost:
                tour, cost, better = order, tried, True
                break
    return tour


def _neighbours(tour: list[int]) -> Iterator[list[int]]:
    n = len(tour)
    for i in range(n - 1):
        for j in range(i + 2, n + 1):
            yield [*tour[:i], *reversed(tour[i:j]), *tour[j:]]
    for size in (1, 2, 3):
        for i in range(n - size + 1):
            part, rest = tour[i : i + size], [*tour[:i], *tour[i + size :]]
            for k in range(len(rest) + 1):
                if k != i:
                    yield [*rest[:k], *part, *rest[k:]]
