"""How tests order, pay and bake, in the shop's own verbs: what a clerk and a baker would do all day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER, Actor
from shop.core.keys import new_code
from shop.menu.card import MenuCard, read_card
from shop.orders import promise
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.destination import way_of
from shop.orders.placing import Placed, place
from shop.orders.tables import Cake, Line, Order
from shop.payments.counter import take
from shop.people.shops import Shop, only_shop
from shop.production import work
from shop.production.tables import Task, TaskState
from tests import cast
from web.house import keys, now


def shop_and_card(tx: Session) -> tuple[Shop, MenuCard]:
    """Return the shop of the tests with its menu."""
    shop = only_shop(tx)
    assert shop is not None
    return shop, read_card(tx, shop)


def cart(product: str = "strawberry-cream", inch: int = 8, **line: Any) -> Cart:
    """Return a cart with one kind of cake."""
    return Cart(lines=[CartLine(product, inch, **line)])


def delivered(area: str = "xuhui", product: str = "strawberry-cream", **more: Any) -> Cart:
    """Return a cart that goes to somebody's door."""
    what = cart(product)
    values = {"name": "王小明", "phone": "13812345678", "address": "漕溪北路 88 号 1203 室", **more}
    return replace(what, fulfilment="delivery", area=area, **values)


def order(
    tx: Session,
    what: Cart | None = None,
    *,
    due_at: datetime | None = None,
    paid: bool = True,
    channel: str = "kiosk",
    prepaid: bool = False,
) -> Placed:
    """Order at the earliest time (or at ``due_at``), and pay cash to Mei unless told otherwise, or the platform has
    the money."""
    shop, card = shop_and_card(tx)
    what = what or cart()
    at = now()
    way = way_of(tx, shop, what)
    lines = price_cart(card, what, way=way).lines
    what.due_at = due_at or promise.quote(tx, shop, card, lines, at=at, way=way.minutes).earliest
    placed = place(
        tx, keys(), shop, card, what, channel=channel, by=CUSTOMER, at=at, prepaid=prepaid,
        external_id=new_code(12) if prepaid else None,
    )  # fmt: skip
    if paid and not prepaid:
        made = tx.get_one(Order, placed.order_id)
        take(tx, shop, made, "cash", amount=made.total, tendered=made.total, by=cast.by(tx, "mei"), at=at)
    return placed


def tasks(tx: Session, order_id: int) -> list[Task]:
    """Return the live tasks of an order in the order of work."""
    query = select(Task).where(Task.order_id == order_id, Task.state != TaskState.VOID)
    return list(tx.scalars(query.order_by(Task.cake_id, Task.sort).execution_options(populate_existing=True)))


def task(tx: Session, order_id: int, kind: str) -> Task:
    """Return the live task of this kind of an order with one cake."""
    return next(t for t in tasks(tx, order_id) if t.kind == kind)


def make(tx: Session, order_id: int, until: str = "box", login: str = "li") -> None:
    """Start and finish every stage up to and including ``until``, as fast as taps go."""
    shop, _ = shop_and_card(tx)
    baker: Actor = cast.by(tx, login)
    at = now()
    for each in tasks(tx, order_id):
        each = tx.get_one(Task, each.id, populate_existing=True)
        if each.state == TaskState.READY:
            work.start(tx, shop, each.id, each.version, by=baker, at=at)
        if each.kind == "decorate":
            write(tx, each.cake_id, baker, at)
        each = tx.get_one(Task, each.id, populate_existing=True)
        if each.state == TaskState.RUNNING:
            work.finish(tx, shop, each.id, each.version, by=baker, at=at)
        if each.kind == until:
            break


def write(tx: Session, cake_id: int, baker: Actor, at: datetime) -> None:
    """Tick "as written" where there is writing."""
    line = tx.scalars(select(Line).join(Cake, Cake.line_id == Line.id).where(Cake.id == cake_id)).one()
    if line.inscription:
        work.tick_written(tx, shop_and_card(tx)[0], cake_id, by=baker, at=at)


def clock(app: Flask) -> cast.StoppedClock:
    """Return the stopped clock of the app."""
    return cast.clock_of(app)
