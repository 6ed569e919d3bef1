"""The dispatcher's board: what waits for a courier, who is on the way with what, and what threatens to be late."""

from typing import Any

from flask import Response, make_response, url_for
from sqlalchemy import select

from admin import entries
from admin.around import fragment
from admin.living import part, watch
from admin.saying import reason_said
from shop import photos
from shop.core.errors import Missing
from shop.core.permissions import Permission
from shop.delivery import board, claims, handing
from shop.delivery.drops import UNDERWAY, WAITING
from shop.delivery.matching import matches
from shop.delivery.tables import Drop
from shop.delivery.words import DROP_WORDS, FAIL_REASONS, NEXT_STEPS
from shop.orders.tables import Order
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import house, now, this_shop
from web.live import Region, region
from web.pages import page

DISPATCH = staff(Permission.DELIVERY_DISPATCH)
TOPICS = ("delivery", "staff")
KEY = ("admin-dispatch",)


def dispatch() -> Response:
    """The page; its live part is the same fragment that the socket sends."""
    return page("admin/dispatch.html", region=region(KEY, draw))


def dispatch_part() -> Response:
    """The live part alone, for the poll that heals."""
    return part(region(KEY, draw))


def dispatch_live(ws: Any) -> None:
    """The socket of the live part."""
    watch(ws, key=KEY, topics=TOPICS, render=draw)


def draw() -> Region:
    """Render the board: areas, times and names of couriers, never a customer."""
    waiting, tours, back = board.dispatch(reader(), this_shop(), at=now())
    count = len(waiting) + len(back) + sum(len(tour.stops) for tour in tours)
    return Region(fragment("admin/_dispatch.html", waiting=waiting, tours=tours, back=back, at=now(), count=count,
                           reason_said=reason_said, drop_words=DROP_WORDS, fail_reasons=FAIL_REASONS,
                           next_steps=NEXT_STEPS))  # fmt: skip


def dispatch_drop(drop: int) -> Response:
    """One drop: who would suit it and why, and the form to give it to somebody."""
    session, shop = reader(), this_shop()
    stop = board.one(session, shop, drop, at=now())
    if stop is None:
        raise Missing()
    found = matches(session, shop, stop.drop, stop.order, at=now())
    photo = stop.drop.proof if photos.NAME.fullmatch(stop.drop.proof) else ""
    return page("admin/dispatch_drop.html", stop=stop, drop=stop.drop, order=stop.order, matches=found, photo=photo,
                reason_said=reason_said, drop_words=DROP_WORDS, fail_reasons=FAIL_REASONS,
                next_steps=NEXT_STEPS, at=now(), waiting=stop.drop.state in WAITING,
                underway=stop.drop.state in UNDERWAY)  # fmt: skip


def assign(tx: Session, drop: int) -> Made:
    """Give a drop to a courier, with a reason."""
    claims.assign(tx, this_shop(), drop, entries.number("courier", 0), entries.number("version", 0),
                  reason=entries.text("reason"), by=actor(), at=now())  # fmt: skip
    return entries.done(url_for("admin.dispatch"))


def open_again(tx: Session, drop: int) -> Made:
    """Let a cake that came back go out once more."""
    claims.open_again(tx, this_shop(), drop, by=actor(), at=now())
    return entries.done(url_for("admin.dispatch_drop", drop=drop))


def delivered(tx: Session, drop: int) -> Made:
    """Write a hand-over down for a courier whose phone is dead."""
    handing.deliver_for(tx, this_shop(), drop, reason=entries.text("told"), by=actor(), at=now())
    return entries.done(url_for("admin.dispatch"))


def photo(name: str) -> Response:
    """Answer with a photo that proves a hand-over: as a picture and nothing else."""
    known = reader().scalar(
        select(Drop.id).join(Order).where(Drop.shop_id == this_shop().id, Drop.proof == name)
    )
    jpeg = photos.find(house().settings.data / "photos", name) if known is not None else None
    if jpeg is None:
        raise Missing()
    response = make_response(jpeg)
    response.headers.update({
        "Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline; filename=proof.jpg",
    })  # fmt: skip
    return response


DOORS = [
    Door("GET", "/dispatch", dispatch, DISPATCH),
    Door("GET", "/dispatch/part", dispatch_part, DISPATCH),
    Door("GET", "/dispatch/<int:drop>", dispatch_drop, DISPATCH),
    Door("POST", "/dispatch/<int:drop>", assign, DISPATCH, Once.KEY, form=dispatch_drop),
    Door("POST", "/dispatch/<int:drop>/again", open_again, DISPATCH, Once.KEY, form=dispatch_drop),
    Door("POST", "/dispatch/<int:drop>/delivered", delivered, staff(Permission.ORDER_HAND_OVER), Once.KEY,
         form=dispatch_drop),
    Door("GET", "/dispatch/photo/<name>", photo, DISPATCH),
]  # fmt: skip

__all__ = ["DISPATCH", "DOORS", "dispatch_live"]
