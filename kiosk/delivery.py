"""Where the order goes: the step between the cake and its time that only a delivery needs."""

from dataclasses import replace

from flask import Response, request
from sqlalchemy.orm import Session

from kiosk.answers import MOST_TYPED
from kiosk.visit import elsewhere, keep, the_cart, visit
from shop.core.errors import Missing
from shop.orders.areas import districts, handling_of
from shop.orders.cart import Cart, clean
from shop.orders.destination import troubles, way_of
from shop.orders.promise import release
from shop.orders.tables import Fulfilment
from web.access import Made
from web.database import reader
from web.errors import said
from web.house import this_shop
from web.pages import page

MOST_ADDRESS = 120


def delivery(status: int = 200) -> Response:
    """The areas with their fees, the address, and whom the courier asks for; what was refused says so."""
    areas = districts(reader(), this_shop())
    if not areas:
        return elsewhere("time")
    cart, wrong = the_cart(), {}
    if status != 200:
        cart = _typed(cart)
        wrong = {trouble.field: said(trouble) for trouble in troubles(reader(), this_shop(), cart)}
    return page(
        "kiosk/delivery.html", status, cart=cart, areas=areas.values(), wrong=wrong, handling=handling_of(this_shop()),
        again=cart.due_at is not None,
    )  # fmt: skip


def deliver(tx: Session) -> Made:
    """Take the order to somebody's door; the time is asked anew where the way takes longer or less long.

    Without a tap on "go on" (the language is changed, say) what was typed so far is only kept.
    """
    wanted = _typed(the_cart())
    if "do" not in request.form:
        return _keep_typed(tx, the_cart(), wanted)
    for trouble in troubles(tx, this_shop(), wanted):
        raise trouble
    return _go(tx, wanted)


def _keep_typed(tx: Session, cart: Cart, typed: Cart) -> Made:
    """Keep a half-filled form; a delivery that is promised already keeps what it needs."""
    if cart.fulfilment == Fulfilment.DELIVERY:
        typed = replace(
            typed, area=cart.area, address=typed.address or cart.address, name=typed.name or cart.name,
            phone=typed.phone or cart.phone,
        )  # fmt: skip
    keep(tx, replace(typed, fulfilment=cart.fulfilment))
    return {"next": "delivery"}


def collect(tx: Session) -> Made:
    """The customer fetches it after all; what was told about a door is forgotten."""
    nowhere = {"area": "", "address": "", "place": ""}
    return _go(tx, replace(the_cart(), fulfilment=Fulfilment.PICKUP.value, **nowhere))


def _typed(cart: Cart) -> Cart:
    """Return the cart with what stands in the form."""
    form = request.form
    return replace(
        cart, fulfilment=Fulfilment.DELIVERY.value, area=form.get("area", ""),
        address=clean(form.get("address", ""))[: MOST_ADDRESS + 1],
        name=clean(form.get("name", ""))[:MOST_TYPED], phone=clean(form.get("phone", ""))[:MOST_TYPED], place="",
    )  # fmt: skip


def _go(tx: Session, cart: Cart) -> Made:
    from kiosk.ordering import after

    if not cart.lines:
        raise Missing()
    if way_of(tx, this_shop(), cart).minutes != _minutes_before(tx):
        release(tx, this_shop(), visit().code)
        cart.due_at = None
    keep(tx, cart)
    return after(cart)


def _minutes_before(tx: Session) -> int:
    """Return the minutes that the order's time was found with; -1 for an area that is gone."""
    before = the_cart()
    known = before.fulfilment == Fulfilment.PICKUP or before.area in districts(tx, this_shop())
    return way_of(tx, this_shop(), before).minutes if known else -1


__all__ = ["collect", "deliver", "delivery"]
