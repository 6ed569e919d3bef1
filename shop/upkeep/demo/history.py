"""Ninety days of the demo shop: what was ordered, promised, made, paid, fetched, and the diary of it all."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from shop.core.events import Event
from shop.core.keys import Keys
from shop.menu.card import read_card
from shop.orders.tables import Cake, Line, Order, OrderCounter
from shop.payments.forward import bring_forward
from shop.payments.tables import Payment, Refund
from shop.people.devices import DeviceKind
from shop.people.persons import keep_person
from shop.people.shops import Shop
from shop.people.staff import Device
from shop.production.tables import Remake, Task
from shop.upkeep.demo.diary import Books
from shop.upkeep.demo.guests import invent_guest
from shop.upkeep.demo.making import Promises, bake_all
from shop.upkeep.demo.rota import Rota
from shop.upkeep.demo.staged import staged
from shop.upkeep.demo.tills import put_up_till
from shop.upkeep.demo.wishes import wishes

SEED = 20170304
GUESTS = 640
ROOM_TODAY = 0.45
"""The share of today's and later orders that is left out, so that whoever tries the demo can still order."""
TABLES = (Order, Line, Cake, Task, Payment, Refund, Remake)


def make_history(
    tx: Session, keys: Keys, shop: Shop, *, at: datetime, days: int = 90, seed: int = SEED
) -> int:
    """Write the past of the demo shop up to ``at`` and what is open now; returns the number of orders."""
    rng = Random(seed)
    card = read_card(tx, shop)
    guests = _meet(tx, keys, shop, rng, at - timedelta(days=days)) if days else []
    rota = Rota(tx, shop)
    promises = Promises(tx, shop, card)
    made, today, chance = [], shop.business_date(at), Random(seed + 1)
    for wish in wishes(shop, card, rng, at=at, days=days, guests=len(guests)) if days else ():
        order = promises.give(wish)
        if order is None:
            continue
        sent_away = shop.business_date(wish.due_at) >= today and chance.random() < ROOM_TODAY
        if sent_away or wish.fate in ("cancelled", "expired"):
            promises.give_back(order)
        if not sent_away:
            made.append(order)
    bake_all([m for m in made if m.wish.fate in ("handed_over", "no_show")], rota, rng)
    made += staged(shop, card, rota, at=at)
    made.sort(key=lambda m: m.wish.placed_at)
    kiosk = tx.scalars(
        select(Device.id).where(Device.shop_id == shop.id, Device.kind == DeviceKind.KIOSK)
    ).first()
    books = Books(shop, keys, rota, rng, at, kiosk or 0, first=_first_ids(tx))
    for order in made:
        guest = order.wish.guest
        books.write(order, guests[guest] if guest is not None and guests else None)
    _insert(tx, shop, books)
    put_up_till(tx, shop, at=at)
    bring_forward(tx, shop)
    return len(made)


def _meet(tx: Session, keys: Keys, shop: Shop, rng: Random, at: datetime) -> list[int]:
    """Lock away the customers; returns their ids."""
    found = []
    for number in range(GUESTS):
        person = keep_person(tx, keys, shop, at=at, **invent_guest(rng, number))
        if person is not None:
            found.append(person.id)
    return found


def _first_ids(tx: Session) -> dict[str, int]:
    return {table.__tablename__: (tx.scalar(select(func.max(table.id))) or 0) + 1 for table in TABLES}


def _insert(tx: Session, shop: Shop, books: Books) -> None:
    for model in TABLES:
        rows = books.rows[model.__tablename__]
        if rows:
            tx.execute(insert(model), rows)
            _skip_ids(tx, model.__tablename__)
    counters = [
        {"shop_id": shop.id, "business_date": day, "letter": letter, "last": last}
        for (day, letter), last in books.counters.items()
    ]
    if counters:
        tx.execute(insert(OrderCounter), counters)
    lines = sorted(books.rows["event"], key=lambda line: line["at"])
    tx.refresh(shop)
    for seq, line in enumerate(lines, start=shop.event_seq + 1):
        line["seq"] = seq
    if lines:
        tx.execute(insert(Event), lines)
        tx.execute(update(Shop).where(Shop.id == shop.id).values(event_seq=lines[-1]["seq"]))
        tx.refresh(shop)


def _skip_ids(tx: Session, name: str) -> None:
    """Rows were written with their ids: let PostgreSQL's own count go on after them."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")
        )
