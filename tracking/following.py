"""An order as its customer may see it: stages and their times, the cake, the price. No person is in here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.delivery.tables import Drop
from shop.menu.drawing import CakeLook
from shop.menu.stages import STAGE_WORDS
from shop.orders.finding import CakeSheet, LineSheet, OrderSheet
from shop.orders.progress import can_cancel
from shop.orders.tables import Fulfilment, Order, OrderState
from shop.payments.owed import OWED
from shop.payments.tables import RefundState
from shop.production.tables import Task, TaskState
from tracking.going import NOWHERE, Going, arrival, going

STEP = 5
"""Minutes that times are rounded to: we do not know better."""
WIDTH = timedelta(minutes=15)
SHORT_AFTER = timedelta(hours=24)
MAKING = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)
DEAD = (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED, OrderState.DISPOSED, OrderState.RESOLD)
SHOWN = (*MAKING, OrderState.READY, OrderState.OUT_FOR_DELIVERY)


@dataclass(frozen=True)
class Stage:
    """One stage of a cake: ``state`` is done, now, next or todo; ``at`` when it was done."""

    words: Words
    state: str
    at: datetime | None


@dataclass(frozen=True)
class FollowedCake:
    """One cake: its stages, the kind it is at (None when all are done), whether somebody is at it.

    ``waits``: nothing of the order has begun, and it is not about to.
    """

    stages: Sequence[Stage]
    now: str | None
    running: bool
    remade: bool
    waits: bool = False

    @property
    def done(self) -> bool:
        return self.now is None


@dataclass(frozen=True)
class FollowedLine:
    """The cakes of one kind. ``inscription`` is empty where the customer keeps it private."""

    names: Words
    inch: int
    options: Sequence[Words]
    candles: int
    inscription: str
    hidden: bool
    look: CakeLook
    allergens: Sequence[Words]
    parts: Sequence[tuple[Words, int]]
    quantity: int
    total: int
    cakes: Sequence[FollowedCake]


@dataclass(frozen=True)
class Following:
    """Everything the page shows. ``window`` is the expected time, ``owed`` what goes back to the customer.

    ``given_back`` has gone back already; amounts in minor units.
    """

    number: str
    state: OrderState
    pickup: bool
    lines: Sequence[FollowedLine]
    due_at: datetime
    handed_at: datetime | None
    window: tuple[datetime, datetime] | None
    late: bool
    starts_in: int | None
    counter_code: str
    pay_until: datetime | None
    total: int
    paid: int
    balance: int
    owed: int
    currency: str
    may_cancel: bool
    short: bool
    has_phone: bool
    shows_stages: bool
    fee: int = 0
    discount: int = 0
    arrives_from: datetime | None = None
    way: Going = NOWHERE
    to_pay: bool = False
    rest_from: datetime | None = None
    rest_due: bool = False
    given_back: int = 0
    invoiced: bool = False

    @property
    def may_invoice(self) -> bool:
        """Whether an invoice could be asked for here or stands; its own page says why not yet."""
        return self.invoiced or (self.paid > 0 and not self.dead)

    @property
    def dead(self) -> bool:
        """Whether this order is never made."""
        return self.state in DEAD

    @property
    def cakes(self) -> list[FollowedCake]:
        return [cake for line in self.lines for cake in line.cakes]


def follow(
    sheet: OrderSheet,
    allergens: dict[str, Words],
    *,
    at: datetime,
    has_phone: bool = False,
    drop: Drop | None = None,
    online: bool = False,
    rest_from: datetime | None = None,
    invoiced: bool = False,
    had_from: Callable[[datetime], datetime] = lambda done: done,
) -> Following:
    """Return what the holder of the slip may see at ``at``; ``has_phone`` is whether digits of one can be asked.

    ``drop`` is the courier's side of a delivery, once there is one; ``online`` is whether the rest can be paid here,
    ``rest_from`` when that is due; ``invoiced`` whether it has an invoice already, also one that was taken back.
    ``had_from`` says when a cake that is done can be fetched: nobody is called to a closed door.
    """
    order = sheet.order
    state = OrderState(order.state)
    making = state in MAKING
    end = _end(sheet, at) if making else None
    way = going(order, drop, end, at=at)
    end = way.expected if order.fulfilment == Fulfilment.DELIVERY else end
    late = end is not None and _down(end) > order.due_at
    starts_in = _starts_in(sheet, at) if state is OrderState.CONFIRMED else None
    waits = bool(starts_in)
    return Following(
        number=order.number,
        state=state,
        pickup=order.fulfilment == Fulfilment.PICKUP,
        lines=[_line(order, line, allergens, waits=waits) for line in sheet.lines],
        due_at=order.due_at,
        handed_at=order.handed_over_at,
        window=None
        if end is None
        else arrival(_down(end), order.due_at)
        if way.legs
        else _window(end, order.due_at)
        if late
        else _open_window(_window(end, order.due_at), had_from),
        late=late,
        starts_in=starts_in,
        counter_code=(order.counter_code or "") if state is OrderState.PLACED else "",
        pay_until=order.pay_until,
        total=order.total,
        paid=order.paid,
        balance=order.balance if state not in DEAD else 0,
        rest_from=rest_from,
        rest_due=rest_from is not None and rest_from <= at,
        owed=sum(refund.amount for refund in sheet.refunds if refund.state in OWED),
        currency=order.currency,
        may_cancel=can_cancel(order),
        short=is_short(order, at),
        has_phone=has_phone,
        shows_stages=state in SHOWN,
        fee=order.fee,
        discount=order.discount,
        arrives_from=order.arrives_from,
        to_pay=online and order.balance > 0 and state not in DEAD,
        way=way,
        given_back=sum(refund.amount for refund in sheet.refunds if refund.state == RefundState.REFUNDED),
        invoiced=invoiced,
    )


def is_short(order: Order, at: datetime) -> bool:
    """Whether only the short page is left: a day after the hand-over."""
    handed = order.handed_over_at
    return order.state == OrderState.CLOSED or (handed is not None and handed + SHORT_AFTER <= at)


def _line(order: Order, sheet: LineSheet, allergens: dict[str, Words], *, waits: bool) -> FollowedLine:
    line = sheet.line
    hidden = order.private and bool(line.inscription)
    return FollowedLine(
        names=line.names,
        inch=line.inch,
        options=line.option_words,
        candles=line.candles,
        inscription="" if hidden else line.inscription,
        hidden=hidden,
        look=replace(sheet.look, inscription="") if hidden else sheet.look,
        allergens=[allergens[slug] for slug in line.allergens if slug in allergens],
        parts=[(part["words"], int(part["amount"])) for part in line.parts],
        quantity=line.quantity,
        total=line.total,
        cakes=[_cake(cake, waits=waits) for cake in sheet.cakes],
    )


def _cake(sheet: CakeSheet, *, waits: bool) -> FollowedCake:
    """``waits``: the page says when the kitchen begins, so no stage is called the next one."""
    current = next((task for task in sheet.tasks if task.state != TaskState.DONE), None)
    running = current is not None and current.state == TaskState.RUNNING
    stages = []
    for task in sheet.tasks:
        done = task.state == TaskState.DONE
        ahead = "now" if running else "todo" if waits else "next"
        state = "done" if done else ahead if task is current else "todo"
        stages.append(Stage(STAGE_WORDS[task.kind], state, task.finished_at if done else None))
    remade = any(task.remake for task in sheet.tasks)
    return FollowedCake(stages, current.kind if current is not None else None, running, remade, waits)


def _end(sheet: OrderSheet, at: datetime) -> datetime | None:
    """Return when the last cake will be done if each stage takes its minutes and none starts before its plan."""
    ends = [_cake_end(cake.tasks, at) for cake in sheet.cakes]
    return max(ends, default=None)


def _cake_end(tasks: Sequence[Task], at: datetime) -> datetime:
    end = at
    for task in tasks:
        if task.state in (TaskState.DONE, TaskState.VOID):
            continue
        if task.state == TaskState.RUNNING and task.started_at is not None:
            end = max(at + timedelta(minutes=1), task.started_at + timedelta(minutes=task.minutes))
        else:
            end = max(end, task.planned_start) + timedelta(minutes=task.minutes)
    return end


def _window(end: datetime, due_at: datetime) -> tuple[datetime, datetime]:
    """Return a range of a quarter of an hour that holds ``end``; it ends at the promise while that is kept."""
    first = _down(end)
    last = first + WIDTH
    if first <= due_at < last:
        last = _down(due_at)
        first = min(first, last - timedelta(minutes=2 * STEP))
    return first, last


def _open_window(
    window: tuple[datetime, datetime], had_from: Callable[[datetime], datetime]
) -> tuple[datetime, datetime]:
    first = had_from(window[0])
    return window if first == window[0] else (first, first + WIDTH)


def _down(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute - moment.minute % STEP, second=0, microsecond=0)


def _starts_in(sheet: OrderSheet, at: datetime) -> int | None:
    starts = [task.planned_start for cake in sheet.cakes for task in cake.tasks[:1]]
    return max(0, minutes_between(at, min(starts))) if starts else None
