"""Cookies of screens, and what the demo shop does by itself: on this machine its screens pair themselves."""

import ipaddress
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.keys import Keys
from shop.orders.tables import Order, OrderState
from shop.people.devices import DeviceKind, demo_device, somebody_was_shut_out, was_revoked
from shop.people.shops import Shop
from web.access import PairingNeeded
from web.database import reader, writing
from web.front import swapping
from web.house import keys, now, this_shop
from web.security import secure_cookies

LONG = 400 * 24 * 3600
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WORTH_FOLLOWING = (OrderState.IN_PRODUCTION, OrderState.CONFIRMED, OrderState.READY)


def set_cookie(response: Response, kind: DeviceKind, secret: str) -> None:
    """Give a screen its secret; no script and no other site ever sees it."""
    response.set_cookie(
        f"fs_{kind.value}", secret, max_age=LONG, httponly=True, samesite="Strict", secure=secure_cookies()
    )


def pair_itself(needed: PairingNeeded) -> Response | None:
    """Pair a demo screen on this machine and send it to where it wanted to go; None where that is not so.

    A screen that was shut out stays out: only one without a known cookie is let in.
    """
    cookie = request.cookies.get(f"fs_{needed.device.value}", "")
    if request.method != "GET" or not screens_pair_themselves():
        return None
    if cookie and was_revoked(reader(), this_shop(), cookie):
        return None
    if (
        request.headers.get("Sec-Fetch-Site") == "cross-site"
    ):  # its cookie would not come back with a redirect
        return make_response(redirect("/", 303))
    if swapping() or "websocket" in request.headers.get("Upgrade", "").lower():
        return None
    with writing() as tx:
        _, secret = demo_device(tx, keys(), this_shop(), needed.device, at=now())
    here = request.full_path.rstrip("?")
    if somebody_was_shut_out(reader(), this_shop(), needed.device):  # or it looks as if that had done nothing
        here = url_for("doorway.pairing", again=1, next=here)
    response = make_response(redirect(here, 303))
    set_cookie(response, needed.device, secret)
    return response


def screens_pair_themselves() -> bool:
    """Whether this is the demo shop, seen from its own machine."""
    return on_this_machine() and this_shop().is_demo


def on_this_machine() -> bool:
    """Whether browser and shop run on the same machine, with no proxy and no foreign name between them."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return near and (urlsplit(f"//{request.host}").hostname or "") in LOOPBACK_NAMES


def shut_out() -> bool:
    """Whether this browser holds the cookie of a screen that was removed."""
    cookies = [request.cookies.get(f"fs_{kind.value}", "") for kind in (DeviceKind.KIOSK, DeviceKind.KITCHEN)]
    return any(cookie and was_revoked(reader(), this_shop(), cookie) for cookie in cookies)


def slip_to_follow(session: Session, shop: Shop, keys: Keys) -> str:
    """Return the address of a demo order's tracking page, the most lively one; "" before there is any."""
    from shop.orders.finding import token_of

    for state in WORTH_FOLLOWING:
        query = select(Order).where(
            Order.shop_id == shop.id, Order.state == state, Order.token_hash.is_not(None)
        )
        order = session.scalars(query.order_by(Order.due_at.desc()).limit(1)).first()
        if order is not None:
            return f"/t/{token_of(keys, order)}"
    return ""
