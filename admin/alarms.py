"""Alarms: what is wrong now, who looks after it, and how right the warnings of the last weeks were."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select

from admin import entries
from admin.around import allowed, fragment, hidden_alarms
from admin.living import part, watch
from admin.move_words import gain_words, move_words
from admin.saying import stage_words
from shop.core.clock import minutes_between
from shop.core.errors import N_, Missing
from shop.core.permissions import Permission
from shop.core.types import say
from shop.delivery.moves import MOVES
from shop.menu.tables import Station
from shop.orders.tables import Order
from shop.people.staff import Staff
from shop.production import alarms as kitchen
from shop.production.causes import Cause, causes_of, open_alarms
from shop.production.moves import applying
from shop.production.tables import Alarm, MoveDone
from shop.production.verdicts import record_of
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.i18n import clock, day_clock, duration, language
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


MAY = (
    "order:see",
    "payment:see",
    "bill:see",
    "invoice:see",
    *sorted({move.permission.value for move in MOVES.values()}),
)
"""What decides how the page looks for somebody."""
SHOWN = 3
"""Of each cause so many alarms stand open, the others fold away behind their number."""


def _key() -> tuple[str, ...]:
    return ("admin-alarms", *(permission for permission in MAY if allowed(permission)))


def draw() -> Region:
    """Render what is wrong now, with the orders and people it is about, and what can be done."""
    session, shop = reader(), this_shop()
    found = [alarm for alarm in open_alarms(session, shop) if alarm.kind not in hidden_alarms()]
    done = applying.lately(session, shop, at=now())
    numbered = {a.order_id for a in found} | {m["facts"].get("order") for a in found for m in a.moves}
    numbered |= {row.order_id for row in done} | {row.args.get("order") for row in done}
    orders = {o.id: o for o in session.scalars(select(Order).where(Order.id.in_(numbered - {None})))}
    people = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    stations = {
        row.id: row.names for row in session.scalars(select(Station).where(Station.shop_id == shop.id))
    }
    numbers = {key: order.number for key, order in orders.items()}
    return Region(fragment(
        "admin/_alarms.html", alarms=found, causes=causes_of(found), orders=orders, people=people, what=what_words,
        kind_words=kind_words, many=lambda cause: many_words(cause, orders, stations),
        rows_of=rows_of, leads_to=leads_to, shown=SHOWN, at=now(),
        may_move=lambda key: allowed(MOVES[key].permission), gain=gain_words, done=done, may_undo=may_undo,
        does=lambda key, facts: move_words(key, facts, people, numbers),
    ))  # fmt: skip


def leads_to(alarm: Alarm) -> str:
    """Return the address where somebody sees to it: order, refund, papers or bill; "" where they have none."""
    noun, _, number = alarm.subject.partition(":")
    if noun == "refund":
        return url_for("admin.refund", refund_id=int(number))
    if noun == "dispute":
        return url_for("admin.dispute", dispute_id=int(number))
    if noun == "bill":
        return url_for("admin.bill", bill_id=int(number))
    if noun == "note" and allowed("invoice:see"):
        return url_for("admin.invoices", order_id=alarm.order_id)
    if noun == "bills":
        return url_for("admin.bills_page")
    return url_for("admin.order", order_id=alarm.order_id) if alarm.order_id and allowed("order:see") else ""


def may_undo(row: MoveDone) -> bool:
    """Whether this person may take a move back."""
    return allowed(MOVES[row.key].permission)


def what_words(alarm: Alarm, order: Order | None = None) -> str:
    """Say what is wrong, in words and numbers; a cake past its time is late, not likely to be."""
    if alarm.kind == "predicted_late" and order is not None and order.ready_by < now():
        return str(gettext("Late since %(time)s", time=day_clock(order.ready_by)))
    if alarm.kind == "predicted_late":
        return str(gettext("%(n)s%% likely to be late", n=alarm.chance))
    if alarm.kind == "missed_start":
        return str(gettext("%(stage)s should have begun", stage=stage_words(alarm.stage)))
    if alarm.kind == "over_time":
        return str(gettext("%(stage)s takes longer than planned", stage=stage_words(alarm.stage)))
    if alarm.kind == "unit_down":
        until = clock(alarm.raised_at + timedelta(minutes=alarm.minutes))
        return str(gettext("out of order until %(time)s; its work must move", time=until))
    if alarm.kind == "delivery_late" and not alarm.minutes:
        return str(gettext("%(n)s%% likely to arrive late", n=alarm.chance))
    said = WHAT.get(alarm.kind)
    minutes = alarm.minutes + (minutes_between(alarm.raised_at, now()) if alarm.kind in GOES_ON else 0)
    return said(duration(minutes), alarm) if said else str(gettext("This display does not answer"))


WHAT: Mapping[str, Callable[[str, Alarm], str]] = {
    "nobody_there": lambda time, alarm: gettext("Nobody on shift can do this, and it must begin"),
    "over_capacity": lambda time, alarm: gettext("%(n)s too many are planned at once", n=alarm.minutes),
    "offer_unanswered": lambda time, alarm: gettext(
        "%(stage)s: nobody takes it", stage=stage_words(alarm.stage)
    ),
    "drop_unanswered": lambda time, alarm: gettext("No courier takes it, for %(time)s", time=time),
    "delivery_late": lambda time, alarm: gettext("Will arrive %(time)s late", time=time),
    "courier_idle": lambda time, alarm: gettext("Ready, and not picked up for %(time)s", time=time),
    "too_warm": lambda time, alarm: gettext("Out of the cold for %(time)s", time=time),
    "courier_silent": lambda time, alarm: gettext("The courier’s phone is silent for %(time)s", time=time),
    "quiet_kitchen": lambda time, alarm: gettext(
        "Nobody has tapped for %(time)s, and work should have begun. Please look what is really done.",
        time=time,
    ),
    "payment_unknown": lambda time, alarm: gettext(
        "Nobody knows whether it was paid, for %(time)s", time=time
    ),
    "payment_mismatched": lambda time, alarm: gettext(
        "Another amount came than was asked for; nothing was booked"
    ),
    "payment_late": lambda time, alarm: gettext(
        "Paid although nobody waited for it any more; the money goes back"
    ),
    "refund_failed": lambda time, alarm: gettext("The provider refused the refund"),
    "refund_unknown": lambda time, alarm: gettext(
        "Nobody knows whether it was paid back, for %(time)s", time=time
    ),
    "dispute_unanswered": lambda time, alarm: gettext(
        "The bank holds a payment back and waits for an answer"
    ),
    "bill_unmatched": lambda time, alarm: gettext(
        "Lines that nobody has matched or explained for a day: %(n)s", n=alarm.minutes
    ),
    "credit_note_due": lambda time, alarm: gettext("A credit note has been due for %(time)s", time=time),
    "bill_missing": lambda time, alarm: gettext("This bill should have come more than a day ago"),
}
"""What the other kinds say, with their minutes in words."""
GOES_ON = ("drop_unanswered", "courier_idle", "too_warm", "courier_silent", "quiet_kitchen", "payment_unknown",
           "refund_unknown", "credit_note_due")  # fmt: skip
"""Their minutes count on while the alarm stands."""


KINDS: Mapping[str, str] = {
    "predicted_late": N_("Likely to be late"), "missed_start": N_("Not started in time"),
    "over_time": N_("Longer than planned"), "unit_down": N_("Out of order"),
    "silent_display": N_("Silent display"), "nobody_there": N_("Nobody on shift"),
    "over_capacity": N_("Too full"), "offer_unanswered": N_("Nobody takes the work"),
    "drop_unanswered": N_("No courier"), "delivery_late": N_("Delivery late"),
    "courier_idle": N_("Waits for its courier"), "too_warm": N_("Too long out of the cold"),
    "courier_silent": N_("Silent phone"), "quiet_kitchen": N_("Nobody taps in the kitchen"),
    "payment_unknown": N_("Payment in doubt"), "payment_mismatched": N_("Another amount paid"),
    "payment_late": N_("Paid too late"), "refund_failed": N_("Refund refused"),
    "refund_unknown": N_("Refund in doubt"), "bill_unmatched": N_("Bill with open lines"),
    "bill_missing": N_("Bill missing"), "dispute_unanswered": N_("Dispute to be answered"),
    "credit_note_due": N_("Credit note due"),
}  # fmt: skip


def kind_words(kind: str) -> str:
    """Return the name of a kind of alarm."""
    return str(gettext(KINDS[kind])) if kind in KINDS else kind


def many_words(cause: Cause, orders: dict[int, Order], stations: Mapping[int, Any]) -> str:
    """Sum up what one cause has brought about: where or what, how many, and the first promise that hangs on it."""
    kinds = {alarm.kind for alarm in cause.alarms}
    theirs = {a.order_id: orders[a.order_id].due_at for a in cause.alarms if a.order_id in orders}
    if len(kinds) == 1 or not theirs:
        what = gettext("%(kind)s: %(n)s", kind=kind_words(cause.head.kind), n=len(cause.alarms))
    else:
        here = stations.get(cause.head.station_id or 0) if cause.key.startswith("station:") else None
        where = say(here, language()) if here else kind_words(cause.head.kind)
        many = ngettext("%(num)d order", "%(num)d orders", len(theirs))
        what = f"{where} · {many}"
    return str(gettext("%(many)s, the first promised for %(time)s", many=what, time=day_clock(min(theirs.values())))
               if theirs else what)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What is wrong with one order, in one row: the alarm that says most, the ``others``, and all that would help."""

    alarm: Alarm
    others: list[Alarm]
    moves: list[Mapping[str, Any]]


