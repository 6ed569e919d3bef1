"""How fast a time is promised, how near to the best there is, whether it can be kept, and whether it is.

Seconds are measured twice: processor time of the question alone, and by the wall, which a busy machine stretches.
Regret counts only minutes in which somebody works, beside the best that CP-SAT finds under the same rules
(`bench.optimum`): in shops that have lived for three days, with 50 to 90 % of all hands asked for, and
(`regret_at_once`) in kitchens where all orders of 36 hours came in one moment, a quarter of them for the earliest
time there was, until 30 to 70 % of those hands were promised. ``--long`` asks in more shops.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from random import Random

from bench.figures import Figure, middle, share
from bench.floorplay import lateness
from bench.orderbook import DAY, busy, cake, capacity, fill, kitchen, live
from shop.planning.reservations.book import Book
from shop.planning.reservations.checker import faults
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
    """Ask in many shops, and have CP-SAT look for the best there is."""
    from bench.optimum import optimum

    regrets, certain, proven, gained, near = [], [], [], [], []
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
        regrets.append(worked(book.floor, best, found.end))
        certain.append(worked(book.floor, bound, found.end))
        if best == bound:
            proven.append(regrets[-1])
        gained.append(worked(book.floor, found.end, plain.end))
        near.append(100 * busy(book, now, now + 240) // max(1, capacity(book.floor, now, now + 240)))
    about = (
        f"best is proven in {len(proven)} of {len(regrets)}; in the middle {middle(near):.0f} % of the hands of the "
        "next 4 h promised"
    )
    for part, target in ((0.5, "<= 3"), (0.95, "<= 30"), (1.0, "<= 120")):
        word = {0.5: "p50", 0.95: "p95", 1.0: "max"}[part]
        more = f"{share(proven, part):.0f} where proven" if proven else "proven nowhere"
        yield Figure(
            f"promise.{name}_{word}",
            share(regrets, part),
            "minutes",
            n=len(regrets),
            note=f"{more}, at most {share(certain, part):.0f} by the bounds; {about}",
            target=target if name == "regret" else "",
        )
    yield Figure(
        f"promise.{name}_gained", sum(gained) / len(gained), "minutes", n=len(gained),
        note="by moving others: mean, beside moving nothing",
    )  # fmt: skip


def worked(floor: Floor, start: int, end: int) -> int:
    """Return how many minutes between two somebody is there."""
    return sum(
        any(a <= minute < b for hand in floor.hands for a, b in hand.hours) for minute in range(start, end)
    )
