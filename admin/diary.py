"""The diary: who did what, old and new, also what was refused; and the shop's own settings."""

from datetime import timedelta
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import Select, select

from admin import entries
from admin.around import all_places
from admin.money_rules import money_rules_shown
from admin.partner import rules_shown
from admin.seller import seller_shown
from shop.core.actors import ActorKind
from shop.core.events import Event
from shop.menu.editing import sheets
from shop.orders.floorplan import shelves_of
from shop.orders.tables import Order
from shop.people.shops import Shop
from shop.people.staff import Device, Staff
from shop.production.today import targets
from shop.upkeep.settings import CURRENCIES, change_shop, is_settled
from web.access import DOORS, Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.pages import page

PAGE = 60
WITHIN = timedelta(minutes=10)
"""Somebody refused again within this time stands on one line."""
KINDS = {
    "denied": ("access_denied", "sign_in_locked"),
    "orders": (
        "order_placed",
        "order_changed",
        "order_cancelled",
        "order_handed_over",
        "order_overbooked",
        "partner_changed",
        "order_commented",
        "comment_settled",
    ),
    "money": (
        "payment_captured",
        "browser_shared",
        "bill_correction_asked",
        "bill_correction_approved",
        "bill_correction_declined",
        "till_opened",
        "cash_moved",
        "till_counted",
        "till_checked",
        "difference_explained",
        "correction_asked",
        "correction_approved",
        "correction_declined",
        "courier_cash_cleared",
        "day_closed",
        "bill_imported",
        "payments_settled",
        "bill_line_explained",
        "bill_line_attached",
        "payment_disputed",
        "dispute_answered",
        "dispute_won",
        "dispute_lost",
    ),
    "menu": (
        "menu_changed",
        "shop_changed",
        "shift_changed",
        "area_changed",
        "partner_rules_changed",
        "shift_ended",
        "shift_end_recalled",
        "unit_stopped",
        "unit_mended",
    ),
    "people": (
        "recovery_renewed",
        "signed_in_by_recovery",
        "staff_added",
        "staff_changed",
        "grant_changed",
        "password_set",
        "sessions_ended",
        "signed_in",
    ),
    "personal": ("person_revealed", "person_erased"),
    "devices": (
        "device_added",
        "device_paired",
        "device_changed",
        "device_code_made",
        "device_revoked",
        "channel_key_made",
        "channel_key_revoked",
    ),
}


def diary() -> Response:
    """One page of the diary, newest first."""
    shop, session = this_shop(), reader()
    kind, who = request.args.get("kind", ""), request.args.get("who", "")
    before = request.args.get("before", "")
    query = select(Event).where(Event.shop_id == shop.id).order_by(Event.seq.desc()).limit(PAGE + 1)
    if kind in KINDS:
        query = query.where(Event.kind.in_(KINDS[kind]))
    if who.isdecimal() and len(who) < 18:
        query = query.where(Event.actor_kind == ActorKind.STAFF, Event.actor_id == int(who))
    if before.isdecimal() and len(before) < 18:
        query = query.where(Event.seq < int(before))
    lines = list(session.scalars(query))
    older = ""
    if len(lines) > PAGE:
        older = url_for("admin.diary", kind=kind or None, who=who or None, before=lines[PAGE - 1].seq)
    numbers = {o.id: o.number for o in session.scalars(orders_of(lines[:PAGE]))}
    shown, more = gathered(lines[:PAGE])
    return page(
        "admin/diary.html", numbers=numbers, lines=shown, more=more, older=older, kind=kind, who=who,
        door_words=pages_refused, known=rows_of(session, shop), **names_of(session, shop),
    )  # fmt: skip


def orders_of(lines: list[Event]) -> Select[Order]:
    """Return the query for the orders that these lines are about."""
    return select(Order).where(Order.id.in_({line.order_id for line in lines if line.order_id}))


def rows_of(session: Session, shop: Shop) -> dict[str, dict[Any, Any]]:
    """Return what the diary names by number: ways, stations, printers."""
    stations = {s.id: s.names for s in sheets.stations(session, shop)}
    slugs = {s.slug: s.names for s in sheets.stations(session, shop)}
    routes = {r.route.id: r.route.names for r in sheets.routes(session, shop)}
    devices = {d.id: d.name for d in session.scalars(select(Device).where(Device.shop_id == shop.id))}
    printers = {str(number): name for number, name in devices.items()}
    return {"route": routes, "station": stations, "station_name": slugs, "printer": printers}


def names_of(session: Session, shop: Shop) -> dict[str, Any]:
    """Return the names of people and devices by id."""
    people = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    devices = {d.id: d.name for d in session.scalars(select(Device).where(Device.shop_id == shop.id))}
    return {"people": people, "devices": devices}


def gathered(lines: list[Event]) -> tuple[list[Event], dict[int, list[Event]]]:
    """Return the lines with one for somebody refused again and again, and by its id all that it stands for."""
    shown, newest, more = list[Event](), dict[tuple[str, int | None], Event](), dict[int, list[Event]]()
    for line in lines:
        if line.kind == "access_denied":
            who = (line.actor_kind, line.actor_id)
            first = newest.get(who)
            if first is not None and more[first.id][-1].at - line.at <= WITHIN:
                more[first.id].append(line)
                continue
            newest[who], more[line.id] = line, [line]
        shown.append(line)
    return shown, more


def pages_refused(lines: list[Event]) -> str:
    """Return the names of the pages that these lines are about, each once."""
    return " · ".join(dict.fromkeys(door_words(e.data["door"]) for e in lines if e.data.get("door")))


def door_words(endpoint: str) -> str:
    """Return which page was refused, as the menu calls it; its address where it has no name."""
    door, (room, _, _) = DOORS.get(endpoint), endpoint.partition(".")
    if room != "admin":
        rooms = {"kitchen": gettext("Kitchen"), "courier": gettext("Courier"), "kiosk": gettext("Kiosk")}
        return rooms.get(room, endpoint)
    here = f"{door.path}/" if door else ""
    named = {DOORS[f"admin.{place.endpoint}"].path: place.name for place in all_places()}
    fits = [path for path in named if path != "/" and here.startswith(path.rstrip("/") + "/")]
    return (
        named[max(fits, key=len)]
        if fits
        else named["/"]
        if door and door.path in ("/", "/today")
        else endpoint
    )


def settings() -> Response:
    """The shop's names, hours and targets."""
    shop = this_shop()
    return page("admin/settings.html", shop=shop, targets=targets(shop), shelves=shelves_of(shop),
                settled=is_settled(reader(), shop), currencies=CURRENCIES, **rules_shown(),
                **money_rules_shown(), **seller_shown())  # fmt: skip


def save_settings(tx: Session) -> Made:
    """Change the shop's own settings."""
    change_shop(
        tx, this_shop(), names=entries.words("names"), address=entries.words("address"),
        phone=entries.text("phone", 40), opens=entries.text("opens", 5), closes=entries.text("closes", 5),
        kitchen_opens=entries.text("kitchen_opens", 5), language=entries.text("language", 10),
        currency=entries.text("currency", 3), timezone=entries.text("timezone", 40),
        targets={"confirm": entries.number("target_confirm"), "start": entries.number("target_start")},
        shelves=entries.number("shelves", 0), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.settings"))
