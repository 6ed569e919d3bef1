"""The book of reservations: every accepted cake has its place in it, as late as its promise allows.

A question never changes the book; what it tries, it tries in a copy.
"""

from collections.abc import Sequence

from shop.planning.reservations.floor import Floor, Job, Laid, Span, Step
from shop.planning.reservations.lanes import NEVER, Lane, Room, gate_hours

SHELF = -1
"""The station of finished cakes waiting for their customer."""


class Book:
    """Rooms, people and the jobs in them."""

    __slots__ = ("_empty", "able", "floor", "gates", "jobs", "lanes", "odd", "rooms")

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.rooms = {
            station.id: [Room(station.places, station.hours) for _ in range(max(1, station.units))]
            for station in floor.stations
        }
        if floor.shelves:
            self.rooms[SHELF] = [Room(floor.shelves, [(0, NEVER)])]
        self.gates = {s.id: gate_hours(s.hours, s.gates) for s in floor.stations if s.gates}
        self.lanes = {hand.id: Lane(hand.hours) for hand in floor.hands}
        self.able = floor.able()
        self.jobs: dict[int, Job] = {}
        self.odd: dict[tuple[int, Laid], tuple[tuple[Span, ...], ...]] = {}
        """What a step really took of a person who had not all of that time: overtime, two things at once."""
        self._empty: list[Book] = []

    def empty(self) -> "Book":
        """Return the book before any work, one for all copies, not to be changed."""
        if not self._empty:
            self._empty.append(Book(self.floor))
        return self._empty[0]

    def copy(self) -> "Book":
        """Return the rooms and people as they are, without the names of the jobs, to try things in."""
        other = Book.__new__(Book)
        other.floor, other.gates, other.able, other._empty = self.floor, self.gates, self.able, self._empty
        other.rooms = {id_: [room.copy() for room in rooms] for id_, rooms in self.rooms.items()}
        other.lanes = {id_: lane.copy() for id_, lane in self.lanes.items()}
        other.jobs, other.odd = {}, dict(self.odd)
        return other

    # -- writing

    def add(self, job: Job, laid: Sequence[Laid]) -> None:
        """Write a job and where all its steps stand; more than fits is remembered and blocks what comes."""
        self.jobs[job.id] = job
        job.laid = list(laid)
        self.put(job, laid)

    def remove(self, job: Job) -> list[Laid]:
        """Take a job out of the book; returns where its steps stood."""
        del self.jobs[job.id]
        self.lift(job, job.laid)
        return job.laid

    def put(self, job: Job, laid: Sequence[Laid], start: int = 0, stop: int | None = None) -> None:
        """Take the places of a job's steps from ``start`` to ``stop``; with the last of them its shelf until then."""
        for step, where in zip(job.steps[start:stop], laid[start:stop], strict=True):
            self.take(step, where)
        if stop in (None, len(job.steps)) and SHELF in self.rooms and laid and laid[-1].end < job.due:
            self.rooms[SHELF][0].take(laid[-1].end, job.due, 1, 0)

    def lift(self, job: Job, laid: Sequence[Laid], start: int = 0, stop: int | None = None) -> None:
        """Give back what `put` took, the steps from ``start`` to ``stop``; the shelf with the last of them."""
        for step, where in zip(job.steps[start:stop], laid[start:stop], strict=True):
            self.give(step, where)
        if stop in (None, len(job.steps)) and SHELF in self.rooms and laid and laid[-1].end < job.due:
            self.rooms[SHELF][0].give(laid[-1].end, job.due, 1)

    def take(self, step: Step, at: Laid) -> None:
        """Take the place of one step."""
        rooms = self.rooms.get(step.station) if step.station is not None else None
        if rooms is not None:
            rooms[min(at.unit, len(rooms) - 1)].take(at.start, at.end, step.amount, step.heat)
        lane = self.lanes.get(at.hand) if at.hand is not None else None
        if lane is None:
            return
        if lane.is_free(at.start, at.end):
            lane.take(at.start, at.end)
            return
        spans = tuple(lane.take_free(at.start, at.end))
        self.odd[id(step), at] = (*self.odd.get((id(step), at), ()), spans)

    def give(self, step: Step, at: Laid) -> None:
        """Give back the place of one step."""
        rooms = self.rooms.get(step.station) if step.station is not None else None
        if rooms is not None:
            rooms[min(at.unit, len(rooms) - 1)].give(at.start, at.end, step.amount)
        lane = self.lanes.get(at.hand) if at.hand is not None else None
        if lane is None:
            return
        *rest, spans = self.odd.pop((id(step), at), (((at.start, at.end),),))
        if rest:
            self.odd[id(step), at] = tuple(rest)
        for start, end in spans:
            lane.give(start, end)

    def taken(self, step: Step, at: Laid) -> tuple[Span, ...]:
        """Return what a step has of its person's time."""
        return self.odd.get((id(step), at), (((at.start, at.end),),))[-1]

    # -- looking

    def first(self, step: Step, after: int, hand: int | None = None) -> Laid | None:
        """Return the first place for a step from ``after`` on, or None; at the hands of ``hand`` if one is named."""
        start, minutes = after, step.minutes
        able = self.able.get(step.skill, ()) if hand is None else (hand,)
        while True:
            start, unit = self._first_room(step, start)
            if start >= NEVER:
                return None
            if not step.skill:
                return Laid(start, start + minutes, unit)
            soonest, who = NEVER, None
            for one in able:
                begins = self.lanes[one].first(start, minutes, soonest)
                if begins < soonest:
                    soonest, who = begins, one
                    if begins == start:
                        return Laid(start, start + minutes, unit, one)
            if who is None:
                return None
            start = soonest

    def last(self, step: Step, before: int, hand: int | None = None) -> Laid | None:
        """Return the last place at which a step is done by ``before``, or None; at ``hand``'s if one is named."""
        end, minutes = before, step.minutes
        able = self.able.get(step.skill, ()) if hand is None else (hand,)
        while True:
            start, unit = self._last_room(step, end)
            if start < 0:
                return None
            if not step.skill:
                return Laid(start, start + minutes, unit)
            latest, who = -1, None
            for one in able:
                begins = self.lanes[one].last(start + minutes, minutes)
                if begins > latest:
                    latest, who = begins, one
                    if begins == start:
                        return Laid(start, start + minutes, unit, one)
            if who is None:
                return None
            end = latest + minutes

    def fits(self, step: Step, at: Laid) -> bool:
        """Whether a step can stand there. Hours of gates do not change, so they are not asked again."""
        if at.hand is not None and not self.lanes[at.hand].is_free(at.start, at.end):
            return False
        rooms = self.rooms.get(step.station) if step.station is not None else None
        return rooms is None or rooms[at.unit].fits(at.start, at.end, step.amount, step.heat)

    def has_shelf(self, done: int, due: int) -> bool:
        """Whether a finished cake can wait for its customer."""
        return done >= due or SHELF not in self.rooms or self.rooms[SHELF][0].fits(done, due, 1, 0)

    def stand(self, since: int, until: int) -> None:
        """Take the shelf of a cake that is made already, also where there is none left for it."""
        self.rooms[SHELF][0].take(since, until, 1, 0)

    def _first_room(self, step: Step, after: int) -> tuple[int, int]:
        rooms = self.rooms.get(step.station) if step.station is not None else None
        if rooms is None:
            return after, 0
        gate = self.gates[step.station or 0].get(step.gate) if step.station in self.gates else None
        while True:
            best, unit = NEVER, 0
            for n, room in enumerate(rooms):
                start = room.first(after, step.minutes, step.amount, step.heat)
                if start < best:
                    best, unit = start, n
                    if start == after:
                        break
            if gate is None or best >= NEVER:
                return best, unit
            allowed = gate.first(best, step.minutes)
            if allowed in (best, NEVER):
                return allowed, unit
            after = allowed

    def _last_room(self, step: Step, before: int) -> tuple[int, int]:
        rooms = self.rooms.get(step.station) if step.station is not None else None
        if rooms is None:
            return before - step.minutes, 0
        gate = self.gates[step.station or 0].get(step.gate) if step.station in self.gates else None
        while True:
            best, unit = -1, 0
            for n, room in enumerate(rooms):
                start = room.last(before, step.minutes, step.amount, step.heat)
                if start > best:
                    best, unit = start, n
            if gate is None or best < 0:
                return best, unit
            allowed = gate.last(best + step.minutes, step.minutes)
            if allowed in (best, -1):
                return allowed, unit
            before = allowed + step.minutes
