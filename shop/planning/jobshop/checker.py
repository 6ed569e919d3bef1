"""Is a schedule allowed? Judged from the instance alone, sharing nothing with what makes schedules."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from shop.planning.jobshop import Instance, Placed, Schedule


def faults(instance: Instance, schedule: Schedule, makespan: int | None = None) -> list[str]:
    """Say everything that is wrong; an empty list is a schedule that can be kept.

    With ``makespan`` the schedule must also end exactly when it claims to.
    """
    found = [*_not_once(instance, schedule)]
    if found:
        return found
    found += _wrong_machines(instance, schedule)
    found += _out_of_turn(schedule)
    found += _overlaps(schedule)
    if makespan is not None and makespan != (ends := max((p.end for p in schedule.placed), default=0)):
        found.append(f"it claims to end at {makespan} and ends at {ends}")
    return found


def _not_once(instance: Instance, schedule: Schedule) -> Iterator[str]:
    wanted = {(job, step) for job, steps in enumerate(instance.jobs) for step in range(len(steps))}
    times = Counter((each.job, each.operation) for each in schedule.placed)
    yield from (f"{_called(key)} is missing" for key in sorted(wanted - set(times)))
    yield from (f"{_called(key)} does not exist" for key in sorted(set(times) - wanted))
    yield from (f"{_called(key)} is done {n} times" for key, n in sorted(times.items()) if n > 1)


def _wrong_machines(instance: Instance, schedule: Schedule) -> Iterator[str]:
    for each in schedule.placed:
        what, choices = _called((each.job, each.operation)), instance.jobs[each.job][each.operation]
        if each.start < 0:
            yield f"{what} starts before the beginning"
        if each.machine not in choices:
            yield f"{what} cannot be done on machine {each.machine}"
        elif each.end - each.start != choices[each.machine]:
            takes = choices[each.machine]
            yield f"{what} takes {takes} on machine {each.machine}, not {each.end - each.start}"


def _out_of_turn(schedule: Schedule) -> Iterator[str]:
    at = {(each.job, each.operation): each for each in schedule.placed}
    for (job, step), each in sorted(at.items()):
        if step and each.start < at[job, step - 1].end:
            yield f"{_called((job, step))} starts before the one before it has ended"


def _overlaps(schedule: Schedule) -> Iterator[str]:
    by_machine: dict[int, list[Placed]] = defaultdict(list)
    for each in schedule.placed:
        if each.end > each.start:
            by_machine[each.machine].append(each)
    for machine, theirs in sorted(by_machine.items()):
        theirs.sort(key=lambda each: each.start)
        for one, other in pairwise(theirs):
            if other.start < one.end:
                both = f"{_called((one.job, one.operation))} and {_called((other.job, other.operation))}"
                yield f"machine {machine} does {both} at once"


def _called(key: tuple[int, int]) -> str:
    return f"job {key[0]} operation {key[1]}"
