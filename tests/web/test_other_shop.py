"""What belongs to another shop is not here: 404, whoever asks, and nothing of it changes (T24)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shop.core.actors import SYSTEM, Actor
from shop.core.keys import Keys
from shop.delivery.tables import Drop
from shop.documents.invoice import Buyer, issue
from shop.menu.card import cached_card
from shop.menu.tables import Allergen, Option, OptionGroup, Product, Route, Size, Station
from shop.orders.cart import Cart, CartLine, price_cart
from shop.orders.drafts import new_draft
from shop.orders.placing import place
from shop.orders.promise import quote
from shop.orders.tables import Area, Cake, Comment, Line, Order
from shop.payments.bill_corrections import ask_reopen
from shop.payments.bill_tables import BilledLine
from shop.payments.count import ask_correction, count
from shop.payments.discount_tables import Coupon, Discount
from shop.payments.dispute_tables import Dispute
from shop.payments.reconciliation import explain
from shop.payments.tables import Payment, Refund
from shop.payments.till import make_till, open_till
from shop.people.devices import DeviceKind, add_device
from shop.people.shops import Shop, only_shop
from shop.people.staff import Staff
from shop.production.outages import stop_unit
from shop.production.tables import Alarm, Incident, MoveDone, Task
from shop.tables import Base
from shop.upkeep.demo.world import furnish
from tests import cast
from tests.shop.payments.billing import strange_bill
from tests.web import doors
from web.access import DOORS
from web.database import db, reading, writing
from web.house import house

NOT_HERE = (404, 422, 403)
UNWATCHED = {"done_once", "sign_in_try", "alembic_version", "event", "shop", "rider"}
BY_TOKEN = "tracking."
"""A slip's token is 128 bits and the right itself: whoever holds it may look, whichever shop printed it."""
CHANGES_NOTHING = {"admin.discard"}
"""Says that a draft is gone, whether it ever was one of theirs; what is left is compared below."""


def found_another(app: Flask) -> dict[str, Any]:
    """Found a second shop with an order in it; returns what fills the places of an address."""
    with app.app_context(), writing() as tx:
        here = only_shop(tx)
        assert here is not None
        here.slug = "here"
        tx.flush()
        shop = furnish(tx, at=cast.SATURDAY)
        tx.flush()
        return belongings(tx, house().keys, shop)


def belongings(tx: Session, keys: Keys, shop: Shop) -> dict[str, Any]:
    """Give the second shop an order, a draft and a device; return one id of each thing."""
    at, card = cast.SATURDAY, cached_card(tx, shop)
    cart = Cart(lines=[CartLine("strawberry-cream", 8)], name="Mallory", phone="13912345678")
    cart.due_at = quote(tx, shop, card, price_cart(card, cart).lines, at=at).earliest
    placed = place(tx, keys, shop, card, cart, channel="counter", by=SYSTEM, at=at, prepaid=True)
    chen = tx.scalars(select(Staff).where(Staff.shop_id == shop.id, Staff.login == "chen")).one()
    device, _ = add_device(tx, shop, DeviceKind.KIOSK, "there", by=SYSTEM, at=at)
    payment = Payment(shop_id=shop.id, order_id=placed.order_id, method="cash", state="captured", amount=1)
    payment.currency, payment.made_at, payment.captured_at = shop.currency, at, at
    tx.add(payment)
    proof = f"{'ab' * 16}.jpg"
    drop = Drop(
        shop_id=shop.id, order_id=placed.order_id, state="delivered", proof=proof, made_at=at, moved_at=at
    )
    comment = Comment(
        shop_id=shop.id, order_id=placed.order_id, staff_id=chen.id, for_id=chen.id, box=b"x", at=at
    )
    alarm = Alarm(
        shop_id=shop.id, kind="over_time", subject="cake:1", order_id=placed.order_id, stage="bake", person="",
        names={"en": "Cake"}, chance=0, minutes=5, raised_at=at, repeated_at=at,
    )  # fmt: skip
    oven = tx.scalars(select(Station).where(Station.shop_id == shop.id, Station.slug == "oven")).one()
    outage = stop_unit(tx, shop, oven.id, 0, at + timedelta(hours=1), by=SYSTEM, at=at)
    tx.add_all((drop, comment, alarm))
    tx.flush()
    done = MoveDone(shop_id=shop.id, alarm_id=alarm.id, order_id=placed.order_id, key="tell_customer", args={},
                    was={}, now={"order": placed.order_id, "state": "confirmed"}, chance_before=0, chance_after=0,
                    at=at)  # fmt: skip
    incident = Incident(shop_id=shop.id, order_id=placed.order_id, kind="delay", at=at)
    refund = Refund(shop_id=shop.id, order_id=placed.order_id, payment_id=payment.id, ref="R" * 24, amount=1,
                    currency=shop.currency, state="requested", made_at=at)  # fmt: skip
    discount = Discount(shop_id=shop.id, order_id=placed.order_id, amount=1, state="requested", made_at=at)
    coupon = Coupon(shop_id=shop.id, code="THERE", key="THERE", names={"en": "There"}, percent=5, made_at=at)
    payment.came, payment.came_in = 1, shop.currency
    dispute = Dispute(shop_id=shop.id, order_id=placed.order_id, payment_id=payment.id, ref="D" * 24, amount=1,
                      currency=shop.currency, account="card:counter", reason="there", state="disputed",
                      opened_at=at)  # fmt: skip
    tx.add_all((done, incident, refund, discount, coupon, dispute))
    tx.flush()
    bill = strange_bill(tx, at, shop)
    billed = tx.scalars(select(BilledLine.id).where(BilledLine.bill_id == bill.id)).one()

    paid = tx.get_one(Order, placed.order_id)
    paid.paid = paid.total
    document = issue(tx, keys, shop, paid, Buyer("Mallory"), by=SYSTEM, at=at)
    till = make_till(tx, shop, "1", by=SYSTEM, at=at)
    shift = open_till(tx, shop, till.id, floated=0, by=SYSTEM, at=at)
    count(tx, shop, till.id, {100_00: 0}, by=SYSTEM, at=at)
    correction = ask_correction(tx, shop, shift.id, 100, "found later", by=SYSTEM, at=at)
    explain(tx, shop, billed, "found later", by=Actor.staff(chen.id), at=at)
    put_right = ask_reopen(tx, shop, billed, "not so", by=Actor.staff(chen.id), at=at)

    def first(kind: Any) -> int:
        group = select(OptionGroup.id).where(OptionGroup.shop_id == shop.id)
        mine = kind.group_id.in_(group) if kind is Option else kind.shop_id == shop.id
        return int(tx.scalars(select(kind.id).where(mine).order_by(kind.id)).first() or 0)

    return {
        "order_id": placed.order_id,
        "line_id": tx.scalars(select(Line.id).where(Line.order_id == placed.order_id)).one(),
        "task_id": tx.scalars(select(Task.id).where(Task.order_id == placed.order_id)).first(),
        "cake": tx.scalars(select(Cake.id).where(Cake.order_id == placed.order_id)).one(),
        "payment_id": payment.id,
        "refund_id": refund.id,
        "dispute_id": dispute.id,
        "discount_id": discount.id,
        "coupon_id": coupon.id,
        "document_id": document.id,
        "bill_id": bill.id,
        "billed_id": billed,
        "drop": drop.id,
        "comment_id": comment.id,
        "alarm_id": alarm.id,
        "outage_id": outage.id,
        "done_id": done.id,
        "incident_id": incident.id,
        "till_id": till.id,
        "shift_id": shift.id,
        "correction_id": correction.id,
        "bill_correction_id": put_right.id,
        "suggestion": "00",
        "name": proof,
        "staff_id": chen.id,
        "device_id": device.id,
        "code": new_draft(tx, keys, shop, cart, at=at, staff_id=chen.id),
        "token": placed.token,
        "product_id": first(Product),
        "group_id": first(OptionGroup),
        "option_id": first(Option),
        "route_id": first(Route),
        "size_id": first(Size),
        "allergen_id": first(Allergen),
        "station_id": first(Station),
        "area_id": first(Area),
    }


