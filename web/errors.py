"""One handler turns what went wrong into words for people and problem+json for programs."""

import errno
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Conflict, Denied, Invalid, ShopError, SlotTaken, TooMany
from shop.core.permissions import Permission
from shop.core.store import untrusted
from shop.people import rights
from shop.people.staff import Staff
from web.access import PairingNeeded, SignInNeeded, signed_in
from web.channel import KeyNeeded
from web.database import reader, writing
from web.demo_doors import pair_itself
from web.front import swapping
from web.house import Busy, NoShop, house, now, this_shop
from web.i18n import COOKIE, day, known, words
from web.pages import page
from web.refill import form_again
from web.security import MACHINE_PATHS, MAX_BODY
from web.stood import Moved

log = structlog.get_logger()
NO_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
ROOMS = ("/kiosk/", "/kitchen/", "/admin/", "/courier/")
HTTP_WORDS = {
    400: N_("This form is incomplete. Please reload the page and try again."),
    404: N_("We cannot find this. Please check the code or the address."),
    405: N_("This page cannot be used that way."),
    413: N_("That is too large to send. Please send less than 1 MB."),
    429: N_("Too many tries. Please wait a moment."),
}


class Malformed(Invalid):
    """What a program sent cannot be used: each of the ``faults`` names its field."""

    message = N_("Some of this cannot be used. Each field below says why.")

    def __init__(self, faults: Sequence[Invalid]) -> None:
        first, alone = faults[0], len(faults) == 1
        super().__init__(
            first.message if alone else None, field=first.field, **(first.params if alone else {})
        )
        self.faults = faults


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(ShopError, refused)
    app.register_error_handler(CSRFError, no_token)
    app.register_error_handler(HTTPException, http_trouble)
    app.register_error_handler(DatabaseError, stored_badly)
    app.register_error_handler(OSError, stored_badly)
    app.register_error_handler(DataError, unstorable)
    app.register_error_handler(Exception, broken)
    app.jinja_env.globals.update(shop_name=shop_name, here=here)


def shop_name() -> str:
    """Return the shop's name for a page's head; a plain word while the database is away."""
    try:
        return words(this_shop().names)
    except (ShopError, DBAPIError):
        return "Fairslice"


def here() -> str:
    """Return the way back to this page, for the language buttons; the start for a page made by a write."""
    return request.full_path.rstrip("?") if request.method == "GET" else g.get("here") or request.path


def refused(trouble: ShopError) -> Response:
    """Answer a domain error in the caller's own form; what fails on the way to that is answered in its place."""
    try:
        return in_own_form(trouble)
    except (DatabaseError, OSError) as worse:
        return stored_badly(worse)


def in_own_form(trouble: ShopError) -> Response:
    """Answer a domain error as a page, a fragment, a filled form or a problem in JSON."""
    if isinstance(trouble, SignInNeeded | PairingNeeded) and house().shops.find(reader()) is None:
        trouble = NoShop()
    if isinstance(trouble, PairingNeeded):
        own_way = pair_itself(trouble)
        if own_way is not None:
            return own_way
        if trouble.refused is not None:
            trouble = Denied()
    if isinstance(trouble, SignInNeeded | PairingNeeded):
        return lead_in(trouble)
    if isinstance(trouble, Denied):
        note_denied()
    anew = isinstance(trouble, Moved) or overtaken(trouble)
    response = form_again(trouble, said(trouble)) if (anew or not swapping()) and not wants_json() else None
    if response is not None and anew:
        response.headers |= {
            "HX-Retarget": "#screen",
            "HX-Reselect": "#screen",
            "HX-Reswap": "outerHTML show:#trouble:top",
        }
    response = response or answer(trouble.status, trouble.kind, said(trouble), trouble)
    if isinstance(trouble, KeyNeeded):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(trouble, TooMany):
        response.headers["Retry-After"] = str(trouble.params.get("seconds", 60))
    return response


def overtaken(trouble: ShopError) -> bool:
    """Whether a page of the office shows what is not so any more: it comes anew, without the button that was late."""
    return isinstance(trouble, Conflict) and not trouble.field and request.path.startswith("/admin/")


def said(trouble: ShopError) -> str:
    """Say what went wrong in the language of this request; catalogue words and days among its values as well."""
    return str(gettext(trouble.message, **{name: _value(value) for name, value in trouble.params.items()}))


def _value(value: object) -> object:
    if isinstance(value, dict):
        return words(value)
    return day(value) if type(value) is date else value  # a moment is a `date` too, and stays


