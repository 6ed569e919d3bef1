"""The print queue: a slip is a row first and paper later, so that a printer without paper loses nothing.

A job is claimed by one conditional update in a transaction of its own, printed outside any transaction,
and then recorded. A claim runs out after a minute: the machine died meanwhile, and nobody knows whether
paper came out, so the second one is marked as a copy.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.core.errors import N_, Conflict
from shop.core.events import record
from shop.core.keys import Keys
from shop.menu.card import cached_card
from shop.orders.tables import Cake, Order, OrderState
from shop.people.devices import DeviceKind
from shop.people.shops import Shop
from shop.people.staff import Device
from shop.printing.printer import PrinterTrouble, print_bytes
from shop.printing.slip import Slip, slip_of
from shop.printing.tables import PrintJob

WAITS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))
MOST_TRIES = 15  # about an hour; after that a slip by itself would only surprise
CLAIM = timedelta(minutes=1)
FRESH = timedelta(minutes=30)
OWN_CHANNELS = ("kiosk", "counter", "phone")
BEING_MADE = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION)
Writing = Callable[[], AbstractContextManager[Session]]


class PrintState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


class NoPrinter(Conflict):
    """The shop has no printer that could do this."""

    kind = "no_printer"
    message = N_("No printer is set up. A manager can add one under Devices.")


def printer_for(session: Session, shop: Shop, device_id: int | None = None) -> Device | None:
    """Return the printer of a kiosk or desk (its setting ``printer``), the printer itself, or the shop's first."""
    device = session.get(Device, device_id) if device_id is not None else None
    chosen = device.settings.get("printer", "") if device is not None else ""
    if chosen.isdecimal():
        device = session.get(Device, int(chosen))
    if device is not None and _prints(device, shop):
        return device
    query = (
        select(Device).where(Device.shop_id == shop.id, Device.kind == DeviceKind.PRINTER).order_by(Device.id)
    )
    return next((found for found in session.scalars(query) if _prints(found, shop)), None)


def _prints(device: Device, shop: Shop) -> bool:
    mine = device.shop_id == shop.id and device.kind == DeviceKind.PRINTER
    return mine and device.revoked_at is None and bool(device.settings.get("host"))


def enqueue(
    tx: Session, shop: Shop, order_id: int, device_id: int | None, kind: str, at: datetime, *,
    by: Actor = SYSTEM, copy: int = 0, cake_id: int | None = None,
) -> PrintJob | None:  # fmt: skip
    """Put a ``slip`` or the ``labels`` of an order (or of one cake) into the queue; None without a printer."""
    printer = printer_for(tx, shop, device_id)
    if printer is None:
        return None
    job = PrintJob(
        shop_id=shop.id, order_id=order_id, cake_id=cake_id, device_id=printer.id, kind=kind, copy=copy,
        state=PrintState.QUEUED, tries=0, next_try=at, made_at=at, error="",
    )  # fmt: skip
    tx.add(job)
    tx.flush()
    topics = ("orders", f"order:{order_id}")
    record(
        tx,
        shop.id,
        "slip_queued",
        by=by,
        at=at,
        topics=topics,
        order_id=order_id,
        job=job.id,
        of=kind,
        copy=copy,
    )
    return job


