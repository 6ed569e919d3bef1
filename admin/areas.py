"""Where the shop delivers: its own place and pace, and the areas with fee and minutes."""

from flask import Response, url_for
from flask_babel import gettext

from admin import entries
from shop.core.errors import N_, Invalid
from shop.orders.areas import (
    areas,
    change_way,
    handling_of,
    keep_area,
    middle,
    minutes_there,
    place_of,
    travel_of,
)
from shop.travel import PROVIDERS
from shop.travel.straight_line import DETOUR_PERCENT, KM_AN_HOUR
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.pages import page

LONGEST_PLACE = 60


def delivery_areas() -> Response:
    """The shop's place and pace, and all areas with the way there as it is counted today."""
    shop = this_shop()
    rows = areas(reader(), shop)
    return page(
        "admin/delivery_areas.html", areas=rows, middle={a.id: middle(a) for a in rows}, place=place_of(shop),
        minutes={a.id: minutes_there(shop, a) for a in rows}, handling=handling_of(shop), providers=PROVIDERS,
        travel={"detour_percent": DETOUR_PERCENT, "km_an_hour": KM_AN_HOUR, **travel_of(shop)},
    )  # fmt: skip


def save_delivery(tx: Session) -> Made:
    """Change where the shop is and how its couriers ride."""
    change_way(
        tx, this_shop(), place=entries.text("place", LONGEST_PLACE), handling=entries.number("handling"),
        provider=entries.text("provider", 40), detour_percent=entries.number("detour_percent"),
        km_an_hour=entries.number("km_an_hour"), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.delivery_areas"))


def save_area(tx: Session, area_id: int) -> Made:
    """Change an area; area 0 is a new one."""
    fee = entries.amount("fee", gettext("Fee"))
    if fee is None:
        raise Invalid(N_("Please write the fee, 0 where it is free."), field="fee")
    minutes = entries.number("minutes", 0)
    keep_area(
        tx, this_shop(), area_id or None, slug=entries.text("slug", 40), names=entries.words("names"),
        place=entries.text("place", LONGEST_PLACE), fee=fee, minutes=minutes or None,
        active=entries.ticked("active"), sort=entries.number("sort", 0), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.delivery_areas"))
