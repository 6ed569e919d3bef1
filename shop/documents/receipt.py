"""The receipt of an order: what was bought, what was paid and how, and which entries of the books say so.

It names no customer. Each money row of it has its entry's number and the first eight bytes of its leaf, so that
whoever keeps the paper is a witness of the books (docs/decisions/0013).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import say
from shop.documents.paper import Paper, Part, Row, RowKind
from shop.documents.sale import UNSOLD, sale_facts, sale_rows
from shop.documents.seller import rate_at, seller_facts, seller_lines
from shop.documents.words import price, said
from shop.ledger.checkpoints import WITNESS, taken_for
from shop.ledger.tables import Entry
from shop.orders.finding import sheet
from shop.orders.tables import Order
from shop.payments.cash import change_of
from shop.payments.machine import WAITING
from shop.payments.owed import DEAD as NEVER_PAID
from shop.payments.owed import HELD
from shop.payments.providers import names_of
from shop.payments.tables import Payment, Refund, RefundState
from shop.people.shops import Shop
from shop.printing.slip import DEAD


def receipt_of(session: Session, shop: Shop, order: Order, *, language: str) -> Paper:
    """Return the receipt of an order as it stands; the same as long as nothing happens to its money."""
    whole = sheet(session, order)
    sale = sale_facts(whole, rate=rate_at(shop, order.handed_over_at or order.placed_at))
    held = [payment for payment in whole.payments if payment.state in HELD]
    back = [refund for refund in whole.refunds if refund.state not in NEVER_PAID]
    paid = payment_rows(shop, order, held, back, language)
    seals = witnesses(session, order, back)
    told = [said("witness", language, seq=seq, leaf=leaf) for seq, leaf in seals]
    return Paper(
        language=language,
        title=said("receipt", language),
        number=order.number,
        made_at=last_change(order, held, back),
        seller=seller_lines(seller_facts(shop), language),
        facts=_facts(shop, order, language),
        parts=(Part(sale_rows(sale, language)), *([Part(paid)] if paid else [])),
        notes=(*told, said("why_witness", language)) if told else (),
    )


def moment(shop: Shop, at: datetime) -> str:
    """Write a moment on the shop's clock, so that it is read alike in all languages: 2026-11-21 14:05."""
    return shop.local(at).strftime("%Y-%m-%d %H:%M")


def last_change(order: Order, payments: Iterable[Payment], refunds: Iterable[Refund]) -> datetime:
    """Return when something last happened to an order's money, or to the order itself."""
    moments = [order.placed_at, order.handed_over_at, *(p.captured_at for p in payments)]
    return max(at for at in (*moments, *(r.ended_at or r.made_at for r in refunds)) if at is not None)


def _facts(shop: Shop, order: Order, language: str) -> tuple[tuple[str, str], ...]:
    facts = [
        (said("order", language), order.number),
        (said("ordered", language), moment(shop, order.placed_at)),
    ]
    if order.handed_over_at:
        facts.append((said("handed_over", language), moment(shop, order.handed_over_at)))
    if order.state in UNSOLD:
        facts.append((said("cancelled" if order.state in DEAD else "given_up", language), ""))
    return tuple(facts)


def payment_rows(
    shop: Shop, order: Order, held: Sequence[Payment], back: Sequence[Refund], language: str
) -> tuple[Row, ...]:
    """Return what was paid, first to a platform that brought the order, what went back, and what is still due."""
    # money that came too late or twice is owed back by its own entry
    unwanted = {refund.txid_due for refund in back}
    before = order.paid - sum(payment.amount for payment in held if payment.txid not in unwanted)
    rows = []
    if before:
        words = f"{said('kind_full', language)} {said('prepaid', language)}"
        rows.append(Row(words, price(before, order.currency), RowKind.SUM))
    for payment in held:
        late = payment.txid in unwanted
        kind = (
            "late"
            if late
            else "balance"
            if before
            else "full"
            if payment.amount >= order.total
            else "deposit"
        )
        rows += _payment(shop, payment, kind, language)
        before += 0 if late else payment.amount
    of = {payment.id: payment for payment in held}
    rows += [_back(shop, refund, of.get(refund.payment_id), language) for refund in back]
    if order.balance and order.state in WAITING:
        rows.append(Row(said("due", language), price(order.balance, order.currency), RowKind.TOTAL))
    elif rows and order.state not in UNSOLD:
        rows.append(Row(said("nothing_due", language), price(0, order.currency), RowKind.SUM))
    return tuple(rows)


def _payment(shop: Shop, payment: Payment, kind: str, language: str) -> list[Row]:
    number = payment.reference or payment.trade_no
    facts = [
        f"{said(f'kind_{kind}', language)} {say(names_of(payment.method), language)}",
        moment(shop, payment.captured_at or payment.made_at),
        said("number_is", language, reference=number) if number else "",
    ]
    rows = [Row(" · ".join(filter(None, facts)), price(payment.amount, payment.currency), RowKind.SUM)]
    change = change_of(payment.amount, payment.tendered or 0)
    if change:
        given = price(payment.tendered or 0, payment.currency)
        words = said("given", language, given=given, change=price(change, payment.currency))
        rows.append(Row(words, kind=RowKind.PART))
    return rows


def _back(shop: Shop, refund: Refund, payment: Payment | None, language: str) -> Row:
    gone = refund.state == RefundState.REFUNDED
    facts = [
        said("refunded" if gone else "owed", language),
        say(names_of(payment.method), language) if payment is not None else "",
        moment(shop, refund.ended_at or refund.made_at) if gone else "",
    ]
    return Row(" · ".join(filter(None, facts)), price(-refund.amount, refund.currency), RowKind.SUM)


def witnesses(session: Session, order: Order, back: Iterable[Refund]) -> list[tuple[int, str]]:
    """Return the entries of the books that say what the paper says of money: number, first bytes of the leaf.

    Also those of a platform's money, which stand in the books under the order alone.
    """
    gone = {one.txid_paid for one in back} - {None}
    rows = session.execute(select(Entry.seq, Entry.leaf_hash).where(Entry.txid.in_(gone)))
    return sorted([*taken_for(session, order.ref), *((seq, leaf[:WITNESS]) for seq, leaf in rows)])
