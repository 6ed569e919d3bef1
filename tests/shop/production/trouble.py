"""What the tests of moves share: a cake in trouble, an alarm that suggests a move, and doing and undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import to_minute
from shop.production import work
from shop.production.foresight import scene_of, seen_in
from shop.production.moves import MOVES
from shop.production.moves.applying import apply, undo
from shop.production.moves.contract import Option, View
from shop.production.moves.suggesting import _suggestion
from shop.production.tables import Alarm
from shop.production.warnings import Warning_
from tests import cast, counter
from tests.counter import order, shop_and_card, task, tasks
from web.database import reading, writing
from web.house import now

Args = Mapping[str, Any]


def placed(app: Flask, *, spare: int = 0, until: str = "", product: str = "strawberry-cream") -> int:
    """Order a cake with so many minutes to spare, made up to a stage; returns its order."""
    with app.app_context(), writing() as tx:
        first = order(tx, counter.cart(product))
        for each in tasks(tx, first.order_id):
            each.due_at += timedelta(minutes=spare)
            each.latest_start += timedelta(minutes=spare)
    if until:
        with app.app_context(), writing() as tx:
            counter.make(tx, first.order_id, until)
    return first.order_id


def view(session: Session, order_id: int, kind: str = "predicted_late", **more: Any) -> View:
    """Look at a cake in trouble."""
    shop = shop_and_card(session)[0]
    scene = scene_of(session, shop, at=now())
    assert scene is not None
    cake = tasks(session, order_id)[0].cake_id
    facts = {"order_id": order_id, "cake_id": cake, "subject": f"cake:{cake}", "chance": 60} | more
    about = Warning_(kind, "look", 9, **facts)
    return View(session, shop, scene, seen_in(scene), about, now())


def options(app: Flask, key: str, order_id: int, **more: Any) -> list[Option]:
    with app.app_context(), reading() as session:
        return list(MOVES[key].options(view(session, order_id, **more)))


def suggested(app: Flask, key: str, order_id: int, option: Option) -> tuple[int, str]:
    """Let an alarm about this cake suggest the move; returns the alarm and the suggestion."""
    with app.app_context(), writing() as tx:
        shop = shop_and_card(tx)[0]
        cake = tasks(tx, order_id)[0].cake_id
        known = tx.scalars(select(Alarm).where(Alarm.cake_id == cake, Alarm.ended_at.is_(None))).first()
        row = known or Alarm(
            shop_id=shop.id, kind="predicted_late", subject=f"cake:{cake}", stage="", person=""
        )
        row.names, row.chance, row.minutes, row.cake_id, row.order_id = {}, 62, 9, cake, order_id
        row.raised_at = row.repeated_at = now()
        row.moves = [_suggestion(key, option, 62, 11)]
        tx.add(row)
        tx.flush()
        return row.id, row.moves[0]["id"]


def do(app: Flask, alarm: tuple[int, str], login: str = "xu") -> int:
    with app.app_context(), writing() as tx:
        return apply(tx, shop_and_card(tx)[0], *alarm, by=cast.by(tx, login), at=now()).id


def take_back(app: Flask, done: int, login: str = "xu") -> None:
    with app.app_context(), writing() as tx:
        undo(tx, shop_and_card(tx)[0], done, by=cast.by(tx, login), at=now())


def plan(app: Flask, *orders: int) -> list[tuple[int, int, int | None]]:
    with app.app_context(), reading() as session:
        return [
            (to_minute(t.planned_start), t.unit, t.planned_for) for o in orders for t in tasks(session, o)
        ]


def begin(app: Flask, order_id: int, kind: str) -> None:
    with app.app_context(), writing() as tx:
        one = task(tx, order_id, kind)
        work.start(tx, shop_and_card(tx)[0], one.id, one.version, by=cast.by(tx, "zhang"), at=now())
