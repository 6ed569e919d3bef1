"""What stands in the addresses of the screens: numbers, tokens and codes of a shop in the middle of its day."""

from __future__ import annotations

from sqlalchemy import select

from shop.delivery.tables import Drop
from shop.documents.tables import Document
from shop.orders.finding import token_of
from shop.orders.tables import Cake, Line, Order
from shop.payments.bill_tables import Bill
from shop.payments.discount_tables import Coupon, Discount
from shop.payments.dispute_tables import Dispute
from shop.payments.tables import Payment, Refund
from shop.people.staff import Staff
from shop.production.tables import Task, TaskState
from tests.browser.staging import coded
from web.database import reading
from web.house import keys


def facts_of() -> dict[str, str]:
    """Return the numbers, tokens and codes that stand in the addresses."""
    with reading() as session:
        found: dict[str, str] = {}
        newest = select(Order).order_by(Order.id.desc())
        for state in ("in_production", "ready", "confirmed", "placed"):
            order = session.scalars(newest.where(Order.state == state)).first()
            assert order is not None, f"the demo has no order that is {state}"
            found[state] = token_of(keys(), order)
            found["order" if state == "in_production" else f"{state}_id"] = str(order.id)
        found["unpaid"] = found["placed_id"]
        brought = session.scalars(
            newest.where(Order.fulfilment == "delivery").order_by(None).order_by(Order.state.desc())
        ).first()
        assert brought is not None, "the demo has no delivery"
        found |= {"brought": token_of(keys(), brought), "brought_id": str(brought.id)}
        plain = select(Payment).where(~Payment.by_code, Payment.came.is_(None))
        payment = session.scalars(plain.order_by(Payment.id.desc())).first()
        assert payment is not None
        paper = session.scalars(select(Document).order_by(Document.id.desc())).first()
        assert paper is not None
        found |= {"invoice": str(paper.id), "invoiced": str(paper.order_id)}
        for name, table in (
            ("bill", Bill),
            ("coupon", Coupon),
            ("discount", Discount),
            ("dispute", Dispute),
        ):
            found[name] = str(session.scalars(select(table.id)).first())
        found["disputed_payment"] = str(session.scalars(select(Dispute.payment_id)).first())
        found["refund"] = str(session.scalars(select(Refund.id).order_by(Refund.id.desc())).first())
        strange = select(Payment.id).where(Payment.came.is_not(None))
        found["strange_payment"] = str(session.scalars(strange).one())
        found |= {"coded": coded(session), "payment": str(payment.id), "paid_order": str(payment.order_id)}
        cake, station = session.execute(
            select(Task.cake_id, Task.station_id).where(
                Task.state == TaskState.RUNNING, Task.station_id.is_not(None)
            )
        ).first() or (1, 1)
        found["made"] = session.scalars(select(Cake.code).where(Cake.id == cake)).one()
        found |= {"cake": str(cake), "station": ("oven", "bench", "decorating", "packing")[station - 1]}
        found["code"] = session.scalars(select(Cake.code).join(Line).order_by(Cake.id.desc())).first() or ""
        found["person"] = str(session.scalars(select(Staff.id).where(Staff.login == "li")).one())
        mine = select(Drop.id).where(Drop.courier_id.is_not(None)).order_by(Drop.id)
        waiting = select(Drop.id).where(Drop.courier_id.is_(None)).order_by(Drop.id)
        found |= {
            "drop": str(session.scalars(mine).first()),
            "open_drop": str(session.scalars(waiting).first()),
        }
        ready = select(Task.id).where(Task.state == TaskState.READY, Task.kind == "decorate")
        found |= {"product": "1", "task": str(session.scalars(ready).first())}
    return found
