"""Finding one order: by what is on the slip or typed whole, and everything on its sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.errors import N_, Missing
from shop.core.keys import Keys, digest
from shop.menu.drawing import CakeLook
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.payments.tables import Payment, Refund
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState

_LINES = select(Line).where(Line.order_id == bindparam("order")).order_by(Line.sort)
_CAKES = select(Cake).where(Cake.order_id == bindparam("order")).order_by(Cake.sort)


@dataclass(frozen=True)
class Ordered:
    """A line as it was ordered, with its cakes, and nothing of what has become of them."""

    line: Line
    look: CakeLook
    cakes: Sequence[Cake]


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
    """Everything about one order: its lines with cakes and tasks, payments, and refunds."""

    order: Order
    lines: Sequence[LineSheet]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]

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


def by_external_id(session: Session, shop: Shop, external_id: str, channels: Sequence[str]) -> Order | None:
    """Return the order that came under this name by one of these channels, None where none did."""
    query = select(Order).where(
        Order.shop_id == shop.id, Order.channel.in_(channels), Order.external_id == external_id
    )
    return session.scalars(query).first()


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


def ordered(session: Session, order: Order) -> list[Ordered]:
    """Return what was ordered, line by line, in two queries."""
    cakes: dict[int, list[Cake]] = {}
    for cake in session.scalars(_CAKES, {"order": order.id}):
        cakes.setdefault(cake.line_id, []).append(cake)
    lines = session.scalars(_LINES, {"order": order.id})
    return [Ordered(line, look_of(line), cakes.get(line.id, [])) for line in lines]


def sheet(session: Session, order: Order) -> OrderSheet:
    """Return all rows of one order, in five queries."""
    tasks: dict[int, list[Task]] = {}
    live = select(Task).where(Task.order_id == order.id).order_by(Task.cake_id, Task.sort, Task.remake)
    for task in session.scalars(live):
        tasks.setdefault(task.cake_id, []).append(task)
    sheets = [
        LineSheet(each.line, each.look, [_cake_sheet(cake, tasks.get(cake.id, [])) for cake in each.cakes])
        for each in ordered(session, order)
    ]
    payments = list(session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))
    refunds = list(session.scalars(select(Refund).where(Refund.order_id == order.id).order_by(Refund.id)))
    return OrderSheet(order, sheets, payments, refunds)


def look_of(line: Line) -> CakeLook:
    """Return the picture of a line's cakes."""
    return CakeLook(line.product, line.inch, line.tiers, line.candles, line.inscription, line.look or None)


def _cake_sheet(cake: Cake, tasks: list[Task]) -> CakeSheet:
    stages = {task.sort: task for task in tasks if task.state != TaskState.VOID} or {t.sort: t for t in tasks}
    live = [stages[sort] for sort in sorted(stages)]
    stage = next((task.kind for task in live if task.state != TaskState.DONE), None)
    return CakeSheet(cake, live, stage, bool(live) and stage is None)
