"""What the kitchen can still take: free places at each station and free hands, minute by minute.

A station is a renewable resource with a few equal places, so work fits whenever the places taken never
exceed those there are: intervals that overlap at most k deep can always be laid on k places (interval
graphs are perfect). Minutes are counted from 1970 (`shop.core.types.to_minute`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shop.menu.tables import StageKind
from shop.orders.cart import Work


@dataclass(frozen=True)
class Planned:
    """One stage laid into the kitchen: from ``start`` to ``end`` (minutes), ``amount`` places."""

    kind: StageKind
    station_id: int | None
    start: int
    end: int
    amount: int
    needs_person: bool


Taken = tuple[int | None, int, int, int, bool]
"""What a piece of work takes: (station, first minute, last minute, places, whether it needs hands)."""


class Profile:
    """How much is free over time: ``free[i]`` from ``times[i]`` until ``times[i + 1]``; the last runs for ever."""

    __slots__ = ("free", "times")

    def __init__(self, times: list[int], free: list[int]) -> None:
        self.times = times
        self.free = free

    @classmethod
    def build(cls, since: int, changes: Iterable[tuple[int, int]]) -> "Profile":
        """Sum up (minute, change) pairs; what lies before ``since`` counts as at ``since``."""
        steps: dict[int, int] = {since: 0}
        for minute, change in changes:
            minute = max(minute, since)
            steps[minute] = steps.get(minute, 0) + change
        times = sorted(steps)
        free, level = [], 0
        for minute in times:
            level += steps[minute]
            free.append(level)
        return cls(times, free)

    def copy(self) -> "Profile":
        """Return an independent copy."""
        return Profile(self.times.copy(), self.free.copy())

    def within(self, since: int, until: int) -> "Profile":
        """Return an independent copy of what lies in [since, until)."""
        first, last = bisect_right(self.times, since), bisect_left(self.times, until)
        before = self.free[first - 1] if first else 0
        return Profile([since, *self.times[first:last]], [before, *self.free[first:last]])

    def changes(self) -> list[tuple[int, int]]:
        """Return (minute, change) pairs that `build` would make this profile of."""
        levels = zip(self.free, [0, *self.free], strict=False)
        return [(minute, now - was) for minute, (now, was) in zip(self.times, levels, strict=True)]

    def first_fit(self, start: int, minutes: int, amount: int) -> int:
        """Return the first minute from ``start`` on at which ``amount`` is free for ``minutes``, or `FOREVER`."""
        times, free = self.times, self.free
        i, many = max(0, bisect_right(times, start) - 1), len(times)
        while True:
            while free[i] < amount:
                i += 1
                if i == many:
                    return FOREVER
                start = times[i]
            i += 1
            while i < many and times[i] < start + minutes and free[i] >= amount:
                i += 1
            if i == many or times[i] >= start + minutes:
                return start

    def too_full_from(self, start: int, end: int, amount: int) -> int | None:
        """Return where the first too full stretch inside [start, end) begins, or None if the work fits."""
        times, free = self.times, self.free
        i = bisect_right(times, start) - 1
        if i < 0:
            return start
        while i < len(times) and times[i] < end:
            if free[i] < amount:
                return max(times[i], start)
            i += 1
        return None

    def take(self, start: int, end: int, amount: int) -> None:
        """Take ``amount`` from [start, end), as far as it lies in here; a negative amount gives it back."""
        start = max(start, self.times[0])
        if start >= end:
            return
        first, last = self._cut(start), self._cut(end)
        for i in range(first, last):
            self.free[i] -= amount

    def _cut(self, minute: int) -> int:
        i = bisect_right(self.times, minute) - 1
        if i >= 0 and self.times[i] == minute:
            return i
        self.times.insert(i + 1, minute)
        self.free.insert(i + 1, self.free[i] if i >= 0 else 0)
        return i + 1


FOREVER = 10**12
FRESH_MINUTES = 24 * 60
"""A cake is not made longer than this before its time only because there is room then."""


class Kitchen:
    """The free capacity of every station and of all hands, from ``since`` until ``until`` (minutes)."""

    def __init__(self, since: int, until: int, stations: dict[int, Profile], hands: Profile) -> None:
        self.since = since
        self.until = until
        self.stations = stations
        self.hands = hands

    def copy(self) -> "Kitchen":
        """Return an independent copy, to try something out."""
        stations = {key: profile.copy() for key, profile in self.stations.items()}
        return Kitchen(self.since, self.until, stations, self.hands.copy())

    def within(self, since: int, until: int) -> "Kitchen":
        """Return an independent copy of this kitchen between two minutes."""
        stations = {key: profile.within(since, until) for key, profile in self.stations.items()}
        return Kitchen(since, until, stations, self.hands.within(since, until))

    def loaded(self, since: int, work: Iterable[Taken]) -> "Kitchen":
        """Return this kitchen from ``since`` on with much work laid in at once."""
        stations = {key: profile.changes() for key, profile in self.stations.items()}
        hands = self.hands.changes()
        for station_id, start, end, amount, person in work:
            if station_id in stations:
                stations[station_id] += ((start, -amount), (end, amount))
            if person:
                hands += ((start, -1), (end, 1))
        profiles = {key: Profile.build(since, changes) for key, changes in stations.items()}
        return Kitchen(since, self.until, profiles, Profile.build(since, hands))

    def occupy(self, work: Iterable[Taken], sign: int = 1) -> None:
        """Take what a little work needs (or give it back with ``sign`` -1)."""
        for station_id, start, end, amount, person in work:
            if station_id in self.stations:
                self.stations[station_id].take(start, end, sign * amount)
            if person:
                self.hands.take(start, end, sign)

    def _needs(self, work: Work) -> list[tuple[Profile, int]]:
        needs: list[tuple[Profile, int]] = []
        if work.station_id is not None and work.station_id in self.stations:
            needs.append((self.stations[work.station_id], work.amount))
        if work.needs_person:
            needs.append((self.hands, 1))
        return needs

    def take(self, plan: Iterable[Planned], sign: int = 1) -> None:
        """Take what a plan needs (or give it back with ``sign`` -1)."""
        self.occupy(((p.station_id, p.start, p.end, p.amount, p.needs_person) for p in plan), sign)

    def earliest(self, works: Sequence[Work], after: int) -> list[Planned] | None:
        """Lay one cake as early as possible, stage after stage; None if it does not fit before ``until``."""
        plan, start = [], max(after, self.since)
        for work in works:
            needs = self._needs(work)
            before = -1
            while before != start:
                before = start
                for profile, amount in needs:
                    start = profile.first_fit(start, work.minutes, amount)
                if start >= self.until:
                    return None
            plan.append(_planned(work, start))
            start += work.minutes
        return plan if start <= self.until else None

    def latest(self, works: Sequence[Work], by: int) -> list[Planned] | None:
        """Lay one cake as late as possible, done ``by`` then; None if it would have to start before now."""
        plan, end = [], by
        for work in reversed(works):
            needs = self._needs(work)
            while True:
                start = end - work.minutes
                if start < self.since:
                    return None
                blocks = [p.too_full_from(start, end, amount) for p, amount in needs]
                first = min((b for b in blocks if b is not None), default=None)
                if first is None:
                    break
                end = first
            plan.append(_planned(work, start))
            end = start
        plan.reverse()
        return plan

    def earliest_all(self, cakes: Sequence[Sequence[Work]], after: int) -> list[list[Planned]] | None:
        """Lay several cakes as early as possible, one after the other; takes nothing."""
        trial, plans = (self.copy() if len(cakes) > 1 else self), []
        for works in cakes:
            plan = trial.earliest(works, after)
            if plan is None:
                return None
            if len(cakes) > 1:
                trial.take(plan)
            plans.append(plan)
        return plans

    def fit(self, cakes: Sequence[Sequence[Work]], by: int) -> list[list[Planned]] | None:
        """Lay several cakes so that all are done ``by`` then, as late as possible if that fits; takes nothing."""
        trial, plans = (self.copy() if len(cakes) > 1 else self), []
        for works in cakes:
            plan = trial.latest(works, by)
            if plan is None:
                early = self.earliest_all(cakes, self.since) if by - self.since <= FRESH_MINUTES else None
                return early if early is not None and all(p[-1].end <= by for p in early) else None
            if len(cakes) > 1:
                trial.take(plan)
            plans.append(plan)
        return plans


def _planned(work: Work, start: int) -> Planned:
    return Planned(work.kind, work.station_id, start, start + work.minutes, work.amount, work.needs_person)


def back_to_back(works: Sequence[Work], by: int) -> list[Planned]:
    """Lay one cake without regard to what is free, each stage just before the next, done ``by`` then."""
    plan, end = [], by
    for work in reversed(works):
        plan.append(_planned(work, end - work.minutes))
        end -= work.minutes
    plan.reverse()
    return plan
