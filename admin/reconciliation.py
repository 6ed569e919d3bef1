"""Reconciliation: the providers' daily bills beside the shop's own books, down to the last cent."""

from datetime import date
from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from admin import entries
from admin.around import allowed
from shop.core.errors import N_, Invalid
from shop.core.permissions import Permission as P
from shop.orders.tables import Order
from shop.payments import bill_corrections, bills, reconciliation
from shop.payments.bill_tables import BilledLine, Source
from shop.payments.tables import Payment
from shop.people.staff import Staff
from web.access import Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import house, now, this_shop
from web.pages import page

SEE, MATCH = staff(P.BILL_SEE), staff(P.BILL_EXPLAIN)
ROOM_FOR_FORM = 64 * 1024
STANDING_WORDS = {
    "matched": N_("Matched"), "unknown_to_us": N_("We know nothing of it"), "amount_differs": N_("Another amount"),
    "missing_at_provider": N_("Missing in the bill"), "found_later": N_("Stands in another bill"),
}  # fmt: skip


def bills_page() -> Response:
    """How the bills of every day and method stand, what is unexplained, and the form for a file."""
    session, shop, at = reader(), this_shop(), now()
    return page(
        "admin/bills.html", stands=reconciliation.stands(session, shop),
        unexplained=reconciliation.unexplained(session, shop),
        missing=reconciliation.bills_missing(session, shop, at=at),
        long=sum(many for _, many in reconciliation.waiting_long(session, shop, at=at)),
        ways=house().providers.offered(shop.currency),
        may=allowed(P.BILL_EXPLAIN),
    )  # fmt: skip


def bill(bill_id: int) -> Response:
    """One bill: what waits for somebody first, then every line."""
    session = reader()
    held = reconciliation.find_bill(session, this_shop(), bill_id)
    (stand,) = reconciliation.stand_of(session, [held])
    lines = reconciliation.lines_of(session, held)
    ids = [line.payment_id for line in lines if line.payment_id]
    orders = select(Payment.id, Order).join(Order, Order.id == Payment.order_id).where(Payment.id.in_(ids))
    people = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == this_shop().id))}
    waits = [line for line in lines if reconciliation.waits_for_somebody(line)]
    put_right = _corrections(session, lines)
    return page(
        "admin/bill.html", bill=held, stand=stand, lines=lines, waits=waits, people=people, may=allowed(P.BILL_EXPLAIN),
        orders={row[0]: row[1] for row in session.execute(orders)}, standing_words=STANDING_WORDS,
        chosen=request.args.get("correct", 0, int),
        corrections=put_right, fee_of=lambda line: bill_corrections.fee_of(line, [row for row, *_ in put_right]),
        could={line.id: reconciliation.could_be(session, line) for line in waits},
        held={line.id: reconciliation.disputes_it_could_be(session, line) for line in waits},
        ours=reconciliation.other_amounts(session, waits),
    )  # fmt: skip


def _corrections(session: Session, lines: list[BilledLine]) -> list[tuple[Any, BilledLine, str, bool]]:
    """Return each correction with its line, what a second person signs, and whether this person may decide now."""
    by_id = {line.id: line for line in lines}
    found = bill_corrections.corrections_of(session, list(by_id))
    return [
        (row, by_id[row.line_id], bill_corrections.seal_of(row),
         bill_corrections.may_decide(session, row, by_id[row.line_id], by=actor(), at=now()))
        for row in found
    ]  # fmt: skip


def read_file() -> tuple[str, date, bytes, list[Any], str]:
    """Read the file that was chosen and keep it, ahead of the transaction."""
    method, day, sent = request.form.get("method", ""), entries.day("day"), request.files.get("file")
    provider = house().providers.get(method)
    if provider is None:
        raise Invalid(N_("Please choose whose bill this is."), field="method")
    file = sent.read(bills.MOST + 1) if sent is not None else b""
    lines = bills.read(method, day, file, at=now())
    bills.keep(house().settings.data / "bills", file)
    return method, day, file, lines, provider.account


def upload(tx: Session) -> Made:
    """Bring a file in; the same file again leads to the same bill."""
    method, day, file, lines, account = g.before
    made = bills.bring_in(tx, this_shop(), method, account, day, file, lines, source=Source.UPLOADED, by=actor(),
                          at=now())  # fmt: skip
    return entries.done(url_for("admin.bill", bill_id=made.id), gettext("The bill is here."))


def explain(tx: Session, bill_id: int, billed_id: int) -> Made:
    """Say why a line has no counterpart, or which payment it stands for."""
    payment, dispute, note = (
        entries.number("payment", 0),
        entries.number("dispute", 0),
        entries.text("note", 200),
    )
    if dispute:
        reconciliation.attach_dispute(tx, this_shop(), billed_id, dispute, note, by=actor(), at=now())
    elif payment:
        reconciliation.attach(tx, this_shop(), billed_id, payment, note, by=actor(), at=now())
    else:
        reconciliation.explain(tx, this_shop(), billed_id, note, by=actor(), at=now())
    return entries.done(url_for("admin.bill", bill_id=bill_id), gettext("Explained."))


def correct(tx: Session, bill_id: int, billed_id: int) -> Made:
    """Ask for a fee to be corrected, or for a line to be opened again; somebody else decides."""
    said = {"by": actor(), "at": now()}
    reason = entries.text("reason", 200)
    if request.form.get("what") == "reopened":
        bill_corrections.ask_reopen(tx, this_shop(), billed_id, reason, **said)
    else:
        fee = entries.amount("fee", gettext("Fee"))
        bill_corrections.ask_fee(tx, this_shop(), billed_id, fee or 0, reason, **said)
    return entries.done(url_for("admin.bill", bill_id=bill_id), gettext("Somebody else has to agree to it."))


def decide_line(tx: Session, bill_id: int, bill_correction_id: int) -> Made:
    """Agree to exactly what was shown, or do not."""
    agreed = request.form.get("agreed") == "1"
    bill_corrections.decide(tx, this_shop(), bill_correction_id, agreed=agreed,
                            seen=request.form.get("seen", ""), by=actor(), at=now())  # fmt: skip
    return entries.done(
        url_for("admin.bill", bill_id=bill_id), gettext("Agreed.") if agreed else gettext("Declined.")
    )


KEY = Once.KEY
DOORS = [
    Door("GET", "/reconciliation", bills_page, SEE),
    Door("GET", "/reconciliation/<int:bill_id>", bill, SEE),
    Door("POST", "/reconciliation", upload, MATCH, KEY, name="upload_bill", before=read_file, form=bills_page,
         most=bills.MOST + ROOM_FOR_FORM),
    Door("POST", "/reconciliation/<int:bill_id>/lines/<int:billed_id>", explain, MATCH, KEY, name="explain_line",
         form=bill),
    Door("POST", "/reconciliation/<int:bill_id>/lines/<int:billed_id>/correction", correct, MATCH, KEY,
         name="correct_line", form=bill),
    Door("POST", "/reconciliation/<int:bill_id>/corrections/<int:bill_correction_id>", decide_line, MATCH, KEY,
         form=bill),
]  # fmt: skip