def everything(app: Flask) -> dict[str, list[Any]]:
    """Return every row of every table that keeps something of a shop."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in UNWATCHED
        }


def pointed(app: Flask) -> list[Rule]:
    """Return the addresses that name a thing by its number, code or token."""
    plain = {"slug", "station", "place", "file", "filename", "role", "day", "method"}
    return [rule for rule in doors.rules(app) if rule.arguments - plain]


def test_every_place_in_an_address_is_known_here(app: Flask) -> None:
    """A new kind of number in an address needs its other-shop twin in `belongings`."""
    known = set(found_another(app))
    there = {name for rule in pointed(app) for name in rule.arguments}
    assert there - known - {"slug", "station", "place", "file", "filename", "role", "day"} == set()


@pytest.mark.parametrize("who", ["owner", "manager", "courier", "display", "kiosk"])
def test_nothing_of_another_shop_is_shown_or_changed(app: Flask, who: str) -> None:
    other = found_another(app)
    visit = doors.visitor(app, who)
    before, wrong, refused = everything(app), [], 0
    for rule in pointed(app):
        if rule.endpoint.startswith(BY_TOKEN) or rule.endpoint not in DOORS or rule.websocket:
            continue
        answer = doors.knock(visit, app, rule, key=uuid.uuid4().hex, **other)
        led = answer.status_code == 303 and str(answer.location).split("?")[0] in ("/sign-in", "/pair")
        if answer.status_code not in (*NOT_HERE, 401) and not led and rule.endpoint not in CHANGES_NOTHING:
            wrong.append(f"{rule.endpoint}: {answer.status_code}")
        elif answer.status_code == 404 and doors.methods(rule) == {"GET"}:
            refused += 1
    assert not wrong, "; ".join(wrong)
    assert everything(app) == before
    assert refused > 5 or who in ("display", "kiosk", "courier"), "the numbers above were looked up"


def test_another_shops_people_cannot_be_found_by_search(app: Flask) -> None:
    found_another(app)
    manager = doors.visitor(app, "manager")
    for text in ("13912345678", "5678", "Mallory"):
        page = manager.client.get(f"/admin/orders?text={text}", base_url=doors.ADDRESS).get_data(as_text=True)
        assert "B-001" not in page


def test_the_look_up_has_teeth(app: Flask) -> None:
    """The same numbers of this shop are shown, so the 404s above come from the shop and not from a typo."""
    placed = cast.place_order(app)
    manager = doors.visitor(app, "manager")
    with app.app_context(), reading() as session:
        shop = only_shop(session)
        assert shop is not None
        product = session.scalars(select(Product.id).where(Product.shop_id == shop.id)).first()
        person = cast.person(session, "mei").id
    for address in (f"/admin/orders/{placed.order_id}", f"/admin/menu/{product}", f"/admin/people/{person}"):
        assert manager.client.get(address, base_url=doors.ADDRESS).status_code == 200
