"""The searches: whatever they do, the plan can be kept; and where the best is known, they find it."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.jobshops import packed
from shop.planning.jobshop import Floor, Instance, Plan
from shop.planning.jobshop.board import Board
from shop.planning.jobshop.checker import faults
from shop.planning.jobshop.counting import lower_bound
from shop.planning.jobshop.dispatch import RULES, best_of_rules, dispatch, randomised
from shop.planning.jobshop.exact import solve as prove
from shop.planning.jobshop.solve import solve
from shop.planning.jobshop.tabu import Search, offers
from tests.shop.planning.jobshop.shops import instances


def kept(floor: Floor, plan: Plan) -> bool:
    assert faults(floor.instance, floor.schedule(plan), plan.makespan) == []
    return True


def shortest(instance: Instance) -> int:
    """The best makespan by trying all orders and machines; for very small shops."""
    steps = [job for job, operations in enumerate(instance.jobs) for _ in operations]
    best = 1 << 30
    for order in set(itertools.permutations(steps)):
        each_next = [0] * len(instance.jobs)
        stages = []
        for job in order:
            stages.append((job, instance.jobs[job][each_next[job]]))
            each_next[job] += 1
        for machines in itertools.product(*(operation for _, operation in stages)):
            free, ready = [0] * instance.machines, [0] * len(instance.jobs)
            for (job, operation), machine in zip(stages, machines, strict=True):
                free[machine] = ready[job] = max(free[machine], ready[job]) + operation[machine]
            best = min(best, max(free))
    return best


@given(instances())
def test_every_rule_makes_a_plan_that_can_be_kept(instance: Instance) -> None:
    floor = Floor(instance)
    assert all(kept(floor, dispatch(floor, rule)) for rule in RULES.values())
    assert all(kept(floor, plan) for plan in itertools.islice(randomised(floor, Random(1)), 5))
    assert lower_bound(floor) <= best_of_rules(floor).makespan


@given(instances(), st.integers(0, 1000))
def test_after_any_moves_the_board_agrees_with_a_new_one(instance: Instance, seed: int) -> None:
    """What is computed bit by bit is what would be computed from nothing."""
    floor, chance = Floor(instance), Random(seed)
    board = Board(floor, best_of_rules(floor))
    for _ in range(30):
        number = chance.choice(board.critical_path(chance))
        machine = chance.choice(floor.choices[number])[0]
        others = [each for each in board.queues[machine] if each != number]
        board.move(number, machine, chance.randint(0, len(others)))
        fresh = Board(floor, board.plan())
        assert (board.end, board.back) == (fresh.end, fresh.back)
        assert sorted(board.order) == list(range(floor.size))
        assert [board.order[place] for place in board.place[:-1]] == list(range(floor.size))
    assert kept(floor, board.plan())


@given(instances(least=1), st.integers(0, 1000))
def test_an_offered_place_never_closes_a_circle(instance: Instance, seed: int) -> None:
    floor, chance = Floor(instance), Random(seed)
    for _ in range(10):
        board = Board(floor, next(randomised(floor, chance)))
        number = chance.randrange(floor.size)
        for _, machine, at in offers(board, number):
            assert Board(floor, board.plan()).move(number, machine, at)


@settings(deadline=None)
@given(instances(), st.integers(0, 1000))
def test_the_search_never_gives_back_less_than_it_got(instance: Instance, seed: int) -> None:
    floor = Floor(instance)
    first = best_of_rules(floor)
    search = Search(floor, Random(seed), patience=60)
    found = search.improve(search.shaken(first, 5), lambda: False)
    found = search.improve(min(first, found, key=lambda plan: plan.makespan), lambda: False)
    assert found.makespan <= first.makespan and kept(floor, found)
    assert lower_bound(floor) <= found.makespan


@settings(deadline=None, max_examples=40)
@given(instances(most_jobs=3, most_steps=2))
def test_small_shops_are_solved_as_by_trying_everything(instance: Instance) -> None:
    floor, best = Floor(instance), shortest(instance)
    assert lower_bound(floor) <= best
    answer = solve(instance, 0.3, beside=False)
    assert answer.makespan == best and kept(floor, Search(floor, Random(1)).shaken(best_of_rules(floor), 3))
    seen: list[object] = []
    plan, low = prove(floor, best_of_rules(floor), 0, 5, 1, seen.append, seen.append, seen.append)
    assert (plan.makespan, low) == (best, best) and kept(floor, plan)


@pytest.mark.parametrize("seed", range(4))
def test_a_packed_shop_is_filled_to_the_last_minute(seed: int) -> None:
    instance = packed(machines=4, length=60, pieces=4, seed=seed)
    answer = solve(instance, 30)  # it ends as soon as the bound is met
    assert (answer.makespan, answer.bound, answer.optimal, answer.gap) == (60, 60, True, 0.0)
    assert faults(instance, answer.schedule, 60) == []


def test_an_answer_at_once_is_the_dispatched_plan_or_better() -> None:
    instance = packed(machines=20, length=400, pieces=30, seed=5)
    answer = solve(instance, 0.001)
    assert answer.makespan <= dispatch(Floor(instance), next(iter(RULES.values()))).makespan
    assert faults(instance, answer.schedule, answer.makespan) == []


def test_the_time_is_what_stops_a_hard_shop() -> None:
    instance = packed(machines=12, length=300, pieces=16, seed=2)
    began = time.monotonic()
    answer = solve(instance, 2.0)
    assert not answer.optimal and answer.bound == 300 and answer.seconds >= 2.0
    assert time.monotonic() - began < 60  # it does stop; how exactly is measured by bin/bench
    assert answer.makespan <= answer.dispatched


def test_the_same_seed_searches_the_same_way() -> None:
    floor = Floor(packed(machines=6, length=120, pieces=8, seed=3))
    ways = [Search(floor, Random(7), 200).improve(best_of_rules(floor), lambda: False) for _ in range(2)]
    assert ways[0].queues == ways[1].queues


def test_a_dead_child_takes_nothing_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    instance = packed(machines=5, length=90, pieces=5, seed=1)
    answer = solve(instance, 1.0)
    assert faults(instance, answer.schedule, answer.makespan) == []


def test_planning_does_not_load_the_solver_here() -> None:
    """The web process must stay small: only the child imports ortools."""
    code = (
        "import sys; from shop.planning.jobshop import Instance; from shop.planning.jobshop.solve import solve;"
        "solve(Instance(1, [[{0: 3}]]), 1.0); import shop.planning.jobshop.exact, shop.planning.kitchen.talk;"
        "import web.planner;"
        "print([name for name in ('ortools', 'numpy', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
