"""What a customer may ask of the screen itself: language, look, a person, an order left, and to be forgotten."""

import json
from contextlib import suppress

from flask import Response, g, make_response, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from kiosk.visit import (
    LANGUAGE,
    LOOK,
    LOOKS,
    elsewhere,
    forget,
    keep,
    look,
    resume,
    set_cookie,
    the_cart,
    visit,
)
from shop.core.errors import N_, Invalid
from shop.orders.drafts import DraftGone
from shop.orders.placing import COUNTER_CODE
from shop.people.calls import call_staff
from web.access import Made, actor
from web.front import swapping
from web.house import now, this_shop
from web.i18n import OWN_NAMES
from web.limits import count_guess
from web.pages import page

AT_THE_COUNTER = N_(
    "A code of five characters is the code for the counter: please say it there and pay. "
    "The code of an unfinished order has six."
)


def speak(tx: Session) -> Made:
    """Choose one of the three languages."""
    wanted = request.form.get("language", "")
    return {"language": wanted if wanted in OWN_NAMES else "", "go": back()}


def spoken(made: Made) -> Response:
    """Go on in the chosen language."""
    response = make_response(redirect(made["go"], 303))
    if made["language"]:
        set_cookie(response, LANGUAGE, made["language"])
    return response


def change_look(tx: Session) -> Made:
    """Switch large text, high contrast or low reach on or off."""
    name, _, wish = request.form.get("look", "").partition(":")
    looks = {**look(), name: wish == "on"}
    return {"look": ".".join(n for n in LOOKS if looks[n]), "go": back()}


def looked(made: Made) -> Response:
    """Go on with the changed look."""
    response = make_response(redirect(made["go"], 303))
    set_cookie(response, LOOK, made["look"])
    return response


def back() -> str:
    """Return the kiosk's screen the tap came from."""
    wanted = request.form.get("back", "")
    fine = wanted.isprintable() and wanted.startswith("/kiosk/") and "//" not in wanted and "\\" not in wanted
    return wanted if fine else url_for("kiosk.attract")


def call(tx: Session) -> Made:
    """Call somebody of the staff to this screen."""
    call_staff(tx, this_shop(), g.device, by=actor(), at=now())
    return {"go": back()}


def called(made: Made) -> Response:
    """Say that somebody is coming."""
    if swapping():
        response = make_response("", 204)
        response.headers["HX-Trigger"] = json.dumps({"called": gettext("We are coming")})
        return response
    return page("kiosk/called.html", go=made["go"])


def leave(tx: Session) -> Made:
    """The customer has gone: their draft waits fifteen minutes more under its code, the screen forgets."""
    if visit().code:
        with suppress(DraftGone):
            keep(tx, the_cart())
    return {}


def left(made: Made) -> Response:
    """Clear the cookies and show the invitation."""
    return forget(elsewhere("attract"))


def here() -> Response:
    """Answer a screen that asks whether the shop is there, and whether it still belongs to the shop."""
    return make_response("", 204)


def go_on(tx: Session) -> Made:
    """Bring an unfinished order back by its code; a code for the counter is told apart by its length alone."""
    code = request.form.get("code", "").strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if not code:
        raise Invalid(N_("Please type the code."), field="code")
    if len(code) == COUNTER_CODE:
        raise Invalid(AT_THE_COUNTER, field="code")
    count_guess(right=True, of="code")  # whoever has guessed too often does not get in by luck either
    try:
        resume(code)
    except DraftGone:
        count_guess(right=False, of="code")
        raise
    return {"next": "review" if the_cart().lines else "menu"}
