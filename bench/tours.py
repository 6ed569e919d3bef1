"""Couriers' tours: how far above the best, beside OR-Tools' routing with one second for each.

The best of tours up to twelve stops is found by looking at every set of stops (dynamic programming over who has been
visited, where last, and what of time and lateness nothing else beats). Of longer tours it is the best that anybody
has found: the engine, OR-Tools, or the engine with more time. ``gap_at_once`` is what the couriers' screen asks for.
"""

import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from bench.figures import Figure, middle
from shop.planning.tour import LATE, Stop, Table, best_tour, walk

EXACT = 12
"""Up to so many stops the best is proved."""
LONGER = 4
"""What the best of longer tours is found with: so many times as long."""


def figures(sizes: Sequence[tuple[int, int]], seconds: float) -> Iterator[Figure]:
    """Measure ``sizes``: (stops, how many towns)."""
    for stops, towns in sizes:
        at_once, ours, theirs, took = [], [], [], []
        for seed in range(towns):
            table, doors = town(stops, seed)
            began = time.process_time()
            first = best_tour(table, doors).cost
            took.append(time.process_time() - began)
            found = best_tour(table, doors, seconds=seconds).cost
            peer = routing(table, doors, seconds)
            if stops <= EXACT:
                best = optimum(table, doors)
            else:
                best = min(found, peer, best_tour(table, doors, seconds=LONGER * seconds).cost)
            for gaps, cost in ((at_once, first), (ours, found), (theirs, peer)):
                gaps.append((cost / best - 1) * 100)
        name, beside = f"plan.tour_{stops}", sum(theirs) / towns
        known = "the best is proved" if stops <= EXACT else "beside the best that any has found"
        note = f"worst {max(ours):.1f} %, OR-Tools {beside:.1f} %; {known}"
        yield Figure(
            f"{name}.gap_{seconds:g}", sum(ours) / towns, "percent", beside or None, towns, note, "<= 1 %"
        )
        note = f"worst {max(at_once):.1f} %, {middle(took) * 1000:.0f} ms of processor time"
        yield Figure(f"{name}.gap_at_once", sum(at_once) / towns, "percent", None, towns, note)


def town(stops: int, seed: int) -> tuple[list[list[int]], list[Stop]]:
    """Make a town of half an hour's ride; doors are due within the tour, some open only later."""
    chance = Random(f"{stops} {seed}")
    places = [(chance.uniform(0, 30), chance.uniform(0, 30)) for _ in range(stops + 1)]
    table = [[round(((a - c) ** 2 + (b - d) ** 2) ** 0.5) for c, d in places] for a, b in places]
    day = stops * 11
    doors = [
        Stop(chance.randrange(10, day), opens=chance.choice((0, 0, chance.randrange(day // 2))))
        for _ in range(stops)
    ]
    return table, doors


def optimum(table: Table, stops: Sequence[Stop]) -> int:
    """Return the least cost of any tour."""
    n = len(stops)
    labels: dict[tuple[int, int], list[tuple[int, int]]] = {(0, 0): [(0, 0)]}
    for _ in range(n):
        longer: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for (done, here), known in labels.items():
            for k in range(n):
                if done >> k & 1:
                    continue
                stop, ride = stops[k], table[here][k + 1]
                into = longer.setdefault((done | 1 << k, k + 1), [])
                for at, late in known:
                    there = max(at + ride, stop.opens)
                    into.append((there + stop.minutes, late + max(0, there - stop.due)))
        labels = {key: _unbeaten(each) for key, each in longer.items()}
    return min(late * LATE + at for each in labels.values() for at, late in each)


def _unbeaten(labels: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep what is sooner or less late than all others."""
    kept: list[tuple[int, int]] = []
    for at, late in sorted(labels):
        if not kept or late < kept[-1][1]:
            kept.append((at, late))
    return kept


def routing(table: Table, stops: Sequence[Stop], seconds: float) -> int:
    """Ask OR-Tools' routing: one vehicle, soft due times, guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    n = len(stops)
    index = pywrapcp.RoutingIndexManager(n + 2, 1, [0], [n + 1])
    model = pywrapcp.RoutingModel(index)

    def ride(one: int, other: int) -> int:
        a, b = index.IndexToNode(one), index.IndexToNode(other)
        return (stops[a - 1].minutes if a else 0) + (table[a][b] if b <= n else 0)

    model.AddDimension(model.RegisterTransitCallback(ride), 10**6, 10**6, True, "minutes")
    minutes = model.GetDimensionOrDie("minutes")
    for k, stop in enumerate(stops):
        node = index.NodeToIndex(k + 1)
        minutes.CumulVar(node).SetMin(stop.opens)
        minutes.SetCumulVarSoftUpperBound(node, stop.due, LATE)
    minutes.SetSpanCostCoefficientForVehicle(1, 0)
    options: Any = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    options.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(options)
    order, here = [], model.Start(0)
    while not model.IsEnd(here):
        order.append(index.IndexToNode(here) - 1)
        here = found.Value(model.NextVar(here))
    return walk(table, stops, order[1:]).cost
