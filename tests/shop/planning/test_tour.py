"""The order of a tour: the best there is up to eight stops, close to it above."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from shop.planning.tour import EXACT, Stop, best_tour, good_tour, walk


def town(rng: Random, stops: int) -> tuple[list[list[int]], list[Stop]]:
    """Houses anywhere in town, due within two hours, some of them not before a time."""
    places = [(rng.uniform(0, 30), rng.uniform(0, 30)) for _ in range(stops + 1)]
    table = [[round(abs(a[0] - b[0]) + abs(a[1] - b[1])) for b in places] for a in places]
    doors = [
        Stop(rng.randrange(10, 120), opens=rng.choice((0, 0, rng.randrange(60))), minutes=4)
        for _ in range(stops)
    ]
    return table, doors


@pytest.mark.parametrize("stops", [0, 1, 2, 3, 5, 6, 7])
def test_few_stops_are_brought_in_the_best_order(stops: int) -> None:
    for seed in range(12):
        table, doors = town(Random(seed), stops)
        best = min(walk(table, doors, order, 7).cost for order in permutations(range(stops)))
        assert best_tour(table, doors, start=7).cost == best


def test_what_many_stops_are_searched_with_comes_close_to_the_best() -> None:
    """The search for more than eight stops, tried where the best is known."""
    assert EXACT == 8
    over = []
    for seed in range(25):
        table, doors = town(Random(seed), 8)
        best = best_tour(table, doors).cost
        over.append(walk(table, doors, good_tour(table, doors, 0)).cost / best - 1)
    assert sum(over) / len(over) <= 0.01 and max(over) <= 0.15, over


def test_more_time_never_makes_a_tour_worse() -> None:
    for seed in range(4):
        table, doors = town(Random(seed), 14)
        first, longer = best_tour(table, doors), best_tour(table, doors, seconds=0.1)
        assert sorted(longer.order) == list(range(14)) and longer.cost <= first.cost
        assert longer.cost == walk(table, doors, longer.order).cost


def test_every_stop_is_visited_once_and_reached_in_order() -> None:
    table, doors = town(Random(3), 14)
    tour = best_tour(table, doors, start=600)
    assert sorted(tour.order) == list(range(14))
    assert list(tour.reached) == sorted(tour.reached) and tour.reached[0] >= 600


def test_who_is_due_first_comes_first_when_time_is_short() -> None:
    table = [[0, 10, 1], [10, 0, 10], [1, 10, 0]]
    assert best_tour(table, [Stop(due=11), Stop(due=90)]).order == (0, 1)
