"""The demo shop's offers and claims: a past to look at, a card that somebody has, bakers who answer in a play."""

from __future__ import annotations

from contextlib import AbstractContextManager
from random import Random

from flask import Flask
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.people.offers import Answer
from shop.production.offers import offer_due, offered_to
from shop.production.tables import Task
from shop.reports.claims import claims_board
from shop.upkeep.demo.claims import Takers, stage_claims
from shop.upkeep.demo.stage import Stage
from tests import cast, counter
from tests.shop.production.test_claims import answers, decorating
from web.database import reading, writing
from web.house import keys, now


def the_stage(of: Keys) -> Stage:
    def look() -> AbstractContextManager[Session]:
        return reading()

    return Stage(writing, look, of, Random(1))


def test_a_past_of_claims_and_one_card_that_somebody_has(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        for _ in range(8):
            counter.make(tx, counter.order(tx).order_id, "box")
        task = decorating(tx)
        assert stage_claims(tx, shop, at=now()) > 5
        board = claims_board(tx, shop, at=now(), days=28)
        assert board.whole.claimed > 3 and board.whole.wait is not None
        assert tx.get_one(Task, task.id, populate_existing=True).claimed_by is not None


def test_bakers_of_a_play_answer(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            task = decorating(tx)
            cast.clock_of(app).at = max(now(), task.planned_start)
            offer_due(tx, shop, at=now())
            task_id, asked = task.id, offered_to(tx, shop)[task.id].staff_id
            here = [cast.person(tx, login) for login in ("li", "zhang", "zhao", "sun")]
            tx.flush()
            tx.expunge_all()
        takers = Takers(the_stage(keys()))
        takers.answer(now(), here)
        with reading() as session:
            assert answers(session, task_id) == [(asked, Answer.OPEN)], "nobody answers within a blink"
        takers.answer(cast.clock_of(app).pass_by(seconds=30), here)
        with reading() as session:
            assert answers(session, task_id)[0][1] in (Answer.ACCEPTED, Answer.DECLINED)
