"""What stands around every page of the back office: the ways to go, who is here, and what they may do."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import changes, saying
from admin.by_phone import code_ways, paying_now
from admin.money_words import method_words
from admin.my_till import till_here
from shop.core.permissions import Permission
from shop.menu.card import Dish
from shop.menu.drawing import CakeLook, draw, draw_small
from shop.people.names import pinyin
from shop.people.rights import grants_of
from shop.people.staff import Staff
from shop.production.causes import MONEY, unseen
from web.access import signed_in
from web.database import reader
from web.house import now, this_shop
from web.pages import page
from web.signin import role_words

P = Permission


@dataclass(frozen=True)
class Place:
    """A way in the menu, under a heading; ``tab`` ones stand at the foot of a phone too."""

    endpoint: str
    icon: str
    name: str
    permission: Permission
    tab: bool = False
    short: str = ""
    href: str = ""
    here: bool = False
    heading: str = ""


def all_places() -> tuple[Place, ...]:
    """Return every way of the menu, in the words of this request."""
    orders, making, shop = gettext("Orders"), gettext("Making"), gettext("The shop")
    money = gettext("Money and days")
    return (
        Place("dashboard", "chart", gettext("Today"), P.ADMIN_SEE, True),
        Place("orders", "note", gettext("Orders"), P.ORDER_SEE, True, heading=orders),
        Place("desk", "edit", gettext("Order desk"), P.ORDER_PLACE, True, gettext("Desk"), heading=orders),
        Place(
            "till",
            "cash",
            gettext("Take a payment"),
            P.PAYMENT_TAKE,
            True,
            gettext("Payment"),
            heading=orders,
        ),
        Place("dispatch", "truck", gettext("Deliveries"), P.DELIVERY_DISPATCH, heading=orders),
        Place("incidents", "note", gettext("Incidents"), P.ORDER_SEE, heading=orders),
        Place("money", "card", gettext("Money"), P.PAYMENT_SEE, heading=money),
        Place("journal", "note", gettext("Invoices"), P.INVOICE_SEE, heading=money),
        Place("tills", "cash", gettext("Tills"), P.TILL_SEE, heading=money),
        Place("days", "chart", gettext("Business days"), P.DAY_SEE, heading=money),
        Place("bills_page", "search", gettext("Reconciliation"), P.BILL_SEE, heading=money),
        Place("plan", "chart", gettext("Plan"), P.KITCHEN_SEE, heading=making),
        Place("alarms", "warning", gettext("Alarms"), P.KITCHEN_SEE, heading=making),
        Place("claims", "person", gettext("Claims"), P.SHIFT_EDIT, heading=making),
        Place("shifts", "clock", gettext("Shifts"), P.SHIFT_EDIT, heading=making),
        Place("menu", "cake", gettext("Cakes and prices"), P.MENU_SEE, True, gettext("Cakes"), heading=shop),
        Place("coupons", "gift", gettext("Coupons"), P.COUPON_EDIT, heading=shop),
        Place("kitchen", "oven", gettext("Kitchen"), P.STATION_EDIT, heading=shop),
        Place("delivery_areas", "truck", gettext("Delivery areas"), P.STATION_EDIT, heading=shop),
        Place("people", "person", gettext("Team"), P.STAFF_MANAGE, heading=shop),
        Place("roles", "lock", gettext("Roles"), P.ROLE_MANAGE, heading=shop),
        Place("devices", "screen", gettext("Devices"), P.DEVICE_MANAGE, heading=shop),
        Place("settings", "bag", gettext("Settings"), P.STATION_EDIT, heading=shop),
        Place("diary", "search", gettext("Diary"), P.AUDIT_SEE, heading=shop),
    )


def places() -> list[Place]:
    """Return the ways that this person may go, with their addresses."""
    found = []
    for place in all_places():
        endpoint = f"admin.{place.endpoint}"
        if endpoint not in current_app.view_functions or not allowed(place.permission):
            continue
        href = url_for(endpoint)
        inside = f"{request.path}/".startswith(f"{href.rstrip('/')}/")
        here = request.endpoint == endpoint or (href != "/admin/" and inside)
        found.append(replace(place, short=place.short or place.name, href=href, here=here))
    return found


def me() -> Staff:
    """Return the person of this request."""
    return cast(Staff, g.get("staff") or signed_in())


def team_names() -> dict[int, str]:
    """Return the names of everybody who works or worked here, by number."""
    query = select(Staff.id, Staff.name).where(Staff.shop_id == this_shop().id)
    return {row[0]: row[1] for row in reader().execute(query)}


def allowed(permission: str) -> bool:
    """Return whether this person may do something; asked by templates, the door asks again."""
    if "grants" not in g:
        g.grants = grants_of(reader(), me().shop_id, me().role)
    return Permission(permission) in g.grants


def hidden_alarms() -> frozenset[str]:
    """Return the kinds of alarm about money that this person sees nothing of."""
    return frozenset(kind for kind in MONEY if not allowed(P.BILL_SEE if "bill" in kind else P.PAYMENT_SEE))


def drawn(look: CakeLook, small: bool = False, title: str = "") -> str:
    """Return the picture of a cake, ``small`` for about 80 px."""
    return draw_small(look, title) if small else draw(look, title=title)


def live_words() -> str:
    """Return what the sign of a live page says, as JSON for its script."""
    words = {
        "live": gettext("Live"), "stale": gettext("Maybe not the newest"),
        "poll": gettext("Every 10 seconds"), "off": gettext("No connection"),
    }  # fmt: skip
    return json.dumps(words, ensure_ascii=False)


@lru_cache(maxsize=200)
def _tile(slug: str, look: tuple[tuple[str, str], ...]) -> str:
    return draw_small(CakeLook(slug, 8, base=dict(look) or None))


def tile(dish: Dish) -> str:
    """Return a dish's small picture; drawn once for each look, the desk shows all of them."""
    return _tile(dish.slug, tuple(sorted(dish.look.items())))


@lru_cache(maxsize=400)
def _initials(name: str) -> str:
    whole = pinyin(name)
    return "".join(whole) + " " + "".join(part[0] for part in whole if part)


def initials(dish: Dish) -> str:
    """Return how a dish's Chinese name is typed on a Latin keyboard: caomeinaiyou cmny."""
    return _initials(dish.names.get("zh_Hans", "")).lower()


AROUND: dict[str, Any] = {
    "places": places, "me": me, "allowed": allowed, "role_words": role_words, "drawn": drawn, "tile": tile,
    "initials": initials, "live_words": live_words, "state_words": saying.state_words,
    "channel_words": saying.channel_words, "stage_words": saying.stage_words,
    "event_words": saying.event_words, "allergen_words": saying.allergen_words, "reason_words": saying.reason_words,
    "next_words": saying.next_words, "order_words": saying.order_words, "method_words": method_words,
    "unseen_alarms": lambda: unseen(reader(), this_shop(), at=now(), hidden=hidden_alarms()),
    "common_reasons": saying.common_reasons, "actor_words": saying.actor_words, "differences": changes.differences,
    "till_here": till_here, "code_ways": code_ways, "paying_now": paying_now,
}  # fmt: skip


def fragment(template: str, **values: Any) -> str:
    """Render a live part; also in a socket, where nobody in particular asks."""
    return render_template(template, **{**AROUND, **values})


def stand_around(blueprint: Blueprint) -> None:
    """Give every page of this room what stands around it."""
    blueprint.context_processor(lambda: AROUND)


__all__ = ["allowed", "fragment", "me", "page", "stand_around"]
