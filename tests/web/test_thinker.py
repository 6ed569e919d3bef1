"""Second thoughts have a process of their own, and nobody is harmed by what happens to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.promise import lived
from shop.orders import afterthought
from shop.planning.reservations.floor import Job
from shop.planning.reservations.quote import earliest
from tests.patience import PATIENCE
from tests.web.test_planner import eventually
from web.thinker import Thinker

EARLY, LATE = 1, 48
"""Shops whose answer at once is as soon as can be, and an hour later than need be."""


@pytest.fixture
def thinker() -> Iterator[Thinker]:
    thinker = Thinker(thinks=PATIENCE)
    yield thinker
    thinker.stop()


def ask(shop: int) -> Job:
    book, new = lived(shop)
    found = earliest(book, [new])
    assert found is not None
    assert afterthought.sooner(book, [new], found) is found
    return new


def test_it_thinks_in_its_own_thread_when_it_is_asked(thinker: Thinker) -> None:
    thinker.start()
    ask(LATE)
    assert eventually(lambda: thinker.done.get("sooner") == 1)
    ask(EARLY)
    assert eventually(lambda: thinker.done.get("fine") == 1), "no child is asked for that"
    thinker.stop()
    ask(LATE)
    assert afterthought.next_question() is None, "nobody listens any more"


def test_a_child_that_does_not_answer_costs_only_the_thought(thinker: Thinker) -> None:
    afterthought.listen(lambda: None)
    thinker.child.command[2], thinker.thinks, thinker.child.patience = "tests.web.deaf", 0.0, 0.5
    ask(LATE)
    assert thinker.look() == "failed" and thinker.child.process is None
    assert thinker.look() == "nothing"


def test_the_same_question_of_the_same_book_is_thought_over_once(thinker: Thinker) -> None:
    afterthought.listen(lambda: None)
    book, new = lived(EARLY)
    found = earliest(book, [new])
    assert found is not None
    for _ in range(2):
        afterthought.sooner(book, [new], found)
        thinker.look()
    assert thinker.done == {"fine": 1}
