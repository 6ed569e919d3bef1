"""Whose turn it is: everybody's order of work, changed step by step until nobody is late.

What makes somebody late is taken out of its order and put where it hurts least; whoever stays late weighs more and
more. The same question gives the same answer.
"""

from collections.abc import Sequence
from random import Random

from shop.planning.reservations.shopfloor import EVER, Best, Shopfloor
from shop.planning.reservations.works import Budget

TRIES = 5
"""How many of the promising changes are tried, before the best of them is made."""
SHARE = 5
"""To try a change costs as much as to place every so many-th step."""
RESTS = 3
"""A step that was moved rests for at most so many rounds."""

Change = tuple[int, float, int, int, int, int]
"""By how much it would be late, chance, the step, at whose hands, and between which two steps it comes."""


def search(floor: Shopfloor, budget: Budget, tries: int) -> Best | None:
    """Change turns until nobody is late; if so many tries do not do, return those in which only the new jobs are."""
    chance, rests, cost = Random(1), [0] * len(floor.steps), len(floor.steps) // SHARE + 1
    now, turn, best = floor.run(floor.order, EVER), 0, Best()
    while True:
        late = floor.late
        if floor.mine.issuperset(late):
            end = max(floor.ends[n] for n in floor.mine)
            if end < best.end:
                best.end, best.order, best.hand = end, floor.order[:], floor.hand[:]
        if not now or tries <= 0 or budget.left <= 0:
            return best if best.order else None
        turn += 1
        floor.order.sort(key=floor.starts.__getitem__)
        floor.back()
        changes = _changes(floor, chance.choice(late), rests, turn, chance)
        found, least = None, EVER * EVER
        for change in sorted(changes)[:TRIES]:
            order = _changed(floor, change)
            if order is None:
                continue
            n = change[2]
            who, floor.hand[n] = floor.hand[n], change[3]
            sum_ = floor.run(order, least)
            floor.hand[n] = who
            tries -= 1
            budget.left -= cost
            if sum_ < least:
                found, least = (order, n, change[3]), sum_
        tries -= 1
        if found is None:
            rests = [0] * len(rests)
        else:
            if least >= now:
                for n in late:
                    floor.weight[n] += 1
            floor.order, n, floor.hand[n] = found
            rests[n] = turn + chance.randint(1, RESTS)
        now = floor.run(floor.order, EVER)


def _changes(floor: Shopfloor, late: int, rests: Sequence[int], turn: int, chance: Random) -> list[Change]:
    """Take each step that makes this one late out of its order; return where else it could come."""
    rows: list[list[int]] = [[] for _ in floor.opens]
    place, previous = [0] * len(floor.steps), [-1] * len(floor.steps)
    for n in floor.order:
        row = rows[floor.hand[n]]
        place[n], previous[n] = len(row), row[-1] if row and floor.hand[n] < floor.people else -1
        row.append(n)
    found: list[Change] = []
    n = late
    while n >= 0:
        last = floor.before[n]
        ready = floor.ends[last] + floor.pause[n] if last >= 0 else floor.ready[n]
        other = previous[n]
        if rests[n] <= turn and floor.hand[n] < floor.people:
            for who in floor.able[n]:
                row, at = rows[who], -1
                if who == floor.hand[n]:
                    at = place[n]
                    row = row[:at] + row[at + 1 :]
                _places(floor, n, who, row, at, ready, chance, found)
        n = other if other >= 0 and floor.ends[other] >= ready else last
    return found


def _places(
    floor: Shopfloor,
    n: int,
    who: int,
    row: Sequence[int],
    at: int,
    ready: int,
    chance: Random,
    found: list[Change],
) -> None:
    """Guess for each place in an order how late the step would be there. ``at``: where it was."""
    starts, ends, latest = floor.starts, floor.ends, floor.latest
    last, behind, long = floor.before[n], floor.behind[n], floor.minutes[n]
    by = latest[behind] - floor.pause[behind] if behind >= 0 else floor.limit[n]
    begun = starts[last] if last >= 0 else -1
    begins = starts[behind] if behind >= 0 else EVER
    opens, closes, g = floor.opens[who], floor.closes[who], 0
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


def _changed(floor: Shopfloor, change: Change) -> list[int] | None:
    """Return the order with one step elsewhere; None if its job could not be done in that order."""
    n, left, right = change[2], change[4], change[5]
    order = floor.order[:]
    order.remove(n)
    least, most = 0, len(order)
    for one in (left, floor.before[n]):
        if one >= 0:
            least = max(least, order.index(one) + 1)
    for one in (right, floor.behind[n]):
        if one >= 0:
            most = min(most, order.index(one))
    if least > most:
        return None
    order.insert(least, n)
    return order
