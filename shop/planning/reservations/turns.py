"""Whose turn it is: for each person the order of the work, changed step by step until nobody is late.

Only people count here, rooms do not: hands are what a cake shop has least of. Everything stands as early as each
person's order lets it, so work is drawn forward and put back without a search; what makes somebody late is taken
out of its order and put where it hurts least. Whoever stays late weighs more and more. The same question gives the
same answer.
"""

from collections.abc import Mapping, Sequence
from random import Random

from shop.planning.reservations.book import Book
from shop.planning.reservations.works import Budget, Work

EVER = 10**9
TRIES = 8
"""How many of the promising changes are tried, before the best of them is made."""
SHARE = 7
"""To try a change costs as much as to place every seventh step."""
RESTS = 3
"""A step that was moved rests for at most so many rounds."""

Change = tuple[int, float, int, int, int, int]
"""By how much it would be late, chance, the step, its new person, and between which two steps it comes."""


class Turns:
    """The steps that people do, numbered; ``order`` names them all, those of one job in the order they are done."""

    def __init__(self, book: Book, works: Sequence[Work], goal: int) -> None:
        lanes = {hand: lane.copy() for hand, lane in book.lanes.items()}
        self.hands = list(lanes)
        number = {hand: n for n, hand in enumerate(self.hands)}
        self.steps: list[tuple[int, int]] = []
        self.minutes: list[int] = []
        self.ready: list[int] = []
        self.before: list[int] = []
        self.behind: list[int] = []
        self.pause: list[int] = []
        self.limit: list[int] = []
        self.hand: list[int] = []
        self.able: list[list[int]] = []
        begins: list[int] = []
        for work in works:
            stands, last, pause = work.job.laid, -1, 0
            for i in range(work.start, work.cut):
                step = work.job.steps[i]
                able = [number[one] for one in book.able.get(step.skill, ())]
                hand = stands[i].hand if stands else None
                if hand in lanes:
                    for start, end in book.taken(step, stands[i]):
                        lanes[hand].give(start, end)
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
                self.limit.append(EVER)
                self.able.append(able)
                self.hand.append(number.get(hand, able[0]) if hand is not None else able[0])
                begins.append(stands[i].start if stands else goal - work.rest[i])
                last, pause = n, 0
            if last >= 0:
                self.limit[last] = work.limit - pause
        self.opens = [[*lane.starts, EVER] for lane in lanes.values()]
        self.closes = [[*lane.ends, 2 * EVER] for lane in lanes.values()]
        count = len(self.steps)
        self.order = sorted(range(count), key=lambda n: (begins[n], n))
        self.weight = [1] * count
        self.starts, self.ends = [0] * count, [0] * count
        self.latest = [0] * count
        self.late: list[int] = []
        self._alone()

    def _alone(self) -> None:
        """When each step could start at the soonest and must end at the latest, if it had everybody for itself."""
        self.soonest, self.must = self.ready[:], self.limit[:]
        for n, before in enumerate(self.before):
            if before >= 0:
                self.soonest[n] = self.soonest[before] + self.minutes[before] + self.pause[n]
        for n in range(len(self.steps) - 1, -1, -1):
            behind = self.behind[n]
            if behind >= 0:
                self.must[n] = self.must[behind] - self.minutes[behind] - self.pause[behind]

    # -- how things stand

    def _run(self, order: Sequence[int], most: int) -> int:
        """Let everybody do their work in this order, as early as it goes; returns how late that is in all, each
        minute as heavy as the step that is late, or ``most`` if it is not less.

        Whoever cannot end before going home, and cannot do it the next time either, works on: that is late too.
        """
        people = len(self.opens)
        free, gap, late = [0] * people, [0] * people, 0
        self.late = []
        starts, ends, hand, minutes, before = self.starts, self.ends, self.hand, self.minutes, self.before
        pause, ready, limit, must, weight = self.pause, self.ready, self.limit, self.must, self.weight
        opens, closes = self.opens, self.closes
        for n in order:
            who, last, long = hand[n], before[n], minutes[n]
            start = ends[last] + pause[n] if last >= 0 else ready[n]
            if free[who] > start:
                start = free[who]
            until, g = closes[who], gap[who]
            while start >= until[g]:
                g += 1
            begins = opens[who]
            if start < begins[g]:
                start = begins[g]
            end = start + long
            if end > until[g]:
                next_, most_ = g, must[n] - long
                while begins[next_ + 1] <= most_:
                    next_ += 1
                    if begins[next_] + long <= until[next_]:
                        g, start = next_, begins[next_]
                        end = start + long
                        break
                else:
                    late += (end - until[g]) * weight[n]
                    self.late.append(n)
            gap[who] = g
            starts[n] = start
            free[who] = ends[n] = end
            if end > limit[n]:
                late += (end - limit[n]) * weight[n]
                self.late.append(n)
                if late >= most:
                    return most
        return late

    def _back(self) -> None:
        """Find the latest start of each step from which nobody behind it gets late."""
        people = len(self.opens)
        free, gap = [EVER] * people, [len(opens) - 2 for opens in self.opens]
        latest, hand, minutes, behind, pause = self.latest, self.hand, self.minutes, self.behind, self.pause
        limit, soonest, opens, closes = self.limit, self.soonest, self.opens, self.closes
        for n in reversed(self.order):
            who, long, end, next_ = hand[n], minutes[n], limit[n], behind[n]
            if next_ >= 0:
                end = latest[next_] - pause[next_]
            if free[who] < end:
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
                        g, end = one, min(end, until[one])
                        break
            gap[who] = g
            free[who] = latest[n] = end - long

    # -- changes

    def search(self, budget: Budget, tries: int) -> bool:
        """Change turns until nobody is late; False if so many tries did not do."""
        chance, rests, cost = Random(1), [0] * len(self.steps), len(self.steps) // SHARE + 1
        now, turn = self._run(self.order, EVER), 0
        while now:
            turn += 1
            late = self.late
            self.order.sort(key=self.starts.__getitem__)
            self._back()
            changes = self._changes(chance.choice(late), rests, turn, chance)
            if not changes:
                rests = [0] * len(rests)
                tries -= 1
            best, least = None, EVER * EVER
            for change in sorted(changes)[:TRIES]:
                order = self._changed(change)
                if order is None:
                    continue
                who, self.hand[change[2]] = self.hand[change[2]], change[3]
                found = self._run(order, least)
                self.hand[change[2]] = who
                tries -= 1
                budget.left -= cost
                if found < least:
                    best, least = (order, change), found
            if tries <= 0 or budget.left <= 0:
                return False
            if best is None:
                rests = [0] * len(rests)
                self._run(self.order, EVER)
                tries -= 1
                continue
            if least >= now:
                for n in late:
                    self.weight[n] += 1
            self.order, (_, _, n, self.hand[n], *_) = best[0], best[1]
            rests[n] = turn + chance.randint(1, RESTS)
            now = self._run(self.order, EVER)
        return True

    def _changes(self, late: int, rests: Sequence[int], turn: int, chance: Random) -> list[Change]:
        """Take each step that makes this one late out of its order; return where else it could come."""
        rows: list[list[int]] = [[] for _ in self.opens]
        place, previous = [0] * len(self.steps), [-1] * len(self.steps)
        for n in self.order:
            row = rows[self.hand[n]]
            place[n], previous[n] = len(row), row[-1] if row else -1
            row.append(n)
        found: list[Change] = []
        n = late
        while n >= 0:
            last, other = self.before[n], previous[n]
            ready = self.ends[last] + self.pause[n] if last >= 0 else self.ready[n]
            if rests[n] <= turn:
                for who in self.able[n]:
                    row, at = rows[who], -1
                    if who == self.hand[n]:
                        at = place[n]
                        row = row[:at] + row[at + 1 :]
                    self._places(n, who, row, at, ready, chance, found)
            n = other if other >= 0 and self.ends[other] >= ready else last
        return found

    def _places(
        self, n: int, who: int, row: Sequence[int], at: int, ready: int, chance: Random, found: list[Change]
    ) -> None:
        """Guess for each place in somebody's order how late the step would be there. ``at``: where it was."""
        starts, ends, latest, minutes = self.starts, self.ends, self.latest, self.minutes
        last, behind, long = self.before[n], self.behind[n], minutes[n]
        by = latest[behind] - self.pause[behind] if behind >= 0 else self.limit[n]
        begun = starts[last] if last >= 0 else -1
        begins = starts[behind] if behind >= 0 else EVER
        opens, closes, g = self.opens[who], self.closes[who], 0
        for i in range(len(row) + 1):
            left, right = row[i - 1] if i else -1, row[i] if i < len(row) else -1
            if right >= 0 and ends[right] <= ready and starts[right] <= begun:
                continue
            if left >= 0 and starts[left] >= begins:
                break
            if i == at:
                continue
            start, end = ready, by
            if left >= 0:
                free = ends[left] - long if -1 < at < i else ends[left]
                if free > start:
                    start = free
            if right >= 0:
                then = latest[right] + long if i < at else latest[right]
                if then < end:
                    end = then
            while start >= closes[g]:
                g += 1
            if start < opens[g]:
                start = opens[g]
            if start + long > closes[g]:
                if opens[g + 1] + long <= end:
                    start = opens[g + 1]
                elif closes[g] < end:
                    end = closes[g]
            found.append((start + long - end, chance.random(), n, who, left, right))
            if end < ready:
                break

    def _changed(self, change: Change) -> list[int] | None:
        """Return the order with one step elsewhere; None if its job could not be done in that order."""
        n, left, right = change[2], change[4], change[5]
        order = self.order[:]
        order.remove(n)
        least, most = 0, len(order)
        for one in (left, self.before[n]):
            if one >= 0:
                least = max(least, order.index(one) + 1)
        for one in (right, self.behind[n]):
            if one >= 0:
                most = min(most, order.index(one))
        if least > most:
            return None
        order.insert(least, n)
        return order

    # -- what is found

    def rows(self, works: Sequence[Work]) -> list[list[int]]:
        """Return when each step of the works begins, as [minute, job, step], and who does it is in `who`."""
        begins = {step: start for step, start in zip(self.steps, self.starts, strict=True)}
        found: list[list[int]] = []
        for work in works:
            then = work.limit
            for i in range(work.cut - 1, work.start - 1, -1):
                then = begins.get((work.job.id, i), then - work.job.steps[i].minutes)
                found.append([then, work.job.id, i])
        return found

    def who(self) -> dict[tuple[int, int], int]:
        """Return who does each step."""
        return {step: self.hands[hand] for step, hand in zip(self.steps, self.hand, strict=True)}
