"""In which order to bring what is in the box: the least lateness first, then the soonest end.

Up to eight stops by looking at every order worth looking at (branch and bound), so the answer is the best there
is. More by cheapest insertion, then 2-opt and moving up to three stops together until nothing gets better; whoever
has a second has the tour shaken and improved again and again.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

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


def best_tour(table: Table, stops: Sequence[Stop], *, start: int = 0, seconds: float = 0.0) -> Tour:
    """Return the order of all stops from row 0 of the table at minute ``start``.

    With more stops than can be looked at in every order, ``seconds`` are spent on looking further.
    """
    if len(stops) <= EXACT:
        return walk(table, stops, _exact(table, stops, start), start)
    tour = good_tour(table, stops, start)
    if seconds:
        tour = shaken(table, stops, list(tour), start, seconds)
    return walk(table, stops, tour, start)


def good_tour(table: Table, stops: Sequence[Stop], start: int) -> list[int]:
    """Return an order that no small change makes better."""
    every = range(len(stops))
    by_due = sorted(every, key=lambda n: stops[n].due)
    near = sorted(every, key=lambda n: table[0][n + 1])
    begun = (_insert(table, stops, by_due, start), _insert(table, stops, near, start), by_due)
    tours = [improved(table, stops, tour, start) for tour in begun]
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


def improved(table: Table, stops: Sequence[Stop], tour: list[int], start: int) -> list[int]:
    """Turn parts around and move up to three stops together, first gain taken, until nothing gets better."""
    cost, better = walk(table, stops, tour, start).cost, True
    while better:
        better = False
        begun = _begun(table, stops, tour, start)
        for order, same in _neighbours(tour):
            tried = _cost(table, stops, order[same:], begun[same], start, cost)
            if tried < cost:
                tour, cost, better = order, tried, True
                break
    return tour


def shaken(table: Table, stops: Sequence[Stop], tour: list[int], start: int, seconds: float) -> list[int]:
    """Take some stops out, put them in anywhere, improve; keep it if it is better, until the time is up."""
    chance, until = Random(len(stops)), time.monotonic() + seconds
    best, cost = tour, walk(table, stops, tour, start).cost
    while time.monotonic() < until:
        other = list(best)
        for n in chance.sample(best, chance.randint(2, max(2, len(best) // 4))):
            other.remove(n)
            other.insert(chance.randint(0, len(other)), n)
        other = improved(table, stops, other, start)
        now = walk(table, stops, other, start).cost
        if now < cost:
            best, cost = other, now
    return best


State = tuple[int, int, int]
"""Minute, where in the table, and minutes late so far."""


def _begun(table: Table, stops: Sequence[Stop], tour: Sequence[int], start: int) -> list[State]:
    """Return how things stand before each stop of a tour."""
    at, here, late = start, 0, 0
    found = [(at, here, late)]
    for n in tour:
        at = max(at + table[here][n + 1], stops[n].opens)
        late += max(0, at - stops[n].due)
        at, here = at + stops[n].minutes, n + 1
        found.append((at, here, late))
    return found


def _cost(
    table: Table, stops: Sequence[Stop], rest: Sequence[int], begun: State, start: int, most: int
) -> int:
    """Return the cost of a tour that goes on so; broken off as soon as it is no better than ``most``."""
    at, here, late = begun
    for n in rest:
        stop = stops[n]
        at = max(at + table[here][n + 1], stop.opens)
        if at > stop.due:
            late += at - stop.due
        at += stop.minutes
        here = n + 1
        if late * LATE + at - start >= most:
            return most
    return late * LATE + at - start


def _neighbours(tour: list[int]) -> Iterator[tuple[list[int], int]]:
    """Return tours that are a little different, and how many stops from the first are the same."""
    n = len(tour)
    for i in range(n - 1):
        for j in range(i + 2, n + 1):
            yield [*tour[:i], *reversed(tour[i:j]), *tour[j:]], i
    for size in (1, 2, 3):
        for i in range(n - size + 1):
            part, rest = tour[i : i + size], [*tour[:i], *tour[i + size :]]
            for k in range(len(rest) + 1):
                if k != i:
                    yield [*rest[:k], *part, *rest[k:]], min(i, k)
