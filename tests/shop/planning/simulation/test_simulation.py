"""The shop lived through: the same every time, worse with more trouble, and chances that keep their word."""

from __future__ import annotations

from random import Random

import pytest

from shop.planning.reservations.floor import Floor, Hand, Job, Laid, StationPlan, Step
from shop.planning.simulation.calibration import Sight, calibrated, fit
from shop.planning.simulation.living import NEVER, RUNS, Lived, live
from shop.planning.simulation.spread import (
    Spread,
    chance_below,
    log_normal,
    minutes_at,
    of_past,
    strata,
    strata_after,
    times,
)

OVEN, TABLE = 1, 2
ALWAYS = [(0, 10_000)]
LI, ZHANG = Hand(1, frozenset({"decorate"}), ALWAYS), Hand(2, frozenset({"decorate"}), ALWAYS)


def kitchen(*hands: Hand, places: int = 4) -> Floor:
    return Floor([StationPlan(OVEN, 1, places, ALWAYS), StationPlan(TABLE, 1, places, ALWAYS)], hands)


def cake(number: int, due: int, start: int = 0, *, heat: int = 180, minutes: int = 20) -> Job:
    steps = (Step("bake", OVEN, 30, 1, heat), Step("decorate", TABLE, minutes, skill="decorate"))
    laid = [Laid(start, start + 30), Laid(start + 30, start + 30 + minutes, hand=1)]
    return Job(number, number, due, 0, steps, laid)


def lived(floor: Floor, jobs: list[Job], *, sigma: float = 0.25, now: int = 0, slower: float = 1.0) -> Lived:
    spread = log_normal(sigma)
    spreads = {job.id: [times(spread, step.minutes * slower) for step in job.steps] for job in jobs}
    return live(floor, jobs, now, spreads)


def day(cakes: int, slack: int = 15) -> list[Job]:
    return [cake(n, due=50 + n * 20 + slack, start=n * 20) for n in range(cakes)]


def test_the_same_question_gets_the_same_answer() -> None:
    first, second = lived(kitchen(LI), day(8)), lived(kitchen(LI), day(8))
    assert first.ends == second.ends
    assert len(first.ends[0]) == RUNS and len(set(first.ends[0])) > RUNS // 2


@pytest.mark.parametrize("trouble", ["slower", "a hand less", "less slack", "later now", "more cakes"])
def test_more_trouble_never_means_less_chance_of_being_late(trouble: str) -> None:
    jobs = day(8)
    calm = lived(kitchen(LI, ZHANG), jobs)
    worse = {
        "slower": lambda: lived(kitchen(LI, ZHANG), jobs, slower=1.3),
        "a hand less": lambda: lived(kitchen(LI), jobs),
        "less slack": lambda: lived(kitchen(LI, ZHANG), day(8, slack=5)),
        "later now": lambda: lived(kitchen(LI, ZHANG), jobs, now=40),
        "more cakes": lambda: lived(kitchen(LI, ZHANG), jobs + [cake(90 + n, due=500) for n in range(4)]),
    }[trouble]()
    dues = day(8, slack=5) if trouble == "less slack" else jobs
    before, after = [calm.chance(job) for job in jobs], [worse.chance(job) for job in dues]
    assert sum(after) > sum(before)
    assert all(b >= a - 0.15 for a, b in zip(before, after, strict=True))


def test_a_plan_without_chance_is_lived_as_it_stands() -> None:
    jobs = day(3)
    exact = {job.id: [(float(step.minutes),) * 2 for step in job.steps] for job in jobs}
    ends = live(kitchen(LI, ZHANG), jobs, 0, exact).ends
    # The second begins with the first (30 minutes early, and Zhang is free), the third waits for a hand.
    assert [set(ends[n]) for n in range(3)] == [{50.0}, {50.0}, {70.0}]


