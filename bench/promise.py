"""How fast a time is promised, how near to the best there is, whether it can be kept, and whether it is.

Seconds are measured twice: processor time of the question alone, and by the wall, which a busy machine stretches.
Regret counts only minutes in which somebody works, beside the best that CP-SAT finds under the same rules
(`bench.optimum`): in shops that have lived for three days, with 50 to 90 % of all hands asked for, and
(`regret_at_once`) in kitchens where all orders of 36 hours came in one moment, a quarter of them for the earliest
time there was, until 30 to 70 % of those hands were promised. ``asked_again`` is what the same customer is told a
minute later, when the shop's child has thought it over (`web.thinker`). ``--long`` asks in more shops.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

from bench.figures import Figure, middle, share
from bench.floorplay import lateness
from bench.orderbook import DAY, busy, cake, capacity, fill, kitchen, live, pass_to
from shop.planning.reservations.book import Book
from shop.planning.reservations.certified import certified, renewed
from shop.planning.reservations.checker import faults
from shop.planning.reservations.corner import corner
from shop.planning.reservations.floor import Floor, Job
from shop.planning.reservations.quote import Certificate, by_then, earliest

ORDERS = 1000
PROMISES = 10_000
LOADS = (0.3, 0.4, 0.5, 0.6, 0.7)
BUSY = (0.5, 0.6, 0.7, 0.8, 0.9)


class Clock:
    """Asks, and writes down how long it took in ms."""

    def __init__(self) -> None:
        self.processor: list[float] = []
        self.wall: list[float] = []

    def earliest(self, book: Book, job: Job) -> Certificate | None:
        """Ask for the earliest time."""
        return self._timed(earliest, book, job)

    def by_then(self, book: Book, job: Job) -> Certificate | None:
        """Ask whether a time can be kept."""
        return self._timed(by_then, book, job)

    def _timed(self, question: object, book: Book, job: Job) -> Certificate | None:
        assert callable(question)
        wall, processor = time.perf_counter(), time.thread_time()
        found: Certificate | None = question(book, [job])
        self.processor.append((time.thread_time() - processor) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        return found


def run(options: argparse.Namespace) -> Iterator[Figure]:
    """Measure all of it."""
    orders, promises = (120, 300) if options.quick else (ORDERS, PROMISES)
    for name, load in (("", 0.7), ("_saturated", 1.0)):
        yield from speed(name, orders, load, 20 if options.quick else 300)
    yield from kept(promises)
    shops, seconds = 2 if options.quick else 60 if options.long else 40, 2 if options.quick else 10
    yield from regret("regret", shops, seconds, lived)
    yield from regret("regret_at_once", shops * 3 // 4, seconds, at_once)


def speed(name: str, orders: int, load: float, questions: int) -> Iterator[Figure]:
    """Ask in a book of so many open orders, and while it fills."""
    chance, clock = Random(1), Clock()
    book = Book(kitchen(chance, people=16, days=16, scarce=True))
    now = 500
    refused = fill(
        book, chance, now, orders=orders, load=load, far=14 * DAY, ask=clock.earliest, wish=clock.by_then
    )
    filling, begins = len(clock.wall), now + 36 * 60
    for number in range(questions):
        clock.earliest(book, Job(10**6 + number, 0, 0, now, cake(chance)))
    hands = busy(book, now, begins) / capacity(book.floor, now, begins)
    about = f"{len(book.jobs)} open, {refused} refused, {hands:.0%} of all hands of 36 h promised"
    for part, target in ((0.5, ""), (0.99, "<= 20 ms"), (1.0, "<= 50 ms")):
        word = {0.5: "p50", 0.99: "p99", 1.0: "max"}[part]
        note = f"by the wall {share(clock.wall[filling:], part):.1f}; {about}"
        yield Figure(
            f"promise{name}.{word}", share(clock.processor[filling:], part), "ms", n=questions, note=note,
            target=target,
        )  # fmt: skip
    note = f"by the wall {share(clock.wall[:filling], 0.99):.1f}, max {max(clock.processor[:filling]):.1f}"
    yield Figure(
        f"promise{name}.filling_p99", share(clock.processor[:filling], 0.99), "ms", n=filling, note=note
    )


def kept(promises: int) -> Iterator[Figure]:
    """Make promises in many shops, have them judged, and let the days be played by the plan's order."""
    wrong, late, made, seed = 0, 0, 0, 100
    while made < promises:
        chance = Random(seed)
        book = Book(kitchen(chance, people=4 + seed % 5, days=8, scarce=seed % 2 == 0))
        fill(book, chance, 400 + chance.randrange(300), orders=200, load=LOADS[seed % 5], far=6 * DAY)
        wrong += len({each.split()[0] for each in faults(book.floor, book.jobs.values())})
        late += lateness(book.floor, list(book.jobs.values()), chance)
        made, seed = made + len(book.jobs), seed + 1
    shops = f"{seed - 100} shops"
    yield Figure(
        "promise.not_keepable", wrong, "broken" if wrong else "promises", n=made, note=shops, target="0"
    )
    yield Figure("promise.on_time", 100 * (1 - late / made), "percent", n=made, note=shops, target=">= 97 %")


Question = tuple[Book, Job]


