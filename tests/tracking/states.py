"""An order in each of its states, made by the shop's own verbs where there is one."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.orders import progress, unfetched
from shop.orders.cart import Cart
from shop.orders.placing import Placed
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.payments.counter import take
from shop.production import work
from shop.production.tables import Task, TaskState
from tests.cast import by, clock_of
from tests.slips import order, the_shop
from web.database import writing
from web.house import now

STATES = [state.value for state in OrderState]


def order_in(app: Flask, state: str, cart: Cart | None = None, stages: int = 2) -> Placed:
    """Make an order and bring it to ``state``; in production its first cake has ``stages`` stages behind it."""
    with app.app_context():
        with writing() as tx:
            placed = order(tx, cart)
        if state == OrderState.PLACED:
            return placed
        with writing() as tx:
            bring(app, tx, tx.get_one(Order, placed.order_id), state, stages)
    return placed


def bring(app: Flask, tx: Session, held: Order, state: str, stages: int) -> None:
    """Walk an order that was just placed to its state."""
    shop, mei = the_shop(tx), by(tx, "mei")
    if state in (OrderState.REJECTED, OrderState.EXPIRED):
        if state == OrderState.REJECTED:
            progress.move(tx, held, OrderState.REJECTED)
        else:
            clock_of(app).pass_by(minutes=25)
            progress.expire_unpaid(tx, shop, at=now())
        return
    take(tx, shop, held, "cash", amount=held.total, tendered=held.total, by=mei, at=now())
    if state == OrderState.CANCELLED:
        progress.cancel(tx, shop, held, by=CUSTOMER, at=now(), reason="customer", pin=held.pin)
    if state in (OrderState.CONFIRMED, OrderState.CANCELLED):
        return
    finish_stages(app, tx, held, stages if state == OrderState.IN_PRODUCTION else None)
    if state in (OrderState.HANDED_OVER, OrderState.CLOSED):
        progress.hand_over(tx, shop, held, by=mei, at=now(), pin=held.pin)
    elif state == OrderState.OUT_FOR_DELIVERY:
        progress.move(tx, held, OrderState.OUT_FOR_DELIVERY)
    elif state in (OrderState.NO_SHOW, *unfetched.GIVEN_UP):
        clock_of(app).at = held.due_at + timedelta(hours=2)
        unfetched.mark(tx, shop, held, by=mei, at=now())
        if state != OrderState.NO_SHOW:
            unfetched.give_up(tx, shop, held, state, "stale", second=by(tx, "chen"), by=mei, at=now())
    if state == OrderState.CLOSED:
        clock_of(app).pass_by(hours=25)
        progress.close_finished(tx, shop, at=now())


def finish_stages(app: Flask, tx: Session, held: Order, stages: int | None) -> None:
    """Start and finish stages: so many of the first cake and one begun after them, or all of all cakes."""
    shop, li = the_shop(tx), by(tx, "li")
    cakes = list(tx.scalars(select(Cake).where(Cake.order_id == held.id).order_by(Cake.sort)))
    for cake in cakes if stages is None else cakes[:1]:
        tasks = list(tx.scalars(select(Task).where(Task.cake_id == cake.id).order_by(Task.sort)))
        for number, task in enumerate(tasks):
            tx.refresh(task)
            if task.state == TaskState.DONE:
                continue
            if task.state == TaskState.READY:
                work.start(tx, shop, task.id, task.version, by=li, at=now())
                tx.refresh(task)
            if stages is not None and number == stages:
                return
            clock_of(app).at += timedelta(minutes=task.minutes)
            if task.kind == "decorate" and tx.get_one(Line, cake.line_id).inscription:
                work.tick_written(tx, shop, cake.id, by=li, at=now())
            work.finish(tx, shop, task.id, task.version, by=li, at=now())
            tx.flush()
