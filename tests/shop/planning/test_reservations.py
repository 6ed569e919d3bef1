"""The promise engine: what a question may and may not find, and that asking leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.orderbook import cake, fill, kitchen
from shop.planning.reservations.book import Book
from shop.planning.reservations.checker import faults
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, Span, StationPlan, Step
from shop.planning.reservations.quote import Certificate, accept, by_then, earliest, relaxed, unhindered

OVEN, TABLE = 1, 2
DAY = [(0, 600)]
BAKE = Step("bake", OVEN, 30, heat=180)
COOL = Step("cool", None, 40)
DECORATE = Step("decorate", TABLE, 20, skill="decorate")
CAKE = (BAKE, COOL, DECORATE)


def people(*hours: Sequence[Span], skills: str = "decorate") -> list[Hand]:
    return [Hand(n, frozenset(skills.split()), each) for n, each in enumerate(hours, 1)]


def floor(
    hands: Sequence[Hand] | None = None, *, ovens: int = 1, trays: int = 6, tables: int = 3,
    gates: dict[str, list[Span]] | None = None, shelves: int = 0,
) -> Floor:  # fmt: skip
    stations = [StationPlan(OVEN, ovens, trays, DAY), StationPlan(TABLE, 1, tables, DAY, gates or {})]
    return Floor(stations, people(DAY) if hands is None else hands, shelves)


def job(number: int, steps: tuple[Step, ...] = CAKE, *, due: int = 600, since: int = 0) -> Job:
    return Job(number, number, due, since, steps)


def first_end(book: Book, *jobs: Job) -> int:
    """When all are done if they are asked for now."""
    found = earliest(book, jobs)
    assert found is not None
    return found.end


def promise(book: Book, one: Job) -> None:
    found = by_then(book, [one])
    assert found is not None
    accept(book, [one], found)


def trace(book: Book) -> Any:
    """Everything a book knows."""
    rooms = {
        id_: [(r.times[:], r.room[:], r.used[:], r.heat[:]) for r in rooms]
        for id_, rooms in book.rooms.items()
    }
    lanes = {id_: (lane.starts[:], lane.ends[:]) for id_, lane in book.lanes.items()}
    return rooms, lanes, {id_: one.laid[:] for id_, one in book.jobs.items()}, dict(book.odd)


# -- what a place needs


def test_a_cake_alone_takes_its_minutes_and_stands_as_late_as_it_may() -> None:
    book = Book(floor())
    assert first_end(book, job(1)) == 90
    promise(book, one := job(2, due=300))
    assert [(where.start, where.end) for where in one.laid] == [(210, 240), (240, 280), (280, 300)]


def test_trays_wait_for_room_in_the_oven() -> None:
    wide = replace(BAKE, amount=4)
    book = Book(floor())
    book.add(job(1, (wide,), due=30), [Laid(0, 30)])
    assert first_end(book, job(2, (wide,))) == 60
    assert first_end(book, job(3, (replace(BAKE, amount=2),))) == 30


def test_an_oven_has_one_heat_at_a_time_and_two_ovens_have_two() -> None:
    cool_oven = (replace(BAKE, heat=150),)
    for ovens, end in ((1, 60), (2, 30)):
        book = Book(floor(ovens=ovens))
        started = job(1, (BAKE,))
        started.locked = 1
        book.add(started, [Laid(0, 30)])
        assert first_end(book, job(2, cool_oven)) == end


def test_only_who_can_do_it_does_it_and_only_on_shift() -> None:
    hands = [Hand(1, frozenset(["build"]), DAY), Hand(2, frozenset(["decorate"]), [(200, 300)])]
    assert first_end(Book(floor(hands)), job(1)) == 220
    assert earliest(Book(floor(hands[:1])), [job(1)]) is None


def test_cooling_needs_nobody_and_runs_past_the_shift() -> None:
    book = Book(floor(people([(0, 30), (100, 200)])))
    assert first_end(book, job(1)) == 120


def test_a_cake_never_waits_longer_than_it_keeps() -> None:
    steps = (BAKE, replace(COOL, keeps=10), replace(DECORATE, keeps=15))
    found = earliest(Book(floor(people([(300, 600)]))), [job(1, steps)])
    assert found is not None
    bake, cool, decorate = found.laid[1]
    assert decorate.start == 300 and decorate.start - cool.end <= 15 and cool.start - bake.end <= 10


def test_hours_of_an_allergen_are_for_it_and_for_nothing_else() -> None:
    book = Book(floor(gates={"nuts": [(100, 200)]}))
    nuts = job(1, (replace(DECORATE, gate="nuts"),))
    assert first_end(book, nuts) == 120
    plain = job(2, (DECORATE,), since=95)
    assert first_end(book, plain) == 220
    assert by_then(book, [job(3, (DECORATE,), since=95, due=200)]) is None


def test_finished_cakes_wait_on_shelves() -> None:
    book = Book(floor(people([(0, 100)]), shelves=1))
    promise(book, job(1, due=400))
    assert by_then(book, [job(2, due=400)]) is None
    book.remove(book.jobs[1])
    assert by_then(book, [job(2, due=400)]) is not None


def test_two_cakes_of_one_order_are_laid_together() -> None:
    book = Book(floor())
    assert first_end(book, job(1), job(2)) == 110
    pair = [job(1, due=105), job(2, due=105)]
    assert by_then(book, pair) is None
    for one in pair:
        one.due = 110
    found = by_then(book, pair)
    assert found is not None and found.end <= 110
    accept(book, pair, found)
    assert faults(book.floor, book.jobs.values()) == []


# -- who moves, and who does not


def test_what_is_due_later_makes_room() -> None:
    book = Book(floor())
    later = job(1, (DECORATE,), due=600)
    book.add(later, [Laid(0, 20, 0, 1)])
    found = earliest(book, [job(2, (DECORATE,))])
    assert found is not None and found.end == 20
    assert found.moves[1] == [Laid(580, 600, 0, 1)]


def test_started_work_and_what_is_due_earlier_stays() -> None:
    for locked, due in ((1, 600), (0, 20)):
        book = Book(floor())
        other = job(1, (DECORATE,), due=due)
        other.locked = locked
        book.add(other, [Laid(0, 20, 0, 1)])
        found = earliest(book, [job(2, (DECORATE,))])
        assert found is not None and found.end == 40 and not found.moves


def test_overbooked_work_is_kept_and_blocks_what_comes() -> None:
    book = Book(floor(people([(0, 100)]), tables=1))
    before = trace(book)
    for number in (1, 2):
        book.add(one := job(number, (DECORATE,), due=10), [Laid(90, 110, 0, 1)])
        one.locked = 1
    assert by_then(book, [job(3, (DECORATE,), due=100, since=75)]) is None
    for number in (1, 2):
        book.remove(book.jobs[number])
    assert trace(book) == before


def test_a_job_relaxes_to_its_promise() -> None:
    book = Book(floor())
    book.add(one := job(1, (DECORATE,), due=100), [Laid(0, 20, 0, 1)])
    assert relaxed(book, one) and one.laid == [Laid(80, 100, 0, 1)]
    assert not relaxed(book, one)


# -- whole books


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.5, 0.8]))
def test_a_question_leaves_no_trace_and_its_certificate_is_kept_exactly(
    seed: int, scarce: bool, load: float
) -> None:
    chance = Random(seed)
    book = Book(kitchen(chance, people=4, days=4, scarce=scarce))
    fill(book, chance, 420, orders=40, load=load, far=36 * 60)
    before = trace(book)
    new = Job(10**6, 10**6, 0, 420, cake(chance))
    found = earliest(book, [new])
    assert trace(book) == before
    assert found is not None
    plain = earliest(book, [new], budget=0)
    assert plain is None or found.end <= plain.end
    new.due = found.end
    for id_, laid in found.moves.items():
        moved = book.jobs[id_]
        assert moved.due >= new.due or laid[-1].end <= moved.laid[-1].end, "due earlier, and drawn back"
        assert laid[: moved.locked] == moved.laid[: moved.locked]
    accept(book, [new], found)
    assert new.laid == found.laid[new.id]
    assert all(book.jobs[id_].laid == laid for id_, laid in found.moves.items())
    assert faults(book.floor, book.jobs.values()) == []
    for each in list(book.jobs.values()):
        book.remove(each)
    assert trace(book) == trace(Book(book.floor))


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0, 200, 420, 700]), st.sampled_from([0.1, 0.8]))
def test_nothing_moves_for_a_cake_that_waits_for_the_hours_alone(seed: int, now: int, load: float) -> None:
    chance = Random(seed)
    book = Book(kitchen(chance, people=4, days=4, scarce=False))
    fill(book, chance, 420, orders=25, load=load, far=36 * 60)
    for number in range(10**6, 10**6 + 3):
        new = Job(number, number, 0, now, cake(chance))
        found, plain, least = earliest(book, [new]), earliest(book, [new], budget=0), unhindered(book, [new])
        assert found is not None and found.end >= least
        if plain is not None and plain.end == least:
            assert found == plain and not found.moves
    assert trace(book.empty()) == trace(Book(book.floor))


def test_a_cake_for_tomorrow_is_answered_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(floor([Hand(1, frozenset({"decorate"}), [(100, 600)])]))
    monkeypatch.setattr("shop.planning.reservations.quote.Search", None)
    assert first_end(book, job(2)) == 120 == unhindered(book, [job(2)])


def test_started_work_never_moves_in_a_full_book() -> None:
    chance = Random(5)
    book = Book(kitchen(chance, people=4, days=4, scarce=True))
    fill(book, chance, 420, orders=60, load=0.7, far=36 * 60)
    for one in list(book.jobs.values())[::3]:
        one.locked = 2
    stood = {one.id: one.laid[: one.locked] for one in book.jobs.values()}
    moved = 0
    for number in range(30):
        new = Job(10**6 + number, 0, 0, 420, cake(chance))
        found = earliest(book, [new])
        assert found is not None
        new.due = found.end
        moved += len(found.moves)
        accept(book, [new], found)
    assert moved, "nothing had to move: this shows nothing"
    assert {id_: book.jobs[id_].laid[: book.jobs[id_].locked] for id_ in stood} == stood
    assert faults(book.floor, book.jobs.values()) == []


# -- the checker has teeth

SPOILT = {
    "not 20 minutes": Laid(70, 91, 0, 1),
    "starts before it can": Laid(60, 80, 0, 1),
    "promised for": Laid(590, 610, 0, 1),
    "nobody does it": Laid(70, 90, 0, None),
    "cannot do it": Laid(70, 90, 0, 2),
    "is not there": Laid(5, 25, 0, 3),
    "there is no unit": Laid(70, 90, 4, 1),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_the_checker_sees_a_spoilt_place(fault: str) -> None:
    hands = [*people(DAY), Hand(2, frozenset(["build"]), DAY), Hand(3, frozenset(["decorate"]), [(300, 400)])]
    one = job(1)
    one.laid = [Laid(0, 30), Laid(30, 70), Laid(70, 90, 0, 1)]
    assert faults(floor(hands), [one]) == []
    one.laid[2] = SPOILT[fault]
    assert any(fault in each for each in faults(floor(hands), [one]))


def test_the_checker_sees_what_is_too_much_together() -> None:
    def two(
        steps: tuple[Step, ...], where: Laid, other: tuple[Step, ...] | None = None, **more: Any
    ) -> list[str]:
        jobs = [job(1, steps), job(2, other or steps)]
        for each in jobs:
            each.laid = [where]
        return faults(floor(**more), jobs)

    assert any("does 1 and 2" in each for each in two((DECORATE,), Laid(0, 20, 0, 1)))
    assert any("holds 2" in each for each in two((BAKE,), Laid(0, 30), trays=1))
    assert any("degrees" in each for each in two((BAKE,), Laid(0, 30), (replace(BAKE, heat=150),)))
    assert any(
        "is not for it" in each for each in two((DECORATE,), Laid(0, 20, 0, 1), gates={"nuts": [(0, 9)]})
    )
    assert any("shelves" in each for each in two((BAKE,), Laid(0, 30), shelves=1))
    stale = job(1, (BAKE, replace(COOL, keeps=5)))
    stale.laid = [Laid(0, 30), Laid(40, 80)]
    assert any("keeps" in each for each in faults(floor(), [stale]))
    assert isinstance(Certificate({1: stale.laid}).end, int)
