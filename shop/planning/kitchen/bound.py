"""How late the cakes must be whatever the plan: counted from the work there is and the hours of who can do it.

Of the cakes of one stretch of the day (by due time), those that need a certain skill cannot be through with it
sooner than all who have it can do the shortest, the two shortest, the three shortest together. Whoever is through
first is at best the one who is due first. What each cake needs alone holds too, and stretches add up.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, combinations, pairwise
from math import ceil
from typing import NamedTuple

from shop.planning.kitchen import Floor, Job, Step, ovens
from shop.planning.kitchen.desk import Kind, kind_of
from shop.planning.reservations.lanes import Lane

STRETCHES = 20
"""Into so many stretches the cakes are cut at most."""
MOST_SKILLS = 5
"""Among so many skills every set is looked at; among more each alone."""
EVER = 10**9


class Asked(NamedTuple):
    """What a cake asks of a team: when it can come, is through at the soonest, and should be; and the work."""

    comes: int
    through: int
    due: int
    work: int


class Team:
    """What does some kind of work: hands with one of these skills, or the places of a station."""

    def __init__(
        self, spans: Iterable[tuple[int, int, int]], hot: Collection[int | None], skills: Collection[str] = (),
        station: int | None = None,
    ) -> None:  # fmt: skip
        self.spans, self.hot, self.skills, self.station = list(spans), hot, skills, station
        """``spans``: from, to, and how many at once."""

    def mine(self, step: Step) -> bool:
        """Whether it is their work. Who fills an oven fills it for several cakes: that is not counted."""
        if self.station is not None:
            return step.station == self.station
        return step.skill in self.skills and step.station not in self.hot

    def asked(self, job: Job) -> Asked | None:
        """Return what a cake asks of them."""
        comes = through = None
        work, reach = 0, _begins(job)
        for step in job.steps[job.locked :]:
            if self.mine(step):
                comes = reach if comes is None else comes
                work += step.minutes * (1 if self.station is None else step.amount)
                through = reach + step.minutes
            reach += step.minutes
        if comes is None or through is None:
            return None
        return Asked(comes, through, job.due - reach + through, work)

    def works(self, jobs: Sequence[Job], asked: Sequence[Asked]) -> list[int]:
        """Return the least work after which one, two, three of the cakes are through."""
        return list(accumulate(sorted(each.work for each in asked)))

    def done(self, since: int, works: Sequence[int]) -> list[int]:
        """Return when so much work is done at the soonest; ``works`` are in order."""
        spans = [(max(a, since), b, n) for a, b, n in self.spans if b > since]
        edges = sorted({edge for a, b, _ in spans for edge in (a, b)})
        found: list[int] = []
        total = 0
        for a, b in pairwise(edges):
            rate = sum(n for begins, ends, n in spans if begins <= a and ends >= b)
            while len(found) < len(works) and works[len(found)] <= total + rate * (b - a):
                found.append(a - (total - works[len(found)]) // rate if rate else a)
            total += rate * (b - a)
        last = edges[-1] if edges else since
        return found + [last] * (len(works) - len(found))


class Ovens(Team):
    """An oven station: cakes of one kind share a run, and a run takes its time however few are in it."""

    def __init__(self, spans: Iterable[tuple[int, int, int]], station: int, places: int) -> None:
        super().__init__(spans, (), station=station)
        self.places = places

    def works(self, jobs: Sequence[Job], asked: Sequence[Asked]) -> list[int]:
        """Return the least minutes of runs for one, two, three cakes: the fullest runs first, and shares of them."""
        kinds: dict[Kind, list[int]] = defaultdict(list)
        for job in jobs:
            for step in job.steps[job.locked :]:
                if self.mine(step):
                    kinds[kind_of(step)].append(step.amount)
        shares = sorted(share for kind, amounts in kinds.items() for share in self._shares(kind[2], amounts))
        return [ceil(total - 1e-6) for total in accumulate(shares)][: len(asked)]

    def _shares(self, minutes: int, amounts: Iterable[int]) -> Iterator[float]:
        """Say what each cake costs in a full run, then in the next."""
        trays, before, runs = list(accumulate(sorted(amounts))), 0, 0
        while before < len(trays):
            runs += 1
            now = bisect_right(trays, runs * self.places)
            for _ in range(before, now):
                yield minutes / (now - before)
            before = now if runs * self.places < trays[-1] else len(trays)


def least_late(floor: Floor, jobs: Sequence[Job]) -> int:
    """Return the minutes late that no plan can go below, of all these cakes together."""
    open_ = sorted((job for job in jobs if job.locked < len(job.steps)), key=lambda job: (job.due, job.id))
    done = sum(alone(job) for job in jobs if job.locked == len(job.steps))
    if not open_:
        return done
    teams = _teams(floor, jobs)
    cuts = [*range(0, len(open_), -(-len(open_) // STRETCHES)), len(open_)]
    best = [0] * len(cuts)
    for j in range(1, len(cuts)):
        best[j] = max(best[i] + _together(open_[cuts[i] : cuts[j]], teams) for i in range(j))
    return done + best[-1]


def alone(job: Job) -> int:
    """Return how late a cake is even with the kitchen to itself."""
    return max(0, _begins(job) + sum(step.minutes for step in job.steps[job.locked :]) - job.due)


def _begins(job: Job) -> int:
    return max([job.since, *(where.end for where in job.laid[: job.locked])])


def _together(jobs: Sequence[Job], teams: Sequence[Team]) -> int:
    """Return what these cakes are late at least, by the team that is shortest of time."""
    own = [alone(job) for job in jobs]
    best = sum(own)
    for team in teams:
        rows = [(each, late) for job, late in zip(jobs, own, strict=True) if (each := team.asked(job))]
        if rows:
            asked = [each for each, _ in rows]
            ends = team.done(min(each.comes for each in asked), team.works(jobs, asked))
            through, dues = (sorted(each) for each in zip(*((a.through, a.due) for a in asked), strict=True))
            theirs = sum(max(0, max(a, b) - due) for a, b, due in zip(ends, through, dues, strict=True))
            best = max(best, theirs + sum(own) - sum(late for _, late in rows))
    return best


def _teams(floor: Floor, jobs: Sequence[Job]) -> list[Team]:
    hot = ovens(jobs)
    skills = sorted(
        {step.skill for job in jobs for step in job.steps if step.skill and step.station not in hot}
    )
    sizes = range(1, len(skills) + 1) if len(skills) <= MOST_SKILLS else (1,)
    teams = []
    for group in (set(some) for n in sizes for some in combinations(skills, n)):
        hours = [
            span for hand in floor.hands if hand.skills & group for span in _free(hand.id, hand.hours, jobs)
        ]
        teams.append(Team([(a, b, 1) for a, b in hours], hot, group))
    for station in floor.stations:
        units, open_ = max(1, station.units), Lane(station.hours).free_within(0, EVER)
        if station.id in hot:
            teams.append(Ovens([(a, b, units) for a, b in open_], station.id, station.places))
        else:
            spans = [(a, b, units * station.places) for a, b in open_]
            teams.append(Team(spans, hot, station=station.id))
    return teams


def _free(hand: int, hours: Iterable[tuple[int, int]], jobs: Iterable[Job]) -> list[tuple[int, int]]:
    """Return when somebody has nothing at hand."""
    lane = Lane(hours)
    for job in jobs:
        for where in job.laid[: job.locked]:
            if where.hand == hand:
                for a, b in lane.free_within(where.start, where.end):
                    lane.take(a, b)
    return list(zip(lane.starts, lane.ends, strict=True))
