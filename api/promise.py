"""The promise, as programs ask for it: from the kitchen's real load, as at the kiosk."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Response

from api import words as say
from api.asking import answer, asked
from shop.core.errors import N_, Invalid
from shop.orders.areas import PICKUP, Way, districts, handling_of
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.destination import way_of
from shop.orders.promise import DAYS_AHEAD, Slot, quote, times_on
from shop.people.shops import Shop
from web.database import reader
from web.house import menu_card, now, this_shop


def promise() -> Response:
    """The earliest time for a cake, and which slots of a day are free. It keeps nothing: placing asks again."""
    shop, card, at, session = this_shop(), menu_card(), now(), reader()
    wanted = asked(say.PromiseAsked)
    day = _day(shop, wanted)
    cart = Cart([CartLine(wanted.product, wanted.size_inch, wanted.quantity)], wanted.fulfilment)
    way = _way(shop, cart, wanted.area)
    lines = price_cart(card, cart, day or shop.business_date(at), way).lines
    offer = quote(session, shop, card, lines, at=at, way=way.minutes)
    day = day or shop.business_date(offer.earliest or at)
    slots = times_on(session, shop, card, lines, day, at=at, way=way.minutes)
    some = offer.fewer
    made = say.Promise(
        earliest=shop.local(offer.earliest) if offer.earliest else None,
        slots=_slots(shop, day, slots),
        sooner=[
            say.Sooner(size_inch=one.inch, earliest=shop.local(one.earliest))
            for one in sorted(offer.sooner, key=lambda one: (one.earliest, -one.inch))
        ],
        fewer=some and say.Fewer(quantity=some.cakes, earliest=shop.local(some.earliest)),
        looking=offer.looking,
    )
    return answer(made)


def _day(shop: Shop, wanted: say.PromiseAsked) -> date | None:
    """Return the day asked for; raises `Invalid` for one in the past or too far away."""
    today = shop.business_date(now())
    if wanted.day is not None and not today <= wanted.day <= today + timedelta(days=DAYS_AHEAD):
        raise Invalid(N_("Please choose a day within the next %(days)d days."), field="day", days=DAYS_AHEAD)
    return wanted.day


def _way(shop: Shop, cart: Cart, area: str | None) -> Way:
    """Return the way to an area, or the longest of all where none is named."""
    if cart.fulfilment == "pickup":
        return PICKUP
    if area is not None:
        cart.area = area
        return way_of(reader(), shop, cart)
    known = districts(reader(), shop).values()
    if not known:
        raise Invalid(N_("This shop does not deliver."), field="fulfilment")
    farthest = max(known, key=lambda one: one.minutes)
    return Way(farthest, farthest.minutes, handling_of(shop))


def _slots(shop: Shop, day: date, slots: Sequence[Slot]) -> list[say.Slot]:
    """Return the times as stretches: each ends where the next begins, the last when the shop closes."""
    starts = [shop.local(slot.at) for slot in slots]
    ends = [*starts[1:], shop.local(shop.open_on(day)[1])]
    return [
        say.Slot(start=start, end=end, free=slot.free)
        for slot, start, end in zip(slots, starts, ends, strict=False)
        if start < end
    ]
