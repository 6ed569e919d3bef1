"""The steps of an order, one screen each: every view looks and renders, none writes."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request, session
from markupsafe import Markup

from kiosk.answers import wrong_answers
from kiosk.choices import line_from, moment, number
from kiosk.online import offered
from kiosk.pictures import address_of
from kiosk.trouble import layout, sold_out
from kiosk.visit import elsewhere, look, my_order, priced, sold_today, the_cart, unheard, visit
from shop.core.errors import SoldOut
from shop.menu.card import MenuCard
from shop.orders.areas import districts
from shop.orders.cart import INSCRIPTION_ROOM, CartLine, PricedCart, PricedLine, inscription_fits, price_line
from shop.orders.drafts import DraftGone
from shop.orders.load import Kitchen, load_kitchen
from shop.orders.promise import Offer, Slot, first_time, quote, times_in
from shop.orders.tables import ARRIVAL
from shop.payments import METHODS
from shop.payments.rules import deposit_for, terms_of_shop
from web.database import reader
from web.errors import said
from web.house import menu_card, now, this_shop
from web.i18n import language
from web.pages import page

DAYS = 7
PHRASES = {
    "zh_Hans": ("生日快乐", "宝贝生日快乐", "爸爸妈妈辛苦了", "周年快乐", "福如东海", "Happy Birthday"),
    "zh_Hant": ("生日快樂", "寶貝生日快樂", "爸爸媽媽辛苦了", "週年快樂", "福如東海", "Happy Birthday"),
    "en": ("Happy Birthday", "Happy Anniversary", "Congratulations!", "Thank you", "With love", "生日快乐"),
}


def attract() -> Response:
    """The invitation; somebody who comes back to it may go on with what they had begun."""
    card = menu_card()
    hero = next(iter(sold_today(card)), next(iter(card.dishes), ""))
    return page("kiosk/attract.html", card=card, hero=hero, begun=bool(visit().code))


def menu() -> Response:
    """All cakes, without those that contain what the customer avoids; one may come instead of a chosen one."""
    card = menu_card()
    place = number(request.args.get("line"), -1)
    instead = place if place >= 0 and visit().code and place < len(the_cart().lines) else None
    avoid = [slug for slug in request.args.getlist("without") if slug in card.allergens]
    what = (this_shop().id, card.version, this_shop().business_date(now()), language(), instead, *avoid)
    tag = hashlib.sha256(
        repr((what, look(), visit().code, layout(), session.get("csrf_token"))).encode()
    ).hexdigest()
    if request.if_none_match.contains(tag):
        return make_response("", 304)
    if what not in _shelves:
        if len(_shelves) > MOST_SHELVES:
            _shelves.clear()
        _shelves[what] = _shelf(card, avoid, instead)
    response = page("kiosk/menu.html", shelf=_shelves[what])
    response.set_etag(tag)
    return response


MOST_SHELVES = 40
_shelves: dict[tuple[object, ...], Markup] = {}


def _shelf(card: MenuCard, avoid: list[str], instead: int | None) -> Markup:
    """Draw up the shelf: the same for everybody until the menu, the day or the language changes."""
    shown = [dish for dish in card.dishes.values() if not set(dish.allergens) & set(avoid)]
    on_sale = set(sold_today(card))
    shown.sort(key=lambda dish: dish.slug not in on_sale)
    in_all = set(card.allergens).intersection(*(dish.allergens for dish in card.dishes.values()))
    filters = [slug for slug in card.allergens if slug not in in_all]  # the others would empty the shelf
    values = {
        "filters": filters,
        "hidden": len(card.dishes) - len(shown),
        "on_sale": on_sale,
        "instead": instead,
    }
    return Markup(render_template("kiosk/_shelf.html", card=card, dishes=shown, avoid=avoid, **values))


def customise(slug: str, *, error: str = "") -> Response:
    """One cake with its sizes, choices and candles, drawn as it will be made; refused candles stay as typed."""
    if slug not in menu_card().dishes:
        return elsewhere("menu")
    given = request.form if error else request.args
    line, place = _line(slug, given)
    typed = given["candles"] if error else line.candles
    try:
        values = _choice(line, place)
        return page(
            "kiosk/customise.html", 422 if error else 200, error=error, candles=typed,
            steady=partial(_steady, values["one"]), **values,
        )  # fmt: skip
    except SoldOut as trouble:
        return sold_out(trouble, slug)


MOST_STEADY = 300
_drawn: dict[tuple[object, ...], Markup] = {}


def _steady(one: PricedLine, template: str) -> Markup:
    """Return what one can choose of a cake: the same for everybody until the menu, the day or the language changes."""
    card, today = menu_card(), this_shop().business_date(now())
    chosen = (one.dish.slug, one.size.inch, *(choice.slug for _, choice in one.choices))
    what = (template, this_shop().id, this_shop().currency, card.version, today, language(), chosen)
    if what not in _drawn:
        if len(_drawn) > MOST_STEADY:
            _drawn.clear()
        _drawn[what] = Markup(render_template(template, one=one, card=card, today=today))
    return _drawn[what]


def offer(slug: str) -> Response:
    """What changes with a choice: picture, earliest time and price."""
    return page("kiosk/_offer.html", **_choice(*_line(slug, request.args)))


def _choice(line: CartLine, place: int | None) -> dict[str, Any]:
    """Return what the customise screen and its changing parts show."""
    today = this_shop().business_date(now())
    one = price_line(menu_card(), line, today)
    picture = address_of(line)
    return {
        "one": one, "offer": _offer(one, place), "place": place, "picture": picture, "today": today,
        "next_place": _next_place(),
        "card": menu_card(), "oob": False,
    }  # fmt: skip


def _line(slug: str, given: Mapping[str, str]) -> tuple[CartLine, int | None]:
    """Return the line that ``given`` describes, and its place where it is in the cart already."""
    place = number(given.get("line"), -1)
    was = None
    if visit().code and place >= 0:
        lines = the_cart().lines
        was = lines[place] if place < len(lines) else None
    return line_from(slug, given, was), place if was is not None else None


def _next_place() -> int:
    """Return where a new cake goes: a second tap of the same form meets the first one's cake there."""
    with suppress(DraftGone):
        return len(the_cart().lines) if visit().code else 0
    return 0


