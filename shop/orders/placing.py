"""Placing: every channel's order is made here, in one transaction: price, promise, rows, number, diary.

Rows are written with Core, not through objects: this is the path a Saturday morning queues on.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.keys import Keys, digest, new_code
from shop.core.types import from_minute
from shop.menu.card import MenuCard
from shop.orders.cart import Cart, PricedCart, PricedLine, clashing, clean, price_cart
from shop.orders.destination import check_destination
from shop.orders.drafts import drop_draft
from shop.orders.numbers import next_number
from shop.orders.partner import partner_for
from shop.orders.planned import Planned
from shop.orders.promise import lock_kitchen, plan_for
from shop.orders.tables import Cake, Line, Order, OrderState
from shop.payments import books, coupons
from shop.payments.rules import deposit_for, shown_terms
from shop.people.persons import keep_person
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState

PAY_MINUTES = 20
COUNTER_CODE = 5
"""How many characters the code for paying at the counter has."""
LETTERS = {"kiosk": "A", "counter": "B", "phone": "B", "chat": "C", "web": "C"}
PLATFORM_LETTER = "D"

_O: Any = Order.__table__
_L: Any = Line.__table__
_C: Any = Cake.__table__
_T: Any = Task.__table__
_NEW_ORDER = insert(_O).returning(_O.c.id)
_NEW_LINES = insert(_L).returning(_L.c.id, sort_by_parameter_order=True)
_NEW_CAKES = insert(_C).returning(_C.c.id, sort_by_parameter_order=True)
_NEW_TASKS = insert(_T)
_TOKEN = update(_O).where(_O.c.id == bindparam("order")).values(token_hash=bindparam("hash"))
_BEFORE = select(_O.c.id, _O.c.letter, _O.c.counter, _O.c.token_version, _O.c.counter_code).where(
    _O.c.shop_id == bindparam("shop"),
    _O.c.channel == bindparam("of"),
    _O.c.external_id == bindparam("external"),
)


@dataclass(frozen=True)
class Placed:
    """What placing made. ``token`` opens the tracking page; ``counter_code`` is for paying at the counter."""

    order_id: int
    number: str
    token: str
    counter_code: str


def place(
    tx: Session, keys: Keys, shop: Shop, card: MenuCard, cart: Cart, *, channel: str, by: Actor, at: datetime,
    draft_code: str = "", external_id: str | None = None, prepaid: bool = False, overbook_reason: str = "",
) -> Placed:  # fmt: skip
    """Make an order of a cart; it is ``placed`` and waits 20 minutes for its money, or confirmed if prepaid.

    Its coupon is used up here. Raises `Invalid` or `SoldOut` from pricing and `SlotTaken` from the promise. The same
    ``external_id`` of a channel answers the order it made before.
    """
    lock_kitchen(tx, shop)  # before the first look: two that place the same order at once meet here
    if external_id is not None and (before := _made_before(tx, keys, shop, channel, external_id)):
        return before
    day = shop.business_date(at)
    due_at = cart.due_at
    if due_at is None:
        raise Invalid(N_("Please choose a time."), field="due_at")
    way = check_destination(tx, shop, cart)
    priced = coupons.reduced(tx, keys, shop, cart, price_cart(card, cart, day, way), at=at, locked=True)
    settled = prepaid or not priced.total  # a coupon may leave nothing to be paid
    ready_by = due_at - timedelta(minutes=way.minutes)
    plans = plan_for(
        tx, shop, card, priced.lines, due_at, at=at, draft_code=draft_code,
        overbook=bool(overbook_reason), untouched=True, way=way.minutes, by=by,
    )  # fmt: skip
    where = {"address": clean(cart.address), "place": cart.place} if way.area else {}
    person = keep_person(tx, keys, shop, name=cart.name, phone=cart.phone, note=cart.note, at=at, **where)
    letter = LETTERS.get(channel, PLATFORM_LETTER)
    counter = next_number(tx, shop, day, letter)
    code, ref = new_code(COUNTER_CODE), new_code()
    partner = partner_for(tx, shop, channel=channel, by=by, at=at)
    state = OrderState.CONFIRMED if settled else OrderState.PLACED
    order_id: int = tx.connection().execute(
        _NEW_ORDER,
        {
            "shop_id": shop.id, "channel": channel, "external_id": external_id, "letter": letter,
            "counter": counter, "business_date": day, "state": state, "version": 1,
            "fulfilment": cart.fulfilment, "due_at": due_at, "due_date": shop.business_date(due_at),
            "ready_by": ready_by, "area_id": way.area.id if way.area else None,
            "travel_minutes": way.travel, "fee": way.fee,
            "promised_from": from_minute(max(plan[-1].end for plan in plans)), "placed_at": at,
            "confirmed_at": at if settled else None,
            "pay_until": None if settled else at + timedelta(minutes=PAY_MINUTES),
            "total": priced.total, "paid": priced.total if prepaid else 0, "currency": shop.currency,
            "discount": priced.discount,
            "urgent": cart.urgent, "private": cart.private, "language": cart.language,
            "allergies": cart.allergies, "person_id": person.id if person else None, "token_version": 1,
            "pin": f"{secrets.randbelow(10_000):04d}", "counter_code": None if settled else code,
            "placed_by_kind": by.kind.value, "placed_by": by.id, "partner_id": partner[0], "reason": overbook_reason,
            "ref": ref, "deposit": deposit_for(shop, priced.total), "terms": shown_terms(shop, priced.total),
        },
    ).scalar_one()  # fmt: skip
    if prepaid:
        books.prepaid(tx, shop, ref, channel, priced.total, by=by, at=at)
    token = keys.token("order", order_id, 1)
    tx.connection().execute(_TOKEN, {"order": order_id, "hash": digest(token)})
    _write_lines(tx, shop, order_id, priced, plans, ready_by, confirmed=settled)
    if draft_code:
        drop_draft(tx, shop, draft_code)
    number = f"{letter}-{counter:03d}"
    _note(tx, shop, order_id, number, priced, channel, partner, overbook_reason, settled, by, at)
    if priced.discount:
        coupons.redeem(tx, shop, order_id, cart.coupon, priced.discount, by=by, at=at)
    if known := [slug for slug in clashing(cart.allergies, priced.allergens) if slug in cart.known]:
        topics = ("orders", f"order:{order_id}")
        record(
            tx, shop.id, "allergy_accepted", by=by, at=at, topics=topics, order_id=order_id, allergens=known
        )
    return Placed(order_id, number, token, code)


def _made_before(tx: Session, keys: Keys, shop: Shop, channel: str, external_id: str) -> Placed | None:
    where = {"shop": shop.id, "of": channel, "external": external_id}
    row = tx.connection().execute(_BEFORE, where).first()
    if row is None:
        return None
    token = keys.token("order", row.id, row.token_version)
    return Placed(row.id, f"{row.letter}-{row.counter:03d}", token, row.counter_code or "")


def _write_lines(
    tx: Session, shop: Shop, order_id: int, priced: PricedCart, plans: Sequence[Sequence[Planned]],
    ready_by: datetime, *, confirmed: bool,
) -> None:  # fmt: skip
    connection = tx.connection()
    lines = [line_row(order_id, sort, line) for sort, line in enumerate(priced.lines)]
    line_ids = connection.execute(_NEW_LINES, lines).scalars().all()
    of_lines = [
        id for id, line in zip(line_ids, priced.lines, strict=True) for _ in range(line.line.quantity)
    ]
    cakes = [
        {"order_id": order_id, "line_id": line_id, "code": new_code(), "sort": sort}
        for sort, line_id in enumerate(of_lines, 1)
    ]
    cake_ids = connection.execute(_NEW_CAKES, cakes).scalars().all()
    tasks = [
        row
        for cake_id, plan in zip(cake_ids, plans, strict=True)
        for row in task_rows(shop.id, order_id, cake_id, plan, ready_by, confirmed=confirmed)
    ]
    connection.execute(_NEW_TASKS, tasks)


def line_row(order_id: int, sort: int, priced: PricedLine) -> dict[str, Any]:
    """Return the columns of an order's line as it was priced."""
    line = priced.line
    return {
        "order_id": order_id, "sort": sort, "product": line.product, "names": priced.dish.names,
        "inch": line.inch, "quantity": line.quantity, "options": line.options,
        "option_words": [c.names for g, c in priced.choices if not c.is_default],
        "inscription": line.inscription, "candles": line.candles, "allergens": list(priced.allergens),
        "look": dict(priced.look.base or {}), "tiers": priced.tiers, "unit_price": priced.unit_price,
        "total": priced.total, "parts": list(priced.parts),
    }  # fmt: skip


