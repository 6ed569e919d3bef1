"""A chance that keeps its word: of the cakes said to be late with 30 %, 30 % are. Learnt from what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

ENOUGH = 200
"""Judged cakes before a shop's own past corrects the simulation."""
RIDGE = 100.0
TRUST = (0.0, 1.0, 0.0)
"""What is believed before anything is learnt: the simulation is right."""
ROUNDS = 25
MARK = 0.42
"""The chance from which on somebody is warned in the minutes that decide: found by `bin/bench warnings`."""
DECIDES = (60, 80)
"""Minutes before a cake's time: later few moves help, and before that the next look knows more."""
SURER = 0.3
"""So much surer a warning must be that comes earlier or later."""
SUREST = 0.95


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of one cake: the share of ``runs`` it was late in, the minutes to spare at the middle of them
    (``margin``) and how far they lie apart (``apart``), its slack, and how many cakes queue before it."""

    chance: float
    margin: float
    apart: float
    slack: float
    queue: int
    runs: int = 60

    def features(self) -> tuple[float, ...]:
        """Return numbers of about the same size, each with more trouble when it is larger."""
        share = (self.chance * self.runs + 0.5) / (self.runs + 1)
        tightness = max(-6.0, min(6.0, -self.margin / max(2.0, self.apart)))
        return (1.0, log(share / (1 - share)), tightness)


def fit(rows: Sequence[tuple[float, ...]], late: Sequence[bool], ridge: float = RIDGE) -> tuple[float, ...]:
    """Return the weights of a logistic curve through these rows (Newton's method), drawn to `TRUST` by ``ridge``."""
    many = len(TRUST)
    weights = list(TRUST)
    for _ in range(ROUNDS):
        slope = [ridge * (trust - w) for w, trust in zip(weights, TRUST, strict=True)]
        bend = [
            [ridge if i == k and i else 1e-9 if i == k else 0.0 for k in range(many)] for i in range(many)
        ]
        for row, was in zip(rows, late, strict=True):
            chance = _curve(sum(w * x for w, x in zip(weights, row, strict=True)))
            weight = chance * (1 - chance)
            for i, x in enumerate(row):
                slope[i] += (was - chance) * x
                for k in range(i + 1):
                    bend[i][k] += weight * x * row[k]
        for i in range(many):
            for k in range(i):
                bend[k][i] = bend[i][k]
        step = _solve(bend, slope)
        weights = [w + max(-2.0, min(2.0, s)) for w, s in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    return tuple(weights)


def warns(chance: float, minutes_left: float, mark: float = MARK) -> bool:
    """Whether this chance is worth a warning so many minutes before the cake's time."""
    decides = DECIDES[0] <= minutes_left < DECIDES[1]
    return chance >= (mark if decides else min(SUREST, mark + SURER))


def calibrated(sight: Sight, weights: Sequence[float] | None) -> float:
    """Return the chance of being late; the raw share of runs as long as there are no (or former) weights."""
    if not weights or len(weights) != len(TRUST):
        return sight.chance
    return _curve(sum(w * x for w, x in zip(weights, sight.features(), strict=True)))


def _curve(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -30 else exp(max(x, -300))


def _solve(matrix: list[list[float]], right: Sequence[float]) -> list[float]:
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        best = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[best] = rows[best], rows[i]
        for k in range(i + 1, len(rows)):
            share = rows[k][i] / rows[i][i]
            rows[k] = [a - share * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [0.0] * len(rows)
    for i in reversed(range(len(rows))):
        rest = sum(rows[i][k] * found[k] for k in range(i + 1, len(rows)))
        found[i] = (rows[i][-1] - rest) / rows[i][i]
    return found
