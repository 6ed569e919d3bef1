"""Deliveries of the demo shop: what the couriers ride with, some of today's orders brought, and riders who ride."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.events import seal
from shop.core.keys import Keys
from shop.delivery.claims import claim
from shop.delivery.drops import D, find, make_drops
from shop.delivery.handing import arrive, deliver, pick_up
from shop.delivery.riders import heard
from shop.delivery.tables import Drop
from shop.orders.areas import handling_of
from shop.orders.tables import Area, Cake, Fulfilment, Order, OrderState
from shop.people.persons import keep_person
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.upkeep.demo.stage import Stage

RIDES_WITH: dict[str, dict[str, object]] = {
    "gao": {"box": 4, "cold": True, "areas": ["jingan", "changning"]},
    "wu": {"box": 2, "cold": False, "areas": ["xuhui", "putuo"]},
}
DOORS = (
    "江苏路 369 号 12 楼", "武宁路 88 弄 3 号 501", "衡山路 525 号前台", "南京西路 1266 号 27 层",
    "愚园路 1088 弄 5 号 302", "虹桥路 1 号",
)  # fmt: skip
WHO = ("王小姐", "陈先生", "Lucy Miller", "赵阿姨", "孙女士", "周先生")
AWAY = timedelta(minutes=20)
MOVING = (D.OPEN, D.OFFERED, D.CLAIMED, D.PICKED_UP, D.ARRIVED)
OPEN = (OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY)


def equip(tx: Session, shop: Shop) -> None:
    """Give the couriers their boxes and areas."""
    areas = [
        area.slug for area in tx.scalars(select(Area).where(Area.shop_id == shop.id).order_by(Area.sort))
    ]
    for n, (login, box) in enumerate(RIDES_WITH.items()):
        person = tx.scalars(select(Staff).where(Staff.shop_id == shop.id, Staff.login == login)).first()
        if person is not None:
            person.courier = {**box, "areas": areas[n::2]}


def stage_rides(tx: Session, keys: Keys, shop: Shop, *, at: datetime) -> int:
    """Let six of the open orders be brought: ready ones first, so that every screen of a courier has something."""
    equip(tx, shop)
    areas = tx.scalars(select(Area).where(Area.shop_id == shop.id, Area.active).order_by(Area.sort)).all()
    soon = select(Order).where(
        Order.shop_id == shop.id, Order.state.in_(OPEN), Order.due_at > at - timedelta(hours=1)
    )
    found = list(tx.scalars(soon.order_by(Order.ready_at.is_(None), Order.due_at).limit(len(DOORS) + 1)))
    orders = found[1:]  # a ready one stays for the counter
    if not areas:
        return 0
    for n, order in enumerate(orders):
        area = areas[n % len(areas)]
        phone = f"+8613{800138000 + n}"
        person = keep_person(tx, keys, shop, name=WHO[n], phone=phone, address=DOORS[n], at=at)
        order.fulfilment, order.person_id = Fulfilment.DELIVERY, person.id if person else None
        order.area_id, order.travel_minutes = area.id, area.minutes or 15
        order.ready_by = order.due_at
        order.due_at += timedelta(minutes=order.travel_minutes + handling_of(shop))
    tx.flush()
    make_drops(tx, shop, at=at)
    _on_the_way(tx, shop, at)
    seal(tx)
    return len(orders)


def _on_the_way(tx: Session, shop: Shop, at: datetime) -> None:
    """Gao has two, of which one is in the box where the kitchen is done; the phones of both were just heard."""
    riders = tx.scalars(select(Staff).where(Staff.login.in_(RIDES_WITH)).order_by(Staff.login)).all()
    for person in riders:
        heard(tx, shop, person.id, at=at)
    drops = tx.scalars(select(Drop).where(Drop.shop_id == shop.id).order_by(Drop.id).limit(2)).all()
    for drop in drops if riders else ():
        by = Actor.staff(riders[0].id)
        claim(tx, shop, drop.id, drop.version, by=by, at=at)
        if tx.get_one(Order, drop.order_id).state == OrderState.READY:
            pick_up(tx, shop, drop.id, _codes(tx, drop.order_id), by=by, at=at)


def _codes(tx: Session, order_id: int) -> list[str]:
    return list(tx.scalars(select(Cake.code).where(Cake.order_id == order_id)))


class Riders:
    """The couriers of a play: they take what is open, wait for the kitchen, ride as long as the way takes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def ride(self, at: datetime, quiet: Collection[int] = ()) -> None:
        """One glance at the clock: make the drops, and let each courier do the next thing but the ``quiet`` ones."""
        with self.stage.reading() as session:
            fresh = session.scalar(
                select(Order.id)
                .outerjoin(Drop, Drop.order_id == Order.id)
                .where(Order.fulfilment == Fulfilment.DELIVERY, Order.state.in_(OPEN), Drop.id.is_(None))
                .limit(1)
            )
            live = session.scalars(select(Drop.id).where(Drop.state.in_(MOVING)).order_by(Drop.id)).all()
            riders = session.scalars(
                select(Staff.id).where(Staff.login.in_(RIDES_WITH), Staff.active).order_by(Staff.id)
            ).all()
        riders = [rider for rider in riders if rider not in quiet]
        if fresh is not None:
            self.stage.attempt(partial(make_drops, at=at))
        for drop_id in live if riders else ():
            self.stage.attempt(partial(_next, drop_id=drop_id, riders=riders, at=at, quiet=quiet))


def _next(
    tx: Session, shop: Shop, *, drop_id: int, riders: Sequence[int], at: datetime, quiet: Collection[int] = ()
) -> None:
    """Take the next step of one drop, where its time has come; whose phone is dead takes none."""
    drop = find(tx, shop, drop_id)
    if drop.courier_id in quiet or drop.offered_to in quiet:
        return
    order = tx.get_one(Order, drop.order_id)
    by = Actor.staff(drop.courier_id or riders[drop.id % len(riders)])
    way = timedelta(minutes=drop.minutes or 15)
    if drop.state == D.OPEN and order.ready_by <= at + AWAY:
        claim(tx, shop, drop.id, drop.version, by=by, at=at)
    elif drop.state == D.OFFERED and drop.offered_to is not None:
        claim(tx, shop, drop.id, drop.version, by=Actor.staff(drop.offered_to), at=at)
    elif drop.state == D.CLAIMED and order.state == OrderState.READY:
        pick_up(tx, shop, drop.id, _codes(tx, drop.order_id), by=by, at=at)
    elif drop.state == D.PICKED_UP and drop.moved_at + way <= at:
        arrive(tx, shop, drop.id, by=by, at=at)
    elif drop.state == D.ARRIVED and drop.moved_at + timedelta(minutes=3) <= at:
        deliver(tx, shop, drop.id, by=by, at=at, pin=order.pin, tendered=order.balance or None)
