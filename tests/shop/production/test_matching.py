"""Which baker suits, and why: each criterion by itself, the whole team ranked, the same answer to the same question."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from shop.production import claims, work
from shop.production.matching import Baker, Criterion, Question, crew, matches, rank
from shop.production.matching.before import before, in_time
from shop.production.matching.fairness import fairness
from shop.production.matching.free import free
from shop.production.matching.level import level
from shop.production.matching.load import load
from shop.production.matching.nearby import nearby, planned
from shop.production.matching.skill import skill
from shop.production.tables import Task
from tests import cast, counter
from tests.shop.production.test_claims import decorating
from web.database import writing
from web.house import now

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def task(**more: object) -> Task:
    values = {"id": 1, "kind": "decorate", "station_id": 3, "minutes": 20, "planned_for": None}
    return Task(**{**values, "latest_start": AT + timedelta(minutes=40), **more})


def baker(staff_id: int = 1, **more: Any) -> Baker:
    skills = frozenset({"decorate"})
    return replace(Baker(staff_id, f"n{staff_id}", skills, {}, AT + timedelta(hours=4)), **more)


@pytest.mark.parametrize(
    ("criterion", "more", "points"),
    [
        (level, {"levels": {"decorate": 5}}, 20), (level, {"levels": {"decorate": 1}}, -20), (level, {}, 0),
        (free, {}, 30), (free, {"busy": ((25, AT),)}, 15), (free, {"busy": ((55, AT),)}, -15),
        (free, {"busy": ((55, AT + timedelta(minutes=41)),)}, 30),
        (load, {"today": 95}, -6), (load, {"today": 30}, 0),
        (fairness, {"claims": 3}, 4), (fairness, {"claims": 7}, 0),
        (nearby, {"stations": frozenset({3})}, 8), (nearby, {"stations": frozenset({2})}, 0),
    ],
)  # fmt: skip
def test_a_criterion_gives_points(criterion: Criterion, more: dict[str, Any], points: int) -> None:
    assert criterion(Question(task(), baker(**more), AT, least=30, most=7)).points == points


def test_some_are_never_asked() -> None:
    q = Question(task(), baker(), AT)
    assert not any(criterion(q).never for criterion in (skill, before, in_time))
    assert skill(replace(q, baker=baker(skills=frozenset({"bake"})))).never
    assert before(replace(q, asked=frozenset({1}))).never
    assert in_time(replace(q, baker=baker(goes_at=AT + timedelta(minutes=19)))).never
    assert not in_time(replace(q, baker=baker(goes_at=None))).never, "a shop without shifts"
    assert planned(replace(q, task=task(planned_for=1))).points > 0


def test_even_ones_come_by_their_number_and_the_best_first() -> None:
    even = [baker(n) for n in (4, 2, 3)]
    assert [m.staff_id for m in rank(even, task(), at=AT)] == [2, 3, 4]
    assert [m.staff_id for m in rank(even[::-1], task(), at=AT)] == [2, 3, 4]
    best = [*even, baker(9, levels={"decorate": 4})]
    assert [m.staff_id for m in rank(best, task(), at=AT)] == [9, 2, 3, 4]
    assert rank(best, task(), at=AT, asked={9})[-1].never


def test_a_match_explains_itself_from_what_really_is(app_both: Flask) -> None:
    with app_both.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, other = decorating(tx), decorating(tx)
        li, zhang, sun = (cast.person(tx, login) for login in ("li", "zhang", "sun"))
        zhang.levels = {"decorate": 5}
        work.start(tx, shop, other.id, other.version, by=cast.by(tx, "zhang"), at=now())
        here = {b.id: b for b in crew(tx, shop, at=now())}
        assert set(here) == {li.id, zhang.id}, "on Saturday at half past nine the early ones are here"
        assert here[zhang.id].busy == ((other.minutes, now()),) and here[zhang.id].stations == {
            other.station_id
        }
        assert here[li.id].today > 0, "he has made the cakes so far"
        cast.clock_of(app_both).at = shop.moment(shop.business_date(now()), "13:00")
        claims.claim(tx, shop, it.id, it.version, by=cast.by(tx, "li"), at=now())
        again = {b.id: b for b in crew(tx, shop, at=now())}
        assert again[li.id].claims == 1 and sun.id in again
        said = {m.staff_id: m for m in matches(tx, shop, it, at=now())}
        words = {r.sentence: dict(r.params) for r in said[zhang.id].reasons}
        assert words["%(stage)s %(level)s/5"] == {"stage": "decorate", "level": 5}
        assert "%(n)s min free" in words or "%(n)s min of other work first" in words
        assert said[li.id].never, "who has had it is not asked again"