def rows_of(cause: Cause) -> list[Row]:
    """Return a cause order by order; the customer is told once, the latest time that was found."""
    about: dict[Any, list[Alarm]] = {}
    for alarm in cause.alarms:
        about.setdefault(alarm.order_id or f"alarm {alarm.id}", []).append(alarm)
    found = []
    for mine in about.values():
        moves = {
            (m["key"], m["facts"].get("person")): {**m, "alarm": a.id}
            for a in reversed(mine)
            for m in a.moves
        }
        told = [m for m in moves.values() if m["key"] == "tell_customer"]
        found.append(Row(mine[0], mine[1:], [m for m in moves.values() if m not in told] + told))
    return found


def judged() -> list[tuple[str, dict[str, int], int, int]]:
    """Return (kind, verdicts, how many, percent that were right) of the last 30 days."""
    found = record_of(reader(), this_shop(), at=now())
    return [
        (kind_words(kind), verdicts, many, round(100 * (many - verdicts.get("false", 0)) / many))
        for kind, verdicts in sorted(found.items())
        if (many := sum(verdicts.values()))
    ]


def acknowledge_alarm(tx: Session, alarm_id: int) -> Made:
    """Somebody looks after it, and after all that has the same cause."""
    alarm = tx.get(Alarm, alarm_id)
    if alarm is not None and alarm.kind in hidden_alarms():
        raise Missing(field="alarm")
    kitchen.acknowledge_cause(tx, this_shop(), alarm_id, by=actor(), at=now())
    return entries.done(url_for("admin.alarms"))


