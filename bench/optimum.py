"""The earliest time at which one more cake can be done at all: everything not at work may move, by CP-SAT."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ortools.sat.python import cp_model

from shop.planning.reservations.floor import Floor, Job, Laid, Span, Step
from shop.planning.reservations.quote import Certificate


@dataclass(frozen=True, slots=True)
class Optimum:
    """``found`` is the best end seen, ``bound`` what none can be below; equal when ``proven``."""

    found: int
    bound: int
    proven: bool


@dataclass(slots=True)
class _Piece:
    interval: Any
    start: Any
    end: Any
    here: Any
    amount: int
    heat: int


@dataclass(slots=True)
class _Model:
    floor: Floor
    horizon: int
    cp: Any = field(default_factory=cp_model.CpModel)
    hands: dict[int, list[Any]] = field(default_factory=dict)
    units: dict[tuple[int, int], list[_Piece]] = field(default_factory=dict)

    def step(self, step: Step, hint: Laid, after: Any) -> Any:
        """Add one step; returns its end."""
        start = self.cp.new_int_var(0, self.horizon, "")
        self.cp.add(start >= after)
        if step.keeps is not None and not isinstance(after, int):
            self.cp.add(start - after <= step.keeps)
        self.cp.add_hint(start, hint.start)
        end = start + step.minutes
        if step.skill:
            able = [hand.id for hand in self.floor.hands if step.skill in hand.skills]
            chosen = {one: self.cp.new_bool_var("") for one in able}
            self.cp.add_exactly_one(chosen.values())
            for one, here in chosen.items():
                self.cp.add_hint(here, one == hint.hand)
                self.hands.setdefault(one, []).append(
                    self.cp.new_optional_fixed_size_interval_var(start, step.minutes, here, "")
                )
        station = next((each for each in self.floor.stations if each.id == step.station), None)
        if station is not None:
            here_ = [self.cp.new_bool_var("") for _ in range(station.units)]
            self.cp.add_exactly_one(here_)
            for unit, here in enumerate(here_):
                self.cp.add_hint(here, unit == hint.unit)
                interval = self.cp.new_optional_fixed_size_interval_var(start, step.minutes, here, "")
                piece = _Piece(interval, start, end, here, step.amount, step.heat)
                self.units.setdefault((station.id, unit), []).append(piece)
        return end

    def limits(self) -> None:
        """People do one thing at a time; units have places and one heat; nothing happens outside the hours."""
        for hand in self.floor.hands:
            shut = [self.cp.new_fixed_size_interval_var(a, b - a, "") for a, b in self._closed(hand.hours)]
            self.cp.add_no_overlap(self.hands.get(hand.id, []) + shut)
        for station in self.floor.stations:
            for unit in range(station.units):
                pieces = self.units.get((station.id, unit), [])
                shut = [
                    self.cp.new_fixed_size_interval_var(a, b - a, "") for a, b in self._closed(station.hours)
                ]
                amounts = [piece.amount for piece in pieces] + [station.places] * len(shut)
                self.cp.add_cumulative([piece.interval for piece in pieces] + shut, amounts, station.places)
                for one, other in combinations(pieces, 2):
                    if one.heat and other.heat and one.heat != other.heat:
                        first = self.cp.new_bool_var("")
                        both = [one.here, other.here]
                        self.cp.add(one.end <= other.start).only_enforce_if([first, *both])
                        self.cp.add(other.end <= one.start).only_enforce_if([first.negated(), *both])

    def _closed(self, hours: Sequence[Span]) -> list[Span]:
        found, reach = [], 0
        for a, b in sorted(hours):
            if a > reach:
                found.append((reach, a))
            reach = max(reach, b)
        return [*(span for span in found if span[0] < self.horizon), (reach, self.horizon + 10_000)]


def optimum(floor: Floor, jobs: Sequence[Job], new: Job, hint: Certificate, seconds: float) -> Optimum:
    """Find the earliest end of ``new`` while every other promise holds, beginning with what ``hint`` found.

    Work that stands wholly after the end found by the engine may stay: it is left where it is only if it is done
    by then anyway, so nothing is lost by looking at all of it.
    """
    model = _Model(floor, max(max((job.due for job in jobs), default=0), hint.end) + 1)
    for job in jobs:
        laid = hint.moves.get(job.id, job.laid)
        end: Any = job.since
        for step, where in zip(job.steps, laid, strict=True):
            end = model.step(step, where, end)
        model.cp.add(end <= job.due)
    goal: Any = new.since
    for step, where in zip(new.steps, hint.laid[new.id], strict=True):
        goal = model.step(step, where, goal)
    model.limits()
    model.cp.minimize(goal)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model.cp)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Optimum(hint.end, int(solver.best_objective_bound), False)
    return Optimum(solver.value(goal), int(solver.best_objective_bound), status == cp_model.OPTIMAL)
