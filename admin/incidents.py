"""Incidents: what went wrong with an order, told from its sheet, and the list of the open ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.saying import stage_words
from shop.core.permissions import Permission
from shop.orders.tables import Order
from shop.people.staff import Staff
from shop.production import incidents as wrong
from shop.production.work import REMAKE_REASONS
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import menu_card, now, this_shop
from web.i18n import clock, duration
from web.pages import page

SEE, CHANGE = staff(Permission.ORDER_SEE), staff(Permission.ORDER_CHANGE)


def incidents() -> Response:
    """The list, the open ones first."""
    found = wrong.listed(reader(), this_shop())
    names = {row[0]: row[1] for row in reader().execute(select(Staff.id, Staff.name))}
    return page(
        "admin/incidents.html", found=found, names=names, kind_words=incident_words, fault=fault_of,
        outcomes=[(key, outcome_words(key)) for key in wrong.OUTCOMES], outcome_words=outcome_words,
    )  # fmt: skip


def report_incident(tx: Session, order_id: int) -> Made:
    """Write down what went wrong with an order."""
    amount = entries.amount("amount", gettext("the amount")) or 0
    wrong.report(
        tx, this_shop(), menu_card(), order_id, request.form.get("kind", ""), by=actor(), at=now(),
        task_id=entries.number("task", 0) or None, note=request.form.get("note", ""), amount=amount,
        reason=request.form.get("remake_reason", ""),
    )  # fmt: skip
    return entries.done(
        url_for("admin.order", order_id=order_id),
        gettext("Written down. It stands in the list of incidents."),
    )


def close_incident(tx: Session, incident_id: int) -> Made:
    """Say how an incident ended."""
    wrong.close(tx, this_shop(), incident_id, request.form.get("outcome", ""), by=actor(), at=now())
    return entries.done(url_for("admin.incidents"), gettext("Closed."))


def panel(row: Order) -> dict[str, Any]:
    """Return what the panel on an order's sheet asks about."""
    done = wrong.work_of(reader(), row, at=now())
    return {
        "incident_kinds": [(key, incident_words(key)) for key in wrong.KINDS],
        "worst": next((w.task_id for w in done if max(w.over, w.late) > 0), 0),
        "blamed": [(w.task_id, work_words(w.stage, w.name, w.begun_at, w.ended_at, w.over, w.late)) for w in done],
        "remake_reasons": [(key, remake_words(key)) for key in REMAKE_REASONS],
        "can_report": row.state not in wrong.NEVER_MADE,
    }  # fmt: skip


def incident_words(kind: str) -> str:
    """Return what happened."""
    return {"delay": gettext("Delay"), "swap": gettext("Mixed up"), "remake": gettext("To be made again"),
            "refund": gettext("Refund asked for")}.get(kind, kind)  # fmt: skip


def remake_words(reason: str) -> str:
    """Say why a cake is made again."""
    return {"broken": gettext("It broke"), "burnt": gettext("It burnt"), "wrong_writing": gettext("Wrong writing"),
            "wrong_flavour": gettext("Wrong flavour"), "dropped": gettext("It fell down"),
            "looks": gettext("It does not look right")}.get(reason, gettext("Something else"))  # fmt: skip


def outcome_words(outcome: str) -> str:
    """Return how it ended."""
    return {"settled": gettext("Settled with the customer"), "remade": gettext("Made again"),
            "refunded": gettext("Paid back"), "no_fault": gettext("Nobody’s fault")}.get(outcome, outcome)  # fmt: skip


def work_words(
    stage: str, name: str, begun: datetime, ended: datetime | None, over: int, late: int = 0
) -> str:
    """Say what a stage was, whose, when, and how it went, without judging."""
    when = f"{clock(begun)}–{clock(ended)}" if ended else gettext("since %(time)s", time=clock(begun))
    whose = gettext("%(stage)s, task of %(name)s, %(when)s", stage=stage_words(stage), name=name or gettext("somebody"),
                    when=when)  # fmt: skip
    if over > 0:
        went = gettext("took %(time)s longer than planned", time=duration(over))
    elif late > 0:
        went = gettext("began %(time)s late, and took no longer than planned", time=duration(late))
    else:
        went = gettext("took no longer than planned")
    return str(gettext("%(whose)s: %(went)s", whose=whose, went=went))


def fault_of(row: Any, names: Mapping[int, str]) -> str:
    """Say which work an incident is attributed to."""
    if not row.begun_at:
        return str(gettext("not attributed to anybody’s work"))
    return work_words(row.stage, names.get(row.person, ""), row.begun_at, row.ended_at, row.over)


def told_words(data: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """Say an incident's line of the diary."""
    what = incident_words(data["what"]) + (
        f", {outcome_words(data['outcome'])}" if data.get("outcome") else ""
    )
    if not data.get("begun"):
        return what
    ended = datetime.fromisoformat(data["ended"]) if data["ended"] else None
    name = names.get(data.get("person") or 0, "")
    return f"{what} · {work_words(data['stage'], name, datetime.fromisoformat(data['begun']), ended, data['over'])}"


DOORS = [
    Door("GET", "/incidents", incidents, SEE),
    Door("POST", "/incidents/<int:incident_id>", close_incident, CHANGE, Once.KEY, form=incidents),
]
