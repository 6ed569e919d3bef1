"""The order of everybody's work: when each step begins if all stands as early, or as late, as that order lets it.

Only people are counted, one thing at a time: hands are what a cake shop has least of. Rooms have hours here, and as
many places as anybody wants; whether there is room shows when the steps are laid into the book.
"""

from collections.abc import Sequence

from shop.planning.reservations.book import Book
from shop.planning.reservations.works import Work

EVER = 10**9


class Best:
    """The order with the soonest end of the new jobs that makes nobody else late."""

    __slots__ = ("end", "hand", "order")

    def __init__(self) -> None:
        self.end = EVER
        self.order: list[int] = []
        self.hand: list[int] = []


class Shopfloor:
    """The steps of the works, numbered; ``order`` names them all, those of one job in the order they are done.

    ``hand[n]`` is who does a step: the number of a person, or after all people that of a station.
    """

    def __init__(self, book: Book, works: Sequence[Work], goal: int) -> None:
        lanes = {hand: lane.copy() for hand, lane in book.lanes.items()}
        self.works, self.hands, self.people = works, list(lanes), len(lanes)
        person = {hand: n for n, hand in enumerate(self.hands)}
        room = {station.id: n for n, station in enumerate(book.floor.stations, self.people)}
        self.steps: list[tuple[int, int]] = []
        self.minutes: list[int] = []
        self.ready: list[int] = []
        self.before: list[int] = []
        self.behind: list[int] = []
        self.pause: list[int] = []
        """Minutes between the step before and this one in which the cake needs nothing (cooling)."""
        self.last: list[tuple[int, int, Work]] = []
        self.hand: list[int] = []
        self.able: list[list[int]] = []
        begins: list[int] = []
        for work in works:
            last, pause = -1, 0
            for i in range(work.start, work.cut):
                step, at = work.job.steps[i], work.job.laid[i] if work.job.laid else None
                if at is not None and at.hand in lanes:
                    for start, end in book.taken(step, at):
                        lanes[at.hand].give(start, end)
                able = [person[one] for one in book.able.get(step.skill, ())]
                if not step.skill and step.station in room:
                    able = [room[step.station]]
                if not able:
                    pause += step.minutes
                    continue
                n = len(self.steps)
                self.steps.append((work.job.id, i))
                self.minutes.append(step.minutes)
                self.ready.append(work.since + pause if last < 0 else 0)
                self.pause.append(0 if last < 0 else pause)
                self.before.append(last)
                self.behind.append(-1)
                if last >= 0:
                    self.behind[last] = n
                self.able.append(able)
                self.hand.append(able[0] if at is None or at.hand is None else person.get(at.hand, able[0]))
                begins.append(at.start if at else goal - work.rest[i])
                last, pause = n, 0
            if last >= 0:
                self.last.append((last, pause, work))
        self.opens = [[*lane.starts, EVER] for lane in lanes.values()]
        self.closes = [[*lane.ends, 2 * EVER] for lane in lanes.values()]
        for station in book.floor.stations:
            self.opens.append([*sorted(start for start, _ in station.hours), EVER])
            self.closes.append([*sorted(end for _, end in station.hours), 2 * EVER])
        count = len(self.steps)
        self.order = sorted(range(count), key=lambda n: (begins[n], n))
        self.starts, self.ends, self.latest = [0] * count, [0] * count, [EVER] * count
        self.weight, self.late = [2] * count, list[int]()
        self.aim(goal)
        self._let_in({job.id for *_, work in self.last if not (job := work.job).laid})

    def aim(self, goal: int) -> None:
        """Look for an end of the new jobs at ``goal``: with it changes until when each step must be done."""
        count = len(self.steps)
        self.limit, self.mine = [EVER] * count, set[int]()
        for n, pause, work in self.last:
            self.limit[n] = work.limit(goal) - pause
            if not work.job.laid:
                self.mine.add(n)
                self.weight[n] = 1
        self.soonest, self.must = self.ready[:], self.limit[:]
        for n, before in enumerate(self.before):
            if before >= 0:
                self.soonest[n] = self.soonest[before] + self.minutes[before] + self.pause[n]
        for n in range(count - 1, -1, -1):
            behind = self.behind[n]
            if behind >= 0:
                self.must[n] = self.must[behind] - self.minutes[behind] - self.pause[behind]

    def _let_in(self, new: set[int]) -> None:
        """Put the steps of the new jobs where they make the others, and themselves, least late."""
        fresh = [n for n in range(len(self.steps)) if self.steps[n][0] in new]
        self.order = [n for n in self.order if self.steps[n][0] not in new]
        for n in fresh:
            self.run(self.order, EVER * EVER)
            self.order.sort(key=self.starts.__getitem__)
            self.back()
            before, long = self.before[n], self.minutes[n]
            ready = self.ends[before] + self.pause[n] if before >= 0 else self.ready[n]
            best = (EVER * 4, 0, self.able[n][0], -1)
            for who in self.able[n]:
                row = [one for one in self.order if self.hand[one] == who] if who < self.people else []
                opens, closes, g = self.opens[who], self.closes[who], 0
                for left, right in zip([-1, *row], [*row, -1], strict=True):
                    start = max(ready, self.ends[left]) if left >= 0 else ready
                    while start >= closes[g]:
                        g += 1
                    start = max(start, opens[g])
                    late = max(0, start + long - self.must[n]) + max(0, start + long - closes[g])
                    if right >= 0 and start + long > self.latest[right]:
                        late += start + long - self.latest[right]
                    best = min(best, (late, start, who, right))
            self.hand[n] = best[2]
            at = self.order.index(best[3]) if best[3] >= 0 else len(self.order)
            if before >= 0:
                at = max(at, self.order.index(before) + 1)
            self.order.insert(at, n)

    def run(self, order: Sequence[int], most: int) -> int:
        """Let all be done in this order, as early as it goes; returns how late that is in all, each minute as heavy
        as the step that is late, or ``most`` if it is not less. ``late`` names who is.

        Whoever cannot end before going home, and cannot do it the next time either, works on: that is late too.
        """
        people, free, gap, late = self.people, [0] * self.people, [0] * len(self.opens), 0
        self.late = []
        starts, ends, hand, minutes, before = self.starts, self.ends, self.hand, self.minutes, self.before
        pause, ready, limit, must, weight = self.pause, self.ready, self.limit, self.must, self.weight
        opens, closes = self.opens, self.closes
        for n in order:
            who, last, long = hand[n], before[n], minutes[n]
            start = ends[last] + pause[n] if last >= 0 else ready[n]
            if who < people and free[who] > start:
                start = free[who]
            until, begins, g = closes[who], opens[who], gap[who]
            while start >= until[g]:
                g += 1
            if start < begins[g]:
                start = begins[g]
            end = start + long
            if end > until[g]:
                one, top = g, must[n] - long
                while begins[one + 1] <= top:
                    one += 1
                    if begins[one] + long <= until[one]:
                        g, start = one, begins[one]
                        end = start + long
                        break
                else:
                    late += (end - until[g]) * weight[n]
                    self.late.append(n)
            starts[n], ends[n] = start, end
            if who < people:
                free[who], gap[who] = end, g
            if end > limit[n]:
                late += (end - limit[n]) * weight[n]
                self.late.append(n)
                if late >= most:
                    return most
        return late

    def back(self) -> None:
        """Find the latest start of each step from which nobody behind it gets late."""
        people, free, gap = self.people, [EVER] * self.people, [len(opens) - 2 for opens in self.opens]
        latest, hand, minutes, behind, pause = self.latest, self.hand, self.minutes, self.behind, self.pause
        limit, soonest, opens, closes = self.limit, self.soonest, self.opens, self.closes
        for n in reversed(self.order):
            who, long, end, next_ = hand[n], minutes[n], limit[n], behind[n]
            if next_ >= 0:
                end = latest[next_] - pause[next_]
            if who < people and free[who] < end:
                end = free[who]
            begins, until, g = opens[who], closes[who], gap[who]
            while g > 0 and end <= begins[g]:
                g -= 1
            if end > until[g]:
                end = until[g]
            if end - long < begins[g]:
                least, one = soonest[n] + long, g
                while one > 0 and until[one - 1] >= least:
                    one -= 1
                    if until[one] - long >= begins[one]:
                        g, end = one, until[one]
                        break
            latest[n] = end - long
            if who < people:
                free[who], gap[who] = end - long, g

    # -- what is found

    def settled(self, best: Best, goal: int) -> bool:
        """Take over an order and look from both sides how all stands in it; False if somebody is late then."""
        self.order, self.hand = best.order[:], best.hand[:]
        self.aim(goal)
        if self.run(self.order, EVER):
            return False
        self.order.sort(key=self.starts.__getitem__)
        self.back()
        return True

    def turns(self) -> list[tuple[int, int, int]]:
        """Return all steps, the one that may be done last first: its job, which of its steps, and who does it (-1:
        nobody)."""
        last = sorted(range(len(self.steps)), key=lambda n: -self.latest[n] - self.minutes[n])
        hands = [*self.hands, *(-1 for _ in self.opens[self.people :])]
        return [(*self.steps[n], hands[self.hand[n]]) for n in last]

    def rows(self) -> list[list[int]]:
        """Return all steps of the works by their latest start: minute, job, which of its steps."""
        begins = {step: self.latest[n] for n, step in enumerate(self.steps)}
        found: list[list[int]] = []
        for work in self.works:
            then = EVER
            for i in range(work.cut - 1, work.start - 1, -1):
                then = begins.get((work.job.id, i), then - work.job.steps[i].minutes)
                found.append([then, work.job.id, i])
        return found
