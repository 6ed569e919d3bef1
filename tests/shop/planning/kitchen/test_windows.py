"""CP-SAT lays cakes anew: never worse, always to be kept, and the best there is where it says so."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings

from shop.planning.kitchen import Floor, Job, KitchenPlan, Laid, Step, solve, talk
from shop.planning.kitchen.bound import least_late
from shop.planning.kitchen.checker import faults, late
from shop.planning.kitchen.solve import Search, plan
from shop.planning.kitchen.talk import improve, minutes_late
from shop.planning.kitchen.windows import Windows
from shop.planning.reservations.floor import Hand, StationPlan
from tests.patience import PATIENCE
from tests.shop.planning.kitchen.test_kitchen import BAKE, DECORATE, SMALL, cake, kitchens


def solved(floor: Floor, jobs: list[Job], seconds: float = 5.0) -> tuple[Search, Windows]:
    """Let the solver go on from what dispatch alone has found."""
    search = Search(floor, jobs, Random(1), 0.0)
    search.begin()
    search.until = time.monotonic() + seconds
    windows = Windows(search)
    windows.go_on()
    return search, windows


@settings(deadline=None, max_examples=25)
@given(kitchens())
def test_it_is_never_worse_and_what_it_proves_is_so(kitchen: tuple[Floor, list[Job]]) -> None:
    floor, jobs = kitchen
    first, other = plan(floor, jobs, 0.0), plan(floor, jobs, 0.02, seed=3)
    search, windows = solved(floor, jobs)
    laid, order = search.desk.laid, search.desk.order
    assert faults(floor, jobs, laid) == [] and order.late == late(jobs, laid)
    assert order <= first.order
    if windows.proven:
        assert order[:2] <= other.order[:2]
    for found in (first.laid, other.laid, laid):
        placed = [job for job in jobs if job.id in found]
        assert least_late(floor, placed) <= minutes_late(jobs, found)


def test_one_pair_of_hands_does_the_best_of_all_turns() -> None:
    chance = Random(4)
    jobs = [
        cake(n, due=chance.randint(20, 120), weight=chance.randint(1, 3),
             steps=(replace(DECORATE, minutes=chance.randint(5, 40)),))
        for n in range(7)
    ]  # fmt: skip

    def lateness(turn: tuple[Job, ...]) -> int:
        end = total = 0
        for job in turn:
            end += job.steps[0].minutes
            total += job.weight * max(0, end - job.due)
        return total

    best = min(lateness(turn) for turn in permutations(jobs))
    search, windows = solved(SMALL, jobs, PATIENCE)
    assert windows.proven and search.desk.order.late == best > 0


def test_cakes_that_could_share_the_oven_are_brought_together() -> None:
    jobs = [cake(n, due=200) for n in range(3)]
    for n, job in enumerate(jobs):
        job.laid = [Laid(40 * n, 40 * n + 30), Laid(130 + 20 * n, 150 + 20 * n, 0, 1)]
    search, windows = solved(SMALL, jobs, PATIENCE)
    assert windows.won and search.desk.order == (0, 0, 1) and faults(SMALL, jobs, search.desk.laid) == []


def test_work_at_hand_stays_and_what_waits_for_it_comes_soon() -> None:
    fresh = replace(DECORATE, keeps=10)
    at_hand = cake(0, due=90, steps=(BAKE, fresh), locked=1, laid=[Laid(0, 30)], weight=3)
    others = [cake(n, due=50, steps=(DECORATE,)) for n in (1, 2, 3)]
    search, windows = solved(SMALL, [at_hand, *others], PATIENCE)
    laid = search.desk.laid
    assert laid[0][0] == Laid(0, 30) and laid[0][1].start == 40 and windows.proven
    assert faults(SMALL, [at_hand, *others], laid) == []


def busy(cakes: int = 20) -> tuple[Floor, list[Job]]:
    """Cakes that one decorator cannot do in time, of very different length: turns matter."""
    chance = Random(2)
    steps = [replace(DECORATE, minutes=chance.choice((5, 10, 40))) for _ in range(cakes)]
    return SMALL, [cake(n, due=60 + 10 * n, steps=(step,)) for n, step in enumerate(steps)]


def test_the_child_says_which_engine_helped_and_how_much_better_it_could_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solve, "SEARCHED", 0.0)
    floor, jobs = busy(10)
    found = improve(floor, jobs, PATIENCE)
    assert found.late == found.bound > 0, "so few cakes are looked at all together: that is proved"
    assert found.engine in ("search", "solver")
    for job in jobs:
        job.laid = list(found.laid[job.id])
    again = improve(floor, jobs, 0.0)
    assert again.engine == "standing" and 0 < again.bound <= again.late == found.late


def test_a_day_that_is_fine_never_loads_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.planning.kitchen.windows.Window", None)
    found = improve(SMALL, [cake(n) for n in range(3)], 3.0)
    assert found.late == found.bound == 0


def test_a_plan_that_the_checker_refuses_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [cake(n) for n in range(2)]
    both = {job.id: [Laid(0, 30), Laid(30, 50, 0, 1)] for job in jobs}
    monkeypatch.setattr(talk, "plan", lambda *_: KitchenPlan(both, [], 0, 1, 1))
    found = improve(SMALL, jobs, 0.0)
    assert found.engine == "mended" and found.laid != both, "one pair of hands cannot do both"
    assert faults(SMALL, jobs, found.laid) == []


def test_the_bound_counts_hands_and_ovens() -> None:
    decorated = [cake(n, due=20, steps=(DECORATE,)) for n in range(3)]
    assert least_late(SMALL, decorated) == 20 + 40, "one pair of hands, twenty minutes each"
    heats = [cake(n, due=30, steps=(replace(BAKE, heat=150 + n),)) for n in range(3)]
    assert least_late(SMALL, heats) == 30 + 60, "three heats are three runs of one oven"
    assert least_late(SMALL, [cake(n, due=30, steps=(BAKE,)) for n in range(3)]) == 0
    two = Floor(
        [StationPlan(1, 2, 3, [(0, 600)]), SMALL.stations[1]],
        [*SMALL.hands, Hand(3, frozenset({"decorate"}), [(0, 600)])],
    )
    assert 0 < least_late(two, heats) <= 30 and 0 < least_late(two, decorated) <= 20
    alone = cake(0, due=45, steps=(BAKE, Step("cool", None, 40)))
    assert least_late(SMALL, [alone]) == 25
