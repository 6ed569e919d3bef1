"""One cake after a scan: its next step in one tap, then the same page with the step after that."""

from collections.abc import Callable
from typing import Any

from flask import Response, g, redirect, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from kitchen.rights import rights, tapper
from kitchen.taps import number_of, people_of, wanted
from shop.core.errors import Missing, ShopError
from shop.core.permissions import Permission, Role
from shop.orders import pins, progress
from shop.orders.finding import cake_by_code
from shop.orders.tables import Order
from shop.people.rights import may as granted
from shop.printing.queue import NoPrinter, reprint
from shop.production import work
from shop.production.scanned import last_move, scanned
from shop.production.tables import Task
from shop.production.ticks import tick_enveloped
from web.access import Made, actor
from web.database import reader
from web.errors import refused
from web.house import menu_card, now, this_shop
from web.pages import page

LONGEST = 200
"""Signs of what a scanner may type: a code, or the address that leads to it."""


def cake(code: str) -> Response:
    """Show a cake with its next step, and what was just done to it."""
    return shown(code)


def shown(code: str, status: int = 200, trouble: str = "") -> Response:
    """Render the page; ``trouble`` are the words for a tap that came too late."""
    may, it = rights(), scanned(reader(), this_shop(), menu_card(), code, at=now())
    task, _, version = request.args.get("done", "").partition(".")
    known = len(task) < 16 and len(version) < 10 and task.isdecimal() and version.isdecimal()
    people = people_of(it.last_station) if may.names else []
    stations = list(menu_card().stations_by_slug.values())
    return page(
        "kitchen/cake.html", status, it=it, can=may, people=people, trouble=trouble or told(), gives=gives(),
        pin=not without_pin(), printed=request.args.get("did") == "label",
        moved=last_move(it, int(task), int(version)) if known else None,
        station=next((s for s in stations if s.id == it.last_station), stations[-1]),
    )  # fmt: skip


def told() -> str:
    """Return the words for a PIN that was not the one on the slip."""
    return gettext("This PIN is not the one on the slip.") if request.args.get("did") == "pin" else ""


def find() -> AnyResponse:
    """Lead from what a scanner or a hand typed to the cake: its code, or the address in its square."""
    typed = request.args.get("code", "")[:LONGEST].strip().rstrip("/").rpartition("/")[2]
    if not typed.isalnum():
        raise Missing(field="code")
    return redirect(f"/kitchen/cake/{cake_by_code(reader(), typed).code}", 303)


def start(tx: Session, code: str) -> Made:
    """Begin the next stage."""
    return moved(tx, code, work.start)


def finish(tx: Session, code: str) -> Made:
    """End the stage, or a cooling that is over early."""
    return moved(tx, code, work.finish)


def recall(tx: Session, code: str) -> Made:
    """Take back the last move."""
    return moved(tx, code, work.recall)


def moved(tx: Session, code: str, verb: Callable[..., None]) -> Made:
    """Do one of the verbs of work to a task of this cake; what was done can be said, and taken back."""
    number, version = wanted()
    task = tx.get(Task, number)
    if task is None or task.cake_id != cake_by_code(tx, code).id:
        raise Missing(field="task")
    verb(tx, this_shop(), number, version, by=tapper(tx), at=now())
    tx.refresh(task)
    return back(code, "" if verb is work.recall else f"?done={task.id}.{task.version}")


def written(tx: Session, code: str) -> Made:
    """Tick "as written"."""
    work.tick_written(tx, this_shop(), cake_by_code(tx, code).id, by=tapper(tx), at=now())
    return back(code)


def enveloped(tx: Session, code: str) -> Made:
    """Tick that the envelope with the cash is in."""
    tick_enveloped(tx, this_shop(), cake_by_code(tx, code).id, by=tapper(tx), at=now())
    return back(code)


def label(tx: Session, code: str) -> Made:
    """Print the cake's label; without a printer the page to print opens."""
    it = cake_by_code(tx, code)
    try:
        reprint(tx, this_shop(), it.order_id, by=tapper(tx), at=now(), kind="labels", cake_id=it.id)
    except NoPrinter:
        last = list(menu_card().stations_by_slug)[-1]
        return {"go": f"/kitchen/{last}/label/{it.id}", "number": number_of(tx, it.id)}
    return back(code, "?did=label")


def hand_over(tx: Session, code: str) -> Made:
    """Give the whole order to its customer: a clerk types the slip's PIN, a manager may do without."""
    order = progress.lock_order(tx, tx.get_one(Order, cake_by_code(tx, code).order_id).id)
    pin = request.form.get("pin", "").strip()[:8]
    if pin and not pins.try_pin(tx, order, pin, by=actor(), at=now()):
        return back(code, "?did=pin")
    progress.hand_over(
        tx, this_shop(), order, by=actor(), at=now(), pin=pin or None, pin_needed=not without_pin()
    )
    return back(code)


def gives() -> bool:
    """Whether who is here may give cakes to customers; a display is nobody by itself."""
    person = g.get("staff")
    return person is not None and granted(reader(), person, Permission.ORDER_HAND_OVER)


def without_pin() -> bool:
    """Whether who is here may give cakes out without the slip's PIN."""
    return g.get("staff") is not None and g.staff.role == Role.MANAGER


def back(code: str, tail: str = "") -> dict[str, Any]:
    """Return the way to the cake's page."""
    return {"go": f"/kitchen/cake/{code.strip().upper()}{tail}"}


def lost(trouble: ShopError, sentence: str) -> Response:
    """Answer a tap that came too late: the words, and the cake as it is now."""
    try:
        return shown((request.view_args or {})["code"], trouble.status, sentence)
    except Missing as gone:  # no cake of this shop, and the tap was wrong as well
        return refused(gone)
