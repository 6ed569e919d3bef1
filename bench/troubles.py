"""Simulated shops whose days go wrong in different ways: what was planned, and what really happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from random import Random

from bench.cakes import BAKING, BENCH, OVEN, PACKING, TABLE
from shop.planning.kitchen.desk import Desk
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, StationPlan, Step
from shop.planning.simulation.living import Shopfloor
from shop.planning.simulation.spread import Spread, of_past

OPEN = [(0, 900)]
STAGES = ("bake", "cool", "build", "decorate", "pack")
EXACT = {"bake": 0.4, "cool": 0.1}
"""Ovens and cooling vary less than hands: this share of the shop's spread."""


@dataclass(frozen=True)
class Kind:
    """A kind of shop: its rooms and people, how full its days are, and how its durations really are."""

    name: str
    ovens: int
    people: int
    skills: Sequence[frozenset[str]]
    cakes: int
    slack: int
    sigma: float
    bias: Mapping[str, float]
    tail: float
    """The chance that a stage takes twice as long."""
    day: float
    """How much whole days differ (as sigma)."""

    @property
    def floor(self) -> Floor:
        """The kitchen."""
        stations = [
            StationPlan(OVEN, self.ovens, 6, OPEN),
            StationPlan(BENCH, 1, max(2, self.people // 2), OPEN),
            StationPlan(TABLE, 1, max(2, self.people // 2), OPEN),
            StationPlan(PACKING, 1, 3, OPEN),
        ]
        hands = []
        for i in range(self.people):
            begins = 0 if i < self.people // 2 + 1 else 240
            hours = [(begins, begins + 300), (begins + 330, begins + 660)]
            hands.append(Hand(i + 1, self.skills[i % len(self.skills)], hours))
        return Floor(stations, hands)

    def shares(self, chance: Random, today: float, stage: str) -> float:
        """Draw how much of its planned time a stage really takes on a day like ``today``."""
        share = self.bias.get(stage, 1.0) * exp(chance.gauss(0, self.sigma * EXACT.get(stage, 1.0)))
        if stage in EXACT:
            return share
        return share * today * (2.0 if chance.random() < self.tail else 1.0)

    def today(self, chance: Random) -> float:
        """Draw how slow a day is."""
        return exp(chance.gauss(0, self.day))

    @cached_property
    def past(self) -> dict[str, Spread]:
        """What the shop has measured on 30 former days: shares by stage."""
        chance, seen = Random(self.name), {stage: [] for stage in STAGES}  # type: dict[str, list[float]]
        for _ in range(30):
            today = self.today(chance)
            for stage in STAGES:
                seen[stage] += [self.shares(chance, today, stage) for _ in range(self.cakes)]
        return {stage: of_past(shares, 41) for stage, shares in seen.items()}

    def truth(self, today: float) -> dict[str, Spread]:
        """The distribution itself, and how slow today is: what only an oracle knows."""
        chance = Random(f"truth {self.name} {today}")
        return {
            stage: of_past([self.shares(chance, today, stage) for _ in range(3000)], 41) for stage in STAGES
        }


BAKER, ARTIST = frozenset({"build", "pack"}), frozenset({"decorate", "pack"})
ALL = BAKER | ARTIST
BAKERY = Kind("bakery", 2, 6, (BAKER, ARTIST, ALL), 40, 90, 0.28, {"decorate": 1.1}, 0.02, 0.08)
KINDS = (
    Kind("corner", 1, 3, (ALL,), 18, 40, 0.3, {"build": 1.15}, 0.05, 0.05),
    Kind("hall", 3, 12, (BAKER, ARTIST), 70, 30, 0.22, {"pack": 1.3}, 0.01, 0.14),
    Kind("atelier", 2, 5, (ARTIST, ALL), 26, 60, 0.4, {"decorate": 1.3, "build": 0.9}, 0.03, 0.1),
)  # fmt: skip


@dataclass
class Day:
    """A planned day and what became of it: (start, end, hand) of every step."""

    kind: Kind
    floor: Floor
    jobs: list[Job]
    really: Mapping[int, Sequence[tuple[float, float, int | None]]]
    today: float

    def late(self, job: Job) -> bool:
        """Whether this cake was late in the end."""
        return self.really[job.id][-1][1] > job.due

    def at(self, now: float) -> list[Job]:
        """The open work as it stood at a minute: what is done is gone, what is begun stays where it is."""
        found = []
        for job in self.jobs:
            told = self.really[job.id]
            done = sum(end <= now for _, end, _ in told)
            if done == len(told):
                continue
            begun, laid = [row for row in told[done:] if row[0] <= now], list(job.laid[done:])
            if begun:
                laid[0] = Laid(round(begun[0][0]), laid[0].end, laid[0].unit, begun[0][2])
            found.append(Job(job.id, job.order, job.due, job.since, job.steps[done:], laid, len(begun)))
        return found


def day(kind: Kind, seed: int) -> Day:
    """Plan a day cake by cake, promise each a while after the plan has it done, and let it happen."""
    chance, floor = Random(f"{kind.name} {seed}"), kind.floor
    offered = [_cake(n, chance) for n in range(kind.cakes + 20)]
    desk, jobs = Desk(floor, offered), []
    for job in offered:
        if len(jobs) < kind.cakes and desk.insert(job):
            jobs.append(job)
    for job in jobs:
        job.laid = list(desk.laid[job.id])
        job.due = job.laid[-1].end + chance.randint(5, 5 + kind.slack)
    today = kind.today(chance)
    real = {
        job.id: [(m, m) for m in (s.minutes * kind.shares(chance, today, s.kind) for s in job.steps)]
        for job in jobs
    }
    really = Shopfloor(floor, jobs, 0, real, runs=1).live(tell=True).starts
    whole = [job for job in jobs if len(really[job.id]) == len(job.steps)]
    return Day(kind, floor, whole, really, today)


def _cake(number: int, chance: Random) -> Job:
    size = chance.choice((0.8, 1.0, 1.0, 1.3, 1.6))
    steps = (
        Step("bake", OVEN, BAKING[size], 2 if size == 1.6 else 1, chance.choice((160, 175, 190))),
        Step("cool", None, chance.choice((40, 40, 90))),
        Step("build", BENCH, round(12 * size), skill="build", keeps=240),
        Step("decorate", TABLE, round(20 * size), skill="decorate", keeps=240),
        Step("pack", PACKING, 5, skill="pack", keeps=240),
    )
    return Job(number + 1, number + 1, 10**6, 0, steps)
