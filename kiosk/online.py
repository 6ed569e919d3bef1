"""Paying at the kiosk by phone: the screen shows the provider's code until somebody has paid it or chosen otherwise."""

from datetime import datetime

from flask import Response, request
from sqlalchemy.orm import Session

from kiosk.visit import elsewhere, my_order
from shop.core.errors import N_, Invalid
from shop.orders.drafts import DraftGone
from shop.orders.tables import Order
from shop.payments import METHODS
from shop.payments.online import begin, drop
from shop.payments.providers import ONLINE, Online
from shop.payments.tables import LIVE, Payment
from shop.printing.qr import qr_svg
from web.access import Made, actor
from web.house import house, now, this_shop
from web.pages import page

COUNTER = "counter"


def offered() -> list[Online]:
    """Return the ways to pay by phone that this shop has an account for."""
    return house().providers.offered(this_shop().currency)


def is_offered(method: str) -> bool:
    return any(way.key == method for way in offered())


def method_chosen() -> str:
    """Return the way to pay that was tapped, at the counter or by phone; raises `Invalid` for anything else."""
    method = request.form.get("method", "")
    at_the_counter = METHODS.get(method)
    if not is_offered(method) and (at_the_counter is None or not at_the_counter.kiosk):
        raise Invalid(N_("Please choose how it is paid."), field="method")
    return method


def begin_online(tx: Session, order: Order, method: str) -> None:
    """Begin to pay all of it, or only what must be paid ahead."""
    provider = house().providers.get(method)
    if provider is None:
        raise Invalid(N_("Please choose how it is paid."), field="method")
    ahead = order.deposit - order.paid if request.form.get("part") == "deposit" else order.balance
    begin(tx, this_shop(), order, method, ahead, account=provider.account, by=actor(), at=now())


def pay_with(tx: Session) -> Made:
    """Pay the order that waits in another way; ``counter`` ends the code and leads to the clerk."""
    order, method = my_order(), request.form.get("method", "")
    if order is None:
        raise DraftGone()
    if method == COUNTER:
        drop(tx, this_shop(), order, by=actor(), at=now())
        return {"counter": True}
    if not is_offered(method):
        raise Invalid(N_("Please choose how it is paid."), field="method")
    begin_online(tx, tx.get_one(Order, order.id), method)
    return {}


def paying_on(made: Made) -> Response:
    """Lead to the code of the way that was chosen."""
    return elsewhere("wait", counter="1") if made.get("counter") else elsewhere("wait")


def scan(order: Order, tried: Payment, seen: str) -> Response:
    """Show where an online payment stands: its code, or what to do now that there is none."""
    return page(
        "kiosk/scan.html", order=order, tried=tried, seen=seen, qr=qr_svg(tried.qr) if tried.qr else "",
        open=tried.state in LIVE, left=seconds_left(tried.expires_at), way=ONLINE.get(tried.method), ways=offered(),
        methods=METHODS, at_home=_is_local(tried.qr),
    )  # fmt: skip


def _is_local(address: str) -> bool:
    """Whether the code leads to the demo's own gateway, whose page may be opened on this machine."""
    return this_shop().is_demo and address.startswith("http://127.0.0.1")


def seconds_left(until: datetime | None) -> int:
    """Return the seconds until a moment, 0 when it has passed or there is none."""
    return max(0, int((until - now()).total_seconds())) if until else 0
