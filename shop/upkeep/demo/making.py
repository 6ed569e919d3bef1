"""How the orders of the past were promised and made: the real promise, then real minutes around the plan."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from math import exp
from random import Random

from sqlalchemy.orm import Session

from shop.core.types import EPOCH, from_minute, to_minute
from shop.menu.card import MenuCard
from shop.menu.tables import StageKind
from shop.orders.floorplan import floor_on
from shop.orders.planned import SPARE_MINUTES, Planned, jobs_of, planned
from shop.orders.promise import ROUND_MINUTES, cakes_of
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.planning.reservations import quote
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job as Cake
from shop.upkeep.demo.profile import REMADE, SPREAD
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.wishes import Wish


@dataclass
class Step:
    """One stage as it went: planned, begun and ended; ``by`` is nobody for cooling. ``void``: made again."""

    plan: Planned
    begun: datetime
    ended: datetime
    by: int | None
    remake: int = 0
    void: bool = False


@dataclass
class Made:
    """An order and how each of its cakes was made; ``remade`` is when one of them had to be made again."""

    wish: Wish
    plans: list[list[Planned]]
    cakes: list[list[Step]] = field(default_factory=list)
    remade: dict[int, datetime] = field(default_factory=dict)
    booked: list[Cake] = field(default_factory=list)

    @property
    def ready_at(self) -> datetime:
        """When the last cake was in its box."""
        return max(steps[-1].ended for steps in self.cakes)


class Promises:
    """Gives each wish the time that the kitchen could promise, day by day, as the real promise does."""

    def __init__(self, session: Session, shop: Shop, card: MenuCard) -> None:
        self.session, self.shop, self.card = session, shop, card
        self._days: dict[date, Book] = {}
        self._cakes = 0

    def book(self, day: date) -> Book:
        """Return the book of a day with what has been promised so far."""
        if day not in self._days:
            stations = list(self.card.stations.values())
            self._days[day] = Book(floor_on(self.session, self.shop, stations, [day]))
        return self._days[day]

    def give(self, wish: Wish) -> Made | None:
        """Lay a wish into its day; its time moves later where the kitchen is full. None: not that day."""
        day = self.shop.business_date(wish.due_at)
        opens, closes = self.shop.open_on(day)
        since = max(to_minute(self.shop.day_bounds(day)[0]), to_minute(wish.placed_at) + 8)
        cakes, book = cakes_of(wish.lines), self.book(day)
        jobs = jobs_of(cakes, since, to_minute(wish.due_at) - SPARE_MINUTES)
        for job in jobs:
            self._cakes += 1
            job.id = self._cakes
        found = quote.by_then(book, jobs, budget=0)
        if found is None:
            found = quote.earliest(book, jobs, budget=0)
            if found is None:
                return None
            wish.due_at = max(
                opens, from_minute(-(-(found.end + SPARE_MINUTES) // ROUND_MINUTES) * ROUND_MINUTES)
            )
            if wish.due_at > closes:
                return None
        quote.accept(book, jobs, found)
        plans = [planned(works, job.laid) for works, job in zip(cakes, jobs, strict=True)]
        return Made(wish, plans, booked=jobs)

    def give_back(self, made: Made) -> None:
        """Free what a cancelled order would have taken."""
        for job in made.booked:
            self.book(self.shop.business_date(made.wish.due_at)).remove(job)


@dataclass
class Job:
    """One cake in the hands of the kitchen: which stage is next, and from when on it can be taken up."""

    made: Made
    plan: list[Planned]
    steps: list[Step]
    remake: int = 0
    next: int = 0
    ready: datetime = EPOCH

    @property
    def stage(self) -> Planned:
        """What is to be done next."""
        return self.plan[self.next]


def bake_all(orders: list[Made], rota: Rota, rng: Random) -> None:
    """Let the bakers of those days make every cake, as the boards would have told them."""
    days: dict[date, list[Job]] = {}
    for made in orders:
        made.cakes = [[] for _ in made.plans]
        for plan, steps in zip(made.plans, made.cakes, strict=True):
            days.setdefault(rota.shop.business_date(from_minute(plan[0].start)), []).append(
                Job(made, plan, steps)
            )
    for day, jobs in sorted(days.items()):
        _work_through(jobs, rota.bakers(day), rota, rng)


def _work_through(
    jobs: list[Job], shifts: list[tuple[datetime, datetime, Staff]], rota: Rota, rng: Random
) -> None:
    """Let whoever is free take the most urgent cake that waits for hands, until the day's work is done."""
    for job in jobs:
        job.ready = job.made.wish.placed_at + timedelta(minutes=9)
        _without_hands(job, rota, rng)
    waiting = sorted(jobs, key=lambda job: job.plan[0].start)
    free = [(start, n) for n, (start, _, _) in enumerate(shifts)]
    heapify(free)
    while waiting and free:
        now, n = heappop(free)
        _, end, person = shifts[n]
        mine = [job for job in waiting if job.stage.kind in person.skills]
        if not mine or (now >= end and free):
            continue
        ready = [job for job in mine if job.ready <= now]
        if not ready:
            heappush(free, (max(now + timedelta(seconds=1), min(job.ready for job in mine)), n))
            continue
        job = min(ready, key=lambda job: job.stage.start)
        begun = now + timedelta(seconds=rng.randrange(10, 60))
        ended = begun + _length(job.stage, rng)
        _did(job, begun, ended, person.id, rng)
        if job.next == len(job.plan):
            waiting.remove(job)
        else:
            _without_hands(job, rota, rng)
        heappush(free, (ended, n))
    for job in waiting:
        _finish_alone(job, rota, rng)


def _did(job: Job, begun: datetime, ended: datetime, by: int | None, rng: Random) -> None:
    kind = job.stage.kind
    job.steps.append(Step(job.stage, begun, ended, by, job.remake))
    job.ready, job.next = ended, job.next + 1
    if kind is StageKind.CHECK and not job.remake and rng.random() < REMADE:
        job.made.remade[[id(s) for s in job.made.cakes].index(id(job.steps))] = ended
        for step in job.steps[2:]:
            step.void = True
        job.next, job.remake = 2, 1
    if job.next < len(job.plan) and job.stage.needs_person:
        # A board shows a card half an hour before its time, much sooner where it has room.
        job.ready = max(ended, from_minute(job.stage.start) - timedelta(minutes=rng.randrange(40, 110)))


def _without_hands(job: Job, rota: Rota, rng: Random) -> None:
    """Bake and cool: they take a tap, but nobody's time."""
    while job.next < len(job.plan) and not job.stage.needs_person:
        if job.stage.station_id is None:
            _did(job, job.ready, job.ready + _length(job.stage, rng), None, rng)
        else:
            early = from_minute(job.stage.start) - timedelta(minutes=rng.randrange(25, 100))
            start = rota.at_work(max(job.ready, early))
            _did(job, start, start + _length(job.stage, rng), rota.tapper(start).id, rng)


def _finish_alone(job: Job, rota: Rota, rng: Random) -> None:
    """Whoever locked up made it after hours."""
    while job.next < len(job.plan):
        _did(job, job.ready, job.ready + _length(job.stage, rng), rota.tapper(job.ready).id, rng)


def _length(stage: Planned, rng: Random) -> timedelta:
    minutes, spread = stage.end - stage.start, SPREAD.get(stage.kind, 0.0)
    if stage.station_id is None:
        return timedelta(minutes=minutes)
    return timedelta(seconds=round(minutes * 60 * exp(rng.gauss(-spread / 4, spread))))
