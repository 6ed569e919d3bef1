"""What moves, moves towards its due time: fresh cakes, shared oven runs, nothing late, nothing that cannot be kept."""

from __future__ import annotations

from bench.cakes import day
from shop.planning.kitchen import Floor, Job, Laid, Step, runs_of
from shop.planning.kitchen.checker import faults, late
from shop.planning.kitchen.later import as_late
from shop.planning.kitchen.solve import plan, standing
from shop.planning.reservations.floor import Hand, StationPlan


def test_a_day_is_pushed_and_nothing_gets_worse() -> None:
    floor, jobs = day(40, 3)
    found = plan(floor, jobs, 0.0)
    pushed = as_late(floor, jobs, found.laid, {job.id for job in jobs})
    assert faults(floor, jobs, pushed) == []
    assert late(jobs, pushed) <= found.late and len(runs_of(jobs, pushed)) <= found.runs
    gained = [pushed[job.id][-1].end - found.laid[job.id][-1].end for job in jobs if job.id in pushed]
    assert min(gained) >= 0 and sum(gained) / len(gained) > 5


def test_a_shared_oven_run_moves_as_one_and_the_rest_stays() -> None:
    steps = (Step("bake", 1, 30, 1, 180), Step("decorate", 2, 20, skill="decorate"))
    floor = Floor(
        [StationPlan(1, 1, 3, [(0, 600)]), StationPlan(2, 1, 2, [(0, 600)])],
        [Hand(1, frozenset({"decorate"}), [(0, 600)])],
    )
    jobs = [Job(n, n, 300, 0, steps) for n in range(3)]
    jobs[2].laid = [Laid(0, 30), Laid(30, 50, 0, 1)]
    laid = {0: [Laid(40, 70), Laid(70, 90, 0, 1)], 1: [Laid(40, 70), Laid(90, 110, 0, 1)], 2: jobs[2].laid}
    pushed = as_late(floor, jobs, laid, {0, 1})
    assert pushed[2] == jobs[2].laid
    assert sorted(pushed[n][1].end for n in (0, 1)) == [280, 300]
    assert pushed[0][0] == pushed[1][0] == Laid(230, 260)


def test_only_what_cannot_stay_is_laid_anew() -> None:
    """One cake that nobody is planned for does not move the others."""
    floor, jobs = day(30, 4)
    found = plan(floor, jobs, 0.0)
    for job in jobs:
        job.laid = list(found.laid.get(job.id, []))
    lost = jobs[7]
    lost.laid = []
    stands = standing(floor, jobs)
    assert faults(floor, jobs, stands) == []
    assert [job.id for job in jobs if stands.get(job.id) != job.laid] == [lost.id]
