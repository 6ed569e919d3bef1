"""The kitchen's plan: it can always be kept, shares the oven, leaves work at hand alone; the checker has teeth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.cakes import day
from shop.planning.kitchen import Floor, Job, Laid, Step, least_runs, runs_of
from shop.planning.kitchen.checker import faults, late
from shop.planning.kitchen.desk import Desk
from shop.planning.kitchen.solve import plan
from shop.planning.reservations.floor import Hand, StationPlan

OVEN, TABLE = 1, 2
BAKE = Step("bake", OVEN, 30, 1, 180)
DECORATE = Step("decorate", TABLE, 20, skill="decorate")
ANNA, BERT = Hand(1, frozenset({"decorate"}), [(0, 600)]), Hand(2, frozenset({"pack"}), [(0, 600)])
SMALL = Floor([StationPlan(OVEN, 1, 3, [(0, 600)]), StationPlan(TABLE, 1, 2, [(0, 600)])], [ANNA, BERT])


def cake(number: int, due: int = 600, steps: tuple[Step, ...] = (BAKE, DECORATE), **more: Any) -> Job:
    return Job(number, number, due, 0, steps, **more)


def test_cakes_of_one_heat_share_a_run() -> None:
    jobs = [cake(n) for n in range(3)]
    found = plan(SMALL, jobs, 1)
    assert (found.runs, found.least_runs, found.late, found.unplaced) == (1, 1, 0, [])
    assert len({found.laid[job.id][0] for job in jobs}) == 1


def test_another_heat_or_another_time_is_another_run() -> None:
    others = [replace(BAKE, heat=160), replace(BAKE, minutes=40), replace(BAKE, amount=3)]
    jobs = [cake(n, steps=(bake, DECORATE)) for n, bake in enumerate([BAKE, *others])]
    found = plan(SMALL, jobs, 0.2)
    assert found.runs == found.least_runs == 4 and faults(SMALL, jobs, found.laid) == []


def test_who_is_due_first_goes_first() -> None:
    jobs = [cake(n, due=50 + 20 * n) for n in reversed(range(3))]
    found = plan(SMALL, jobs, 0.5)
    assert found.late == 0 and [found.laid[n][1].start for n in range(3)] == [30, 50, 70]


def test_weight_says_who_may_be_late() -> None:
    jobs = [cake(0, due=50, weight=1), cake(1, due=50, weight=5)]
    found = plan(SMALL, jobs, 0.5)
    assert found.late == 20 and found.laid[1][1].end == 50


def test_what_does_not_keep_is_baked_later() -> None:
    fresh = replace(DECORATE, keeps=10)
    early = [cake(n, due=90 + 20 * n, steps=(replace(DECORATE, minutes=30),)) for n in range(3)]
    jobs = [*early, cake(9, steps=(BAKE, fresh))]
    found = plan(SMALL, jobs, 0.3)
    assert faults(SMALL, jobs, found.laid) == [] and found.late == 0
    assert found.laid[9][1].start - found.laid[9][0].end <= 10


def test_work_at_hand_stays_and_is_worked_around() -> None:
    at_work = cake(0, locked=2, laid=[Laid(0, 30), Laid(40, 60, 0, 1)])
    half = cake(1, locked=1, laid=[Laid(0, 30)])
    jobs = [at_work, half, cake(2)]
    found = plan(SMALL, jobs, 0.3)
    assert found.laid[0] == at_work.laid and found.laid[1][0] == Laid(0, 30)
    assert found.laid[2][0].start >= 30, "a run that has begun is not opened again"
    assert faults(SMALL, jobs, found.laid) == []


def test_what_has_waited_too_long_already_comes_as_soon_as_it_can() -> None:
    fresh = replace(DECORATE, keeps=10)
    waiting = cake(0, steps=(BAKE, fresh), locked=1, laid=[Laid(0, 30)])
    jobs = [cake(n, due=55, steps=(DECORATE,)) for n in (1, 2)]
    found = plan(SMALL, [*jobs, waiting], 0.3)
    assert found.late == late([*jobs, waiting], found.laid) == 0 and found.laid[0][1].start == 40
    stale = replace(waiting, since=100)
    found = plan(SMALL, [stale], 0.1)
    assert found.late == 60 and found.laid[0][1].start == 100 and faults(SMALL, [stale], found.laid) == []


def test_a_plan_that_stands_is_kept_when_nothing_is_better() -> None:
    jobs = [cake(0), cake(1)]
    stands = {0: [Laid(100, 130), Laid(200, 220, 0, 1)], 1: [Laid(100, 130), Laid(300, 320, 0, 1)]}
    for job in jobs:
        job.laid = stands[job.id]
    assert plan(SMALL, jobs, 0.2).laid == stands


def test_what_nobody_can_do_has_no_place_and_harms_nobody() -> None:
    jobs = [
        cake(0),
        cake(1, steps=(BAKE, replace(DECORATE, skill="sugar art"))),
        cake(2, steps=(replace(BAKE, amount=9),)),
    ]
    found = plan(SMALL, jobs, 0.2)
    assert sorted(found.unplaced) == [1, 2] and found.late == 0
    assert faults(SMALL, jobs, found.laid) == []


def test_nuts_have_their_hours() -> None:
    table = StationPlan(TABLE, 1, 2, [(0, 600)], {"nuts": [(100, 200)]})
    floor = Floor([SMALL.stations[0], table], SMALL.hands)
    jobs = [cake(0, steps=(replace(DECORATE, gate="nuts"),)), cake(1, steps=(replace(DECORATE, minutes=90),))]
    jobs.append(cake(2, steps=(replace(DECORATE, minutes=90),)))
    found = plan(floor, jobs, 0.2)
    assert 100 <= found.laid[0][0].start <= 180 and faults(floor, jobs, found.laid) == []
    assert sorted(found.laid[n][0].start for n in (1, 2)) == [0, 200]


GOOD = {0: [Laid(0, 30), Laid(30, 50, 0, 1)], 1: [Laid(0, 30), Laid(50, 70, 0, 1)]}
CHEATS: list[tuple[Callable[[dict[int, list[Laid]]], object], str]] = [
    (lambda laid: laid[0].pop(), "1 places for 2 steps"),
    (lambda laid: laid[0].__setitem__(1, Laid(20, 40, 0, 1)), "starts before it can"),
    (lambda laid: laid[0].__setitem__(1, Laid(30, 45, 0, 1)), "takes 20 minutes"),
    (lambda laid: laid[0].__setitem__(1, Laid(200, 220, 0, 1)), "waits 170 minutes"),
    (lambda laid: laid[0].__setitem__(1, Laid(30, 50, 0, None)), "has nobody"),
    (lambda laid: laid[0].__setitem__(1, Laid(30, 50, 0, 2)), "cannot do it"),
    (lambda laid: laid[0].__setitem__(1, Laid(30, 50, 0, 7)), "not there"),
    (lambda laid: laid[0].__setitem__(1, Laid(40, 60, 0, 1)), "two things to do"),
    (lambda laid: laid[0].__setitem__(1, Laid(30, 50, 3, 1)), "room 3 of station 2"),
    (lambda laid: laid[0].__setitem__(0, Laid(-10, 20)), "before it can"),
    (lambda laid: laid[1].__setitem__(0, Laid(10, 40)), "two runs at minute 10"),
    (lambda laid: laid[1].__setitem__(1, Laid(90, 110, 0, 1)), "outside its hours"),
    (lambda laid: laid[1].__setitem__(1, Laid(60, 80, 0, 1)), "outside their shift"),
]  # fmt: skip


@pytest.mark.parametrize(("cheat", "says"), CHEATS)
def test_the_checker_sees_cheating(cheat: Callable[[dict[int, list[Laid]]], object], says: str) -> None:
    floor = Floor(
        [StationPlan(OVEN, 1, 2, [(0, 600)]), StationPlan(TABLE, 1, 2, [(0, 100)])],
        [replace(ANNA, hours=[(0, 75)]), BERT],
    )
    fresh = replace(DECORATE, keeps=60)
    jobs = [cake(0, steps=(BAKE, fresh)), cake(1, steps=(BAKE, fresh))]
    laid = {number: list(places) for number, places in GOOD.items()}
    assert faults(floor, jobs, laid) == []
    cheat(laid)
    found = faults(floor, jobs, laid)
    assert any(says in each for each in found), found


def test_the_checker_counts_trays_heats_gates_and_moved_work() -> None:
    jobs = [cake(0), cake(1)]
    one_tray = Floor([StationPlan(OVEN, 1, 1, [(0, 600)]), SMALL.stations[1]], SMALL.hands)
    assert "holds 2 at minute 0" in faults(one_tray, jobs, GOOD)[0]
    hotter = [jobs[0], cake(1, steps=(replace(BAKE, heat=200), DECORATE))]
    assert "two runs" in faults(SMALL, hotter, GOOD)[0]
    gated = Floor([SMALL.stations[0], replace(SMALL.stations[1], gates={"nuts": [(0, 40)]})], SMALL.hands)
    assert "kept for something else" in faults(gated, jobs, GOOD)[0]
    moved = [cake(0, locked=1, laid=[Laid(5, 35)]), jobs[1]]
    assert "work at hand was moved" in faults(SMALL, moved, GOOD)[0]
    assert late([cake(0, due=40, weight=3), jobs[1]], GOOD) == 30


@st.composite
def kitchens(draw: st.DrawFn) -> tuple[Floor, list[Job]]:
    """Any small kitchen with any cakes, more than it can always do."""
    whole = st.integers
    span = st.tuples(whole(0, 200), whole(50, 300)).map(lambda pair: (pair[0], pair[0] + pair[1]))
    hours = st.lists(span, min_size=1, max_size=2)
    gates = st.dictionaries(st.just("nuts"), st.lists(span, min_size=1, max_size=1), max_size=1)
    stations = [
        StationPlan(number, draw(whole(1, 2)), draw(whole(1, 3)), draw(hours), draw(gates)) for number in (OVEN, TABLE)
    ]  # fmt: skip
    skills = st.frozensets(st.sampled_from(["bake", "decorate"]), min_size=1)
    hands = [Hand(number, draw(skills), draw(hours)) for number in range(draw(whole(1, 3)))]
    keeps = st.sampled_from([None, 0, 15, 60])
    jobs = []
    for number in range(draw(whole(1, 8))):
        heat, skill = draw(st.sampled_from([160, 180])), draw(st.sampled_from(["", "bake"]))
        bake = Step("bake", OVEN, draw(st.sampled_from([20, 30])), draw(whole(1, 2)), heat, skill)
        cool = Step("cool", None, draw(whole(0, 30)), keeps=draw(keeps))
        gate = draw(st.sampled_from(["", "nuts"]))
        decorate = Step("decorate", TABLE, draw(whole(5, 40)), 1, 0, "decorate", draw(keeps), gate)
        steps = (bake, cool, decorate)[draw(whole(0, 1)) :]
        jobs.append(
            Job(number, number, draw(whole(20, 400)), draw(whole(0, 50)), steps, weight=draw(whole(1, 3)))
        )
    return Floor(stations, hands), jobs


@settings(deadline=None)
@given(kitchens(), st.integers(0, 99))
def test_any_plan_can_be_kept(kitchen: tuple[Floor, list[Job]], seed: int) -> None:
    floor, jobs = kitchen
    first = plan(floor, jobs, 0.0, seed=seed)
    found = plan(floor, jobs, 0.03, seed=seed)
    for each in (first, found):
        assert faults(floor, jobs, each.laid) == []
        assert each.late == late(jobs, each.laid)
        assert each.runs == len(runs_of(jobs, each.laid))
        assert sorted([*each.laid, *each.unplaced]) == [job.id for job in jobs]
    assert found.order <= first.order
    assert found.unplaced or found.runs >= found.least_runs == least_runs(floor, jobs)


@settings(deadline=None, max_examples=50)
@given(kitchens(), st.randoms(use_true_random=False))
def test_what_is_taken_out_leaves_no_trace(kitchen: tuple[Floor, list[Job]], chance: Random) -> None:
    floor, jobs = kitchen
    desk = Desk(floor, jobs)
    for job in jobs:
        desk.insert(job)
    before = _everything(desk)
    placed = [job for job in jobs if job.id in desk.laid]
    out = chance.sample(placed, len(placed) // 2)
    stood = [(job, desk.lift(job)) for job in out]
    chance.shuffle(stood)
    for job, laid in stood:
        desk.put(job, laid)
    assert _everything(desk) == before


def _everything(desk: Desk) -> list[object]:
    lanes = [(lane.starts, lane.ends) for lane in desk.lanes.values()]
    fires = [(lane.starts, lane.ends) for lanes_ in desk.fires.values() for lane in lanes_]
    rooms = [(room.times, room.used) for rooms_ in desk.rooms.values() for room in rooms_]
    runs = sorted((spot, run.trays, sorted(run.jobs)) for spot, run in desk.runs.items())
    return [repr(lanes), repr(fires), repr(rooms), runs, desk.order, dict(desk.laid)]


def test_a_busy_day_is_better_after_a_moment_than_at_once() -> None:
    floor, jobs = day(cakes=60, seed=1, people=5)
    first, found = plan(floor, jobs, 0.0), plan(floor, jobs, 1.5)
    assert faults(floor, jobs, found.laid) == [] and found.order <= first.order


def test_as_good_is_not_enough_to_change_a_plan() -> None:
    """Bakers have read it already."""
    jobs = [cake(n, due=40 + 20 * n) for n in range(3)]  # the first cannot be on time
    stands = plan(SMALL, jobs, 0.1)
    assert stands.late > 0
    for job in jobs:
        job.laid = list(stands.laid[job.id])
    again = plan(SMALL, jobs, 1.5, seed=2)
    assert again.rounds > 50 and again.laid == stands.laid
