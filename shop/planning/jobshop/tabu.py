"""Improving a plan by moving one critical operation at a time, on its machine or to another one.

The neighbourhood is that of Mastrolilli and Gambardella, Effective neighbourhood functions for the flexible job shop
problem (2000): an operation of a critical path is taken out and put back where the longest way through it is shortest.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from random import Random

from shop.planning.jobshop import Floor, Plan
from shop.planning.jobshop.board import Board


def offers(board: Board, number: int) -> list[tuple[int, int, int]]:
    """Return (longest way through it, machine, place) for every sensible place an operation could have."""
    end, back, queues = board.end, board.back, board.queues
    ready, beyond = end[board.before[number]], back[board.after[number]]
    end_of, back_of, own = end.__getitem__, back.__getitem__, board.machine[number]
    found = []
    for machine, minutes in board.floor.choices[number]:
        queue = queues[machine]
        if machine == own:
            if len(queue) > 1:
                found += _own_offers(board, number, ready, beyond, minutes, queue)
            continue
        # Those that end after it could begin, and those whose way to the end is longer than what follows it:
        low = bisect_right(queue, ready, key=end_of)
        high = bisect_left(queue, beyond, key=back_of)
        if low >= high:
            found.append((ready + minutes - beyond, machine, low))
            continue
        for at in range(low, high + 1):
            start = end[queue[at - 1]] if at else 0
            rest = back[queue[at]] if at < len(queue) else 0
            if start < ready:
                start = ready
            if rest > beyond:
                rest = beyond
            found.append((start + minutes - rest, machine, at))
    return found


def _own_offers(
    board: Board, number: int, ready: int, beyond: int, minutes: int, queue: list[int]
) -> list[tuple[int, int, int]]:
    """The same on the machine where it is now, as if it had been taken out."""
    end, back, took, before, after = board.end, board.back, board.took, board.before, board.after
    here = queue.index(number)
    others = queue[:here] + queue[here + 1 :]
    ends = [end[each] for each in queue[:here]]
    last = ends[-1] if ends else 0
    for each in others[here:]:
        start = end[before[each]]
        last = (start if start > last else last) + took[each]
        ends.append(last)
    ways = [back[each] for each in queue[here + 1 :]]
    first = ways[0] if ways else 0
    ahead = []
    for each in reversed(others[:here]):
        rest = back[after[each]]
        first = (rest if rest < first else first) - took[each]
        ahead.append(first)
    ways = ahead[::-1] + ways
    low, high = bisect_right(ends, ready), bisect_left(ways, beyond)
    if low >= high:
        return [] if high <= here <= low else [(ready + minutes - beyond, board.machine[number], low)]
    found = []
    for at in range(low, high + 1):
        if at == here:
            continue
        start = ends[at - 1] if at else 0
        rest = ways[at] if at < len(ways) else 0
        if start < ready:
            start = ready
        if rest > beyond:
            rest = beyond
        found.append((start + minutes - rest, board.machine[number], at))
    return found


class Search:
    """Tabu search from plan to plan: a move may worsen, but an operation does not come back to a machine too soon."""

    def __init__(self, floor: Floor, chance: Random, patience: int = 0) -> None:
        self.floor, self.chance = floor, chance
        self.patience = patience or 400 + 4 * floor.size
        self.steps = 0

    def improve(self, plan: Plan, over: Callable[[], bool], goal: int = 0) -> Plan:
        """Search from a plan until nothing better has come for ``patience`` steps, or ``over()``; return the best."""
        board, best = Board(self.floor, plan), plan
        banned: dict[tuple[int, int], int] = {}
        since = 0
        while since < self.patience and best.makespan > goal and not (self.steps % 8 == 0 and over()):
            self.steps += 1
            since += 1
            if not self.step(board, banned, best.makespan):
                break
            if board.makespan < best.makespan:
                best, since = board.plan(), 0
        return best

    def step(self, board: Board, banned: dict[tuple[int, int], int], record: int) -> bool:
        """Make the best move that is not banned; where all are, any."""
        path, chance, now = board.critical_path(self.chance), self.chance, self.steps
        best = 1 << 60
        choice: list[tuple[int, int, int]] = []
        spare: list[tuple[int, int, int]] = []
        for number in path:
            for offer in offers(board, number):
                value, machine, at = offer
                if value > best:
                    continue
                if value >= record and banned.get((number, machine), 0) > now:
                    spare.append((number, machine, at))
                    continue
                if value < best:
                    best, choice = value, []
                choice.append((number, machine, at))
        while choice or spare:
            number, machine, at = (picks := choice or spare).pop(int(chance.random() * len(picks)))
            old = board.machine[number]
            if board.move(number, machine, at):
                tenure = len(path) + len(self.floor.choices[number])
                banned[number, old] = now + tenure + int(chance.random() * 5)
                return True
        return False

    def shaken(self, plan: Plan, moves: int) -> Plan:
        """Return the plan after some moves by chance along its critical paths."""
        board = Board(self.floor, plan)
        for _ in range(moves):
            path = board.critical_path(self.chance)
            found = offers(board, number := self.chance.choice(path))
            if found:
                _, machine, at = self.chance.choice(found)
                board.move(number, machine, at)
        return board.plan()
