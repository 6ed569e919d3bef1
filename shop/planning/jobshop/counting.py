"""What can be said of the makespan by counting alone."""

from collections import Counter

from shop.planning.jobshop import Floor

MOST_GROUPS = 300
"""So many sets of machines are looked at; the commonest first."""


def least_before(floor: Floor) -> list[int]:
    """The least time before each operation."""
    heads = [0] * floor.size
    for number in range(floor.size):
        if floor.after[number] != floor.size:
            heads[floor.after[number]] = heads[number] + min(floor.minutes[number].values())
    return heads


def least_after(floor: Floor) -> list[int]:
    """The least time after each operation."""
    tails = [0] * floor.size
    for number in reversed(range(floor.size)):
        if floor.before[number] != floor.size:
            tails[floor.before[number]] = tails[number] + min(floor.minutes[number].values())
    return tails


def lower_bound(floor: Floor) -> int:
    """Return a makespan that no plan can beat: the longest job, and the work that only certain machines can do."""
    heads, tails, machines = least_before(floor), least_after(floor), floor.instance.machines
    shortest = [min(minutes.values()) for minutes in floor.minutes]
    bound = max((h + s + t for h, s, t in zip(heads, shortest, tails, strict=True)), default=0)
    kinds = Counter(frozenset(minutes) for minutes in floor.minutes)
    groups = {frozenset(range(machines)), *(kind for kind, _ in kinds.most_common(MOST_GROUPS))}
    for group in groups:
        theirs = [n for n, minutes in enumerate(floor.minutes) if minutes.keys() <= group]
        work, width = sum(shortest[n] for n in theirs), len(group)
        if len(theirs) >= 2 * width:  # then even a machine that stays empty cannot undercut the edges
            work += sum(sorted(heads[n] for n in theirs)[:width]) + sum(
                sorted(tails[n] for n in theirs)[:width]
            )
        bound = max(bound, -(-work // width))
    return bound
