"""Taps on a card: each names a person, comes once, and answers with the fresh board."""

import json
from typing import Any
from urllib.parse import quote

from flask import Response, g, make_response, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from kitchen.boards import draw_board, fragment, known_station
from kitchen.rights import rights, tapper
from shop.core.errors import Invalid, Missing, ShopError
from shop.orders.tables import Cake, Order
from shop.production import work
from shop.production.again import cake_again
from shop.production.alarms import acknowledge_all
from shop.production.notices import acknowledge
from shop.production.onshift import people_here
from shop.production.tables import Task
from shop.production.ticks import tick_enveloped
from web.access import Made, go
from web.database import reader
from web.front import swapping
from web.house import menu_card, now, this_shop
from web.live import region
from web.pages import page


def start(tx: Session, station: str) -> Made:
    """Begin a stage."""
    task, version = wanted()
    takeover = request.form.get("takeover") == "1"
    work.start(tx, this_shop(), task, version, by=tapper(tx), at=now(), takeover=takeover)
    return made(tx, station, "start", task)


def finish(tx: Session, station: str) -> Made:
    """End a stage, or a cooling that is over early."""
    task, version = wanted()
    work.finish(tx, this_shop(), task, version, by=tapper(tx), at=now())
    return made(tx, station, "finish", task)


def recall(tx: Session, station: str) -> Made:
    """Take back the last move of a task."""
    task, version = wanted()
    work.recall(tx, this_shop(), task, version, by=tapper(tx), at=now())
    return made(tx, station, "recall", task)


def written(tx: Session, station: str) -> Made:
    """Tick "as written"."""
    cake = row_number("cake")
    work.tick_written(tx, this_shop(), cake, by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "written", "number": number_of(tx, cake)}


def enveloped(tx: Session, station: str) -> Made:
    """Tick that the envelope with the cash is in."""
    cake = row_number("cake")
    tick_enveloped(tx, this_shop(), cake, by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "enveloped", "number": number_of(tx, cake)}


def seen(tx: Session, station: str) -> Made:
    """Take a notice down."""
    acknowledge(tx, this_shop(), row_number("notice"), by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "seen", "number": ""}


def look_after(tx: Session, station: str) -> Made:
    """Look after the alarms that stood on this board."""
    numbers = request.form.get("alarms", "").split(".")[:60]
    found = [int(number) for number in numbers if number.isdecimal() and len(number) < 16]
    acknowledge_all(tx, this_shop(), found, by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "seen", "number": ""}


def remake(tx: Session, station: str, cake: int) -> Made:
    """Make a cake again from a stage on."""
    form = request.form
    work.remake(
        tx, this_shop(), menu_card(), cake, from_kind=form.get("from_kind", ""),
        fault_kind=form.get("fault_kind", ""), reason=form.get("reason", ""), by=tapper(tx), at=now(),
    )  # fmt: skip
    return {"go": f"/kitchen/{station}", "did": "remake", "number": number_of(tx, cake)}


def remake_form(station: str, cake: int) -> Response:
    """Ask why a cake is made again, and from where; or take the start back."""
    rights()
    known_station(station)
    here = menu_card().stations_by_slug[station]
    it = cake_again(reader(), this_shop(), cake, here.id)
    template = "kitchen/_remake.html" if swapping() else "kitchen/remake.html"
    return page(template, station=station, it=it, reasons=work.REMAKE_REASONS, people=people_of(here.id))


def people_of(station_id: int) -> list[tuple[int, str]]:
    """Return who may be named at this station; nobody where a person is signed in: it is them."""
    if g.get("staff") is not None:
        return []
    return people_here(reader(), this_shop(), menu_card(), station_id, at=now())


def wanted() -> tuple[int, int]:
    """Return the task and its version that a button names ("17.3"); raises `Invalid`."""
    task, _, version = request.form.get("task", "").partition(".")
    if not (task.isdecimal() and version.isdecimal() and len(task) < 16 and len(version) < 10):
        raise Invalid(field="task")
    return int(task), int(version)


def row_number(field: str) -> int:
    """Return the row that a button names; 0, which is nobody's, for what cannot be one."""
    text = request.form.get(field, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def number_of(tx: Session, cake: int) -> str:
    """Return the order number of a cake, to say it back."""
    row = tx.get(Cake, cake)
    order = tx.get(Order, row.order_id) if row else None
    return order.number if order else ""


def made(tx: Session, station: str, did: str, task_id: int) -> Made:
    """Remember what was done, so that it can be said, and taken back."""
    task = tx.get(Task, task_id, populate_existing=True)
    assert task is not None
    undo = f"{task.id}.{task.version}" if did in ("start", "finish") and task.station_id else ""
    return {"go": f"/kitchen/{station}", "did": did, "number": number_of(tx, task.cake_id), "undo": undo}


def tapped(made: Made, station: str, **args: Any) -> Response:
    """Answer a tap: the fresh board, what was done, and how to take it back."""
    if made["did"] == "open" or not swapping():
        return go(made["go"])
    say = {
        "start": gettext("%(number)s started", number=made["number"]),
        "finish": gettext("%(number)s finished", number=made["number"]),
        "recall": gettext("%(number)s taken back", number=made["number"]),
        "remake": gettext("%(number)s is made again", number=made["number"]),
        "written": gettext("%(number)s: writing checked", number=made["number"]),
        "enveloped": gettext("%(number)s: the envelope is in", number=made["number"]),
        "label": gettext("%(number)s: labels are being printed, marked as copies", number=made["number"]),
        "stop": gettext("Out of order: the plan does without it"),
        "mended": gettext("Back in order"),
        "claim": gettext("%(number)s is yours", number=made["number"]),
        "release": gettext("%(number)s is given back", number=made["number"]),
        "decline": gettext("%(number)s: somebody else is asked", number=made["number"]),
        "seen": "",
    }[made["did"]]
    return fresh(station, 200, {"did": made["did"], "say": say, "undo": made.get("undo", "")})


def lost(trouble: ShopError) -> Response:
    """Answer a tap that came too late, or without what it needs: the words, and how the board stands now."""
    from kitchen import scan  # it needs the taps
    from web.errors import refused, said

    station = (request.view_args or {}).get("station", "")
    if request.method == "POST" and "code" in (request.view_args or {}) and not isinstance(trouble, Missing):
        return scan.lost(trouble, said(trouble))
    if request.method == "GET" or not swapping() or isinstance(trouble, Missing):
        return refused(trouble)
    say = said(trouble)
    return fresh(station, trouble.status, {"say": say, "field": trouble.field or "", "kind": trouble.kind})


def fresh(station: str, status: int, told: dict[str, str]) -> Response:
    """Return the board as it is now, with what is to be told beside it (JSON, percent-encoded)."""
    may = rights()
    response = fragment(region(("board", station, may), lambda: draw_board(station, may)), status)
    response.headers["X-Told"] = quote(json.dumps(told, ensure_ascii=False))
    return make_response(response)
