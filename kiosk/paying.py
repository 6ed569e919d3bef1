"""Paying and after: the order is placed, waits for its money at the counter, and turns into a slip."""

from flask import Response, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.answers import wrong_answers
from kiosk.choices import number
from kiosk.online import begin_online, is_offered, method_chosen, scan, seconds_left
from kiosk.visit import elsewhere, my_order, priced, the_cart, unheard, visit
from shop.core.errors import N_, Conflict
from shop.orders.drafts import DraftGone
from shop.orders.finding import ordered
from shop.orders.placing import place as place_order
from shop.orders.progress import lock_order
from shop.orders.tables import Order, OrderState
from shop.payments.online import last_attempt, was_stopped
from shop.payments.tables import Payment
from shop.printing.qr import qr_svg
from shop.printing.tables import PrintJob
from web.access import Made, actor
from web.database import reader
from web.house import house, keys, menu_card, now, this_shop
from web.i18n import language
from web.pages import page

LOST = (OrderState.EXPIRED, OrderState.REJECTED, OrderState.CANCELLED)


class NotReadBack(Conflict):
    """Words that nobody has confirmed cannot go to the kitchen."""

    message = N_("Please read the words on your cake once more before you order.")


class PriceChanged(Conflict):
    """The menu was edited between the last screen and the tap."""

    message = N_("The price has just changed. Please look at your order once more.")


def place(tx: Session) -> Made:
    """Place the order. The visit's number makes it one order, however often and whatever way it is asked for."""
    method = method_chosen()
    try:
        cart = the_cart(tx)
    except DraftGone:
        if my_order() is None:
            raise
        return {}
    if unheard(cart) is not None:
        raise NotReadBack()
    for trouble in wrong_answers(cart):
        raise trouble
    if number(request.form.get("total"), -1) not in (-1, priced(cart).total):
        raise PriceChanged()
    cart.language = language()
    here = visit()
    made = place_order(
        tx, keys(), this_shop(), menu_card(), cart, channel="kiosk", by=actor(), at=now(),
        draft_code=here.code, external_id=here.number,
    )  # fmt: skip
    if is_offered(method) and (order := lock_order(tx, made.order_id)).balance:
        begin_online(tx, order, method)
    return {"order": made.order_id}


def placed(made: Made) -> Response:
    """Show what the visit has placed; the answer itself is light, so that it is seldom lost."""
    return elsewhere("wait")


def wait() -> Response:
    """The code for the counter until the money is there, then the slip; asks again by itself."""
    order = my_order()
    if order is None:
        raise DraftGone()
    tried = last_attempt(reader(), order) if order.state == OrderState.PLACED else None
    seen = _state(order, tried)
    if request.args.get("seen") == seen:
        return make_response("", 204)
    if order.state in LOST:
        return page("kiosk/late.html", order=order)
    if tried is not None and not was_stopped(tried):
        return scan(order, tried, seen)
    if order.state == OrderState.PLACED:
        return page(
            "kiosk/wait.html", order=order, seen=seen, left=seconds_left(order.pay_until), card=menu_card(),
            cakes=ordered(reader(), order),
        )  # fmt: skip
    return _slip(order, seen)


def _state(order: Order, tried: Payment | None) -> str:
    """Return what the screen shows of this order, so that nothing is sent twice."""
    if order.state == OrderState.PLACED:
        return order.state if tried is None else tried.seen
    return f"{order.state}-{_printing(order)}"


def _printing(order: Order) -> str:
    """Return "printed", "waiting", "failed", or "none" where the shop has no printer."""
    query = select(PrintJob.state, PrintJob.tries).where(
        PrintJob.order_id == order.id, PrintJob.kind == "slip"
    )
    row = reader().execute(query.order_by(PrintJob.id.desc()).limit(1)).first()
    if row is None:
        return "none"
    if row[0] == "printed":
        return "printed"
    return "failed" if row[0] == "failed" or row[1] else "waiting"


def _slip(order: Order, seen: str) -> Response:
    public = house().settings.public_url
    url = f"{public}/t/{keys().token('order', order.id, order.token_version)}"
    return page(
        "kiosk/slip.html", order=order, url=url, qr=qr_svg(url), local=house().settings.public_is_local,
        printing=_printing(order), seen=seen, card=menu_card(),
        cakes=ordered(reader(), order),
    )  # fmt: skip
