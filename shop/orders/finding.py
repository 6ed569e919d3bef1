"""Finding orders: by what is on the slip, by what a clerk types, and everything on one order's sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from shop.core.errors import N_, Missing
from shop.core.keys import Keys, digest
from shop.menu.drawing import CakeLook
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.payments.tables import Payment, RefundDue
from shop.people.persons import find_persons
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState


@dataclass(frozen=True)
class CakeSheet:
    """One cake with its tasks in order; ``stage`` is the kind it is at (None: all done)."""

    cake: Cake
    tasks: Sequence[Task]
    stage: str | None
    ready: bool


@dataclass(frozen=True)
class LineSheet:
    line: Line
    look: CakeLook
    cakes: Sequence[CakeSheet]


@dataclass(frozen=True)
class OrderSheet:
    """Everything about one order: its lines with cakes and tasks, payments, and refunds due."""

    order: Order
    lines: Sequence[LineSheet]
    payments: Sequence[Payment]
    refunds: Sequence[RefundDue]

    @property
    def cakes(self) -> list[CakeSheet]:
        return [cake for line in self.lines for cake in line.cakes]


def token_of(keys: Keys, order: Order) -> str:
    """Return the token that opens this order's page: made again, never stored."""
    return keys.token("order", order.id, order.token_version)


def by_token(session: Session, token: str) -> Order:
    """Return the order of a slip; raises `Missing` with the same words for wrong and outdated tokens."""
    order = session.scalars(select(Order).where(Order.token_hash == digest(token))).first()
    if order is None:
        raise Missing()
    return order


def by_id(session: Session, shop: Shop, order_id: int) -> Order:
    """Return an order of this shop; raises `Missing` also for another shop's."""
    order = session.scalars(select(Order).where(Order.id == order_id, Order.shop_id == shop.id)).first()
    if order is None:
        raise Missing()
    return order


def by_number(session: Session, shop: Shop, number: str, day: date) -> Order:
    """Return the order with a number such as A-042, placed on ``day``; raises `Missing`."""
    letter, _, counter = number.strip().upper().partition("-")
    query = select(Order).where(
        Order.shop_id == shop.id, Order.business_date == day, Order.letter == letter,
        Order.counter == (int(counter) if counter.isdecimal() and len(counter) < 9 else -1),
    )  # fmt: skip
    order = session.scalars(query).first()
    if order is None:
        raise Missing(N_("There is no order with this number."), field="number")
    return order


def by_counter_code(session: Session, shop: Shop, code: str) -> Order:
    """Return the unpaid order of a counter code; raises `Missing` when it is wrong, paid or expired."""
    typed = code.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    query = select(Order).where(
        Order.shop_id == shop.id, Order.counter_code == typed, Order.state == OrderState.PLACED
    )
    order = session.scalars(query).first() if typed else None
    if order is None:
        raise Missing(
            N_("No unpaid order has this code. It may be paid already, or out of time."), field="code"
        )
    return order


def cake_by_code(session: Session, code: str) -> Cake:
    """Return the cake of a code; raises `Missing`."""
    cake = session.scalars(select(Cake).where(Cake.code == code.strip().upper())).first()
    if cake is None:
        raise Missing()
    return cake


def sheet(session: Session, order: Order) -> OrderSheet:
    """Return all rows of one order, in five queries."""
    lines = list(session.scalars(select(Line).where(Line.order_id == order.id).order_by(Line.sort)))
    cakes = list(session.scalars(select(Cake).where(Cake.order_id == order.id).order_by(Cake.sort)))
    tasks: dict[int, list[Task]] = {}
    live = select(Task).where(Task.order_id == order.id).order_by(Task.cake_id, Task.sort, Task.remake)
    for task in session.scalars(live):
        tasks.setdefault(task.cake_id, []).append(task)
    sheets = [
        LineSheet(
            line, look_of(line), [_cake_sheet(c, tasks.get(c.id, [])) for c in cakes if c.line_id == line.id]
        )
        for line in lines
    ]
    payments = list(session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))
    refunds = list(session.scalars(select(RefundDue).where(RefundDue.order_id == order.id)))
    return OrderSheet(order, sheets, payments, refunds)


def look_of(line: Line) -> CakeLook:
    """Return the picture of a line's cakes."""
    return CakeLook(line.product, line.inch, line.tiers, line.candles, line.inscription, line.look or None)


def _cake_sheet(cake: Cake, tasks: list[Task]) -> CakeSheet:
    stages = {task.sort: task for task in tasks if task.state != TaskState.VOID} or {t.sort: t for t in tasks}
    live = [stages[sort] for sort in sorted(stages)]
    stage = next((task.kind for task in live if task.state != TaskState.DONE), None)
    return CakeSheet(cake, live, stage, bool(live) and stage is None)


def search(
    session: Session, keys: Keys, shop: Shop, *, text: str = "", states: Sequence[str] = (),
    due_on: date | None = None, placed_on: date | None = None, channel: str = "", unpaid: bool = False,
    late_at: datetime | None = None, limit: int = 50, before_id: int | None = None,
) -> list[Order]:  # fmt: skip
    """Return orders, newest first: by number, cake code, counter code, customer's name or phone, and filters."""
    query = select(Order).where(Order.shop_id == shop.id).order_by(Order.id.desc()).limit(limit)
    if states:
        query = query.where(Order.state.in_(states))
    if due_on is not None:
        query = query.where(Order.due_date == due_on)
    if placed_on is not None:
        query = query.where(Order.business_date == placed_on)
    if channel:
        query = query.where(Order.channel == channel)
    if unpaid:
        query = query.where(
            Order.paid < Order.total, Order.state.not_in((OrderState.CANCELLED, OrderState.EXPIRED))
        )
    if late_at is not None:
        open_states = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)
        query = query.where(Order.state.in_(open_states), Order.due_at < late_at)
    if before_id is not None:
        query = query.where(Order.id < before_id)
    if text.strip():
        query = query.where(or_(*_matches(session, keys, shop, text.strip())))
    return list(session.scalars(query))


def _matches(session: Session, keys: Keys, shop: Shop, text: str) -> list[ColumnElement[bool]]:
    letter, dash, counter = text.upper().partition("-")
    matches = [
        Order.counter_code == text.upper(),
        Order.id.in_(select(Cake.order_id).where(Cake.code == text.upper())),
        Order.external_id == text,
    ]
    if dash and counter.isdecimal() and len(counter) < 9:
        matches.append((Order.letter == letter) & (Order.counter == int(counter)))
    elif text.isdecimal() and len(text) <= 4:
        matches.append(Order.counter == int(text))
    people = [person.id for person in find_persons(session, keys, shop, text)]
    if people:
        matches.append(Order.person_id.in_(people))
    return matches
