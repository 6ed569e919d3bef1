"""The taps that change an order in the making. Twice is once: each says how things should be."""

from contextlib import suppress
from dataclasses import replace

from flask import request
from sqlalchemy.orm import Session

from kiosk.answers import take_answers, wrong_answers
from kiosk.choices import candles, line_from, mark, moment, number, quantity
from kiosk.delivery import collect
from kiosk.visit import coupon_trouble, hear, keep, new_cart, priced, the_cart, unheard, visit
from shop.core.errors import Missing, SlotTaken
from shop.orders.cart import Cart, clean, price_line
from shop.orders.promise import hold
from shop.orders.wording import check_words
from shop.payments.coupons import find as find_coupon
from web.access import Made, actor
from web.house import menu_card, now, this_shop
from web.limits import count_guess


def choose(tx: Session) -> Made:
    """Take the cake as it was put together, as a new line or in the place of one."""
    cart = the_cart(tx) if visit().code else new_cart()
    place = number(request.form.get("line"), len(cart.lines))
    was = cart.lines[place] if 0 <= place < len(cart.lines) else None
    line = line_from(request.form.get("product", ""), request.form, was)
    line = replace(line, candles=candles(request.form.get("candles"), line.candles))
    price_line(menu_card(), line, this_shop().business_date(now()))
    if was is None:
        place = len(cart.lines)
        cart.lines.append(line)
    else:
        cart.lines[place] = line
    cart.known = []  # about another cake
    priced(cart)
    keep(tx, cart)
    return {"next": "words", "at": place} if request.form.get("then") == "words" else {"next": "time"}


def write(tx: Session, place: int) -> Made:
    """Keep what shall stand on the cake, if anything; it is read back, with its time, before it counts."""
    cart = the_cart(tx)
    if not 0 <= place < len(cart.lines):
        raise Missing()
    typed = "" if "bare" in request.form else request.form.get("text", "")
    check_words(typed)
    text = clean(typed)
    private = bool(request.form.get("private"))
    if (text, private) != (cart.lines[place].inscription, cart.private):
        cart.lines[place] = replace(cart.lines[place], inscription=text)
        cart.private = private
        keep(tx, cart)
    return after(cart)


def after(cart: Cart) -> Made:
    """Return what comes before the review: a time, then each cake's words read back together with it."""
    if cart.due_at is None:
        return {"next": "time"}
    place = unheard(cart)
    return {"next": "review"} if place is None else {"next": "read_back", "at": place}


def confirm(tx: Session, place: int) -> Made:
    """The customer has read the words and says they are right."""
    cart = the_cart(tx)
    words = request.form.get("words", "")
    if not 0 <= place < len(cart.lines) or cart.lines[place].inscription != words:
        return {"next": "read_back", "at": place}
    hear(place, words)
    return after(cart)


def take_time(tx: Session) -> Made:
    """Keep a time for ten minutes; or fetch the order instead of having it brought, which asks the time anew."""
    if request.form.get("to") == "pickup":
        return collect(tx)
    cart = the_cart(tx)
    due_at, order = moment(request.form.get("due_at")), priced(cart)
    way = order.way.minutes
    hold(tx, this_shop(), menu_card(), visit().code, order.lines, due_at, by=actor(), at=now(), way=way)
    asap = request.form.get("first") == request.form.get("due_at")
    if (cart.due_at, cart.asap) != (due_at, asap):
        cart.due_at, cart.asap = due_at, asap
        keep(tx, cart)
    return after(cart)


def settle(tx: Session) -> Made:
    """Keep what was answered on the review, and how many of each; then on to paying, or one more cake."""
    cart = the_cart(tx)
    before, cakes = repr(cart), repr(cart.lines)
    other_coupon = _answer(tx, cart)
    what, _, rest = request.form.get("do", "").partition(":")
    if what == "enter":  # the key, in whatever field: another coupon is tried before anybody pays
        what = "coupon" if other_coupon else "pay"
    place, _, many = rest.partition(":")
    made: Made = {"next": what if what in ("pay", "menu") else "review"}
    at = number(place, -1)
    if 0 <= at < len(cart.lines):
        if what == "drop" and many == mark(cart.lines[at]):
            del cart.lines[at]
        elif what == "quantity":
            cart.lines[at] = replace(cart.lines[at], quantity=quantity(many))
        elif what == "change":
            made = {"next": "customise", "with": {"slug": cart.lines[at].product, "line": at}}
    if cart.lines and (wrong_answers(cart) if what == "pay" else what == "coupon" and coupon_trouble(cart)):
        made = {"next": "review", "refused": True}
    if repr(cart) != before:
        made = _changed(tx, cart, made, other_cakes=repr(cart.lines) != cakes)
    return made


def _answer(tx: Session, cart: Cart) -> bool:
    """Take what the review asks; returns whether its coupon is another one now. A new code counts as a guess."""
    if "answers" not in request.form:
        return False
    before = cart.coupon
    take_answers(cart)
    if cart.coupon not in ("", before):
        count_guess(right=find_coupon(tx, this_shop(), cart.coupon) is not None)
    return cart.coupon != before


def _changed(tx: Session, cart: Cart, made: Made, *, other_cakes: bool) -> Made:
    """Keep the changed cart; other cakes need their time anew."""
    if not cart.lines:
        keep(tx, cart)
        return {"next": "menu"}
    if other_cakes and cart.due_at is not None:
        order = priced(cart)
        with suppress(SlotTaken):
            hold(
                tx, this_shop(), menu_card(), visit().code, order.lines, cart.due_at, by=actor(),
                at=now(), way=order.way.minutes,
            )  # fmt: skip
            keep(tx, cart)
            return made
        cart.due_at = None
        made = {"next": "time", "with": {"taken": 1}}
    keep(tx, cart)
    return made
