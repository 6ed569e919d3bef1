"""The doorway: the signpost, signing in and out, pairing a screen, choosing a language."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from shop.core.errors import Missing, ShopError
from shop.core.permissions import Permission
from shop.people import team
from shop.people.devices import DeviceKind, pair
from shop.people.passwords import DEMO_PASSWORD
from shop.people.rights import grants_of
from shop.people.signing_in import Examined, admit, examine
from shop.people.staff import Staff
from web import demo_doors, signin
from web.access import ANYONE, Door, Made, Once, Room, go, signed_in
from web.database import reader
from web.house import keys, now, this_shop
from web.i18n import COOKIE, known
from web.limits import address
from web.pages import page
from web.security import secure_cookies

YEAR = 365 * 24 * 3600
ROOMS_OF = {DeviceKind.KIOSK: "/kiosk/", DeviceKind.KITCHEN: "/kitchen/"}
SHOWN_AS = (DeviceKind.KIOSK, DeviceKind.KITCHEN)


def signpost() -> Response:
    """Show the way to every screen of the demo shop; a real shop opens at its kiosk."""
    shop = this_shop()
    if not shop.is_demo:
        return make_response(redirect("/kiosk/", 303))
    people = [person for person in team.roster(reader(), shop) if person.active]
    slip = demo_doors.slip_to_follow(reader(), shop, keys())
    return page(
        "doorway/signpost.html",
        people=people,
        password=DEMO_PASSWORD,
        slip=slip,
        role_words=signin.role_words,
    )


def sign_in_page(login: str = "", trouble: str = "", status: int = 200) -> Response:
    """Ask for name and password, or say who is signed in here."""
    person = signed_in() if not trouble else None
    demo = DEMO_PASSWORD if this_shop().is_demo else ""
    return page(
        "doorway/sign_in.html",
        status,
        login=login or request.args.get("login", "")[:40],
        trouble=trouble,
        person=person,
        rooms=rooms_of(person) if person else (),
        demo_password=demo,
        next=inside(request.values.get("next")),
    )


def look_at_password() -> Examined:
    """Compare what was typed, before the transaction: it is slow on purpose."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    examined = examine(reader(), keys(), this_shop(), login[:80], password[:400], origin=address(), at=now())
    return replace(examined, browser=keys().index("browser", signin.browser()))


def sign_in(tx: Session) -> Made:
    """Let somebody in, or keep the failed try."""
    outcome = admit(tx, this_shop(), g.before, at=now())
    if isinstance(outcome, ShopError):
        g.refused = outcome
        return {}
    g.person = outcome
    return {}


def signed(made: Made) -> Response:
    """Start the session, or show the form again with what went wrong."""
    refused: ShopError | None = g.get("refused")
    if refused is not None:
        sentence = gettext(refused.message, **refused.params)
        return sign_in_page(request.form.get("login", "")[:40], sentence, refused.status)
    person: Staff = g.person
    signin.begin(person)
    response = go(inside(request.form.get("next")) or home_of(person))
    signin.know_again(response)
    if person.language:
        remember_language(response, person.language)
    return response


def sign_out(tx: Session) -> Made:
    """Forget the session of this browser."""
    return {}


def signed_out(made: Made) -> Response:
    """Go back to the sign-in page."""
    signin.end()
    return go(url_for("doorway.sign_in_page"))


def pairing(trouble: str = "", status: int = 200) -> Response:
    """Ask for the six characters that a manager reads out."""
    return page(
        "doorway/pair.html",
        status,
        trouble=trouble,
        next=inside(request.values.get("next")),
        shut_out=demo_doors.shut_out(),
        again=demo_doors.screens_pair_themselves() and "again" in request.args,
        demo=demo_doors.screens_pair_themselves(),
    )


def pairing_done(tx: Session) -> Made:
    """Pair this screen; its secret goes into the cookie and nowhere else."""
    try:
        device, secret = pair(tx, this_shop(), request.form.get("code", "")[:12], kinds=SHOWN_AS, at=now())
    except Missing as trouble:
        return {"trouble": trouble.message}
    return {"kind": device.kind, "secret": secret}


def paired(made: Made) -> Response:
    """Hand over the cookie and lead to the screen's own room."""
    if "trouble" in made:
        sentence = made["trouble"]
        return pairing(gettext(sentence), 404)
    kind = DeviceKind(made["kind"])
    response = go(ROOMS_OF[kind])
    demo_doors.set_cookie(response, kind, made["secret"])
    return response


def choose_language(tx: Session) -> Made:
    """Nothing is written: the choice lives in the browser."""
    return {"go": inside(request.form.get("next")) or "/"}


def language_chosen(made: Made) -> Response:
    """Remember the language in this browser."""
    response = go(made["go"])
    chosen = known(request.form.get("language"))
    if chosen:
        remember_language(response, chosen)
    return response


def remember_language(response: Response, code: str) -> None:
    """Let this browser speak a language from now on."""
    response.set_cookie(COOKIE, code, max_age=YEAR, samesite="Lax", secure=secure_cookies())


def inside(address: str | None) -> str:
    """Return a way to go inside this house, "" for any other."""
    text = (address or "").strip()
    parts = urlsplit(text)
    if not text.startswith("/") or text.startswith(("//", "/\\")) or parts.netloc or parts.scheme:
        return ""
    return text if text.isprintable() and "\\" not in text else ""


def rooms_of(person: Staff) -> list[tuple[str, str]]:
    """Return the rooms this person's role opens, as (address, name for the template)."""
    grants = grants_of(reader(), person.shop_id, person.role)
    rooms = [("/admin/", "admin")] if Permission.ADMIN_SEE in grants else []
    rooms += [("/kitchen/", "kitchen")] if Permission.KITCHEN_SEE in grants else []
    return [*rooms, ("/courier/", "courier")] if Permission.DELIVERY_RIDE in grants else rooms


def home_of(person: Staff) -> str:
    """Return where a person starts: the first room of their role, or the page that says there is none yet."""
    rooms = rooms_of(person)
    return rooms[0][0] if rooms else url_for("doorway.sign_in_page")


def _door(method: str, path: str, view: Any, **more: Any) -> Door:
    return Door(method, path, view, ANYONE, **more)


DOORS = [
    _door("GET", "/", signpost),
    _door("GET", "/sign-in", sign_in_page),
    _door("POST", "/sign-in", sign_in, once=Once.NATURAL, show=signed, before=look_at_password),
    _door("POST", "/sign-out", sign_out, once=Once.NATURAL, show=signed_out),
    _door("GET", "/pair", pairing),
    _door("POST", "/pair", pairing_done, once=Once.NATURAL, show=paired),
    _door("POST", "/language", choose_language, once=Once.NATURAL, show=language_chosen),
]
DOORWAY = Room("doorway", "", DOORS)
