"""The earliest time at which one more cake can be done at all, by CP-SAT, under the rules the engine has too.

Whatever is not at work may move: who is due later than the new cake within its promise, who is due earlier only so
that it is done no later than it stands now. People do one thing at a time, an oven has one heat, finished cakes
need a shelf, nothing keeps longer than it may.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ortools.sat.python import cp_model

from shop.planning.reservations.floor import Floor, Hand, Job, Laid, Span, StationPlan, Step
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
    step: Step
    unit: int | None
    hint: int


@dataclass(slots=True)
class _Model:
    floor: Floor
    now: int
    horizon: int
    cp: Any = field(default_factory=cp_model.CpModel)
    hands: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """What each group of equal people does: any of a group may do it, so who does is not asked."""
    skilled: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    rooms: dict[int, list[_Piece]] = field(default_factory=lambda: defaultdict(list))
    groups: list[list[Hand]] = field(default_factory=list)

    def __post_init__(self) -> None:
        same: dict[Any, list[Hand]] = defaultdict(list)
        for hand in self.floor.hands:
            same[hand.skills, tuple(hand.hours)].append(hand)
        self.groups = list(same.values())

    def job(self, job: Job, hints: Sequence[Laid], limit: int) -> Any:
        """Add all steps of a job; returns its end."""
        end: Any = job.since
        head, tail = job.since, sum(step.minutes for step in job.steps[job.locked :])
        for n, (step, hint) in enumerate(zip(job.steps, hints, strict=True)):
            if n < job.locked:
                end = head = max(head, hint.end)
                if hint.end > self.now:
                    self._stands(step, hint, hint.start, hint.end, fixed=True)
                continue
            start = self.cp.new_int_var(head, limit - tail, "")
            head, tail = head + step.minutes, tail - step.minutes
            self.cp.add_hint(start, hint.start)
            self.cp.add(start >= end)
            if step.keeps is not None and n > job.locked:
                self.cp.add(start <= end + step.keeps)
            end = start + step.minutes
            self._stands(step, hint, start, end, fixed=False)
        return end

    def _stands(self, step: Step, hint: Laid, start: Any, end: Any, *, fixed: bool) -> None:
        interval = self.cp.new_interval_var(start, hint.end - hint.start if fixed else step.minutes, end, "")
        if step.skill:
            self.skilled[step.skill].append(interval)
            able = [
                n
                for n, group in enumerate(self.groups)
                if (any(hand.id == hint.hand for hand in group) if fixed else step.skill in group[0].skills)
            ]
            chosen = {n: self.cp.new_bool_var("") for n in able}
            self.cp.add_exactly_one(chosen.values())
            for n, here in chosen.items():
                self.cp.add_hint(here, any(hand.id == hint.hand for hand in self.groups[n]))
                self.hands[n].append(self.cp.new_optional_interval_var(start, end - start, end, here, ""))
        if step.station is not None:
            piece = _Piece(interval, start, end, step, hint.unit if fixed else None, hint.unit)
            self.rooms[step.station].append(piece)

    def limits(self) -> None:
        """Nobody does two things at once, nothing is where there is no room; nothing happens outside the hours."""
        for n, group in enumerate(self.groups):
            self._people(self.hands[n], group)
        every = [interval for intervals in self.skilled.values() for interval in intervals]
        self._people(every, self.floor.hands)  # follows from the rest, and is sooner seen by the solver
        for skill, intervals in self.skilled.items():
            self._people(intervals, [hand for hand in self.floor.hands if skill in hand.skills])
        for station in self.floor.stations:
            self._station(station, self.rooms[station.id])

    def _people(self, intervals: Iterable[Any], people: Sequence[Hand]) -> None:
        shut = [each for hand in people for each in self._closed(hand.hours)]
        both = [*intervals, *shut]
        self.cp.add_cumulative(both, [1] * len(both), len(people))

    def _station(self, station: StationPlan, pieces: Sequence[_Piece]) -> None:
        shut, whole = self._closed(station.hours), station.places * station.units
        amounts = [piece.step.amount for piece in pieces]
        intervals = [piece.interval for piece in pieces]
        self.cp.add_cumulative(intervals + shut, amounts + [whole] * len(shut), whole)
        if station.units == 1 and len({piece.step.heat for piece in pieces}) <= 1:
            return
        here = [[self.cp.new_bool_var("") for _ in range(station.units)] for _ in pieces]
        for piece, chosen in zip(pieces, here, strict=True):
            self.cp.add_exactly_one(chosen)
            for unit, one in enumerate(chosen):
                self.cp.add_hint(one, piece.hint == unit)
                if piece.unit == unit:
                    self.cp.add(one == 1)
        for unit in range(station.units):
            inside = [
                self.cp.new_optional_interval_var(p.start, p.end - p.start, p.end, chosen[unit], "")
                for p, chosen in zip(pieces, here, strict=True)
            ]
            self.cp.add_cumulative(inside + shut, amounts + [station.places] * len(shut), station.places)
            for (one, a), (other, b) in combinations(zip(pieces, here, strict=True), 2):
                if one.step.heat and other.step.heat and one.step.heat != other.step.heat:
                    first, both = self.cp.new_bool_var(""), [a[unit], b[unit]]
                    self.cp.add(one.end <= other.start).only_enforce_if([first, *both])
                    self.cp.add(other.end <= one.start).only_enforce_if([first.negated(), *both])

    def _closed(self, hours: Sequence[Span]) -> list[Any]:
        spans, reach = [], 0
        for a, b in sorted(hours):
            if reach < a and reach < self.horizon:
                spans.append((reach, a))
            reach = max(reach, b)
        spans.append((reach, self.horizon + 10_000))
        return [self.cp.new_fixed_size_interval_var(a, b - a, "") for a, b in spans if b > a]


def optimum(floor: Floor, jobs: Sequence[Job], new: Job, hint: Certificate, seconds: float) -> Optimum:
    """Find the earliest end of ``new`` while every other promise holds, beginning with what ``hint`` found."""
    ideal = new.since + sum(step.minutes for step in new.steps)
    model = _Model(floor, new.since, max([hint.end, *(job.due for job in jobs)]) + 1)
    goal, shelved = model.cp.new_int_var(ideal, hint.end, ""), []
    for job in jobs:
        stands = job.laid[-1].end
        end = model.job(job, hint.moves.get(job.id, job.laid), stands if job.due < ideal else job.due)
        if ideal <= job.due < hint.end:
            later = model.cp.new_bool_var("")
            model.cp.add(goal <= job.due).only_enforce_if(later)
            model.cp.add(end <= stands).only_enforce_if(later.negated())
        if floor.shelves:
            waits = model.cp.new_int_var(0, max(0, job.due - new.since), "")
            shelved.append(model.cp.new_interval_var(end, waits, job.due, ""))
    model.cp.add(goal == model.job(new, hint.laid[new.id], hint.end))
    model.limits()
    if shelved:
        model.cp.add_cumulative(shelved, [1] * len(shelved), floor.shelves)
    model.cp.minimize(goal)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model.cp)
    if status == cp_model.INFEASIBLE:
        raise AssertionError("what the engine found breaks a rule of the model")
    bound = max(ideal, -int(-solver.best_objective_bound // 1))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Optimum(hint.end, bound, False)
    return Optimum(solver.value(goal), bound, status == cp_model.OPTIMAL)
