"""One person's time as free gaps, and one room's places over time. Minutes are whole numbers; [start, end).

Both answer the two questions a plan is built from: the first time from a minute on, and the last time before
one, at which a piece of work fits.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

NEVER = 10**12


class Lane:
    """What only one piece of work can have at a time (a person), kept as its free gaps."""

    __slots__ = ("ends", "starts")

    def __init__(self, free: Iterable[tuple[int, int]]) -> None:
        gaps = sorted((a, b) for a, b in free if b > a)
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end in gaps:
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def first(self, after: int, minutes: int, before: int = NEVER) -> int:
        """Return the first start from ``after`` on, or `NEVER`; also if there is none ``before`` then."""
        starts, ends = self.starts, self.ends
        i = bisect_right(starts, after) - 1
        if i >= 0 and ends[i] - after >= minutes:
            return after
        for n in range(i + 1, len(starts)):
            start = starts[n]
            if start >= before:
                return NEVER
            if ends[n] - start >= minutes:
                return start
        return NEVER

    def last(self, before: int, minutes: int) -> int:
        """Return the last start at which the work is done by ``before``, or -1."""
        starts, ends = self.starts, self.ends
        i = bisect_left(starts, before) - 1
        while i >= 0:
            start = min(ends[i], before) - minutes
            if start >= starts[i]:
                return start
            i -= 1
        return -1

    def copy(self) -> "Lane":
        """Return the same gaps, to be changed on their own."""
        other = Lane.__new__(Lane)
        other.starts, other.ends = self.starts[:], self.ends[:]
        return other

    def free_within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return what of [start, end) is free."""
        spans = zip(self.starts, self.ends, strict=True)
        return [(max(a, start), min(b, end)) for a, b in spans if a < end and b > start]

    def take_free(self, start: int, end: int) -> list[tuple[int, int]]:
        """Take what is free of [start, end), and return it."""
        free = self.free_within(start, end)
        for span in free:
            self.take(*span)
        return free

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing stands in [start, end)."""
        i = bisect_right(self.starts, start) - 1
        return i >= 0 and self.ends[i] >= end

    def take(self, start: int, end: int) -> None:
        """Take [start, end), which is free."""
        starts, ends = self.starts, self.ends
        i = bisect_right(starts, start) - 1
        a, b = starts[i], ends[i]
        if a == start and b == end:
            del starts[i], ends[i]
        elif a == start:
            starts[i] = end
        elif b == end:
            ends[i] = start
        else:
            ends[i] = start
            starts.insert(i + 1, end)
            ends.insert(i + 1, b)

    def give(self, start: int, end: int) -> None:
        """Give back exactly what was taken."""
        starts, ends = self.starts, self.ends
        i = bisect_left(starts, start)
        before = i > 0 and ends[i - 1] == start
        behind = i < len(starts) and starts[i] == end
        if before and behind:
            ends[i - 1] = ends[i]
            del starts[i], ends[i]
        elif before:
            ends[i - 1] = end
        elif behind:
            starts[i] = start
        else:
            starts.insert(i, start)
            ends.insert(i, end)


class Room:
    """Equal places that several pieces of work share: a bench, a shelf, or an oven, which has one heat at a time.

    ``room[i]`` places are there from ``times[i]`` on (0 while closed), ``used[i]`` of them taken, at ``heat[i]``
    degrees (0: no matter). Work that overlaps at most k deep can always be laid on k places.
    """

    __slots__ = ("heat", "room", "times", "used")

    def __init__(self, places: int, open_: Iterable[tuple[int, int]]) -> None:
        self.times, self.room = [0], [0]
        hours = Lane(open_)
        for start, end in zip(hours.starts, hours.ends, strict=True):
            if start <= 0:
                self.times, self.room = [], []
            self.times += (max(0, start), end)
            self.room += (places, 0)
        self.used = [0] * len(self.times)
        self.heat = [0] * len(self.times)

    def copy(self) -> "Room":
        """Return the same places, to be changed on their own."""
        other = Room.__new__(Room)
        other.times, other.room = self.times[:], self.room[:]
        other.used, other.heat = self.used[:], self.heat[:]
        return other

    def first(self, after: int, minutes: int, amount: int, heat: int) -> int:
        """Return the first start from ``after`` on, or `NEVER`."""
        times, room, used, hot = self.times, self.room, self.used, self.heat
        n = len(times)
        i = bisect_right(times, after) - 1
        start = after
        while True:
            end = start + minutes
            while room[i] - used[i] >= amount and (not heat or not hot[i] or hot[i] == heat):
                i += 1
                if i == n:
                    return NEVER  # the last stretch is always closed
                if times[i] >= end:
                    return start
            i += 1
            while i < n and (room[i] - used[i] < amount or (heat and hot[i] and hot[i] != heat)):
                i += 1
            if i >= n:
                return NEVER
            start = times[i]

    def last(self, before: int, minutes: int, amount: int, heat: int) -> int:
        """Return the last start at which the work is done by ``before``, or -1."""
        times, room, used, hot = self.times, self.room, self.used, self.heat
        i = bisect_left(times, before) - 1
        end = before
        while i >= 0:
            start = end - minutes
            while room[i] - used[i] >= amount and (not heat or not hot[i] or hot[i] == heat):
                if times[i] <= start:
                    return start
                i -= 1
                if i < 0:
                    return -1
            end = times[i]
            i -= 1
        return -1

    def fits(self, start: int, end: int, amount: int, heat: int) -> bool:
        """Whether the work can stand there."""
        return self.first(start, end - start, amount, heat) == start

    def take(self, start: int, end: int, amount: int, heat: int) -> None:
        """Take places; taking more than there are (overbooking) is remembered and blocks what comes."""
        first, behind = self._cut(start), self._cut(end)
        for i in range(first, behind):
            self.used[i] += amount
            if heat:
                self.heat[i] = heat

    def give(self, start: int, end: int, amount: int) -> None:
        """Give back exactly what was taken."""
        first, behind = self._cut(start), self._cut(end)
        for i in range(first, behind):
            self.used[i] -= amount
            if not self.used[i]:
                self.heat[i] = 0
        self._join(behind)
        self._join(first)

    def _cut(self, minute: int) -> int:
        times = self.times
        i = bisect_right(times, minute) - 1
        if times[i] == minute:
            return i
        i += 1
        times.insert(i, minute)
        self.room.insert(i, self.room[i - 1])
        self.used.insert(i, self.used[i - 1])
        self.heat.insert(i, self.heat[i - 1])
        return i

    def _join(self, i: int) -> None:
        if not 0 < i < len(self.times):
            return
        room, used, heat = self.room, self.used, self.heat
        if room[i] == room[i - 1] and used[i] == used[i - 1] and heat[i] == heat[i - 1]:
            del self.times[i], room[i], used[i], heat[i]


def gate_hours(
    hours: Sequence[tuple[int, int]], gates: Mapping[str, Sequence[tuple[int, int]]]
) -> dict[str, Lane]:
    """Return when work with each gate may stand there; work without one has the hours no gate has."""
    rest = Lane(hours)
    for spans in gates.values():
        for span in spans:
            rest.take_free(*span)
    return {gate: Lane(spans) for gate, spans in gates.items()} | {"": rest}
