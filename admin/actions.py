"""What can be done with an order: each action is one verb, checked again inside its transaction."""

import re
from urllib.parse import urlsplit

from flask import Response, g, request, url_for
from flask_babel import gettext

from admin import entries, orders, till
from admin.around import me
from admin.hiding import hidden_now
from admin.my_till import my_till
from shop.core.errors import N_, Invalid, Missing
from shop.core.permissions import Role
from shop.orders import changing, pins, progress
from shop.orders.finding import by_id
from shop.orders.tables import Line
from shop.orders.wording import check_words
from shop.payments.cash import change_of
from shop.payments.counter import take
from shop.payments.tables import Payment
from shop.printing.queue import NoPrinter, reprint
from shop.printing.slip import slip_of
from shop.production.plan.rushing import rush_in
from web.access import Made, Session, actor
from web.database import reader, writing
from web.house import house, keys, menu_card, now, this_shop
from web.i18n import money
from web.pages import page


def sheet_of(order_id: int) -> str:
    """Return the address of an order's sheet."""
    return url_for("admin.order", order_id=order_id)


def pay(tx: Session, order_id: int) -> Made:
    """Take money for an order: cash with its change, or a card with the terminal's reference."""
    shop = this_shop()
    row = by_id(tx, shop, order_id)
    method = request.form.get("method", "")
    amount = entries.amount("amount", gettext("Amount"))
    tendered = entries.amount("tendered", gettext("Cash received")) if method == "cash" else None
    payment = take(
        tx, shop, row, method, amount=row.balance if amount is None else amount, tendered=tendered,
        reference=entries.text("reference"), by=actor(), at=now(), till=my_till(tx),
    )  # fmt: skip
    change = change_of(payment.amount, tendered) if tendered is not None else 0
    said = gettext("Paid %(amount)s.", amount=money(payment.amount))
    if change:
        said = gettext(
            "Paid %(amount)s. Give %(change)s back.", amount=money(payment.amount), change=money(change)
        )
    return entries.done(url_for("admin.paid", order_id=order_id, payment_id=payment.id), said)


def at_the_till() -> bool:
    """Whether a form was sent from the till's page of an order, and not from its sheet."""
    return urlsplit(request.referrer or "").path.startswith(f"{url_for('admin.till')}/")


def pay_form(order_id: int) -> Response:
    """The page where the money was being taken: the till, or the order's own sheet."""
    return till.till_order(order_id) if at_the_till() else orders.order(order_id)


def change(tx: Session, order_id: int, line_id: int) -> Made:
    """Change the writing, candles or choices of a line; the stations see old and new."""
    row = by_id(tx, this_shop(), order_id)
    line = tx.get(Line, line_id)
    check_words(request.form.get("inscription", ""))
    options = {k.removeprefix("option."): v for k, v in request.form.items() if k.startswith("option.")}
    whole = {**dict(line.options), **options} if options and line else None
    before = changing.change_line(
        tx, this_shop(), menu_card(), row, line_id, inscription=request.form.get("inscription", ""),
        candles=entries.number("candles", 0), options=whole, by=actor(), at=now(),
    )  # fmt: skip
    said = [gettext("Changed. The kitchen sees old and new.")]
    if row.total != before:
        now_costs, was = money(row.total, row.currency), money(before, row.currency)
        said.append(gettext("It costs %(amount)s now, not %(before)s.", amount=now_costs, before=was))
    return entries.done(sheet_of(order_id), " ".join(said))


def cancel(tx: Session, order_id: int) -> Made:
    """Cancel an order that no baker has started; a reason is needed."""
    row = by_id(tx, this_shop(), order_id)
    progress.cancel(tx, this_shop(), row, by=actor(), at=now(), reason=entries.text("reason"))
    return entries.done(sheet_of(order_id), gettext("Cancelled."))


