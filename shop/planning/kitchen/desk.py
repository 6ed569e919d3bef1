"""A kitchen plan under change: jobs are put in and taken out again, each at its first possible time."""

from dataclasses import dataclass, field
from random import Random

from shop.planning.kitchen import Floor, Job, Laid, Order, Step, ovens
from shop.planning.reservations.lanes import NEVER, Lane, Room, gate_hours

Kind = tuple[int, int, int, str, str]
Spot = tuple[int, int, int]
"""(station, unit, start) of a run."""

MOST_TRIES = 60
"""So often a chain of steps is pushed later because something between would not keep, before it is given up."""


@dataclass(slots=True)
class Filling:
    """One oven run and who is in it."""

    kind: Kind
    laid: Laid
    trays: int
    closed: bool = False
    jobs: set[int] = field(default_factory=set)


class Desk:
    """Rooms, ovens and hands with the jobs that are in them."""

    def __init__(self, floor: Floor, jobs: list[Job]) -> None:
        self.floor, self.jobs = floor, {job.id: job for job in jobs}
        self.hot = ovens(jobs)
        self.places = {station.id: station.places for station in floor.stations}
        self.rooms: dict[int, list[Room]] = {}
        self.fires: dict[int, list[Lane]] = {}
        self.gates: dict[int, dict[str, Lane]] = {}
        for station in floor.stations:
            units = range(max(1, station.units))
            if station.id in self.hot:
                self.fires[station.id] = [Lane(station.hours) for _ in units]
            else:
                self.rooms[station.id] = [Room(station.places, station.hours) for _ in units]
            if station.gates:
                self.gates[station.id] = gate_hours(station.hours, station.gates)
        self.lanes = {hand.id: Lane(hand.hours) for hand in floor.hands}
        self.able = floor.able()
        self.runs: dict[Spot, Filling] = {}
        self.of_kind: dict[Kind, list[Filling]] = {}
        self.laid: dict[int, list[Laid]] = {}
        self.late = 0
        self.tardy: set[int] = set()
        for job in jobs:
            self._lock(job)

    @property
    def order(self) -> Order:
        """How good the plan is."""
        return Order(len(self.jobs) - len(self.laid), self.late, len(self.runs))

    # -- what is at work already

    def _lock(self, job: Job) -> None:
        for step, where in zip(job.steps[: job.locked], job.laid, strict=False):
            if where.hand in self.lanes:
                self.lanes[where.hand].take_free(where.start, where.end)
            if step.station in self.rooms:
                self.rooms[step.station][where.unit].take(where.start, where.end, step.amount, 0)
            elif step.station in self.fires:
                self.fires[step.station][where.unit].take_free(where.start, where.end)
                spot = (step.station, where.unit, where.start)
                if spot not in self.runs:
                    self.runs[spot] = Filling(kind_of(step), where, self.places[step.station], closed=True)

    # -- putting in and taking out

    def put(self, job: Job, laid: list[Laid]) -> None:
        """Let a job stand at these places, which are free."""
        for step, where in zip(job.steps[job.locked :], laid[job.locked :], strict=True):
            if step.station in self.fires:
                self._bake(job, step, where)
                continue
            if where.hand is not None:
                self.lanes[where.hand].take(where.start, where.end)
            if step.station is not None:
                self.rooms[step.station][where.unit].take(where.start, where.end, step.amount, 0)
        self.laid[job.id] = laid
        late = late_of(job, laid)
        self.late += late
        if late:
            self.tardy.add(job.id)

    def lift(self, job: Job) -> list[Laid]:
        """Take a job out; returns where it stood."""
        laid = self.laid.pop(job.id)
        self.late -= late_of(job, laid)
        self.tardy.discard(job.id)
        for step, where in zip(job.steps[job.locked :], laid[job.locked :], strict=True):
            if step.station in self.fires:
                self._unbake(job, step, where)
                continue
            if where.hand is not None:
                self.lanes[where.hand].give(where.start, where.end)
            if step.station is not None:
                self.rooms[step.station][where.unit].give(where.start, where.end, step.amount)
        return laid

    def _bake(self, job: Job, step: Step, where: Laid) -> None:
        assert step.station is not None
        spot = (step.station, where.unit, where.start)
        run = self.runs.get(spot)
        if run is None:
            run = self.runs[spot] = Filling(kind_of(step), where, self.places[step.station])
            self.of_kind.setdefault(run.kind, []).append(run)
            self.fires[step.station][where.unit].take(where.start, where.end)
            if where.hand is not None:
                self.lanes[where.hand].take(where.start, where.end)
        run.jobs.add(job.id)
        run.trays -= step.amount

    def _unbake(self, job: Job, step: Step, where: Laid) -> None:
        assert step.station is not None
        spot = (step.station, where.unit, where.start)
        run = self.runs[spot]
        run.jobs.discard(job.id)
        run.trays += step.amount
        if not run.jobs:
            del self.runs[spot]
            self.of_kind[run.kind].remove(run)
            self.fires[step.station][where.unit].give(where.start, where.end)
            if where.hand is not None:
                self.lanes[where.hand].give(where.start, where.end)

    # -- finding a place

    def insert(self, job: Job, chance: Random | None = None) -> bool:
        """Put a job where it is least late, without a new oven run if that costs nothing; False if it fits nowhere."""
        laid = self.find(job, chance)
        if laid is None:
            return False
        self.put(job, laid)
        return True

    def find(self, job: Job, chance: Random | None = None) -> list[Laid] | None:
        """Return the best places for a job; ``chance`` now and then overlooks a run that it could join."""
        done = list(job.laid[: job.locked])
        after = max([job.since, *(where.end for where in done)])
        oven = next(
            (i for i, step in enumerate(job.steps) if i >= job.locked and step.station in self.fires), None
        )
        if oven is None:
            return self.chain(job, done, after, None)
        best: tuple[int, int, int] | None = None
        choice = None
        step = job.steps[oven]
        runs = [
            r for r in self.of_kind.get(kind_of(step), ()) if r.trays >= step.amount and r.laid.start >= after
        ]
        runs.sort(key=lambda run: run.laid.start)
        for run in [*runs, None]:
            if run and chance and chance.random() < 0.1:
                continue
            laid = self.chain(job, done, after, (oven, run.laid) if run else None)
            if laid is None:
                continue
            late = late_of(job, laid)
            rank = (late, int(run is None), laid[-1].end)
            if best is None or rank < best:
                best, choice = rank, laid
            if run and late == 0:
                break
        return choice

    def chain(
        self, job: Job, done: list[Laid], after: int, join: tuple[int, Laid] | None
    ) -> list[Laid] | None:
        """Return first places for the steps one after the other; a step that would not keep pushes the one before."""
        laid = list(done)
        first, steps = len(done), job.steps
        earliest = [after] * len(steps)
        for _ in range(MOST_TRIES):
            i = len(laid)
            if i == len(steps):
                return laid
            step = steps[i]
            ready = max(earliest[i], laid[-1].end if i > first else after)
            where = self.first(step, ready) if join is None or join[0] != i else _at(join[1], ready)
            if where is None:
                return None
            if i > first and step.keeps is not None and where.start - laid[-1].end > step.keeps:
                if join is not None and join[0] == i - 1:
                    return None  # the run does not wait for one cake
                earliest[i - 1] = where.start - step.keeps - steps[i - 1].minutes
                laid.pop()
                continue
            laid.append(where)
        return None

    def first(self, step: Step, after: int) -> Laid | None:
        """Return the first place for a step: room or new oven run, hours, and hands."""
        start = after
        while start < NEVER:
            start, unit = self._first_room(step, start)
            if start >= NEVER or not step.skill:
                break
            begins, hand = NEVER, None
            for one in self.able.get(step.skill, ()):
                free = self.lanes[one].first(start, step.minutes)
                if free < begins:
                    begins, hand = free, one
                    if free == start:
                        return Laid(start, start + step.minutes, unit, hand)
            start = begins
        return Laid(start, start + step.minutes, unit) if start < NEVER else None

    def _first_room(self, step: Step, after: int) -> tuple[int, int]:
        if step.station is None:
            return after, 0
        gates = self.gates.get(step.station)
        gate = gates.get(step.gate, gates[""]) if gates else None
        rooms, fires = self.rooms.get(step.station), self.fires.get(step.station)
        while after < NEVER:
            best, unit = NEVER, 0
            if rooms is not None:
                for n, room in enumerate(rooms):
                    start = room.first(after, step.minutes, step.amount, 0)
                    if start < best:
                        best, unit = start, n
            elif fires is not None and step.amount <= self.places[step.station]:
                for n, lane in enumerate(fires):
                    start = lane.first(after, step.minutes)
                    if start < best:
                        best, unit = start, n
            if gate is None or best >= NEVER:
                return best, unit
            after = gate.first(best, step.minutes)
            if after == best:
                return best, unit
        return NEVER, 0


def _at(run: Laid, ready: int) -> Laid | None:
    return run if run.start >= ready else None


def kind_of(step: Step) -> Kind:
    """Return what has to be the same for two cakes to share an oven run."""
    assert step.station is not None
    return step.station, step.heat, step.minutes, step.skill, step.gate


def late_of(job: Job, laid: list[Laid]) -> int:
    """Return the weighted minutes late of a job at these places."""
    late, n = max(0, laid[-1].end - job.due), job.locked
    if 0 < n < len(laid) and (keeps := job.steps[n].keeps) is not None:
        late += max(0, laid[n].start - laid[n - 1].end - keeps)
    return job.weight * late
