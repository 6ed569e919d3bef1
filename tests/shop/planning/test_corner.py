"""What a solver finds in a corner of the book, and when what it found holds no longer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from bench.orderbook import pass_to
from bench.promise import lived
from shop.planning.reservations.book import Book
from shop.planning.reservations.certified import certified, renewed
from shop.planning.reservations.checker import faults
from shop.planning.reservations.corner import LEAD, corner
from shop.planning.reservations.exact import answer, understood
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, StationPlan, Step
from shop.planning.reservations.quote import Certificate, accept, earliest
from tests.patience import PATIENCE

LATE = 24
"""In this shop the answer at once is two hours later than need be."""


@cache
def thought() -> tuple[Certificate, Certificate]:
    """What is answered at once in that shop, and what comes of thinking."""
    book, new = lived(LATE)
    first = earliest(book, [new])
    assert first is not None
    better = think(book, new, first)
    assert better is not None
    return first, better


def think(book: Book, new: Job, first: Certificate) -> Certificate | None:
    asked = corner(book, [new], first)
    if asked is None:
        return None
    words = json.dumps({"corner": asked, "seconds": PATIENCE})
    places = understood(json.loads(json.dumps(answer(json.loads(words)))))
    return places and certified(book, [new], asked, places)


def shop() -> tuple[Book, Job, Certificate]:
    book, new = lived(LATE)
    return book, new, thought()[1]


def test_a_second_thought_is_sooner_and_every_promise_holds() -> None:
    book, new, better = shop()
    assert better.end < thought()[0].end - 60
    assert renewed(book, [new], better) == better and better.moves
    was = {job.id: job.laid for job in book.jobs.values()}
    for id_, laid in better.moves.items():
        job = book.jobs[id_]
        begins = [now.start for now, before in zip(laid, was[id_], strict=True) if now != before]
        assert min(begins) >= new.since + LEAD, "it is good for some minutes"
        assert laid[-1].end <= (was[id_][-1].end if job.due < better.end else job.due)
    accept(book, [replace(new, due=better.end)], better)
    assert faults(book.floor, book.jobs.values()) == []


def test_asking_leaves_no_trace_and_who_need_not_move_stays() -> None:
    book, new, better = shop()
    before = {job.id: list(job.laid) for job in book.jobs.values()}
    asked = corner(book, [new], thought()[0])
    assert asked is not None and len(better.moves) < len(asked.chains) - 1
    assert {job.id: job.laid for job in book.jobs.values()} == before


def test_what_is_soon_enough_is_not_thought_over() -> None:
    book, new, better = shop()
    assert corner(book, [new], better) is None


def changed(book: Book, better: Certificate) -> list[Laid]:
    """All places that are new: of the new cake, and of those that move."""
    moved = [
        (at, was)
        for id_, laid in better.moves.items()
        for at, was in zip(laid, book.jobs[id_].laid, strict=True)
    ]
    return [at for laid in better.laid.values() for at in laid] + [at for at, was in moved if at != was]


def begun_late(book: Book, better: Certificate) -> None:
    job, first = next(
        (book.jobs[id_], n) for id_, laid in better.moves.items()
        for n, at in enumerate(laid[:-1]) if at != book.jobs[id_].laid[n]
    )  # fmt: skip
    end = better.moves[job.id][first + 1].start + 1
    for at in changed(book, better):
        end = max(end, at.end)
    book.lift(job, job.laid)
    job.laid, job.locked = (
        [*job.laid[:first], replace(job.laid[first], end=end), *job.laid[first + 1 :]],
        first + 1,
    )
    book.put(job, job.laid[: first + 1], 0, first + 1)


def taken(book: Book, better: Certificate) -> None:
    where = next(
        at for at in changed(book, better)
        if at.hand is not None and book.lanes[at.hand].is_free(at.start, at.end)
    )  # fmt: skip
    book.add(
        Job(77, 77, where.end, 0, (Step("sweep", None, where.end - where.start),)), [replace(where, unit=0)]
    )


def sooner_due(book: Book, better: Certificate) -> None:
    id_, laid = next(
        (i, laid) for i, laid in better.moves.items() if laid[-1].end > book.jobs[i].laid[-1].end
    )
    book.jobs[id_].due = laid[-1].end - 1


@pytest.mark.parametrize("meanwhile", [begun_late, taken, sooner_due])
def test_it_holds_only_while_nothing_in_it_has_changed(
    meanwhile: Callable[[Book, Certificate], None],
) -> None:
    book, new, better = shop()
    assert renewed(book, [new], better) == better
    meanwhile(book, better)
    assert renewed(book, [new], better) is None


def test_it_holds_for_some_minutes_though_others_begin_and_not_longer() -> None:
    book, new, better = shop()
    then = new.since + LEAD
    pass_to(book, then)
    now = renewed(book, [replace(new, since=then)], better)
    assert now is not None and now.end == better.end
    accept(book, [replace(new, since=then, due=now.end)], now)
    assert faults(book.floor, book.jobs.values()) == []
    book, new, better = shop()
    then = min(laid[0].start for laid in better.laid.values()) + 1
    pass_to(book, then)
    assert renewed(book, [replace(new, since=then)], better) is None


def test_who_has_gone_meanwhile_need_not_move() -> None:
    book, new, better = shop()
    gone = next(iter(better.moves))
    book.remove(book.jobs[gone])
    now = renewed(book, [new], better)
    assert now is not None and set(now.moves) == set(better.moves) - {gone}


def test_hours_of_an_allergen_are_kept() -> None:
    """The near hours are full of nuts that may move, but a cake with nuts must not leave their hours."""
    table = StationPlan(1, 1, 1, [(0, 600)], {"nuts": [(0, 100)]})
    book = Book(Floor([table], [Hand(1, frozenset({"build"}), [(0, 600)])]))
    nuts, plain = Step("build", 1, 40, skill="build", gate="nuts"), Step("build", 1, 40, skill="build")
    book.add(Job(1, 1, 600, 0, (nuts,)), [Laid(20, 60, 0, 1)])
    book.add(Job(2, 2, 600, 0, (plain,)), [Laid(100, 140, 0, 1)])
    new = Job(3, 3, 0, 0, (nuts,))
    late = Certificate({3: [Laid(60, 100, 0, 1)]})
    better = think(book, new, late)
    assert better is not None and better.end < 100
    assert better.moves[1][0].end <= 100
    outside = replace(better, moves={1: [Laid(160, 200, 0, 1)]})
    assert renewed(book, [new], outside) is None
