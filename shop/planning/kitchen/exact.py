"""Some cakes of the plan laid anew by CP-SAT, all others standing where they are: which oven run, who, and when.

It knows every rule that the plan has: chains with shelf life, rooms, hands, hours, gates, and ovens. A cake may go
into a run that is there, or into one of those that only these cakes make. ``ortools`` is imported inside the
functions, so that only the child that solves pays for it in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from shop.planning.kitchen import Job, Laid, Step
from shop.planning.kitchen.desk import Desk, Filling, Kind, kind_of, late_of
from shop.planning.kitchen.standing import free_for, profile

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Span = tuple[int, int]


class Found(NamedTuple):
    """The best places found, if any, and whether no others can be better."""

    laid: dict[int, list[Laid]] | None
    proven: bool


@dataclass
class Fresh:
    """An oven run that may be made: its start, whether it is made, in which unit, and by whom."""

    kind: Kind
    start: Any
    made: Any
    units: dict[int, Any]
    hands: dict[int, Any]
    stood: Laid | None


@dataclass
class Piece:
    """One step of a free cake: its start, and what is chosen for it."""

    step: Step
    start: Any
    stood: Laid
    units: dict[int, Any] = field(default_factory=dict)
    hands: dict[int, Any] = field(default_factory=dict)
    runs: list[tuple[Filling | Fresh, Any]] = field(default_factory=list)


class Window:
    """The question about the ``free`` cakes, which have been lifted from the desk; ``stood`` is where they were.

    None ends more than ``reach`` minutes after it did or was due (None: as late as the plan stays as good).
    """

    def __init__(
        self, desk: Desk, free: Sequence[Job], stood: dict[int, list[Laid]], reach: int | None = None
    ) -> None:
        from ortools.sat.python import cp_model

        self.lib, self.cp = cp_model, cp_model.CpModel()
        self.desk, self.free, self.stood, self.reach = desk, free, stood, reach
        self.cost = sum(late_of(job, stood[job.id]) for job in free)
        self.hands: dict[int, list[Any]] = defaultdict(list)
        self.rooms: dict[tuple[int, int], list[tuple[Any, int]]] = defaultdict(list)
        self.fires: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.fresh: dict[Kind, list[Fresh]] = {}
        self.late: list[Any] = []
        self.span = self._span()
        self._ovens()
        self.pieces = {job.id: self._chain(job) for job in free}
        self._limits()
        runs = [run.made for runs in self.fresh.values() for run in runs]
        total = sum(self.late)
        self.cp.add(total <= self.cost)
        self.cp.minimize(total * (len(runs) + 1) + sum(runs))

    def _span(self) -> Span:
        ends = [self._limit(job) for job in self.free]
        return min(self._after(job) for job in self.free), max(ends)

    def _after(self, job: Job) -> int:
        return max([job.since, *(where.end for where in job.laid[: job.locked])])

    def _limit(self, job: Job) -> int:
        """Return the last end at which the plan can still be as good as it was."""
        most = job.due + self.cost // job.weight
        if self.reach is None:
            return most
        return min(most, max(self.stood[job.id][-1].end, job.due) + self.reach)

    # -- variables

    def _bool(self, hint: bool) -> Any:
        one = self.cp.new_bool_var("")
        self.cp.add_hint(one, hint)
        return one

    def _start(self, spans: Iterable[Span], minutes: int, hint: int) -> Any:
        one = self.cp.new_int_var_from_domain(self._domain(spans, minutes), "")
        self.cp.add_hint(one, hint)
        return one

    def _domain(self, spans: Iterable[Span], minutes: int) -> cp_model.Domain:
        """Return the starts at which so many minutes lie in one of the spans."""
        return self.lib.Domain.from_intervals([[a, b - minutes] for a, b in spans if b - a >= minutes])

    def _choose(
        self, lanes: dict[int, list[Span]], start: Any, minutes: int, stood: int | None, made: Any = None
    ) -> tuple[dict[int, Any], dict[int, Any]]:
        """Choose one of these lanes for work that starts then, if it is ``made``; returns literals and intervals."""
        chosen, intervals = {}, {}
        for key, spans in lanes.items():
            domain = self._domain(spans, minutes)
            if domain.is_empty():
                continue
            chosen[key] = here = self._bool(key == stood)
            self.cp.add_linear_expression_in_domain(start, domain).only_enforce_if(here)
            intervals[key] = self.cp.new_optional_fixed_size_interval_var(start, minutes, here, "")
        if made is None:
            self.cp.add_exactly_one(chosen.values())
        else:
            self.cp.add(sum(chosen.values()) == made)
        return chosen, intervals

    def _able(self, skill: str, span: Span) -> dict[int, list[Span]]:
        return {hand: self.desk.lanes[hand].free_within(*span) for hand in self.desk.able.get(skill, ())}

    def _allowed(self, station: int | None, gate: str, span: Span) -> list[Span]:
        gates = self.desk.gates.get(station) if station is not None else None
        return gates.get(gate, gates[""]).free_within(*span) if gates else [span]

    # -- ovens

    def _ovens(self) -> None:
        """Offer the runs that only these cakes were in, and one more of each kind that has cakes enough."""
        wanted: dict[Kind, list[Laid]] = defaultdict(list)
        for job in self.free:
            for step, where in list(zip(job.steps, self.stood[job.id], strict=True))[job.locked :]:
                if step.station in self.desk.fires:
                    wanted[kind_of(step)].append(where)
        for kind, places in wanted.items():
            own = [where for where in dict.fromkeys(places) if not self._is_there(kind, where)]
            own.sort(key=lambda where: where.start)
            more: list[Laid | None] = [None] if len(places) > len(own) else []
            self.fresh[kind] = [self._run(kind, where) for where in [*own, *more]]
            for one, other in zip(self.fresh[kind], self.fresh[kind][1:], strict=False):
                self.cp.add(one.start <= other.start)
                self.cp.add_implication(other.made, one.made)

    def _is_there(self, kind: Kind, where: Laid) -> bool:
        return (kind[0], where.unit, where.start) in self.desk.runs

    def _run(self, kind: Kind, stood: Laid | None) -> Fresh:
        station, _, minutes, skill, gate = kind
        begins = stood.start if stood else self.span[0]
        start = self._start(self._allowed(station, gate, self.span), minutes, begins)
        made = self._bool(stood is not None)
        lanes = {n: lane.free_within(*self.span) for n, lane in enumerate(self.desk.fires[station])}
        units, intervals = self._choose(lanes, start, minutes, stood.unit if stood else None, made)
        for unit, interval in intervals.items():
            self.fires[station, unit].append(interval)
        hands: dict[int, Any] = {}
        if skill:
            able = self._able(skill, self.span)
            hands, intervals = self._choose(able, start, minutes, stood.hand if stood else None, made)
            for hand, interval in intervals.items():
                self.hands[hand].append(interval)
        return Fresh(kind, start, made, units, hands, stood)

    def _bake(self, piece: Piece, low: int, high: int) -> None:
        """Let a cake choose its run: one that is there and has trays, or one of the fresh."""
        step, stood, kind = piece.step, piece.stood, kind_of(piece.step)
        for run in self.desk.of_kind.get(kind, ()):
            if run.trays >= step.amount and low <= run.laid.start <= high:
                here = self._bool(run.laid == stood)
                self.cp.add(piece.start == run.laid.start).only_enforce_if(here)
                piece.runs.append((run, here))
        for fresh in self.fresh[kind]:
            here = self._bool(fresh.stood == stood)
            self.cp.add(piece.start == fresh.start).only_enforce_if(here)
            self.cp.add_implication(here, fresh.made)
            piece.runs.append((fresh, here))
        self.cp.add_exactly_one(here for _, here in piece.runs)

    # -- cakes

    def _chain(self, job: Job) -> list[Piece]:
        pieces: list[Piece] = []
        end: Any = self._after(job)
        head, limit = self._after(job), self._limit(job)
        tail = sum(step.minutes for step in job.steps[job.locked :])
        for i in range(job.locked, len(job.steps)):
            step, stood = job.steps[i], self.stood[job.id][i]
            high = limit - tail
            spans = self._allowed(step.station, step.gate, (head, high + step.minutes))
            piece = Piece(step, self._start(spans, step.minutes, stood.start), stood)
            self.cp.add(piece.start >= end)
            if step.keeps is not None and i > job.locked:
                self.cp.add(piece.start <= end + step.keeps)
            if step.station in self.desk.fires:
                self._bake(piece, head, high)
            else:
                self._stand(piece, (head, high + step.minutes))
            head, tail, end = head + step.minutes, tail - step.minutes, piece.start + step.minutes
            pieces.append(piece)
        self._lateness(job, pieces, end)
        return pieces

    def _stand(self, piece: Piece, span: Span) -> None:
        step, stood, station = piece.step, piece.stood, piece.step.station
        if step.skill:
            able = self._able(step.skill, span)
            piece.hands, intervals = self._choose(able, piece.start, step.minutes, stood.hand)
            for hand, interval in intervals.items():
                self.hands[hand].append(interval)
        if station is not None:
            rooms = {n: free_for(room, step.amount, span) for n, room in enumerate(self.desk.rooms[station])}
            piece.units, intervals = self._choose(rooms, piece.start, step.minutes, stood.unit)
            for unit, interval in intervals.items():
                self.rooms[station, unit].append((interval, step.amount))

    def _lateness(self, job: Job, pieces: Sequence[Piece], end: Any) -> None:
        if not pieces:
            return
        late = self.cp.new_int_var(0, max(0, self._limit(job) - job.due), "")
        self.cp.add(late >= end - job.due)
        self.late.append(late * job.weight)
        keeps = pieces[0].step.keeps
        if job.locked and keeps is not None:  # what has waited too long already counts as late
            since = self.stood[job.id][job.locked - 1].end
            late = self.cp.new_int_var(0, max(0, self.cost // job.weight), "")
            self.cp.add(late >= pieces[0].start - since - keeps)
            self.late.append(late * job.weight)

    def _limits(self) -> None:
        for intervals in [*self.hands.values(), *self.fires.values()]:
            self.cp.add_no_overlap(intervals)
        for (station, unit), inside in self.rooms.items():
            places = self.desk.places[station]
            blocks = [
                (self.cp.new_fixed_size_interval_var(a, b - a, ""), places - free)
                for a, b, free in profile(self.desk.rooms[station][unit], self.span)
                if free < places
            ]
            both = [*inside, *blocks]
            self.cp.add_cumulative([each for each, _ in both], [amount for _, amount in both], places)
        trays: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        room: dict[int, Filling | Fresh] = {}
        for piece in (piece for pieces in self.pieces.values() for piece in pieces):
            for run, here in piece.runs:
                trays[id(run)].append((piece.step.amount, here))
                room[id(run)] = run
        for key, wanted in trays.items():
            run = room[key]
            free = run.trays if isinstance(run, Filling) else self.desk.places[run.kind[0]]
            self.cp.add(sum(amount * here for amount, here in wanted) <= free)

    # -- the answer

    def solve(self, seconds: float, effort: float) -> Found:
        """Look for better places for so many seconds, or for so much work as the solver itself counts it.

        One worker: on two processors the other belongs to whoever orders meanwhile, and a window is soon proved.
        """
        solver = self.lib.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.cp)
        if status not in (self.lib.OPTIMAL, self.lib.FEASIBLE):
            return Found(None, False)
        laid = {job.id: self._read(job, solver) for job in self.free}
        return Found(laid, status == self.lib.OPTIMAL)

    def _read(self, job: Job, solver: cp_model.CpSolver) -> list[Laid]:
        laid = list(self.stood[job.id][: job.locked])
        for piece in self.pieces[job.id]:
            run = next((run for run, here in piece.runs if solver.value(here)), None)
            if isinstance(run, Filling):
                laid.append(run.laid)
                continue
            chosen = run or piece
            start = solver.value(chosen.start)
            unit = _which(solver, chosen.units)
            laid.append(Laid(start, start + piece.step.minutes, unit or 0, _which(solver, chosen.hands)))
        return laid


def _which(solver: cp_model.CpSolver, literals: dict[int, Any]) -> int | None:
    return next((key for key, one in literals.items() if solver.value(one)), None)