def lived(seed: int) -> Question:
    """Return a shop on its fourth day."""
    chance = Random(3000 + seed)
    people = (4, 5, 6, 8)[seed // 2 % 4]
    book = Book(kitchen(chance, people=people, days=9, scarce=seed % 2 == 0))
    now = 3 * DAY + 420 + chance.randrange(400)
    live(book, chance, 390, now, load=BUSY[seed % 5], far=4 * DAY)
    return book, Job(10**6, 0, 10**6, now, cake(chance))


def at_once(seed: int) -> Question:
    """Return a kitchen in which all orders came in one moment."""
    chance = Random(1000 + seed)
    book = Book(kitchen(chance, people=4, days=4, scarce=seed % 2 == 0))
    now = 400 + chance.randrange(400)
    fill(book, chance, now, orders=500, load=LOADS[seed % 5], far=36 * 60)
    return book, Job(10**6, 0, 10**6, now, cake(chance))


def regret(name: str, shops: int, seconds: float, shop: Callable[[int], Question]) -> Iterator[Figure]:
    """Ask in many shops, have CP-SAT look for the best there is, and ask again after a second thought."""
    from bench.optimum import optimum

    regrets, certain, proven, gained, near, again = [], [], [], [], [], []
    thoughts: list[Thought] = []
    for seed in range(shops):
        book, new = shop(seed)
        now = new.since
        found, plain = earliest(book, [new]), earliest(book, [new], budget=0)
        if found is None or plain is None:
            continue
        best = bound = now + sum(step.minutes for step in new.steps)
        if found.end > best:
            answer = optimum(book.floor, list(book.jobs.values()), new, found, seconds)
            best, bound = answer.found, answer.bound
        near.append(100 * busy(book, now, now + 240) // max(1, capacity(book.floor, now, now + 240)))
        thought = think(book, new, found)
        best, floor = min(best, thought.end), book.floor
        thoughts.append(thought)
        regrets.append(worked(floor, best, found.end))
        again.append(worked(floor, best, thought.end))
        certain.append(worked(floor, bound, found.end))
        if best == bound:
            proven.append(regrets[-1])
        gained.append(worked(floor, found.end, plain.end))
    about = (
        f"best is proven in {len(proven)} of {len(regrets)}; in the middle {middle(near):.0f} % of the hands of the "
        "next 4 h promised"
    )
    targets = {0.5: "<= 3", 0.95: "<= 30", 1.0: "<= 120"} if name == "regret" else {}
    for part, word in ((0.5, "p50"), (0.95, "p95"), (1.0, "max")):
        more = f"{share(proven, part):.0f} where proven" if proven else "proven nowhere"
        note = f"told at once; {more}, at most {share(certain, part):.0f} by the bounds; {about}"
        yield Figure(
            f"promise.{name}_{word}", share(regrets, part), "minutes", n=len(regrets), note=note,
            target=targets.get(part, ""),
        )  # fmt: skip
    took = [each.seconds for each in thoughts if each.seconds]
    about = (
        f"{len(took)} thoughts; processor {share(took, 0.5):.2f} s in the middle, {share(took, 0.95):.2f} p95; "
        f"{middle([each.moves for each in thoughts if each.moves] or [0]):.0f} cakes move for one that gains"
    ) if took else "nothing to think over"  # fmt: skip
    for part, word in ((0.5, "p50"), (0.95, "p95"), (1.0, "max")):
        yield Figure(
            f"promise.{name}_asked_again_{word}", share(again, part), "minutes", n=len(again),
            note=f"a minute later; {about}", target=targets.get(part, ""),
        )  # fmt: skip
    yield Figure(
        f"promise.{name}_gained", sum(gained) / len(gained), "minutes", n=len(gained),
        note="by moving others: mean, beside moving nothing",
    )  # fmt: skip


class Thought(NamedTuple):
    """What is told a minute later: its end, how many others move for it if it is sooner, and what it took."""

    end: int
    moves: int
    seconds: float


def think(book: Book, new: Job, found: Certificate) -> Thought:
    """Do what the shop's child does for a question, and ask again a minute later. The book is not as it was then."""
    from shop.planning.reservations.exact import sooner

    asked, began = corner(book, [new], found), time.process_time()
    places = asked and sooner(asked)
    took = time.process_time() - began
    better = certified(book, [new], asked, places) if asked and places else None
    pass_to(book, new.since + 1)
    later = replace(new, since=new.since + 1)
    again, holds = earliest(book, [later]), better and renewed(book, [later], better)
    told = again.end if again is not None else found.end
    if holds is None or holds.end >= told:
        return Thought(told, 0, took if asked else 0.0)
    if wrong := faults(book.floor, after(book, later, holds)):
        raise AssertionError(f"a second thought breaks a promise: {wrong[0]}")
    return Thought(holds.end, len(holds.moves), took)


def after(book: Book, new: Job, certificate: Certificate) -> list[Job]:
    """Return all jobs as they would stand."""
    others = [replace(job, laid=certificate.moves.get(job.id, job.laid)) for job in book.jobs.values()]
    return [*others, replace(new, laid=certificate.laid[new.id])]


def worked(floor: Floor, start: int, end: int) -> int:
    """Return how many minutes between two somebody is there."""
    return sum(
        any(a <= minute < b for hand in floor.hands for a, b in hand.hours) for minute in range(start, end)
    )
