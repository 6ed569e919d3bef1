"""Money as it moves: the live monitor, one refund with what a second person signs, and paying back by hand."""

from collections.abc import Callable
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import allowed, fragment, me, team_names
from admin.living import part, watch
from admin.money_words import words
from admin.my_till import my_till
from admin.orders import order as order_page
from shop.core.permissions import Permission as P
from shop.documents.due import all_due
from shop.ledger.tables import Entry
from shop.orders.finding import by_id
from shop.orders.tables import Order
from shop.payments import discounts, disputes, refunds
from shop.payments.monitor import money_of
from shop.payments.owed import left_of
from shop.payments.rules import refund_limit
from shop.payments.tables import Payment
from shop.people import four_eyes
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import now, this_shop
from web.live import Region, region
from web.pages import page

SEE, PAY = staff(P.PAYMENT_SEE), staff(P.PAYMENT_TAKE)
ASK, DECIDE = staff(P.REFUND_REQUEST), staff(P.REFUND_APPROVE)
REFUSE = staff(P.REFUND_REQUEST, P.REFUND_APPROVE)
TOPICS = ("money", "orders")


def money() -> Response:
    """The live monitor of payments and refunds."""
    return page("admin/money.html", region=region(*_seen()))


def money_part() -> Response:
    """The live part alone, for the poll that heals."""
    return part(region(*_seen()))


def money_live(ws: Any) -> None:
    """The socket of the live part."""
    key, draw = _seen()
    watch(ws, key=key, topics=TOPICS, render=draw)


def _seen() -> tuple[tuple[str, ...], Callable[[], Region]]:
    """Return the live part that this person sees. The day's sums would tell a clerk what should be in the drawer."""
    sums = allowed("revenue:see")

    def draw() -> Region:
        shop, at = this_shop(), now()
        held = money_of(reader(), shop, shop.business_date(at), at=at)
        asked, due = discounts.waiting(reader(), shop), all_due(reader(), shop)
        disputed = disputes.open_ones(reader(), shop)
        soon = [row for row in disputed if disputes.needs_answer(row[0], shop, at)]
        html = fragment("admin/_money.html", money=held, sums=sums, cheaper=asked, notes_due=due, disputed=disputed,
                        soon=soon, **words())  # fmt: skip
        return Region(html, len(held.payments) + len(held.owed))

    return ("admin-money", "sums" if sums else ""), draw


def refund(refund_id: int) -> Response:
    """One refund: exactly what is signed, who asked, and what can be done now."""
    held = refunds.by_id(reader(), this_shop(), refund_id)
    order, payment = reader().get_one(Order, held.order_id), reader().get_one(Payment, held.payment_id)
    entries_of = select(Entry.seq).where(Entry.txid.in_(filter(None, (held.txid_due, held.txid_paid))))
    return page(
        "admin/refund.html", refund=held, order=order, payment=payment, people=team_names(),
        content=refunds.content(held, payment, order), seqs=list(reader().scalars(entries_of.order_by(Entry.seq))),
        decides=allowed(P.REFUND_APPROVE) and refunds.may_decide(held, by=actor(), at=now()),
        same=four_eyes.at_same_browser(reader(), order.id, refund=held.id),
        mine=held.requested_by == me().id, by_hand=not payment.attempt, limit=refund_limit(this_shop()), **words(),
    )  # fmt: skip


def _at(refund_id: int) -> str:
    return url_for("admin.refund", refund_id=refund_id)


def ask_refund(tx: Session, order_id: int) -> Made:
    """Ask for money of a handed-over order to go back; up to the limit a manager pays it back alone."""
    shop = this_shop()
    row = by_id(tx, shop, order_id)
    chosen = entries.number("payment", 0)
    paid = tx.get(Payment, chosen)
    wanted = entries.amount("amount", gettext("Amount"))
    amount = wanted if wanted is not None else left_of(tx, paid) if paid is not None else 0
    made = refunds.request(tx, shop, row, chosen, amount, entries.text("reason"), alone=allowed(P.REFUND_APPROVE),
                           by=actor(), at=now())  # fmt: skip
    waits = made.state == "requested"
    said = gettext("Somebody else has to agree to it.") if waits else gettext("Agreed.")
    return entries.done(_at(made.id), said)


def approve(tx: Session, refund_id: int) -> Made:
    """Agree as the second person to exactly what was shown."""
    refunds.approve(tx, this_shop(), refund_id, request.form.get("signed", ""), by=actor(), at=now())
    return entries.done(_at(refund_id), gettext("Agreed."))


def reject(tx: Session, refund_id: int) -> Made:
    """Say no, or take one's own request back."""
    refunds.reject(tx, this_shop(), refund_id, by=actor(), at=now())
    return entries.done(_at(refund_id), gettext("Not agreed to. Nothing goes back."))


def pay_out(tx: Session, refund_id: int) -> Made:
    """Give the money back by hand: out of the drawer, or at the terminal."""
    refunds.pay_out(tx, this_shop(), refund_id, reference=entries.text("reference"), till=my_till(tx), by=actor(),
                    at=now())  # fmt: skip
    return entries.done(_at(refund_id), gettext("Paid back."))


def retry(tx: Session, refund_id: int) -> Made:
    """Send a refund that the provider refused once more."""
    refunds.try_again(tx, this_shop(), refund_id, by=actor(), at=now())
    return entries.done(_at(refund_id), gettext("It is sent once more."))


ONCE = Once.KEY
DOORS = [
    Door("GET", "/money", money, SEE),
    Door("GET", "/money/part", money_part, SEE),
    Door("GET", "/refunds/<int:refund_id>", refund, SEE),
    Door("POST", "/orders/<int:order_id>/refunds", ask_refund, ASK, ONCE, form=order_page),
    Door("POST", "/refunds/<int:refund_id>/agreement", approve, DECIDE, ONCE, form=refund),
    Door("POST", "/refunds/<int:refund_id>/refusal", reject, REFUSE, ONCE, form=refund),
    Door("POST", "/refunds/<int:refund_id>/payment", pay_out, PAY, ONCE, form=refund),
    Door("POST", "/refunds/<int:refund_id>/again", retry, DECIDE, ONCE, form=refund),
]
