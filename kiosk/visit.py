"""A customer's visit: one cookie that names their draft, and nothing else that outlives them.

The cookie holds the draft's code, a random number of this visit, and which inscriptions have been read back
and confirmed. The number makes the placing's key and becomes the order's external id, so that a double tap,
a reload or a lost answer meets the order that exists already.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g, make_response, redirect, request, url_for
from flask.globals import _cv_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shop.core.errors import Invalid
from shop.menu.card import MenuCard
from shop.orders.cart import Cart, PricedCart, price_cart
from shop.orders.destination import way_of
from shop.orders.drafts import DraftGone, find_draft, new_draft, save_draft
from shop.orders.tables import Order
from shop.payments import coupons
from web.database import reader
from web.house import house, keys, menu_card, now, this_shop
from web.i18n import COOKIE, language

VISIT, LANGUAGE, LOOK = "fs_visit", COOKIE, "fs_look"
PATH = "/kiosk"
LOOKS = ("text", "contrast", "reach")
_MINE = select(Order).where(
    Order.shop_id == bindparam("shop"), Order.channel == "kiosk", Order.external_id == bindparam("visit")
)


@dataclass(frozen=True)
class Visit:
    """``code`` is the draft's, ``number`` this visit's 128 random bits, ``heard`` what was read back."""

    code: str = ""
    number: str = ""
    heard: tuple[str, ...] = ()

    def key(self, method: str) -> str:
        """Return the key of placing this visit's order: the same however often it is asked."""
        return f"{self.number}-{method}"

    def has_heard(self, place: int, words: str) -> bool:
        """Whether the customer confirmed exactly these words on this cake."""
        return not words or self.mark(place, words) in self.heard

    def mark(self, place: int, words: str) -> str:
        """Return what is remembered of confirmed words: they cannot be read from it."""
        return hashlib.sha256(f"{self.number}:{place}:{words}".encode()).hexdigest()[:10]


def visit() -> Visit:
    """Return the visit of this request; an empty one when nobody has begun."""
    found: Visit | None = _cv_app.get().g.get("visit")
    if found is None:
        code, number, *heard = (*request.cookies.get(VISIT, "").split("."), "")[:14]
        found = Visit(code, number, tuple(filter(None, heard))) if len(number) == 32 else Visit()
        g.visit = g.visit_was = found
    return found


def the_cart(tx: Session | None = None) -> Cart:
    """Return what the customer has put together; raises `DraftGone`. A write reads it in its own transaction."""
    found: Cart | None = g.get("cart")
    if found is None:
        if not visit().code:
            raise DraftGone()
        found = g.cart = find_draft(tx or reader(), keys(), this_shop(), visit().code, at=now())
    return found


def priced(cart: Cart | None = None) -> PricedCart:
    """Price the cart, its way and its coupon by today's menu and areas; raises `SoldOut`, `Invalid`.

    A coupon that takes nothing off is said on the review (`kiosk.answers`), and the price is without it.
    """
    cart = cart or the_cart()
    plain = _priced(cart)
    try:
        return coupons.reduced(reader(), keys(), this_shop(), cart, plain, at=now())
    except Invalid:
        return plain


def _priced(cart: Cart) -> PricedCart:
    """Price the cart without its coupon; a request asks several times, and mostly about the same cart."""
    way, day, card = way_of(reader(), this_shop(), cart), this_shop().business_date(now()), menu_card()
    asked = (repr(cart), way, day, card.version)
    known: tuple[Any, PricedCart] | None = g.get("priced")
    if known is None or known[0] != asked:
        known = g.priced = (asked, price_cart(card, cart, day, way))
    return known[1]


def coupon_trouble(cart: Cart) -> Invalid | None:
    """Return why the coupon that was typed takes nothing off, None where it does or there is none."""
    return coupons.trouble(reader(), keys(), this_shop(), cart, _priced(cart), at=now())


def keep(tx: Session, cart: Cart) -> None:
    """Save the cart under the visit's code, or begin a visit with it."""
    here = visit()
    if here.code:
        save_draft(tx, keys(), this_shop(), here.code, cart, at=now())
    else:
        code = new_draft(tx, keys(), this_shop(), cart, at=now(), device_id=g.device.id)
        g.visit = Visit(code, secrets.token_hex(16))
    g.cart = cart


def resume(code: str) -> None:
    """Go on with a draft that somebody left under its code; raises `DraftGone`. Words are read back again."""
    g.cart = find_draft(reader(), keys(), this_shop(), code, at=now())
    visit()
    g.visit = Visit(code, secrets.token_hex(16))


def hear(place: int, words: str) -> None:
    """Remember that the customer confirmed these words."""
    here = visit()
    g.visit = replace(here, heard=(*here.heard, here.mark(place, words))[-12:])


def unheard(cart: Cart) -> int | None:
    """Return the first cake whose words were not confirmed, or None."""
    here = visit()
    places = range(len(cart.lines))
    return next((i for i in places if not here.has_heard(i, cart.lines[i].inscription)), None)


def my_order() -> Order | None:
    """Return the order this visit has placed, or None."""
    if not visit().number:
        return None
    return reader().scalars(_MINE, {"shop": this_shop().id, "visit": visit().number}).first()


def sold_today(card: MenuCard) -> Sequence[str]:
    """Return the cakes that can be ordered today."""
    today = this_shop().business_date(now())
    return [slug for slug, dish in card.dishes.items() if dish.sold_on(today)]


def note(response: Response) -> Response:
    """Write the visit into its cookie where it has changed."""
    if "visit" in g and g.visit != g.get("visit_was"):
        here = visit()
        set_cookie(response, VISIT, ".".join((here.code, here.number, *here.heard)))
    return response


def forget(response: Response) -> Response:
    """Leave nothing of this customer: order, language and look of the screen go back to the shop's own."""
    g.visit = g.visit_was = Visit()
    for name in (VISIT, LANGUAGE, LOOK):
        response.delete_cookie(name, path=PATH, samesite="Strict", httponly=True)
    return response


def set_cookie(response: Response, name: str, value: str) -> None:
    """Set a cookie that only the kiosk's doors see."""
    secure = house().settings.https
    response.set_cookie(name, value, path=PATH, httponly=True, samesite="Strict", secure=secure)


def look() -> dict[str, bool]:
    """Return how the screen should look: large text, high contrast, low reach."""
    found: dict[str, bool] | None = g.get("look")
    if found is None:
        wanted = request.cookies.get(LOOK, "").split(".")
        found = g.look = {name: name in wanted for name in LOOKS}
    return found


def elsewhere(step: str, **args: Any) -> Response:
    """Lead to another step; a swapping request follows by itself."""
    return make_response(redirect(url_for(f"kiosk.{step}", **args), 303))


def new_cart() -> Cart:
    """Return an empty cart in the customer's language."""
    return Cart(language=language())
