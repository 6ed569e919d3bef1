"""What a customer answers on the review, and what is still wrong with it: allergies, name, phone, coupon."""

from flask import request

from kiosk.visit import coupon_trouble, priced
from shop.core.errors import N_, Invalid
from shop.orders.cart import Cart, clashing, clean
from shop.orders.destination import contact_troubles
from shop.orders.tables import Fulfilment
from web.house import menu_card, this_shop

MOST_TYPED = 200
"""More than any name or phone may have: what is too long is told, not cut."""


def take_answers(cart: Cart) -> None:
    """Write into the cart what stands in the form."""
    known = menu_card().allergens
    cart.allergies = [slug for slug in known if slug in request.form.getlist("allergies")]
    cart.known = [slug for slug in cart.allergies if slug in request.form.getlist("known")]
    cart.coupon = clean(request.form.get("coupon", ""))[:MOST_TYPED]
    if cart.fulfilment == Fulfilment.PICKUP:  # a delivery has asked for them already
        cart.name = clean(request.form.get("name", ""))[:MOST_TYPED]
        cart.phone = clean(request.form.get("phone", ""))[:MOST_TYPED]


def wrong_answers(cart: Cart) -> list[Invalid]:
    """Return what keeps this order from being paid, field by field."""
    found = contact_troubles(this_shop(), cart) if cart.fulfilment == Fulfilment.PICKUP else []
    if set(clashing(cart.allergies, priced(cart).allergens)) - set(cart.known):
        words = N_("Somebody is allergic to what is in this cake. Change the cake, or say that you know.")
        found.append(Invalid(words, field="known"))
    if (trouble := coupon_trouble(cart)) is not None:
        found.append(trouble)
    return found