def _offer(one: PricedLine, place: int | None) -> Offer:
    """Return when this cake and the others of the order could be ready."""
    lines, way = [one], 0
    if visit().code:
        order = priced()
        lines, way = list(order.lines), order.way.minutes
        if place is None:
            lines.append(one)
        else:
            lines[place] = one
    return quote(reader(), this_shop(), menu_card(), lines, at=now(), draft_code=visit().code, way=way)


def words(place: int, *, text: str | None = None, error: str = "", status: int = 200) -> Response:
    """What to write on the cake; the picture shows it at its true length."""
    cart = the_cart()
    if not 0 <= place < len(cart.lines):
        raise DraftGone()
    one = priced(cart).lines[place]
    text = one.line.inscription if text is None else text
    room = {"used": inscription_fits(text)[0], "limit": INSCRIPTION_ROOM}
    return page(
        "kiosk/words.html", status, one=one, place=place, text=text, room=room, error=error,
        phrases=PHRASES, private=cart.private, timed=cart.due_at is not None,
    )  # fmt: skip


def read_back(place: int) -> Response:
    """Exactly these words with their cake and its time, alone on the screen, to be confirmed."""
    cart = the_cart()
    lines = priced(cart).lines
    if cart.due_at is None or not 0 <= place < len(lines) or not lines[place].line.inscription:
        return elsewhere("time")
    return page("kiosk/readback.html", one=lines[place], place=place, cart=cart)


def time() -> Response:
    """The days and their times, from the kitchen's real load."""
    cart, at = the_cart(), now()
    order, kitchen = priced(cart), _kitchen(at)
    today = this_shop().business_date(at)
    day = _asked_day(today, this_shop().business_date(cart.due_at or at))
    slots, soon = _times(order, day, at, kitchen), _first_time(order, at, kitchen)
    if "day" not in request.args and not any(slot.free for slot in slots):
        day = this_shop().business_date(soon.earliest or at)
        slots = _times(order, day, at, kitchen)
    free = [slot.at for slot in slots if slot.free]
    chosen = cart.due_at if cart.due_at in free else free[0] if free else None
    days = [today + timedelta(days=n) for n in range(DAYS)]
    return page(
        "kiosk/time.html", days=days, day=day, slots=slots, chosen=chosen, soon=soon,
        cart=cart, order=order, lines=order.lines, taken="taken" in request.args, shop=this_shop(),
        delivers=bool(districts(reader(), this_shop())), arrival=ARRIVAL,
    )  # fmt: skip


def sooner() -> Response:
    """What was found for a customer who still chooses: a sooner time to take, nothing yet (204), or nothing more."""
    at = now()
    than, offer = moment(request.args.get("than")), _first_time(priced(), at, _kitchen(at))
    better = offer.earliest if offer.earliest is not None and offer.earliest < than else None
    if offer.looking and better is None:
        return make_response("", 204)
    return page("kiosk/_sooner.html", better=better)


def _kitchen(at: datetime) -> Kitchen:
    """Return the kitchen without what this visit holds itself; one look serves all that a screen asks."""
    return load_kitchen(reader(), this_shop(), menu_card(), at=at, draft_code=visit().code)


def _first_time(order: PricedCart, at: datetime, kitchen: Kitchen) -> Offer:
    return first_time(reader(), this_shop(), kitchen, order.lines, at=at, way=order.way.minutes)


def _times(order: PricedCart, day: date, at: datetime, kitchen: Kitchen) -> list[Slot]:
    return times_in(reader(), this_shop(), kitchen, order.lines, day, at=at, way=order.way.minutes)


def _asked_day(today: date, otherwise: date) -> date:
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return otherwise
    return day if today <= day <= today + timedelta(days=60) else otherwise


def review(status: int = 200) -> Response:
    """Everything once more, before it is paid; what was refused says so."""
    cart = the_cart()
    if (place := unheard(cart)) is not None:
        return elsewhere("read_back", place=place)
    if cart.due_at is None:
        return elsewhere("time")
    wrong = {trouble.field: said(trouble) for trouble in wrong_answers(cart)} if status != 200 else {}
    return page("kiosk/review.html", status, cart=cart, order=priced(cart), card=menu_card(), wrong=wrong)


def pay() -> Response:
    """How to pay; a tap on one of the ways places the order."""
    try:
        cart = the_cart()
    except DraftGone:
        if my_order() is None:
            raise
        return elsewhere("wait")
    if unheard(cart) is not None or cart.due_at is None or wrong_answers(cart):
        return elsewhere("review")
    total = priced(cart)
    return page(
        "kiosk/pay.html", cart=cart, order=total, methods=METHODS, card=menu_card(), ways=offered(),
        deposit=deposit_for(this_shop(), total.total), terms=terms_of_shop(this_shop()),
    )  # fmt: skip


def resume() -> Response:
    """Where a code brings an order back that was left unfinished."""
    return page("kiosk/resume.html")
