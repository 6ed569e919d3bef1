"""Work is taken, given back, accepted and declined: by one tap at a board, or on a baker's own phone."""

from typing import Any

from flask import Response, g, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from kitchen.rights import tapper
from kitchen.taps import made, row_number, wanted
from shop.core.errors import Invalid
from shop.core.matching import Reason
from shop.menu.stages import STAGE_WORDS
from shop.production import claims, work
from shop.production.claimed import asks_at, mine
from web.access import Made
from web.database import reader
from web.house import now, this_shop
from web.i18n import words
from web.pages import page


def claim(tx: Session, station: str) -> Made:
    """Take work that nobody has."""
    task, version = wanted()
    claims.claim(tx, this_shop(), task, version, by=tapper(tx), at=now())
    return made(tx, station, "claim", task)


def release(tx: Session, station: str) -> Made:
    """Give back what I took."""
    task, version = wanted()
    claims.release(tx, this_shop(), task, version, by=tapper(tx), at=now())
    return made(tx, station, "release", task)


def accept(tx: Session, station: str) -> Made:
    """Say yes to an offer."""
    task = row_number("offer")
    claims.accept(tx, this_shop(), task, by=tapper(tx), at=now())
    return made(tx, station, "claim", task)


def decline(tx: Session, station: str) -> Made:
    """Say no to an offer."""
    task = row_number("offer")
    claims.decline(tx, this_shop(), task, by=tapper(tx), at=now())
    return made(tx, station, "decline", task)


def my_tasks() -> Response:
    """A baker's own page on the phone: what I am asked, what I am at, what I have taken."""
    return page("kitchen/mine.html", **of_mine())


def my_tasks_part() -> Response:
    """The same without the page around it, for the look every few seconds."""
    return page("kitchen/_mine.html", **of_mine())


def of_mine() -> dict[str, Any]:
    """Return what the page shows."""
    shop, me = this_shop(), g.staff
    found = mine(reader(), shop, me.id)
    return {
        "asks": asks_at(reader(), shop, staff_id=me.id),
        "mine": found,
        "me": me,
        "reason_said": reason_said,
    }


def my_answer(tx: Session) -> Made:
    """Do what a button of that page says."""
    task, version = wanted()
    deeds = {
        "accept": lambda: claims.accept(tx, this_shop(), task, by=tapper(tx), at=now()),
        "decline": lambda: claims.decline(tx, this_shop(), task, by=tapper(tx), at=now()),
        "release": lambda: claims.release(tx, this_shop(), task, version, by=tapper(tx), at=now()),
        "start": lambda: work.start(tx, this_shop(), task, version, by=tapper(tx), at=now()),
    }
    deed = deeds.get(request.form.get("deed", ""))
    if deed is None:
        raise Invalid(field="deed")
    deed()
    return {"go": "/kitchen/mine"}


def reason_said(reason: Reason) -> str:
    """Say why somebody is asked, in the words of this screen."""
    params = dict(reason.params)
    if "stage" in params:
        params["stage"] = words(STAGE_WORDS[params["stage"]])
    return str(gettext(reason.sentence, **params))
