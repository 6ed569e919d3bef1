"""What a courier does: each tap comes once by its key, also hours later out of a phone's pocket."""

from datetime import datetime
from typing import Any

from flask import Response, g, jsonify, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from courier.tour import drop_page, my_stop
from shop import photos
from shop.core import money
from shop.core.errors import N_, Denied, Invalid, Missing
from shop.delivery import claims, handing
from shop.delivery.drops import find, locked
from shop.delivery.where import contact_of, open_address
from shop.orders import pins
from shop.people.persons import Contact
from web.access import Made, actor, go
from web.database import reader
from web.errors import answer, wants_json
from web.house import house, keys, now, this_shop

MOST = photos.MOST_BYTES + 64 * 1024
"""Bytes of the one form that carries a photo: the photo, and what stands around it."""


def claim(tx: Session) -> Made:
    """Take an open drop."""
    number, version = wanted()
    claims.claim(tx, this_shop(), number, version, by=actor(), at=now())
    return made("claim", number)


def decline(tx: Session) -> Made:
    """Say no to an offer."""
    number, _ = wanted()
    claims.decline(tx, this_shop(), number, by=actor(), at=now())
    return {"did": "decline", "drop": number, "go": url_for("courier.home")}


def release(tx: Session, drop: int) -> Made:
    """Give a drop back."""
    claims.release(tx, this_shop(), drop, by=actor(), at=now(), reason=request.form.get("reason", ""))
    return {"did": "release", "drop": drop, "go": url_for("courier.home")}


def pick_up(tx: Session, drop: int) -> Made:
    """Take the cakes out of the shop."""
    codes = request.form.getlist("code")[:60]
    handing.pick_up(tx, this_shop(), drop, codes, by=actor(), at=now(), tapped=tapped())
    return made("pick_up", drop)


def address(tx: Session, drop: int) -> Made:
    """Look at the address; the diary notes it."""
    row, order = locked(tx, this_shop(), drop)
    open_address(tx, row, order, by=actor(), at=now())
    return made("address", drop)


def arrive(tx: Session, drop: int) -> Made:
    """Stand at the door."""
    handing.arrive(tx, this_shop(), drop, by=actor(), at=now(), tapped=tapped())
    return made("arrive", drop)


def read_photo(drop: int) -> photos.Photo | None:
    """Read what was sent as a photo, ahead of the transaction; None where nothing was."""
    sent = request.files.get("photo")
    body = sent.read() if sent is not None else b""
    return photos.read_photo(body) if body else None


def hand_over(tx: Session, drop: int) -> Made:
    """Give the cakes to the customer."""
    folder, photo = house().settings.data / "photos", g.before
    name = photos.keep(folder, photo) if photo is not None else ""
    form, shop = request.form, this_shop()
    cash = money.read(form.get("tendered", "")[:20], shop.currency, field="tendered", what=gettext("Cash"))
    try:
        right = handing.deliver(tx, shop, drop, by=actor(), at=now(), pin=form.get("pin", "")[:20], photo=name,
                                tendered=cash, tapped=tapped())  # fmt: skip
    except BaseException:
        photos.drop(folder, name)
        raise
    if not right:
        photos.drop(folder, name)
    return made("hand_over", drop) | ({} if right else {"wrong": "pin"})


def fail(tx: Session, drop: int) -> Made:
    """Say that it did not work."""
    form = request.form
    handing.fail(tx, this_shop(), drop, reason=form.get("reason", ""), next_step=form.get("next_step", ""),
                 by=actor(), at=now(), tapped=tapped())  # fmt: skip
    return made("fail", drop)


def bring_back(tx: Session, drop: int) -> Made:
    """Put the cakes back into the shop."""
    handing.bring_back(tx, this_shop(), drop, by=actor(), at=now(), tapped=tapped())
    return {"did": "bring_back", "drop": drop, "go": url_for("courier.home")}


def undo(tx: Session, drop: int) -> Made:
    """Take the last step back."""
    handing.undo(tx, this_shop(), drop, by=actor(), at=now())
    mine = find(tx, this_shop(), drop).courier_id == actor().id
    there = url_for("courier.drop", drop=drop) if mine else url_for("courier.home")
    return {"did": "undo", "drop": drop, "go": there}


def made(did: str, drop: int) -> Made:
    """Remember what was done."""
    return {"did": did, "drop": drop, "go": url_for("courier.drop", drop=drop)}


def wanted() -> tuple[int, int]:
    """Return the drop and its version that a button names ("17.3"); raises `Invalid`."""
    number, _, version = request.form.get("drop", "").partition(".")
    if not (number.isdecimal() and version.isdecimal() and len(number) < 16 and len(version) < 10):
        raise Invalid(field="drop")
    return int(number), int(version)


def tapped() -> datetime | None:
    """Return when the phone says it was tapped; nonsense is nothing."""
    try:
        said = datetime.fromisoformat(request.form.get("tapped", "")[:40])
    except ValueError:
        return None
    return said if said.tzinfo is not None and 2020 < said.year < 2200 else None


def done(made: Made, **args: Any) -> Response:
    """Answer a tap: for the phone's queue as JSON, for a form with the page it leads to."""
    if made.get("wrong"):
        sentence = _wrong_pin(made["drop"])
        if wants_json():
            return answer(422, "wrong_pin", sentence, Denied(field="pin"))
        return drop_page(made["drop"], 422, wrong_pin=sentence)
    contact = _contact(made)
    if wants_json():
        return jsonify({"did": made["did"], "go": made["go"], **_told(made, contact)})
    return drop_page(made["drop"], contact=contact) if contact is not None else go(made["go"])


def _wrong_pin(drop: int) -> str:
    """Say that the PIN is wrong, and how many tries are left."""
    left = pins.tries_left(reader(), my_stop(drop).order, at=now())
    if not left:
        return gettext(N_("Too many wrong PINs. Please call the shop."))
    tries = ngettext("%(num)d try left.", "%(num)d tries left.", left)
    return f"{gettext(N_('This PIN is not the one on the slip.'))} {tries}"


def _contact(made: Made) -> Contact | None:
    """Return the address where this tap opens it; a tap sent again after its time gets none."""
    if made["did"] not in ("pick_up", "address"):
        return None
    try:
        row = find(reader(), this_shop(), made["drop"])
        return contact_of(reader(), keys(), row, courier_id=g.staff.id, at=now())
    except (Denied, Missing):
        return None


def _told(made: Made, contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {}
    stop = my_stop(made["drop"])
    html = render_template("courier/_where.html", contact=contact, drop=stop.drop)
    return {"where": html}
