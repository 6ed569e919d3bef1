"""Alarms: what is wrong now, who looks after it, and how right the warnings of the last weeks were."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import allowed, fragment
from admin.living import part, watch
from admin.saying import stage_words
from shop.core.permissions import Permission
from shop.orders.tables import Order
from shop.people.staff import Staff
from shop.production import alarms as kitchen
from shop.production.tables import Alarm
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.live import Region, region
from web.pages import page

SEE = staff(Permission.KITCHEN_SEE)
TOPICS = ("alarms",)


def alarms() -> Response:
    """The page; its live part is the same fragment that the socket sends."""
    return page("admin/alarms.html", region=region(_key(), draw), judged=judged())


def alarms_part() -> Response:
    """The live part alone, for the poll that heals."""
    return part(region(_key(), draw))


def alarms_live(ws: Any) -> None:
    """The socket of the live part."""
    watch(ws, key=_key(), topics=TOPICS, render=draw)


def _key() -> tuple[str, ...]:
    return ("admin-alarms", "orders" if allowed("order:see") else "")


def draw() -> Region:
    """Render what is wrong now, with the orders and people it is about."""
    session, shop = reader(), this_shop()
    found = kitchen.open_alarms(session, shop)
    orders = {
        o.id: o for o in session.scalars(select(Order).where(Order.id.in_([a.order_id for a in found])))
    }
    people = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    return Region(fragment("admin/_alarms.html", alarms=found, orders=orders, people=people, what=what_words,
                           kind_words=kind_words, with_orders=allowed("order:see")))  # fmt: skip


def what_words(alarm: Alarm) -> str:
    """Say what is wrong, in words and numbers."""
    if alarm.kind == "predicted_late":
        return str(gettext("%(n)s%% likely to be late", n=alarm.chance))
    if alarm.kind == "missed_start":
        return str(gettext("%(stage)s should have begun", stage=stage_words(alarm.stage)))
    if alarm.kind == "over_time":
        return str(gettext("%(stage)s takes longer than planned", stage=stage_words(alarm.stage)))
    return str(gettext("This display does not answer"))


def kind_words(kind: str) -> str:
    """Return the name of a kind of alarm."""
    return {
        "predicted_late": gettext("Likely to be late"), "missed_start": gettext("Not started in time"),
        "over_time": gettext("Longer than planned"), "silent_display": gettext("Silent display"),
    }.get(kind, kind)  # fmt: skip


def judged() -> list[tuple[str, dict[str, int], int, int]]:
    """Return (kind, verdicts, how many, percent that were right) of the last 30 days."""
    found = kitchen.record_of(reader(), this_shop(), at=now())
    return [
        (kind_words(kind), verdicts, many, round(100 * (many - verdicts.get("false", 0)) / many))
        for kind, verdicts in sorted(found.items())
        if (many := sum(verdicts.values()))
    ]


def acknowledge_alarm(tx: Session, alarm_id: int) -> Made:
    """Somebody looks after it."""
    kitchen.acknowledge(tx, this_shop(), alarm_id, by=actor(), at=now())
    return entries.done(url_for("admin.alarms"))


DOORS = [
    Door("GET", "/alarms", alarms, SEE),
    Door("GET", "/alarms/part", alarms_part, SEE),
    Door("POST", "/alarms/<int:alarm_id>", acknowledge_alarm, SEE, Once.KEY, form=alarms),
]
