"""Working on an order together: what the team writes to each other about it, and who else has it open."""

from datetime import timedelta

from flask import Response, request, session, url_for
from flask_babel import gettext

from admin import entries
from admin.around import allowed, me
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission
from shop.orders.comments import Said, colleagues, comment, comments_on, settle, waiting_for
from shop.orders.finding import by_id
from shop.orders.onlookers import PATIENCE, look_away, look_on, others_at
from shop.orders.tables import Order
from shop.people.names import holds_phone
from shop.people.staff import Staff
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import house, keys, now, this_shop
from web.pages import page

SEE, COMMENT = staff(Permission.ORDER_SEE), staff(Permission.ORDER_COMMENT)


def said_on(row: Order) -> list[Said]:
    """Return the comments on an order, for those who read them."""
    return comments_on(reader(), keys(), row) if allowed("order:comment") else []


def my_colleagues() -> list[Staff]:
    """Return whom a comment can be left for."""
    mine = me().id
    return [person for person in colleagues(reader(), this_shop()) if person.id != mine]


def for_me() -> list[Said]:
    """Return what is left for the person of this request."""
    return waiting_for(reader(), keys(), this_shop(), me()) if allowed("order:comment") else []


def beside(row: Order) -> list[tuple[str, bool]]:
    """Return who else is at this order now."""
    return others_at(reader(), row, me(), at=now(), patience=patience())


def patience() -> timedelta:
    """Return how long silence is borne, in the shop's time: a demo's clock may run faster than the pages beat."""
    return PATIENCE * max(1.0, house().clock.pace().speed)


def comments(order_id: int) -> Response:
    """The thread alone: asked for anew when somebody has written."""
    return page("admin/_comments.html", said=said_on(by_id(reader(), this_shop(), order_id)))


def write_comment(tx: Session, order_id: int) -> Made:
    """Write a comment, for everybody or for one colleague."""
    chosen = request.form.get("for_id", "")
    if chosen and not (chosen.isdecimal() and len(chosen) < 10):
        raise Invalid(N_("This person does not read comments. Please choose another."), field="for_id")
    row = by_id(tx, this_shop(), order_id)
    text = request.form.get("text", "").replace("\r\n", "\n")
    sure_about_phone(row, text)
    comment(tx, keys(), this_shop(), row, text, for_id=int(chosen) if chosen else None, by=actor(), at=now())
    return entries.done(
        url_for("admin.order", order_id=order_id) + "#comments", gettext("Your colleagues see it now.")
    )


def sure_about_phone(row: Order, text: str) -> None:
    """Ask once where a comment holds a phone number; sent again as it is, it may stay. Raises `Invalid`."""
    if not holds_phone(this_shop(), text):
        return
    asked = keys().index("comment", f"{row.id}:{text.strip()}")
    if session.pop("phone_asked", "") != asked:
        session["phone_asked"] = asked
        raise Invalid(
            N_("This looks like a phone number. Keep it? Then tap the button once more."), field="text"
        )


def settle_comment(tx: Session, comment_id: int) -> Made:
    """Mark a comment as done, from the order or from today's page."""
    row = settle(tx, this_shop(), comment_id, by=actor(), at=now())
    today = request.form.get("from") == "today"
    go = url_for("admin.dashboard") if today else url_for("admin.order", order_id=row.order_id) + "#comments"
    return entries.done(go, gettext("Done."))


def left_for_me() -> Response:
    """What colleagues left for this person, on today's page."""
    return page("admin/_for_me.html", mine=for_me())


def look(tx: Session, order_id: int) -> Made:
    """Note that this person has the order open, is working on it, or has left."""
    row = by_id(tx, this_shop(), order_id)
    if request.form.get("leave") == "1":
        look_away(tx, row, me())
    else:
        look_on(tx, row, me(), at=now(), working=request.form.get("working") == "1", patience=patience())
    return {}


def seen_beside(made: Made, order_id: int) -> Response:
    """Say who else is here."""
    return page("admin/_beside.html", others=beside(by_id(reader(), this_shop(), order_id)))


DOORS = [
    Door("GET", "/orders/<int:order_id>/comments", comments, COMMENT),
    Door("POST", "/orders/<int:order_id>/comments", write_comment, COMMENT, Once.KEY),
    Door("POST", "/comments/<int:comment_id>/done", settle_comment, COMMENT, Once.KEY),
    Door("GET", "/for-me", left_for_me, COMMENT),
    Door("POST", "/orders/<int:order_id>/look", look, SEE, Once.NATURAL, seen_beside),
]