def answer(status: int, kind: str, sentence: str, trouble: ShopError | None = None) -> Response:
    """Say what happened: problem+json for programs, a fragment for htmx, a page for everybody else."""
    if wants_json():
        body: dict[str, object] = {"type": f"urn:fairslice:{kind}", "title": sentence, "status": status}
        body["detail"] = sentence
        if trouble is not None and trouble.field:
            faults = trouble.faults if isinstance(trouble, Malformed) else [trouble]
            body["errors"] = [{"field": fault.field, "message": said(fault)} for fault in faults]
        if isinstance(trouble, SlotTaken) and trouble.params.get("earliest"):
            body["earliest"] = trouble.params["earliest"].isoformat()
        response = jsonify(body)
        response.status_code = status
        response.mimetype = "application/problem+json"
        return response
    field = trouble.field if trouble else None
    if swapping():
        response = page("shared/_trouble.html", status, sentence=sentence, field=field, kind=kind)
        response.headers["HX-Retarget"] = "#trouble"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    if kind in ("denied", "missing") and in_the_office():
        return page("admin/trouble.html", status, sentence=sentence, kind=kind, back=came_from())
    return page(
        "shared/trouble.html", status, sentence=sentence, field=field, kind=kind, way_on=way_on(status)
    )


def in_the_office() -> bool:
    """Whether somebody asks who works in the back office: its ways to go stay around what went wrong."""
    person: Staff | None = g.get("staff") or signed_in()
    return (
        request.blueprint == "admin"
        and person is not None
        and rights.may(reader(), person, Permission.ADMIN_SEE)
    )


def came_from() -> str:
    """Return the page of ours that led here, "" where none did."""
    before = urlsplit(request.referrer or "")
    ours = before.netloc == request.host and before.path.startswith("/admin/") and before.path != request.path
    return f"{before.path}?{before.query}".rstrip("?") if ours else ""


def way_on(status: int) -> str:
    """Return where a person goes from here: back to the start of their own screen, or "" for nowhere."""
    room = next((room for room in ROOMS if request.path.startswith(room)), "/")
    if status in (401, 403) and room != "/kiosk/":
        return "/sign-in"
    return room if request.path != room and status < 500 else ""


def wants_json() -> bool:
    """Whether a program is asking."""
    return request.path.startswith(MACHINE_PATHS) or request.accept_mimetypes.best in (
        "application/json",
        "application/problem+json",
    )


def lead_in(trouble: ShopError) -> Response:
    """Lead to the sign-in or pairing page; htmx gets 401 with the way there."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    if isinstance(trouble, PairingNeeded):
        address = url_for("doorway.pairing", next=here)
    else:
        address = url_for("doorway.sign_in_page", next=here)
    if wants_json():
        return answer(401, trouble.kind, gettext(trouble.message), trouble)
    if swapping():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    if request.method != "GET":
        response = answer(401, trouble.kind, gettext(N_("Please sign in first.")), trouble)
        return response
    return make_response(redirect(address, 303))


def note_denied() -> None:
    """Write the denied try into the diary: who, which door, nothing that was typed."""
    actor: Actor | None = g.get("actor")
    person: Staff | None = g.get("staff") or signed_in()
    if person is None and (actor is None or actor.kind == ActorKind.CUSTOMER):
        return  # nobody we know: the log has the line, and the diary is not for strangers to fill
    with writing() as tx:
        rights.note_denied(tx, this_shop(), person, actor, door=request.endpoint or "", at=now())


def no_token(trouble: CSRFError) -> Response:
    """A write without its token was not started from our page."""
    return answer(403, "no_token", gettext(N_("This form is too old. Please reload the page and try again.")))


def http_trouble(trouble: HTTPException) -> Response:
    """Words for what the web server itself refuses."""
    status = trouble.code or 500
    if status < 400:
        return make_response(trouble.get_response())
    words = HTTP_WORDS.get(status, HTTP_WORDS[400])
    if status == 413 and (request.max_content_length or 0) > MAX_BODY:
        of_bills = (request.max_content_length or 0) < 8 * MAX_BODY
        words = (
            N_("This file is too large: at most 4 MB.")
            if of_bills
            else N_("This photo is too large: at most 8 MB.")
        )
    response = answer(status, f"http_{status}", gettext(words))
    if isinstance(trouble, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(trouble.valid_methods or ()))
    return response


def stored_badly(trouble: DatabaseError | OSError) -> Response:
    """The database is away, full, locked or damaged, or its disk is: say so. Any other error is a fault of ours."""
    if isinstance(trouble, OSError):
        return cannot_save(trouble) if trouble.errno in NO_DISK else broken(trouble)
    away = isinstance(trouble, OperationalError) or untrusted(trouble.orig)
    return cannot_save(trouble.orig) if away else broken(trouble)


def cannot_save(trouble: BaseException | None) -> Response:
    """Say that nothing can be saved just now, without asking the database for anything."""
    log.error("database_trouble", error=getattr(trouble, "sqlite_errorname", type(trouble).__name__))
    reader().rollback()
    best = request.accept_languages.best_match(["zh", "en"])
    g.language = known(request.cookies.get(COOKIE)) or known(best) or "zh_Hans"
    return answer(503, Busy.kind, gettext(Busy.message), Busy())


def unstorable(trouble: DataError) -> Response:
    """A number or text that no column can hold."""
    reader().rollback()
    return answer(422, Invalid.kind, gettext(Invalid.message), Invalid())


def broken(trouble: Exception) -> Response:
    """A fault of ours: logged with its place, told without it."""
    log.exception("broken", door=request.endpoint)
    reader().rollback()
    sentence = gettext(
        N_("Something broke on our side. Nothing was lost; please try again or call the staff.")
    )
    return answer(500, "broken", sentence)
