"""Kitchens and the orders customers give them: the same days for every run, by seed."""

from collections.abc import Callable
from random import Random

from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Floor, Hand, Job, Span, StationPlan, Step
from shop.planning.reservations.quote import Certificate, accept, by_then, earliest

DAY = 24 * 60
OPEN, CLOSE = 390, 1320
BAKE, BUILD, DECORATE, PACK = 1, 2, 3, 4
SIZE = {6: 80, 8: 100, 10: 130, 12: 160}
SPARE = 10
CAKE = 46
"""Minutes of people's work in a cake, in the middle."""
Ask = Callable[[Book, Job], Certificate | None]


def kitchen(chance: Random, *, people: int, days: int, scarce: bool) -> Floor:
    """Two ovens and three stations of different sizes; two shifts; decorators may be half of the people."""
    hours = [(day * DAY + OPEN, day * DAY + CLOSE) for day in range(days)]
    tables = max(2, people // 2)
    stations = [
        StationPlan(BAKE, 2, max(4, people), hours),
        StationPlan(BUILD, 1, tables + chance.choice((0, 1)), hours),
        StationPlan(DECORATE, 1, tables + chance.choice((0, 1)), hours),
        StationPlan(PACK, 1, max(2, tables - 1), hours),
    ]
    everything = frozenset(("build", "decorate", "check", "box"))
    hands = []
    for number in range(people):
        begins, ends = (600, 1200) if number % 2 else (390, 930)
        skills = everything - {"decorate"} if scarce and number % 4 > 1 else everything
        hands.append(Hand(number + 1, skills, [_shift(day, begins, ends) for day in range(days)]))
    return Floor(stations, hands, shelves=people * 12)


def _shift(day: int, begins: int, ends: int) -> Span:
    return day * DAY + begins, day * DAY + ends


def cake(chance: Random) -> tuple[Step, ...]:
    """Any cake of the demo's sizes, kinds and minutes."""
    inches = chance.choice((6, 8, 8, 8, 10, 12))

    def minutes(whole: int) -> int:
        return -(-whole * SIZE[inches] // 100)

    return (
        Step("bake", BAKE, minutes(30), 2 if inches == 12 else 1, chance.choice((160, 180, 180))),
        Step("cool", None, minutes(chance.choice((40, 40, 40, 90)))),
        Step("build", BUILD, minutes(15), skill="build", keeps=240),
        Step("decorate", DECORATE, minutes(chance.choice((20, 20, 20, 30, 35))), skill="decorate", keeps=240),
        Step("check", PACK, minutes(3), skill="check"),
        Step("box", PACK, minutes(5), skill="box"),
    )


def capacity(floor: Floor, start: int, end: int) -> int:
    """Return the minutes of all people between two minutes."""
    return sum(max(0, min(b, end) - max(a, start)) for hand in floor.hands for a, b in hand.hours)


def busy(book: Book, start: int, end: int) -> int:
    """Return how many of those minutes are promised away."""
    return sum(
        max(0, min(where.end, end) - max(where.start, start))
        for job in book.jobs.values()
        for where in job.laid
        if where.hand is not None
    )


def fill(
    book: Book, chance: Random, now: int, *, orders: int, load: float, far: int,
    ask: Ask | None = None, wish: Ask | None = None,
) -> int:  # fmt: skip
    """Take orders as customers give them: a quarter the earliest time, most a half hour of the next 36 hours, the
    others within ``far`` minutes; those 36 hours up to ``load`` of all hands. Returns how many were refused."""
    ask = ask or (lambda book, job: earliest(book, [job]))
    wish = wish or (lambda book, job: by_then(book, [job]))
    refused, number, soon = 0, 0, 36 * 60
    near = capacity(book.floor, now, now + soon) * load
    taken = busy(book, now, now + soon)
    while len(book.jobs) < orders and refused < 500:
        number += 1
        job = Job(number, number, 0, now, cake(chance))
        kind = chance.random()
        if taken >= near and far <= soon:
            break
        if kind < 0.25 and taken < near:
            found = ask(book, job)
            if found is not None:
                job.due = -(-(found.end + SPARE) // 10) * 10
        else:
            reach = soon if kind < 0.8 and taken < near else far
            job.due = chance.randrange(now + 120, now + reach) // 30 * 30
            if not OPEN + 90 <= job.due % DAY <= CLOSE:
                continue
            if job.due <= now + soon and taken >= near:
                continue
            found = wish(book, job)
        if found is None:
            refused += 1
            continue
        accept(book, [job], found)
        taken += sum(where.end - where.start for where in job.laid if where.hand and where.end < now + soon)
    return refused


def live(book: Book, chance: Random, start: int, until: int, *, load: float, far: int) -> int:
    """Let a shop live: customers come one by one while it is open, as many that their cakes take ``load`` of all
    hands, and wish what those of `fill` wish; work is begun and ended when the book says. Returns how many were
    refused."""
    rate, refused = capacity(book.floor, 0, DAY) * load / CAKE / (CLOSE - OPEN), 0
    for now in range(start, until):
        if not OPEN <= now % DAY < CLOSE or chance.random() >= rate:
            continue
        pass_to(book, now)
        job, kind = Job(now, now, 0, now, cake(chance)), chance.random()
        if kind < 0.25:
            found = earliest(book, [job])
            if found is not None:
                job.due = -(-(found.end + SPARE) // 10) * 10
        else:
            while not OPEN + 90 <= job.due % DAY <= CLOSE:
                job.due = chance.randrange(now + 120, now + (36 * 60 if kind < 0.8 else far)) // 30 * 30
            found = by_then(book, [job])
        if found is None:
            refused += 1
        else:
            accept(book, [job], found)
    pass_to(book, until)
    return refused


def pass_to(book: Book, now: int) -> None:
    """Let time pass: what is done leaves the book, what has begun stays where it is, nothing else is in the past."""
    for job in list(book.jobs.values()):
        if job.laid[-1].end <= now:
            book.remove(job)
            continue
        job.since = now
        job.locked = sum(where.start < now for where in job.laid)
