"""Some jobs go before all others: where do they stand, and who has to make room? Asked of a plan; nothing changes."""

from collections.abc import Collection, Mapping, Sequence

from shop.planning.kitchen import Floor, Job, Laid
from shop.planning.kitchen.desk import Desk
from shop.planning.kitchen.later import as_late
from shop.planning.kitchen.solve import standing
from shop.planning.kitchen.standing import fits
from shop.planning.reservations.floor import minutes_of

Plan = dict[int, list[Laid]]
Harm = tuple[int, int, int, int]
"""Jobs without a place, minutes late of the first, jobs that get late, minutes that the others slip."""


def squeeze(floor: Floor, jobs: Sequence[Job], first: Collection[int]) -> tuple[Plan, Plan]:
    """Return the plan as it stands without the ``first``, and the one in which they come first.

    The first are tried where there is room, just before their due time, and as early as can be: what harms the
    others least is taken.
    """
    others = [job for job in jobs if job.id not in first]
    before = standing(floor, others)
    tries = [_beside(floor, jobs, others, before, first, {})]
    alone = _alone(floor, jobs, first)
    tries += [_beside(floor, jobs, others, before, first, laid) for laid in alone]
    return before, min(tries, key=lambda plan: harm(jobs, before, plan, first))


def harm(
    jobs: Sequence[Job], before: Mapping[int, Sequence[Laid]], after: Plan, first: Collection[int]
) -> Harm:
    """Say how bad a plan is."""
    late = slips = 0
    mine = 0
    for job in jobs:
        ends = after[job.id][-1].end if job.id in after else job.due
        if job.id in first:
            mine += max(0, ends - job.due)
        elif job.id in before:
            late += before[job.id][-1].end <= job.due < ends
            slips += max(0, ends - before[job.id][-1].end)
    return len(jobs) - len(after), mine, late, slips


def _alone(floor: Floor, jobs: Sequence[Job], first: Collection[int]) -> list[Plan]:
    """Return places for the first in a kitchen with nothing else but the work at hand: late, and early."""
    at_hand = [job for job in jobs if job.id in first or job.locked]
    desk = Desk(floor, at_hand)
    for job in sorted(at_hand, key=lambda job: (job.due, job.id)):
        if job.id in first:
            desk.insert(job)
    early = {number: list(laid) for number, laid in desk.laid.items()}
    return [as_late(floor, at_hand, early, first), early]


def _beside(
    floor: Floor, jobs: Sequence[Job], others: Sequence[Job], before: Plan, first: Collection[int], laid: Plan
) -> Plan:
    """Return the plan with the first at these places, or where there is room, the others where they can stay."""
    desk = Desk(floor, list(jobs))
    urgent = [job for job in jobs if job.id in first]
    ordered = sorted(others, key=lambda job: (job.due - minutes_of(job.steps), job.id))
    for job in urgent:
        if job.id in laid and fits(desk, job, laid[job.id]):
            desk.put(job, list(laid[job.id]))
    for job in ordered:
        if job.id in before and fits(desk, job, before[job.id]):
            desk.put(job, list(before[job.id]))
    for job in urgent:
        if job.id not in desk.laid and fits(desk, job, job.laid):
            desk.put(job, list(job.laid))
    for job in [*urgent, *ordered]:
        if job.id not in desk.laid:
            desk.insert(job)
    return dict(desk.laid)
