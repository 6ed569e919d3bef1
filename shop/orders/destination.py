"""Where an order goes: the way of a cart, and what must be known before it can be promised there.

Address, name, phone and coordinates are personal; they leave this module only into a person's locked boxes.
"""

from sqlalchemy.orm import Session

from shop.core.errors import N_, Invalid
from shop.orders.areas import (
    LONGEST_WAY,
    PICKUP,
    District,
    Way,
    districts,
    handling_of,
    place_of,
    travel_of,
)
from shop.orders.cart import Cart, clean
from shop.orders.tables import Fulfilment
from shop.people.names import phone_e164
from shop.people.shops import Shop
from shop.travel import Place, metres, minutes_to

SHORTEST_ADDRESS, LONGEST_ADDRESS = 4, 120
LONGEST_NAME = 40
FARTHEST_METRES = 30_000
"""A typed place farther from the middle of its area is a slip of the finger."""
ORDERED = (Fulfilment.PICKUP.value, Fulfilment.DELIVERY.value)


def way_of(session: Session, shop: Shop, cart: Cart) -> Way:
    """Return the way of this cart; raises `Invalid` where no area is chosen, or one we do not serve."""
    if cart.fulfilment not in ORDERED:
        raise Invalid(N_("Please choose pick-up or delivery."), field="fulfilment")
    if cart.fulfilment == Fulfilment.PICKUP:
        return PICKUP
    area = districts(session, shop).get(cart.area)
    if area is None:
        words = N_("Please choose the area it goes to.")
        gone = N_("We do not deliver to this area any more. Please choose another one, or pick it up.")
        raise Invalid(gone if cart.area else words, field="area")
    return Way(area, _minutes(shop, area, cart.place), handling_of(shop))


def _minutes(shop: Shop, area: District, typed: str) -> int:
    """Return the minutes there: what the shop set for the area, else to the very place where it is known."""
    here = place_of(shop)
    if not typed.strip() or area.fixed or here is None:
        return area.minutes
    return min(LONGEST_WAY, minutes_to(here, exact_place(area, typed), travel_of(shop)))


def exact_place(area: District, typed: str) -> Place:
    """Read coordinates and see that they are near their area; raises `Invalid` (field ``place``)."""
    place = Place.read(typed, field="place")
    away = metres(area.place, place)
    if away > FARTHEST_METRES:
        raise Invalid(
            N_("This place is %(km)d km from the middle of the area. Please look at the numbers again."),
            field="place",
            km=round(away / 1000),
        )
    return place


def troubles(session: Session, shop: Shop, cart: Cart) -> list[Invalid]:
    """Return what is missing or wrong for a delivery, field by field; nothing for a pick-up."""
    found = []
    try:
        way = way_of(session, shop, cart)
    except Invalid as trouble:
        found.append(trouble)
        way = PICKUP
    if cart.fulfilment != Fulfilment.DELIVERY:
        return found
    address = clean(cart.address)
    if len(address) < SHORTEST_ADDRESS:
        words = N_("Please write street, number and door, so that the courier finds you.")
        found.append(Invalid(words, field="address"))
    elif len(address) > LONGEST_ADDRESS:
        words = N_("This address is too long: up to %(n)d characters, please.")
        found.append(Invalid(words, field="address", n=LONGEST_ADDRESS))
    if cart.place.strip() and way.area:
        try:
            exact_place(way.area, cart.place)
        except Invalid as trouble:
            found += [] if trouble.field in {t.field for t in found} else [trouble]
    if not clean(cart.name):
        found.append(Invalid(N_("Please tell us whom the courier should ask for."), field="name"))
    if not cart.phone.strip():
        words = N_("Please leave a phone number: the courier calls it at the door.")
        found.append(Invalid(words, field="phone"))
    return found + contact_troubles(shop, cart)


def contact_troubles(shop: Shop, cart: Cart) -> list[Invalid]:
    """Return what is wrong with a name and a phone that were given, field by field."""
    found = []
    if len(clean(cart.name)) > LONGEST_NAME:
        words = N_("This name is too long: up to %(n)d characters, please.")
        found.append(Invalid(words, field="name", n=LONGEST_NAME))
    if cart.phone.strip():
        try:
            phone_e164(shop, cart.phone)
        except Invalid as trouble:
            found.append(trouble)
    return found


def check_destination(session: Session, shop: Shop, cart: Cart) -> Way:
    """Return the way of a cart that can be promised; raises the first of `troubles`."""
    for trouble in troubles(session, shop, cart):
        raise trouble
    return way_of(session, shop, cart)


__all__ = ["PICKUP", "Way", "check_destination", "contact_troubles", "exact_place", "troubles", "way_of"]