def cancel_started(tx: Session, order_id: int) -> Made:
    """Cancel an order that is being made: the second person has signed."""
    row = by_id(tx, this_shop(), order_id)
    progress.cancel(
        tx, this_shop(), row, by=actor(), at=now(), reason=entries.text("reason"), second=g.before
    )
    return entries.done(sheet_of(order_id), gettext("Cancelled by two people."))


def rush(tx: Session, order_id: int) -> Made:
    """Mark as urgent with a reason, when it was seen who slips; or take that back."""
    shop, row = this_shop(), by_id(tx, this_shop(), order_id)
    if request.form.get("urgent") != "1":
        progress.rush(tx, shop, row, by=actor(), at=now(), urgent=False)
        return entries.done(sheet_of(order_id), gettext("No longer urgent."))
    shown = entries.text("shown", 20_000)
    rush_in(tx, shop, row, reason=entries.text("reason"), shown=shown, by=actor(), at=now())
    return entries.done(sheet_of(order_id), gettext("Marked as urgent."))


def check_pin(order_id: int) -> None:
    """Refuse a wrong PIN ahead of the hand-over, so that the try stays counted; raises `Invalid` or `TooMany`."""
    pin = entries.text("pin", 20)
    if not pin:
        return  # the verb says who must type one
    if not re.fullmatch(r"\d{4}", pins.plain(pin)):
        raise Invalid(N_("The PIN is four digits. It stands on the slip."), field="pin")
    with writing() as tx:
        row = progress.lock_order(tx, by_id(tx, this_shop(), order_id).id)
        left = pins.tries_left(tx, row, at=now()) - 1
        right = pins.try_pin(tx, row, pin, by=actor(), at=now())
    if not right:
        wrong = N_("This PIN is not the one on the slip. Nothing was handed over. Tries left: %(left)s.")
        raise Invalid(wrong, field="pin", left=left)


def hand_over(tx: Session, order_id: int) -> Made:
    """Give the cakes out: a clerk types the slip's PIN, a manager may do without."""
    row = progress.lock_order(tx, by_id(tx, this_shop(), order_id).id)
    pin = pins.plain(entries.text("pin", 20))
    progress.hand_over(
        tx, this_shop(), row, by=actor(), at=now(), pin=pin or None, pin_needed=me().role != Role.MANAGER,
    )  # fmt: skip
    return entries.done(sheet_of(order_id), gettext("Handed over. Enjoy the party!"))


def reprint_slip(tx: Session, order_id: int) -> Made:
    """Print the slip again, marked COPY; without a printer the page to print opens."""
    row = by_id(tx, this_shop(), order_id)
    try:
        reprint(tx, this_shop(), row.id, by=actor(), at=now())
    except NoPrinter:
        return {"go": url_for("admin.slip", order_id=order_id)}
    return entries.done(
        sheet_of(order_id), gettext("The slip is on its way to the printer, marked as a copy.")
    )


def new_slip(tx: Session, order_id: int) -> Made:
    """Slip lost: a new token, and the old one opens nothing any more."""
    row = by_id(tx, this_shop(), order_id)
    changing.renew_token(tx, keys(), this_shop(), row, by=actor(), at=now())
    return entries.done(sheet_of(order_id), gettext("The old slip is void. Print the new one now."))


def paid(order_id: int, payment_id: int) -> Response:
    """After taking money: the change to give back, the number to call, the slip."""
    row = by_id(reader(), this_shop(), order_id)
    payment = reader().get(Payment, payment_id)
    if payment is None or payment.order_id != row.id:
        raise Missing()
    back = change_of(payment.amount, payment.tendered) if payment.tendered is not None else 0
    return page("admin/paid.html", order=row, payment=payment, back=back, **hidden_now(row))


def slip(order_id: int) -> Response:
    """The slip as a page to print."""
    row = by_id(reader(), this_shop(), order_id)
    public = house().settings.public_url
    paper = slip_of(reader(), keys(), menu_card(), row, at=now(), public_url=public)
    return page("shared/slip.html", slip=paper, labels=False)
