"""Claims: who was asked, who took what and how quickly, what waits for somebody now, and giving work by hand."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import fragment, team_names
from admin.living import part, watch
from admin.saying import reason_said
from shop.core.permissions import Permission
from shop.orders.tables import Order
from shop.people.staff import Staff
from shop.production import claims as kitchen
from shop.production.matching import matches
from shop.production.offers import in_question, offers_on, switch_offers
from shop.production.tables import TO_BEGIN, Task
from shop.reports.claims import claims_board
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import menu_card, now, this_shop
from web.live import Region, region
from web.pages import page

PERIODS = (1, 7, 28)
DECIDE = staff(Permission.SHIFT_EDIT)
TOPICS = ("kitchen", "staff")
KEY = ("admin-claims",)


def claims() -> Response:
    """The page: what waits now (live), and the figures of a period."""
    days = request.args.get("days", "")
    chosen = int(days) if days in map(str, PERIODS) else 7
    board = claims_board(reader(), this_shop(), at=now(), days=chosen)
    return page("admin/claims.html", region=region(KEY, draw), board=board, days=chosen, periods=PERIODS,
                on=offers_on(this_shop()))  # fmt: skip


def claims_part() -> Response:
    """The live part alone, for the poll that heals."""
    return part(region(KEY, draw))


def claims_live(ws: Any) -> None:
    """The socket of the live part."""
    watch(ws, key=KEY, topics=TOPICS, render=draw)


def draw() -> Region:
    """Render what is claimed or looks for somebody."""
    session, shop = reader(), this_shop()
    found = in_question(session, shop)
    ids = {task.order_id for task, _ in found}
    orders = {order.id: order for order in session.scalars(select(Order).where(Order.id.in_(ids)))}
    return Region(
        fragment("admin/_claims.html", found=found, orders=orders, names=team_names(), at=now()), len(found)
    )


def task_of(task_id: int) -> Response:
    """One piece of work: who would suit it and why, and the form to give it to somebody."""
    task, order = kitchen.find(reader(), this_shop(), task_id)
    station = menu_card().stations.get(task.station_id or 0)
    return page(
        "admin/claims_task.html", task=task, order=order, station=station, names=team_names(), reason_said=reason_said,
        matches=matches(reader(), this_shop(), task, at=now()), open=task.state in TO_BEGIN,
    )  # fmt: skip


def assign_task(tx: Session, task_id: int) -> Made:
    """Give work to a baker, with a reason."""
    chosen, version = entries.number("staff", 0), entries.number("version", 0)
    kitchen.assign(
        tx, this_shop(), task_id, chosen, version, reason=entries.text("reason"), by=actor(), at=now()
    )
    who = tx.get_one(Staff, tx.get_one(Task, task_id).claimed_by)
    return entries.done(url_for("admin.claims"), gettext("%(name)s has it now.", name=who.name))


def save_offers(tx: Session) -> Made:
    """Let work look for bakers, or not."""
    switch_offers(tx, this_shop(), entries.ticked("offers"), by=actor(), at=now())
    return entries.done(url_for("admin.claims"))


DOORS = [
    Door("GET", "/claims", claims, DECIDE),
    Door("GET", "/claims/part", claims_part, DECIDE),
    Door("POST", "/claims/offers", save_offers, DECIDE, Once.KEY, form=claims),
    Door("GET", "/claims/tasks/<int:task_id>", task_of, DECIDE),
    Door("POST", "/claims/tasks/<int:task_id>", assign_task, DECIDE, Once.KEY, form=task_of),
]
