"""Taking money by the code on a kiosk's screen, or right after an order was entered."""

from flask import Response, request, url_for

from admin.contact import contact_of
from admin.discounting import may_discount
from shop.core.errors import Missing
from shop.orders.finding import by_counter_code, by_id, sheet
from shop.orders.searching import search
from shop.orders.tables import Order, OrderState
from shop.payments import METHODS
from web.access import go
from web.database import reader
from web.house import keys, menu_card, now, this_shop
from web.pages import page

NOTES = (10_00, 20_00, 50_00, 100_00)


def till() -> Response:
    """Ask for the code; a code in the address leads to its order."""
    code = request.args.get("code", "").strip()
    wrong = False
    if code:
        try:
            row = by_counter_code(reader(), this_shop(), code)
            return go(url_for("admin.till_order", order_id=row.id))
        except Missing:
            wrong = True
    unpaid = search(reader(), keys(), this_shop(), at=now(), states=(OrderState.PLACED,), limit=20)
    waiting = [found.order for found in unpaid]
    return page("admin/till.html", 404 if wrong else 200, code=code, wrong=wrong, waiting=waiting, at=now())


def till_order(order_id: int) -> Response:
    """One order and its money."""
    row: Order = by_id(reader(), this_shop(), order_id)
    return page(
        "admin/till_order.html",
        order=row,
        sheet=sheet(reader(), row),
        card=menu_card(),
        contact=contact_of(row),
        methods=METHODS,
        can_pay=bool(row.balance),
        notes_for=notes_for,
        focus_cash=True,
        **sums_of(row),
        **may_discount(row),
    )


def sums_of(order: Order) -> dict[str, int]:
    """Return what is taken now, and what must be paid ahead where that is less than all of it (else 0), minor units."""
    ahead = order.deposit - order.paid
    ahead = ahead if 0 < ahead < order.balance else 0
    chosen = request.values.get("part") == "deposit"
    return {"asked": ahead if ahead and chosen else order.balance, "ahead": ahead}


def notes_for(amount: int) -> list[int]:
    """Return the sums a customer is likely to hand over, the exact one first, minor units."""
    likely = {-(-amount // note) * note for note in NOTES} - {amount}
    return [amount, *sorted(likely)[:3]]
