"""How long a stage takes: a spread of minutes, from the shop's own past or, without one, log-normal."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, log
from statistics import NormalDist

Spread = tuple[float, ...]
"""Minutes at equally spaced probabilities: the first is the shortest seen, the last the longest."""

POINTS = 21
SIGMA = 0.25
"""How much stages vary before a shop has a past: two of three lie within a quarter of the plan."""


def of_past(minutes: Iterable[float], points: int = POINTS) -> Spread:
    """Return the spread of minutes (or of shares of the plan) that were really needed; there must be some."""
    seen = sorted(minutes)
    return tuple(_between(seen, i / (points - 1)) for i in range(points))


PATIENCE = 10
"""So many stages at the usual pace are taken to have been done before today's first."""


@lru_cache(maxsize=256)
def log_normal(sigma: float = SIGMA, points: int = POINTS) -> Spread:
    """Return a spread around 1 for a stage nobody has measured yet."""
    normal = NormalDist(0.0, sigma)
    edge = 0.5 / points
    spots = [min(1 - edge, max(edge, i / (points - 1))) for i in range(points)]
    return tuple(exp(normal.inv_cdf(u)) for u in spots)


def times(spread: Spread, minutes: float) -> Spread:
    """Return a spread of shares as minutes of a stage planned with ``minutes``."""
    return tuple(share * minutes for share in spread)


def minutes_at(spread: Spread, chance: float) -> float:
    """Return the minutes that are enough with this chance."""
    return _between(spread, chance)


def chance_below(spread: Spread, minutes: float) -> float:
    """Return the chance that so many minutes are enough."""
    if minutes <= spread[0]:
        return 0.0
    if minutes >= spread[-1]:
        return 1.0
    i = bisect_right(spread, minutes) - 1
    return (i + (minutes - spread[i]) / (spread[i + 1] - spread[i])) / (len(spread) - 1)


def strata(spread: Spread, many: int) -> list[float]:
    """Return ``many`` draws that cover the spread evenly, shortest first."""
    return [_between(spread, (i + 0.5) / many) for i in range(many)]


def strata_after(spread: Spread, spent: float, many: int) -> list[float]:
    """Return ``many`` draws of the whole minutes of work that has already taken ``spent``.

    Work that has outlasted all that was ever seen goes on for up to half of its usual time.
    """
    below = chance_below(spread, spent)
    if below >= 1.0:
        usual = _between(spread, 0.5)
        return [spent + usual * 0.5 * (i + 0.5) / many for i in range(many)]
    return [_between(spread, below + (1 - below) * (i + 0.5) / many) for i in range(many)]


def _between(ordered: Sequence[float], share: float) -> float:
    spot = share * (len(ordered) - 1)
    i = min(int(spot), len(ordered) - 2)
    return ordered[0] if i < 0 else ordered[i] + (spot - i) * (ordered[i + 1] - ordered[i])


def pace(shares: Sequence[float]) -> float:
    """Return how slow today is, from stages done today as shares of their usual minutes; few of them say little."""
    return exp(sum(log(max(0.2, min(5.0, share))) for share in shares) / (len(shares) + PATIENCE))
