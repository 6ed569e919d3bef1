"""A plan under change: one operation at a time is moved, and what hangs on it is computed anew.

Ends are kept forwards and ways to the last end backwards, as flat lists of ints, and only computed between the first
and the last operation that a move can reach.
"""

from itertools import pairwise
from random import Random

from shop.planning.jobshop import Floor, Plan


class Board:
    """A plan under change. ``end[n]`` is when n ends; ``back[n]`` is minus the way from n's start to the last end.

    Place ``size`` of every list stands for no operation. ``order`` is a topological order of all operations.
    """

    def __init__(self, floor: Floor, plan: Plan) -> None:
        self.floor, none = floor, floor.size
        self.queues = [list(queue) for queue in plan.queues]
        self.machine = [0] * (none + 1)
        self.took = [0] * (none + 1)
        self.lead = [none] * (none + 1)
        self.follow = [none] * (none + 1)
        for machine, queue in enumerate(self.queues):
            for number in queue:
                self.machine[number] = machine
                self.took[number] = floor.minutes[number][machine]
            for earlier, later in pairwise(queue):
                self.lead[later], self.follow[earlier] = earlier, later
        self.before, self.after = [*floor.before, none], [*floor.after, none]
        self.order = floor.in_order(self.lead, self.follow)
        self.place = [0] * (none + 1)
        for place, number in enumerate(self.order):
            self.place[number] = place
        self.end, self.back = [0] * (none + 1), [0] * (none + 1)
        self.refresh(0, none - 1)

    @property
    def makespan(self) -> int:
        """When the last operation ends."""
        return max(self.end)

    def plan(self) -> Plan:
        """Return it as a plan of its own."""
        return Plan([list(queue) for queue in self.queues], self.makespan)

    def refresh(self, low: int, high: int) -> None:
        """Compute ends from place ``low`` on and ways back from place ``high`` down."""
        end, back, took, order = self.end, self.back, self.took, self.order
        before, after, lead, follow = self.before, self.after, self.lead, self.follow
        for number in order[low:]:
            one, other = end[before[number]], end[lead[number]]
            end[number] = (one if one > other else other) + took[number]
        for number in order[high::-1]:
            one, other = back[after[number]], back[follow[number]]
            back[number] = (one if one < other else other) - took[number]

    def critical_path(self, chance: Random) -> list[int]:
        """Return one longest chain of operations, chosen by chance where there are several, from its end on."""
        end, took, none = self.end, self.took, self.floor.size
        before, lead, longest = self.before, self.lead, max(end)
        number = chance.choice([n for n, value in enumerate(end) if value == longest and n != none])
        path = [number]
        while True:
            start = end[number] - took[number]
            one, other = before[number], lead[number]
            if start == 0 and (one == none or end[one]) and (other == none or end[other]):
                return path
            by_job = one != none and end[one] == start
            by_machine = other != none and end[other] == start
            number = one if by_job and (not by_machine or chance.random() < 0.5) else other
            path.append(number)

    def move(self, number: int, machine: int, at: int) -> bool:
        """Put an operation on a machine before the ``at``-th of the others there; False if that closed a circle."""
        none, place, order = self.floor.size, self.place, self.order
        target = self.queues[machine]
        if self.machine[number] == machine:
            target = [each for each in target if each != number]
        left = target[at - 1] if at else none
        right = target[at] if at < len(target) else none
        was, job_left, job_right = place[number], self.before[number], self.after[number]
        low = max(place[left] if left != none else -1, place[job_left] if job_left != none else -1)
        high = min(place[right] if right != none else none, place[job_right] if job_right != none else none)
        begins, ends = min(was, high), max(was, low)
        if high <= low:  # some that come before it in the order must now come after it
            turned = self._turned(number, order[high : low + 1], (right, job_right), (left, job_left))
            if turned is None:
                return False
            head = [each for each in order[begins:high] if each != number]
            tail = [each for each in order[low + 1 : ends + 1] if each != number]
            order[begins : ends + 1] = [*head, *turned, *tail]
        elif was <= low:
            begins = was
            order[was : low + 1] = [*order[was + 1 : low + 1], number]
        elif was >= high:
            ends = was
            order[high : was + 1] = [number, *order[high:was]]
        else:
            begins = ends = was
        for spot in range(begins, ends + 1):
            place[order[spot]] = spot
        self._relink(number, machine, target, at, left, right)
        self.refresh(begins, ends)
        return True

    def _turned(
        self, number: int, stretch: list[int], ahead: tuple[int, int], behind: tuple[int, int]
    ) -> list[int] | None:
        """Order a stretch anew: first what does not hang on ``ahead``, then ``number``, then the rest.

        None if one of ``behind``, which must come before it, hangs on what must come after it.
        """
        lead, before = self.lead, self.before
        later: set[int] = set()
        first, second = [], []
        for each in stretch:
            if each == number:
                continue
            led = lead[each] if lead[each] != number else lead[number]
            if each in ahead or before[each] in later or led in later:
                later.add(each)
                second.append(each)
            else:
                first.append(each)
        return None if later.intersection(behind) else [*first, number, *second]

    def _relink(self, number: int, machine: int, target: list[int], at: int, left: int, right: int) -> None:
        none, lead, follow = self.floor.size, self.lead, self.follow
        old = self.machine[number]
        if old != machine:
            self.queues[old].remove(number)
        led, followed = lead[number], follow[number]
        if led != none:
            follow[led] = followed
        if followed != none:
            lead[followed] = led
        target.insert(at, number)
        self.queues[machine] = target
        lead[number], follow[number] = left, right
        if left != none:
            follow[left] = number
        if right != none:
            lead[right] = number
        self.machine[number] = machine
        self.took[number] = self.floor.minutes[number][machine]
