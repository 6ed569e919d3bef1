"""How tests order for delivery, bake, and let couriers be at work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.delivery.claims import claim
from shop.delivery.drops import find, make_drops
from shop.delivery.handing import arrive, pick_up
from shop.delivery.tables import Drop, Rider
from shop.orders.progress import confirm
from shop.orders.tables import Area, Cake, Fulfilment, Order
from shop.people.persons import keep_person
from shop.people.shops import Shop
from tests import cast, counter
from web.house import keys, now

ADDRESS = "愚园路 1088 弄 5 号 302"
NAME, PHONE = "王小姐", "+8613800138000"


def area(tx: Session, shop: Shop, slug: str = "jingan") -> Area:
    """Return an area of the shop, made where it is missing; the shop stands on the map, too."""
    there = tx.scalars(select(Area).where(Area.shop_id == shop.id, Area.slug == slug)).first()
    if there is None:
        there = Area(shop_id=shop.id, slug=slug, names={"en": slug.title(), "zh_Hans": "静安", "zh_Hant": "靜安"},
                     lat=31_228_000, lng=121_448_000)  # fmt: skip
        tx.add(there)
        tx.flush()
    return there


def ordered(
    tx: Session,
    *,
    paid: bool = True,
    due_at: datetime | None = None,
    product: str = "strawberry-cream",
    quantity: int = 1,
) -> int:
    """Order one cake to be brought to an address; unpaid, it is paid at the door. Returns the order's id."""
    shop, _ = counter.shop_and_card(tx)
    placed = counter.order(tx, counter.cart(product, quantity=quantity), paid=paid, due_at=due_at)
    order = tx.get_one(Order, placed.order_id)
    person = keep_person(tx, keys(), shop, name=NAME, phone=PHONE, address=ADDRESS, at=now())
    assert person is not None
    order.fulfilment, order.person_id = Fulfilment.DELIVERY, person.id
    order.area_id, order.travel_minutes = area(tx, shop).id, 12
    tx.flush()
    if not paid:
        confirm(tx, shop, order, by=cast.by(tx, "mei"), at=now())
    return order.id


def drop(tx: Session, *, ready: bool = True, **how: Any) -> Drop:
    """Order for delivery, bake it (``ready``), and return its drop."""
    shop, _ = counter.shop_and_card(tx)
    order_id = ordered(tx, **how)
    if ready:
        counter.make(tx, order_id, until="every stage of every cake")
    make_drops(tx, shop, at=now())
    return tx.scalars(select(Drop).where(Drop.order_id == order_id)).one()


def codes(tx: Session, it: Drop) -> list[str]:
    return list(tx.scalars(select(Cake.code).where(Cake.order_id == it.order_id)))


def claimed(tx: Session, login: str = "gao", **how: Any) -> Drop:
    """A drop that this courier has."""
    shop, _ = counter.shop_and_card(tx)
    it = drop(tx, **how)
    claim(tx, shop, it.id, it.version, by=cast.by(tx, login), at=now())
    return find(tx, shop, it.id)


def at_the_door(tx: Session, login: str = "gao", **how: Any) -> Drop:
    """A drop whose courier stands at the door."""
    shop, _ = counter.shop_and_card(tx)
    it, by = claimed(tx, login, **how), cast.by(tx, login)
    pick_up(tx, shop, it.id, codes(tx, it), by=by, at=now())
    arrive(tx, shop, it.id, by=by, at=now())
    return find(tx, shop, it.id)


def at_work(tx: Session, *logins: str) -> None:
    """Let these couriers' phones be heard now."""
    for login in logins:
        person = cast.person(tx, login)
        rider = tx.get(Rider, person.id) or Rider(staff_id=person.id, shop_id=person.shop_id, seen_at=now())
        rider.seen_at = now()
        tx.add(rider)
    tx.flush()


def kinds(session: Session, order_id: int) -> list[str]:
    """Return what the diary says of an order's delivery, in order."""
    query = (
        select(Event.kind).where(Event.order_id == order_id, Event.kind.like("drop_%")).order_by(Event.seq)
    )
    return list(session.scalars(query))
