"""Turns of the people that are changed for a new cake, in shops that live."""

from random import Random

import pytest

from bench.orderbook import DAY, cake, kitchen, live
from bench.promise import lived
from shop.planning.reservations import anew
from shop.planning.reservations.book import Book
from shop.planning.reservations.checker import faults
from shop.planning.reservations.floor import Floor, Hand, Job, Laid, Step
from shop.planning.reservations.quote import accept, earliest
from shop.planning.reservations.shopfloor import Shopfloor
from shop.planning.reservations.turns import search
from shop.planning.reservations.works import Budget, Work, near
from tests.shop.planning.test_reservations import trace

MORNING = [(0, 600)]


def test_turns_are_changed_until_nobody_is_late() -> None:
    both = Hand(1, frozenset(["build", "decorate"]), MORNING)
    book = Book(Floor([], [both, Hand(2, frozenset(["build"]), MORNING)]))
    decorate = Step("decorate", None, 20, skill="decorate")
    build = Step("build", None, 60, skill="build")
    book.add(Job(1, 1, 60, 0, (build,)), [Laid(0, 60, 0, 1)])
    works = [*near(list(book.jobs.values()), 100), Work(Job(2, 2, 10**6, 0, (decorate,)), 0, 1, 0)]
    shopfloor = Shopfloor(book, works, 20)
    assert shopfloor.run(shopfloor.order, 10**9) > 0, "nobody is late: this shows nothing"
    found = search(shopfloor, Budget(1000), 20)
    assert found is not None and found.end == 20
    assert shopfloor.settled(found, 20)
    assert sorted(shopfloor.turns()) == [(1, 0, 2), (2, 0, 1)]


def test_changing_turns_finds_sooner_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    book, new = lived(25)
    before = trace(book)
    found = earliest(book, [new])
    assert found is not None and found == earliest(book, [new]), "the same question, another answer"
    with monkeypatch.context() as without:
        without.setattr(anew, "search", lambda *_: None)
        plain = earliest(book, [new])
    assert plain is not None and plain.end > found.end
    assert trace(book) == before
    new.due = found.end
    accept(book, [new], found)
    assert faults(book.floor, book.jobs.values()) == []


@pytest.mark.parametrize("seed", [11, 25])
def test_nothing_moves_into_the_past(seed: int) -> None:
    chance = Random(3000 + seed)
    book = Book(kitchen(chance, people=5, days=4, scarce=True))
    now = DAY + 560
    live(book, chance, 390, now, load=0.8, far=36 * 60)
    assert any(one.locked and one.laid[one.locked - 1].end < now for one in book.jobs.values())
    for number in range(6):
        new = Job(10**6 + number, 0, 0, now, cake(chance))
        found = earliest(book, [new])
        assert found is not None
        new.due = found.end
        accept(book, [new], found)
        for one in book.jobs.values():
            assert all(where.start >= now for where in one.laid[one.locked :])
    assert faults(book.floor, book.jobs.values()) == []