def test_one_oven_has_one_heat_at_a_time() -> None:
    jobs = [cake(1, 500, heat=180), cake(2, 500, heat=160)]
    exact = {job.id: [(float(step.minutes),) * 2 for step in job.steps] for job in jobs}
    ends = live(kitchen(LI, ZHANG), jobs, 0, exact).ends
    assert sorted({ends[1][0], ends[2][0]}) == [50.0, 80.0]


def test_work_nobody_can_do_never_ends_and_is_late() -> None:
    job = cake(1, due=5_000)
    found = lived(kitchen(), [job])
    assert found.chance(job) == 1.0 and found.ends[1][0] == NEVER


def test_started_work_goes_on_where_it_is_and_with_whom() -> None:
    job = cake(1, due=60)
    job.laid[0], job.locked = Laid(-28, 2), 1
    exact = {1: [(30.0, 30.0), (20.0, 20.0)]}
    assert set(live(kitchen(LI), [job], 0, exact).ends[1]) == {22.0}
    job.locked, job.laid[0], job.laid[1] = 2, Laid(-60, -30), Laid(-15, 5, hand=1)
    other = cake(2, due=99)
    other.steps, other.laid = other.steps[1:], other.laid[1:]
    ends = live(kitchen(LI), [job, other], 0, exact | {2: [(20.0, 20.0)]}).ends
    assert set(ends[1]) == {5.0}
    assert set(ends[2]) == {25.0}, "Li is at work on the first one until minute 5"


def test_shifts_and_hours_are_kept() -> None:
    late = Hand(1, frozenset({"decorate"}), [(100, 200)])
    exact = {1: [(30.0, 30.0), (20.0, 20.0)]}
    assert set(live(kitchen(late), [cake(1, due=60)], 0, exact).ends[1]) == {120.0}


def test_an_order_is_late_when_any_of_its_cakes_is() -> None:
    jobs = [cake(1, 55), cake(2, 55)]
    found = lived(kitchen(LI, ZHANG), jobs)
    whole = found.chance_of(jobs)
    assert max(map(found.chance, jobs)) <= whole <= sum(map(found.chance, jobs))
    assert found.end(jobs[0], 0.1) <= found.end(jobs[0], 0.9)


def test_spreads_come_from_the_past() -> None:
    past: Spread = of_past(range(10, 31))
    assert minutes_at(past, 0.0) == 10 and minutes_at(past, 0.5) == 20 and minutes_at(past, 1.0) == 30
    assert chance_below(past, 20) == pytest.approx(0.5)
    assert chance_below(past, 9) == 0.0 and chance_below(past, 31) == 1.0
    assert min(strata_after(past, 25, 20)) > 25 and max(strata_after(past, 25, 20)) <= 30
    assert min(strata_after(past, 40, 20)) > 40, "longer than ever seen, and still not done"
    assert sum(strata(past, 100)) / 100 == pytest.approx(20, abs=0.2)


def test_calibration_recovers_a_known_curve() -> None:
    """What is said too boldly is said as it was: chances squeezed by a known curve come back."""
    chance, rows, late, sights, true = Random(4), [], [], [], []
    for _ in range(6_000):
        margin = chance.gauss(20, 25)
        share = min(1.0, max(0.0, 0.5 - margin / 40))
        sight = Sight(share, margin, 10.0, margin + 5, chance.randint(0, 10))
        row = sight.features()
        real = 1 / (1 + 2.718281828 ** -(-0.7 + 0.5 * row[1] + 0.4 * row[2]))
        rows.append(row)
        late.append(chance.random() < real)
        sights.append(sight)
        true.append(real)
    weights = fit(rows, late)
    said = [calibrated(sight, weights) for sight in sights]
    assert sum(abs(a - b) for a, b in zip(said, true, strict=True)) / len(said) < 0.02
    raw = sum((calibrated(sight, None) - was) ** 2 for sight, was in zip(sights, late, strict=True))
    assert sum((a - was) ** 2 for a, was in zip(said, late, strict=True)) < raw
