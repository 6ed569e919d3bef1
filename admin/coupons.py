"""Coupons: the list with what each has given, making one, and the page of one."""

from datetime import date

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission as P
from shop.payments import coupons as kept
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import menu_card, now, this_shop
from web.pages import page

EDIT = staff(P.COUPON_EDIT)


def coupons() -> Response:
    """Every coupon with its uses and the money it gave, and the form for another one."""
    return page(
        "admin/coupons.html", coupons=kept.coupons_of(reader(), this_shop()),
        used=kept.all_used(reader(), this_shop()), nothing=kept.Used(), card=menu_card(),
        today=this_shop().business_date(now()),
    )  # fmt: skip


def coupon(coupon_id: int) -> Response:
    """One coupon: its rule, its limits, and the orders that used it."""
    row = kept.by_id(reader(), this_shop(), coupon_id)
    return page(
        "admin/coupon.html", coupon=row, used=kept.used(reader(), row), orders=kept.orders_with(reader(), row),
        card=menu_card(), over=kept.OVER,
    )  # fmt: skip


def _day(name: str) -> date | None:
    return entries.day(name) if request.form.get(name) else None


def _limits(*, active: bool) -> kept.Limits:
    return kept.Limits(
        begins=_day("begins"), ends=_day("ends"), uses=entries.number("uses", 0),
        uses_each=entries.number("uses_each", 0), budget=entries.amount("budget", gettext("Money in all")) or 0,
        active=active,
    )  # fmt: skip


def make_coupon(tx: Session) -> Made:
    """Make a coupon; a code that is left empty is made by the shop."""
    inches = request.form.getlist("inches")
    if not all(inch.isdecimal() and len(inch) < 4 for inch in inches):
        raise Invalid(N_("This cake does not come in this size."), field="inches")
    row = kept.make(
        tx, this_shop(), menu_card(), code=entries.text("code"), names=entries.words("names"),
        percent=entries.number("percent", 0), fixed=entries.amount("fixed", gettext("Amount")) or 0,
        most=entries.amount("most", gettext("At most")) or 0,
        least=entries.amount("least", gettext("For cakes from")) or 0,
        products=request.form.getlist("products"), inches=[int(inch) for inch in inches],
        limits=_limits(active=True), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(
        url_for("admin.coupon", coupon_id=row.id), gettext("Coupon %(code)s is made.", code=row.code)
    )


def save_coupon(tx: Session, coupon_id: int) -> Made:
    """Change the words and limits of a coupon, or switch it off."""
    limits = _limits(active=entries.ticked("active"))
    kept.change(tx, this_shop(), coupon_id, names=entries.words("names"), limits=limits, by=actor(), at=now())
    return entries.done(url_for("admin.coupon", coupon_id=coupon_id))


DOORS = [
    Door("GET", "/coupons", coupons, EDIT),
    Door("POST", "/coupons", make_coupon, EDIT, Once.KEY, form=coupons),
    Door("GET", "/coupons/<int:coupon_id>", coupon, EDIT),
]