def queue_new(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Queue the slip of every order of the shop's own counters that was just paid and has none; returns how many.

    Found by asking the tables, so that no way of paying can forget it. Nothing waits in a shop without a printer.
    """
    if printer_for(tx, shop) is None:
        return 0
    orders = tx.execute(_without_slip(shop, at).order_by(Order.confirmed_at).limit(20)).all()
    for order_id, kind, who in orders:
        enqueue(tx, shop, order_id, who if kind == ActorKind.DEVICE else None, "slip", at)
    return len(orders)


def something_waits(session: Session, shop: Shop, *, at: datetime) -> bool:
    """Whether a tick has anything to do: asked often, by reading only."""
    if session.scalar(select(PrintJob.id).where(*_due(at)).limit(1)) is not None:
        return True
    return (
        printer_for(session, shop) is not None
        and session.execute(_without_slip(shop, at).limit(1)).first() is not None
    )


def _without_slip(shop: Shop, at: datetime) -> Select[int, str, int | None]:
    asked = exists().where(PrintJob.order_id == Order.id, PrintJob.kind == "slip")
    return select(Order.id, Order.placed_by_kind, Order.placed_by).where(
        Order.shop_id == shop.id, Order.state.in_(BEING_MADE), Order.channel.in_(OWN_CHANNELS),
        Order.confirmed_at > at - FRESH, ~asked,
    )  # fmt: skip


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what makes a job due: its time has come, and it is not given up; a claim that ran out counts."""
    open_ = PrintJob.state.in_((PrintState.QUEUED, PrintState.FAILED, PrintState.PRINTING))
    return open_, PrintJob.tries < MOST_TRIES, PrintJob.next_try <= at


def reprint(
    tx: Session, shop: Shop, order_id: int, *, by: Actor, at: datetime, kind: str = "slip",
    device_id: int | None = None, cake_id: int | None = None,
) -> PrintJob:  # fmt: skip
    """Print again, marked as a copy and counted; ``cake_id`` as in `enqueue`. Raises `NoPrinter`."""
    query = select(func.max(PrintJob.copy)).where(PrintJob.order_id == order_id, PrintJob.kind == kind)
    last = tx.scalar(query)
    copy = 0 if last is None else last + 1
    job = enqueue(tx, shop, order_id, device_id, kind, at, by=by, copy=copy, cake_id=cake_id)
    if job is None:
        raise NoPrinter()
    return job


def jobs_of(session: Session, order_id: int) -> list[PrintJob]:
    """Return what was printed or waits to be printed for an order, newest first."""
    return list(
        session.scalars(select(PrintJob).where(PrintJob.order_id == order_id).order_by(PrintJob.id.desc()))
    )


def in_trouble(session: Session, shop: Shop) -> list[PrintJob]:
    """Return the jobs that failed and still wait, oldest first: for a banner at the desk and the kiosk."""
    query = select(PrintJob).where(PrintJob.shop_id == shop.id, PrintJob.state == PrintState.FAILED)
    return list(session.scalars(query.where(PrintJob.tries < MOST_TRIES).order_by(PrintJob.id)))


@dataclass(frozen=True)
class _Claim:
    kind: str
    settings: dict[str, str]
    slip: Slip


def print_due(
    writing: Writing, *, keys: Keys, public_url: str, now: Callable[[], datetime], limit: int = 20
) -> int:
    """Print what is due, one after the other; returns how many came out. A printer in trouble is left alone.

    ``writing`` opens one write transaction (`web.database.writing`); none is open while a printer prints.
    """
    printed = 0
    sick: set[int] = set()
    for _ in range(limit):
        with writing() as tx:
            job_id = _claim(tx, sick, at=now())
        if job_id is None:
            break
        trouble = _draw_and_print(writing, job_id, keys=keys, public_url=public_url, at=now())
        with writing() as tx:
            job = tx.get_one(PrintJob, job_id)
            _record(tx, job, trouble, now())
            if trouble:
                sick.add(job.device_id or 0)
            else:
                printed += 1
    return printed


def _draw_and_print(writing: Writing, job_id: int, *, keys: Keys, public_url: str, at: datetime) -> str:
    """Draw and print; returns what went wrong. A slip that cannot be drawn must not hold up the others."""
    from shop.printing.raster import (  # loaded with the first slip, not with the server
        label_bytes,
        slip_bytes,
    )

    try:
        with writing() as tx:
            claim = _fill(tx, tx.get_one(PrintJob, job_id), keys=keys, public_url=public_url, at=at)
        data = label_bytes(claim.slip) if claim.kind == "labels" else slip_bytes(claim.slip)
        print_bytes(claim.settings, data)
    except PrinterTrouble as problem:
        return str(problem)
    except Exception as problem:  # whatever it is, it is this slip's own trouble
        return f"drawing: {type(problem).__name__}"
    return ""


def _claim(tx: Session, sick: set[int], *, at: datetime) -> int | None:
    """Take the oldest due job of a well printer; the loser of two takers finds that no row changed."""
    query = select(PrintJob).where(*_due(at), PrintJob.device_id.not_in(sick or {0}))
    for job in tx.scalars(query.order_by(PrintJob.id).limit(10)):
        again = job.state == PrintState.PRINTING
        won = tx.execute(
            update(PrintJob)
            .where(PrintJob.id == job.id, PrintJob.state == job.state, PrintJob.next_try == job.next_try)
            .values(
                state=PrintState.PRINTING, tries=PrintJob.tries + 1, next_try=at + CLAIM,
                copy=PrintJob.copy + (1 if again else 0),
            )
            .execution_options(synchronize_session=False)
            .returning(PrintJob.id)
        ).first()  # fmt: skip
        if won is not None:
            return job.id
    return None


def _fill(tx: Session, job: PrintJob, *, keys: Keys, public_url: str, at: datetime) -> _Claim:
    """Gather what the job prints as plain data; a printer that was taken away is replaced by another one."""
    shop = tx.get_one(Shop, job.shop_id)
    device = printer_for(tx, shop, job.device_id)
    slip = slip_of(
        tx, keys, cached_card(tx, shop), tx.get_one(Order, job.order_id), at=at, public_url=public_url,
        copy=job.copy, language=shop.language if job.kind == "labels" else "",
    )  # fmt: skip
    if job.cake_id is not None:
        slip = slip.of_cake(tx.get_one(Cake, job.cake_id).code)
    return _Claim(job.kind, dict(device.settings) if device is not None else {}, slip)


def _record(tx: Session, job: PrintJob, trouble: str, at: datetime) -> None:
    """Write down how it went; a failure is told once, and once more when we stop trying."""
    topics = ("orders", f"order:{job.order_id}")
    if not trouble:
        job.state, job.printed_at, job.error = PrintState.PRINTED, at, ""
        record(tx, job.shop_id, "slip_printed", by=SYSTEM, at=at, topics=topics, order_id=job.order_id,
               job=job.id, of=job.kind, copy=job.copy)  # fmt: skip
        return
    job.state, job.error = PrintState.FAILED, trouble
    job.next_try = at + WAITS[min(job.tries, len(WAITS)) - 1]
    if job.tries in (1, MOST_TRIES):
        record(tx, job.shop_id, "slip_failed", by=SYSTEM, at=at, topics=topics, order_id=job.order_id,
               job=job.id, of=job.kind, tries=job.tries, trouble=trouble.partition(":")[0])  # fmt: skip
