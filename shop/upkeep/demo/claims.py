"""Offers and claims of the demo shop: four weeks of answers, one card that somebody has, and bakers who answer."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import ShopError
from shop.core.events import seal
from shop.people.offers import Answer, Offer, open_offers, subject_of
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.claims import accept, claim, decline
from shop.production.matching import crew
from shop.production.tables import Task, TaskState
from shop.upkeep.demo.stage import Stage

DAYS = 28
SHARE, ASKED, FIRST = 0.35, 0.7, 0.2
"""How much of the work was claimed, how much of that by an offer, and how often somebody else was asked before."""
YES = 0.8
PATIENCE = timedelta(seconds=20)


def stage_claims(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Write who was asked and who took what in the last four weeks; returns how many rows."""
    dice = Random(shop.id)
    done = select(Task.id, Task.order_id, Task.finished_by, Task.started_at).where(
        Task.shop_id == shop.id, Task.state == TaskState.DONE, Task.needs_person,
        Task.started_at > at - timedelta(days=DAYS), Task.finished_by.is_not(None),
    )  # fmt: skip
    team = [
        p.id for p in tx.scalars(select(Staff).where(Staff.shop_id == shop.id).order_by(Staff.id)) if p.skills
    ]
    rows: list[dict[str, Any]] = []
    for task_id, order_id, staff_id, begun in tx.execute(done.order_by(Task.id)):
        if staff_id is None or begun is None or dice.random() >= SHARE:
            continue
        row: dict[str, Any] = {
            "shop_id": shop.id,
            "subject": subject_of("task", task_id),
            "order_id": order_id,
        }
        row |= {"until": None, "points": 0, "reasons": []}
        made: datetime = begun - timedelta(minutes=dice.uniform(6, 20))
        other = dice.choice(team)
        if other != staff_id and dice.random() < FIRST:
            no, wait = dice.random() < 0.6, timedelta(seconds=dice.randrange(15, 110))
            rows.append(row | _row(other, made, wait if no else timedelta(minutes=2),
                                   Answer.DECLINED if no else Answer.LAPSED))  # fmt: skip
            made += timedelta(minutes=2)
        if dice.random() < ASKED:
            rows.append(
                row | _row(staff_id, made, timedelta(seconds=dice.randrange(8, 100)), Answer.ACCEPTED)
            )
        else:
            rows.append(row | _row(staff_id, made, timedelta(0), Answer.TAKEN))
    if rows:
        tx.execute(insert(Offer), rows)
    _taken_now(tx, shop, at)
    seal(tx)
    return len(rows)


def _row(staff_id: int, made: datetime, wait: timedelta, how: Answer) -> dict[str, Any]:
    return {"staff_id": staff_id, "made_at": made, "answered_at": made + wait, "answer": how}


def _taken_now(tx: Session, shop: Shop, at: datetime) -> None:
    """Let somebody at work have taken the card with the most time left."""
    ready = select(Task).where(Task.shop_id == shop.id, Task.state == TaskState.READY, Task.needs_person)
    task = tx.scalars(ready.order_by(Task.latest_start.desc(), Task.id).limit(1)).first()
    here = [baker.id for baker in crew(tx, shop, at=at) if task is not None and task.kind in baker.skills]
    if task is not None and here:
        try:
            claim(tx, shop, task.id, task.version, by=Actor.staff(here[0]), at=at)
        except ShopError:  # a play goes on at the same time
            return


class Takers:
    """The bakers of a play answer what they are asked: mostly with yes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def answer(self, at: datetime, here: list[Staff]) -> None:
        """Let everybody here answer the offers that have stood for a moment."""
        at_work = {person.id for person in here}
        with self.stage.reading() as session:
            shop = session.scalars(select(Shop).order_by(Shop.id)).first()
            waiting = open_offers(session, shop, "task") if shop is not None else []
            asked = [(o.id, int(o.subject.partition(":")[2]), o.staff_id, o.made_at) for o in waiting]
        for offer_id, task_id, staff_id, made_at in asked:
            if staff_id in at_work and at - made_at >= PATIENCE:
                verb = accept if Random(offer_id).random() < YES else decline
                self.stage.attempt(partial(_answer, verb, task_id, Actor.staff(staff_id or 0), at))


def _answer(verb: Any, task_id: int, by: Actor, at: datetime, tx: Session, shop: Shop) -> None:
    verb(tx, shop, task_id, by=by, at=at)