def apply_move(tx: Session, alarm_id: int, suggestion: str) -> Made:
    """Do what was suggested."""
    applying.apply(tx, this_shop(), alarm_id, suggestion, by=actor(), at=now(), moves=MOVES)
    return entries.done(url_for("admin.alarms"), gettext("Done. It can be taken back for ten minutes."))


def undo_move(tx: Session, done_id: int) -> Made:
    """Take a move back."""
    applying.undo(tx, this_shop(), done_id, by=actor(), at=now(), moves=MOVES)
    return entries.done(url_for("admin.alarms"), gettext("Taken back: all stands as it did before."))


def count_alarms() -> Response:
    """How many alarms nobody looks after, for the menu; it asks again by itself."""
    return page("admin/_alarm_count.html")


DOORS = [
    Door("GET", "/alarms", alarms, SEE),
    Door("GET", "/alarms/part", alarms_part, SEE),
    Door("POST", "/alarms/<int:alarm_id>", acknowledge_alarm, SEE, Once.KEY, form=alarms),
    Door("POST", "/alarms/<int:alarm_id>/moves/<suggestion>", apply_move, SEE, Once.KEY, form=alarms),
    Door("POST", "/alarms/moves/<int:done_id>/undo", undo_move, SEE, Once.KEY, form=alarms),
    Door("GET", "/alarms/count", count_alarms, SEE),
]
