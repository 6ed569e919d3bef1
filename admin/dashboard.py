"""Today at a glance, live: what is promised, what is late, what to do about it, who is here."""

from typing import Any

from flask import Response
from sqlalchemy import select

from admin.around import allowed, fragment, me
from admin.comments import for_me
from admin.first_steps import first_steps
from admin.living import part, watch
from admin.orders import cakes_of
from admin.partner import of_mine
from shop.core.errors import Denied
from shop.core.permissions import Permission
from shop.orders.tables import Order
from shop.orders.unfetched import unfetched
from shop.payments import METHODS
from shop.payments.balance import to_call
from shop.payments.day import overdue
from shop.payments.hidden import to_give_back
from shop.people.calls import calls_lately
from shop.people.presence import active_lately
from shop.people.rights import may
from shop.people.staff import Device
from shop.printing.queue import in_trouble
from shop.production import today as day
from shop.production.warnings import SILENT_SECONDS, warnings
from web.database import reader
from web.house import menu_card, now, this_shop
from web.live import Region, region
from web.pages import page

MOST, SHOWN = 6, 3
"""Lines worth a look, and of those that will probably be late; the others are one line with their number."""
TOPICS = ("orders", "kitchen", "menu", "staff", "devices", "tills")
SHOWS = (Permission.REVENUE_SEE, Permission.DAY_SEE)
"""What decides which of its parts somebody sees."""


def dashboard() -> Response:
    """The page; its live part is the same fragment that the socket sends."""
    shop, session = this_shop(), reader()
    answers = day.answers(session, shop, at=now())
    return page(
        "admin/today.html",
        region=region(_key(), _render(*_rights())),
        answers=answers,
        mine=for_me(),
        **of_mine(),
        first_steps=first_steps,
        targets=day.targets(shop),
        most=max([a.confirm or 0 for a in answers] + [a.start or 0 for a in answers] + [1]),
    )


def today_part() -> Response:
    """The live part alone, for the poll that heals."""
    return part(region(_key(), _render(*_rights())))


def today_live(ws: Any) -> None:
    """The socket of the live part."""
    before = _rights()

    def check() -> None:
        if tuple(may(reader(), me(), right) for right in SHOWS) != before:
            raise Denied()

    watch(ws, key=_key(), topics=TOPICS, render=_render(*before), check=check)


def _rights() -> tuple[bool, bool]:
    """Return whether this person sees the revenue, and the days' reports."""
    revenue, days = (allowed(right) for right in SHOWS)
    return revenue, days


def _key() -> tuple[str, ...]:
    revenue, days = _rights()
    return ("admin-today", "revenue" if revenue else "", "days" if days else "")


def _render(with_revenue: bool, with_days: bool) -> Any:
    def render() -> Region:
        values = today_values() | {"with_revenue": with_revenue, "with_days": with_days}
        return Region(fragment("admin/_today.html", **values))

    return render


def today_values() -> dict[str, Any]:
    """Return what the live part shows."""
    shop, session, at = this_shop(), reader(), now()
    devices = session.scalars(select(Device).where(Device.shop_id == shop.id, Device.revoked_at.is_(None)))
    silent = [
        d for d in devices if d.paired_at and d.seen_at and (at - d.seen_at).total_seconds() > SILENT_SECONDS
    ]
    due = day.next_due(session, shop)
    found = [w for w in warnings(session, shop, menu_card(), at=at, most=60) if w.kind != "silent_display"]
    likely = [w for w in found if w.kind == "predicted_late"]
    late = select(Order.id).where(Order.id.in_([w.order_id for w in likely]), Order.ready_by < at)
    return {
        "likely": likely[SHOWN:],
        "overdue": set(session.scalars(late)),
        "cakes": cakes_of(due),
        "figures": day.figures(session, shop, at=at),
        "due": due,
        "warnings": [w for w in found if w.kind != "predicted_late"][:MOST] + likely[:SHOWN],
        "silent": silent,
        "calls": calls_lately(session, shop, at=at),
        "refunds": day.refunds_due(session, shop),
        "methods": METHODS,
        "unfetched": unfetched(session, shop, at=at),
        "hidden": to_give_back(session, shop),
        "to_call": to_call(session, shop, at=at),
        "stuck": in_trouble(session, shop),
        "present": active_lately(session, shop, at=at),
        "at": at,
        "left_open": overdue(session, shop, at=at),
    }
