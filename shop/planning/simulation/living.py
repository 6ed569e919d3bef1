"""Living through the plan: each run draws how long every stage takes, and the floor follows the plan's order.

A stage starts when the stage before has ended, a place is free in a room of its heat, and somebody with the skill
is on shift and free; of those who wait, the one planned first goes first. Equal questions get equal answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heapreplace
from random import Random

from shop.planning.reservations.floor import Floor, Job, Span, StationPlan
from shop.planning.simulation.spread import Spread, strata, strata_after

RUNS = 60
EARLY = 30
"""Nobody begins work longer than this before its planned start: no board shows it."""
NEVER = 1e9
SHUFFLES = 64

Rooms = list[list[float]]


@dataclass(frozen=True, slots=True)
class Lived:
    """``ends`` gives each job's end in every run; ``starts`` each step's, where somebody asked for them."""

    ends: Mapping[int, Sequence[float]]
    starts: Mapping[int, Sequence[tuple[float, float, int | None]]]

    def chance(self, job: Job) -> float:
        """Return the share of runs in which this cake is late."""
        ends = self.ends[job.id]
        return sum(end > job.due for end in ends) / len(ends)

    def chance_of(self, jobs: Sequence[Job]) -> float:
        """Return the share of runs in which any of these cakes is late: those of one order."""
        runs = zip(*(self.ends[job.id] for job in jobs), strict=True)
        dues = [job.due for job in jobs]
        late = [any(end > due for end, due in zip(run, dues, strict=True)) for run in runs]
        return sum(late) / len(late)

    def end(self, job: Job, chance: float) -> float:
        """Return the minute by which it is done with this chance."""
        ends = sorted(self.ends[job.id])
        return ends[min(len(ends) - 1, int(chance * len(ends)))]


@dataclass(frozen=True, slots=True)
class _Stage:
    station: int
    amount: int
    heat: int
    able: Sequence[int] | None
    hours: Sequence[Span] | None
    earliest: float
    turn: float
    draws: Sequence[float]
    shuffle: Sequence[int]


class Shopfloor:
    """The shop from ``now`` on, made ready to be lived through."""

    def __init__(
        self, floor: Floor, jobs: Sequence[Job], now: float, spreads: Mapping[int, Sequence[Spread]], *,
        runs: int = RUNS, seed: int = 1, bound: Mapping[tuple[int, int], int] | None = None,
    ) -> None:  # fmt: skip
        self._bound = bound or {}
        self.jobs, self.now, self.runs, self.seed = [job for job in jobs if job.steps], now, runs, seed
        self.places = [station.places for station in floor.stations]
        self.units = [station.units for station in floor.stations]
        self.hours = [sorted(hand.hours) for hand in floor.hands]
        self._stations = {station.id: i for i, station in enumerate(floor.stations)}
        self._hands = {hand.id: i for i, hand in enumerate(floor.hands)}
        self._floor = floor
        self._draws: dict[int, list[float]] = {}
        self._able: dict[str, list[int]] = {}
        self._open: dict[tuple[int, str], Sequence[Span] | None] = {}
        self.stages = [self._ready(job, spreads[job.id]) for job in self.jobs]

    def _ready(self, job: Job, spreads: Sequence[Spread]) -> list[_Stage]:
        after, stages = 0, []
        for n in reversed(range(len(job.steps))):
            step, spread = job.steps[n], spreads[n]
            laid = job.laid[n] if job.laid else None
            after += step.minutes
            turn = float(laid.start if laid else job.due - after)
            if n < job.locked and laid:
                draws: Sequence[float] = strata_after(spread, self.now - laid.start, self.runs)
                earliest = float(laid.start)
            else:
                draws = self._draws.get(id(spread)) or self._draws.setdefault(
                    id(spread), strata(spread, self.runs)
                )
                earliest = max(self.now, job.since, laid.start - EARLY if laid else job.since)
            station = -1 if step.station is None else self._stations[step.station]
            shuffle = _shuffle(self.runs, (job.id * 31 + len(job.steps) - n) * 17 + self.seed)
            able = self._with(step.skill) if step.skill else None
            alone = self._hands.get(self._bound.get((job.id, n), 0))
            if able is not None and alone is not None:
                able = [alone]
            hours = None if station < 0 else self._hours(self._floor.stations[station], step.gate)
            stages.append(
                _Stage(station, step.amount, step.heat, able, hours, earliest, turn, draws, shuffle)
            )
        return stages[::-1]

    def _with(self, skill: str) -> list[int]:
        if skill not in self._able:
            hands = [hand for hand in self._floor.hands if skill in hand.skills]
            self._able[skill] = [self._hands[h.id] for h in sorted(hands, key=lambda h: len(h.skills))]
        return self._able[skill]

    def _hours(self, station: StationPlan, gate: str) -> Sequence[Span] | None:
        key = (station.id, gate)
        if key not in self._open:
            spans = list(station.gates.get(gate, ())) if gate and station.gates else list(station.hours)
            if not gate:
                for kept in (span for spans_ in station.gates.values() for span in spans_):
                    spans = [cut for span in spans for cut in _without(span, kept)]
            self._open[key] = sorted(spans)
        return self._open[key]

    def live(self, *, tell: bool = False) -> Lived:
        """Live through all runs; ``tell`` keeps the (start, end, hand) of every step of the first run."""
        ends: dict[int, list[float]] = {job.id: [] for job in self.jobs}
        told: dict[int, list[tuple[float, float, int | None]]] = {job.id: [] for job in self.jobs if tell}
        for run in range(self.runs):
            for job, end in zip(self.jobs, self._once(run, told if run == 0 else {}), strict=True):
                ends[job.id].append(end)
        return Lived(ends, told)

    def _once(self, run: int, told: dict[int, list[tuple[float, float, int | None]]]) -> list[float]:
        rooms: list[Rooms] = [[[] for _ in range(units)] for units in self.units]
        heats = [[0] * units for units in self.units]
        free, at, ends = [0.0] * len(self.hours), [0] * len(self.jobs), [NEVER] * len(self.jobs)
        heap = self._begun(run, rooms, heats, free, at, ends, told)
        heapify(heap)
        while heap:
            now, turn, j = heap[0]
            stages = self.stages[j]
            stage = stages[at[j]]
            start, who, unit = now, -1, 0
            if stage.station >= 0:
                start = _open_from(stage.hours, now) if stage.hours is not None else now
                if start == now:
                    start, unit = self._room(stage, rooms[stage.station], heats[stage.station], now)
            if start == now and stage.able is not None:
                start, who = self._hand(stage.able, free, now)
            if start > now:
                if start >= NEVER:
                    heappop(heap)
                else:
                    heapreplace(heap, (start, turn, j))
                continue
            end = now + stage.draws[stage.shuffle[run]]
            if stage.station >= 0:
                rooms[stage.station][unit] += [end] * stage.amount
                heats[stage.station][unit] = stage.heat
            if who >= 0:
                free[who] = end
            if told:
                told[self.jobs[j].id].append((now, end, self._floor.hands[who].id if who >= 0 else None))
            at[j] += 1
            if at[j] == len(stages):
                ends[j] = end
                heappop(heap)
            else:
                following = stages[at[j]]
                heapreplace(heap, (max(end, following.earliest), following.turn, j))
        return ends

    def _begun(
        self, run: int, rooms: list[Rooms], heats: list[list[int]], free: list[float], at: list[int],
        ends: list[float], told: dict[int, list[tuple[float, float, int | None]]],
    ) -> list[tuple[float, float, int]]:  # fmt: skip
        heap = []
        for j, (job, stages) in enumerate(zip(self.jobs, self.stages, strict=True)):
            ready = max(self.now, stages[0].earliest)
            for n in range(job.locked):
                stage, laid = stages[n], job.laid[n]
                ready = max(self.now, stage.earliest + stage.draws[stage.shuffle[run]])
                if stage.station >= 0:
                    unit = min(laid.unit, len(rooms[stage.station]) - 1)
                    rooms[stage.station][unit] += [ready] * stage.amount
                    heats[stage.station][unit] = stage.heat
                if laid.hand in self._hands and stage.able is not None:
                    free[self._hands[laid.hand]] = ready
                if told:
                    told[job.id].append((stage.earliest, ready, laid.hand))
                at[j] = n + 1
            if at[j] < len(stages):
                heap.append((max(ready, stages[at[j]].earliest), stages[at[j]].turn, j))
            else:
                ends[j] = ready
        return heap

    def _room(self, stage: _Stage, rooms: Rooms, heats: list[int], now: float) -> tuple[float, int]:
        best, which, places, amount = NEVER, 0, self.places[stage.station], stage.amount
        for unit, ends in enumerate(rooms):
            if ends:
                ends[:] = [end for end in ends if end > now]
            if not ends:
                start = now
            elif stage.heat and heats[unit] != stage.heat:
                start = max(ends)
            elif len(ends) + amount <= places:
                return now, unit
            else:
                ends.sort()
                start = ends[max(0, len(ends) + amount - places - 1)] if amount <= places else max(ends)
            if start < best:
                best, which = start, unit
        return best, which

    def _hand(self, able: Sequence[int], free: list[float], now: float) -> tuple[float, int]:
        best, who = NEVER, -1
        for hand in able:
            start = _open_from(self.hours[hand], max(free[hand], now))
            if start < best:
                best, who = start, hand
                if start == now:
                    break
        return best, who


def live(
    floor: Floor, jobs: Sequence[Job], now: float, spreads: Mapping[int, Sequence[Spread]], *, runs: int = RUNS,
    seed: int = 1, bound: Mapping[tuple[int, int], int] | None = None,
) -> Lived:  # fmt: skip
    """Live through the plan ``runs`` times; ``spreads`` gives each job's stages their minutes.

    ``bound`` says who alone does a step, as (job, number of the step).
    """
    return Shopfloor(floor, jobs, now, spreads, runs=runs, seed=seed, bound=bound).live()


def _open_from(spans: Sequence[Span], minute: float) -> float:
    for begins, over in spans:
        if minute < over:
            return minute if minute >= begins else begins
    return NEVER


def _without(span: Span, kept: Span) -> list[Span]:
    cuts = [(span[0], min(span[1], kept[0])), (max(span[0], kept[1]), span[1])]
    return [(a, b) for a, b in cuts if a < b]


@lru_cache(maxsize=8)
def _shuffles(runs: int) -> list[list[int]]:
    chance = Random(runs)
    return [chance.sample(range(runs), runs) for _ in range(SHUFFLES)]


@lru_cache(maxsize=20_000)
def _shuffle(runs: int, number: int) -> list[int]:
    mixed = Random(number).getrandbits(30)
    order, turn = _shuffles(runs)[mixed % SHUFFLES], (mixed // SHUFFLES) % runs
    return order[turn:] + order[:turn]