def task_rows(
    shop_id: int, order_id: int, cake_id: int, plan: Sequence[Planned], due_at: datetime, *,
    confirmed: bool, remake: int = 0, first_sort: int = 0,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the tasks of one cake; the first can start at once when the order is confirmed.

    ``due_at`` is when the kitchen must be done with it: the order's ``ready_by``.
    """
    rows, after = [], 0
    for index, p in reversed(list(enumerate(plan))):
        minutes = p.end - p.start
        state = TaskState.HELD if not confirmed else TaskState.READY if index == 0 else TaskState.WAITING
        rows.append(
            {
                "shop_id": shop_id,
                "order_id": order_id,
                "cake_id": cake_id,
                "sort": first_sort + index,
                "kind": p.kind.value,
                "station_id": p.station_id,
                "state": state,
                "version": 1,
                "minutes": minutes,
                "after_minutes": after,
                "amount": p.amount,
                "needs_person": p.needs_person,
                "planned_start": from_minute(p.start),
                "planned_end": from_minute(p.end),
                "latest_start": due_at - timedelta(minutes=after + minutes),
                "due_at": due_at,
                "remake": remake,
                "unit": p.unit,
                "planned_for": p.hand if p.hand is not None and p.hand > 0 else None,
                "celsius": p.celsius,
                "keeps": p.keeps,
                "gate": p.gate,
            }
        )
        after += minutes
    rows.reverse()
    return rows


def _note(
    tx: Session, shop: Shop, order_id: int, number: str, priced: PricedCart, channel: str,
    partner: tuple[int | None, str], overbook_reason: str, prepaid: bool, by: Actor, at: datetime,
) -> None:  # fmt: skip
    topics = ("orders", f"order:{order_id}")
    cakes = sum(line.line.quantity for line in priced.lines)
    facts: dict[str, Any] = {"number": number, "channel": channel, "total": priced.total, "cakes": cakes}
    if priced.way.area:
        facts["area"] = priced.way.area.slug
    if partner[0] is not None:
        facts["partner"], facts["rule"] = partner
    record(tx, shop.id, "order_placed", by=by, at=at, topics=topics, order_id=order_id, **facts)
    if overbook_reason:
        record(
            tx,
            shop.id,
            "order_overbooked",
            by=by,
            at=at,
            topics=topics,
            order_id=order_id,
            reason=overbook_reason,
        )
    if prepaid:
        record(
            tx,
            shop.id,
            "order_confirmed",
            by=by,
            at=at,
            topics=("kitchen", *topics),
            order_id=order_id,
            sound="new",
            stations=sorted({s for s in (line.stages[0].station_id for line in priced.lines) if s}),
        )
