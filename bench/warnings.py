"""Whether the shop sees lateness coming: trained on one kind of shop, tested on its later days and on other kinds.

Every twenty minutes each open cake due within the next four hours is asked about. Beside it stand the oracle, which
simulates with the true distribution of durations and today's pace, and the rule "slack < 0". A cake is warned as
the shop warns (`calibration.warns`): from the mark on in the minutes that decide, much surer before and after.
The mark is chosen on the days of training: as far from too many false warnings as from too few in time.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.figures import Figure, middle
from bench.troubles import BAKERY, EXACT, KINDS, Day, Kind, day
from shop.planning.reservations.floor import Job, minutes_of
from shop.planning.simulation.calibration import MARK, Sight, calibrated, fit, warns
from shop.planning.simulation.living import live
from shop.planning.simulation.spread import Spread, minutes_at, pace, times

EVERY, AHEAD, EARLY_ENOUGH, PRECISION, IN_TIME = 20, 240, 60, 0.75, 0.85


@dataclass(frozen=True)
class Asked:
    """One cake at one moment: what was seen, what the oracle said, and what became of it."""

    cake: tuple[str, int, int]
    minutes_left: float
    sight: Sight
    oracle: Sight
    late: bool


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Train, choose the mark, and test."""
    train, test = (2, 1) if options.quick else (24, 12) if options.long else (12, 6)
    kinds = KINDS[:1] if options.quick else KINDS
    seconds: list[float] = []
    past = [row for seed in range(train) for row in asked(BAKERY, seed, seconds)]
    weights = fit([row.sight.features() for row in past], [row.late for row in past])
    true_weights = fit([row.oracle.features() for row in past], [row.late for row in past])

    def ours(row: Asked) -> float:
        return calibrated(row.sight, weights)

    def oracle(row: Asked) -> float:
        return calibrated(row.oracle, true_weights)

    marks = {"ours": mark(past, ours), "oracle": mark(past, oracle)}
    every: list[Asked] = []
    for kind in (BAKERY, *kinds):
        rows = [row for seed in range(1000, 1000 + test) for row in asked(kind, seed, seconds)]
        every += rows
        yield from judged(f"warnings.{kind.name}", rows, ours, oracle, marks)
    yield from judged("warnings", every, ours, oracle, marks)
    yield Figure(
        "warnings.sixty_runs", 1000 * middle(seconds), "ms", None, len(seconds), "processor time of one look"
    )


def asked(kind: Kind, seed: int, seconds: list[float]) -> list[Asked]:
    """Live through a day and ask about every open cake again and again."""
    today, rows = day(kind, seed), []
    truth = kind.truth(today.today)
    for now in range(0, 720, EVERY):
        open_work = today.at(now)
        near = [job for job in open_work if job.due <= now + AHEAD + 60]
        if not near:
            continue
        slow = pace(done(today, now, kind.past))
        began = time.process_time()
        seen = sights(today, near, now, kind.past, slow)
        seconds.append(time.process_time() - began)
        real = sights(today, near, now, truth, 1.0)
        rows += [
            Asked((kind.name, seed, job.id), job.due - now, seen[job.id], real[job.id], today.late(job))
            for job in near
            if now < job.due <= now + AHEAD
        ]
    return rows


def done(today: Day, now: float, past: dict[str, Spread]) -> list[float]:
    """What hands have done today, as shares of the usual minutes."""
    return [
        (end - start) / step.minutes / minutes_at(past[step.kind], 0.5)
        for job in today.jobs
        for step, (start, end, _) in zip(job.steps, today.really[job.id], strict=True)
        if end <= now and step.kind not in EXACT
    ]


def sights(
    today: Day, jobs: Sequence[Job], now: float, shares: dict[str, Spread], slow: float
) -> dict[int, Sight]:
    """Simulate the shop from ``now`` on and say what is seen of each cake."""
    kept: dict[tuple[str, int], Spread] = {}
    spreads = {
        job.id: [
            kept.setdefault(
                (step.kind, step.minutes),
                times(shares[step.kind], step.minutes * (1 if step.kind in EXACT else slow)),
            )
            for step in job.steps
        ]
        for job in jobs
    }
    lived = live(today.floor, jobs, now, spreads)
    found = {}
    for job in jobs:
        slack = job.due - now - minutes_of(job.steps)
        if job.locked:
            slack += min(job.steps[0].minutes, now - job.laid[0].start)
        before = sum(other.laid[-1].end < job.laid[-1].end for other in jobs)
        apart = (lived.end(job, 0.9) - lived.end(job, 0.1)) / 2
        found[job.id] = Sight(lived.chance(job), job.due - lived.end(job, 0.5), apart, slack, before)
    return found


def judged(
    name: str, rows: list[Asked], ours: Callable[[Asked], float], oracle: Callable[[Asked], float],
    marks: dict[str, float],
) -> Iterator[Figure]:  # fmt: skip
    """Tell skill, calibration and how many late cakes were warned in time."""
    cakes = {row.cake: row.late for row in rows}
    base = sum(row.late for row in rows) / len(rows)
    facts = f"{len(cakes)} cakes, {sum(cakes.values())} late; {base:.0%} of the questions"
    best, rule = skill(rows, oracle), skill(rows, lambda row: float(row.sight.slack < 0))
    raw = skill(rows, lambda row: row.sight.chance)
    yield Figure(f"{name}.skill", skill(rows, ours), "skill", best, len(rows),
                 f"{facts}; uncalibrated {raw:.2f}, rule slack < 0 {rule:.2f}", ">= 0.60")  # fmt: skip
    caught, right = warned(rows, ours, marks["ours"])
    caught_best, right_best = warned(rows, oracle, marks["oracle"])
    yield Figure(f"{name}.warned_60_min_ahead", caught, "share", caught_best, sum(cakes.values()),
                 f"of late cakes; mark {marks['ours']:.2f}; the middle one "
                 f"{ahead(rows, ours, marks['ours']):.0f} min ahead", ">= 0.85")  # fmt: skip
    yield Figure(f"{name}.precision", right, "share", right_best, len(cakes), "of warned cakes", ">= 0.75")
    yield Figure(f"{name}.calibration_error", miscalibrated(rows, ours), "share", miscalibrated(rows, oracle),
                 len(rows), "ten bins of equal size", "<= 0.03")  # fmt: skip


def skill(rows: Sequence[Asked], say: Callable[[Asked], float]) -> float:
    """The Brier skill: 1 is knowing, 0 is saying the same to all."""
    base = sum(row.late for row in rows) / len(rows)
    worst = sum((base - row.late) ** 2 for row in rows)
    return 1 - sum((say(row) - row.late) ** 2 for row in rows) / worst if worst else 0.0


def warned(rows: Sequence[Asked], say: Callable[[Asked], float], mark: float) -> tuple[float, float]:
    """The share of late cakes warned an hour ahead, and the share of warned cakes that were late."""
    late = {row.cake for row in rows if row.late}
    raised = [row for row in rows if warns(say(row), row.minutes_left, mark)]
    said = {row.cake for row in raised}
    early = {row.cake for row in raised if row.minutes_left >= EARLY_ENOUGH}
    return len(early & late) / max(1, len(late)), len(said & late) / max(1, len(said))


def mark(rows: Sequence[Asked], say: Callable[[Asked], float]) -> float:
    """The middle of the marks at which warnings are true often enough, and late cakes warned of in time."""
    said = {id(row): say(row) for row in rows}
    found = {m / 100: warned(rows, lambda row: said[id(row)], m / 100) for m in range(5, 96)}
    fine = [m for m, (caught, right) in found.items() if caught >= IN_TIME and right >= PRECISION]
    return (fine[0] + fine[-1]) / 2 if fine else MARK


def ahead(rows: Sequence[Asked], say: Callable[[Asked], float], mark: float) -> float:
    """How many minutes before its time a late cake was first warned of, in the middle of those that were."""
    first: dict[tuple[str, int, int], float] = {}
    for row in rows:
        if row.late and warns(say(row), row.minutes_left, mark):
            first[row.cake] = max(first.get(row.cake, 0.0), row.minutes_left)
    return middle(list(first.values())) if first else 0.0


def miscalibrated(rows: Sequence[Asked], say: Callable[[Asked], float], bins: int = 10) -> float:
    """How far what is said lies from what happens, over bins of equally many questions."""
    ordered = sorted((say(row), row.late) for row in rows)
    size = max(1, len(ordered) // bins)
    parts = [ordered[i : i + size] for i in range(0, len(ordered), size)]
    return sum(abs(sum(chance - was for chance, was in part)) for part in parts) / len(ordered)
