"""The demo's till: yesterday counted, checked and closed, today open with everything that was paid at the counter."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.payments.count import check, count, explain
from shop.payments.day import close_day
from shop.payments.pieces import worths
from shop.payments.tables import Payment
from shop.payments.till import account_of, move_cash, open_till, ring
from shop.payments.till_tables import LineKind, Till, TillLine, TillShift
from shop.people.shops import Shop
from shop.people.staff import Staff

OPENED, COUNTED, CHECKED, CLOSED = "07:50", "21:35", "21:45", "21:55"
FLOAT, SHORT = 500_00, 50
"""Minor units that came from the safe in the morning, and that were missing in the evening."""
AT_COUNTER = ("cash", "card")


def put_up_till(tx: Session, shop: Shop, *, at: datetime) -> None:
    """Put up the till, and say of yesterday's and today's cash that it lies there, before it comes into the books."""
    till = Till(shop_id=shop.id, name="1")
    tx.add(till)
    tx.flush()
    for payment in _paid(tx, shop, shop.day_bounds(_yesterday(shop, at))[0], at):
        if payment.method == "cash":
            payment.account = account_of(till.id)
    tx.flush()


def _yesterday(shop: Shop, at: datetime) -> date:
    return date.fromordinal(shop.business_date(at).toordinal() - 1)


def _paid(tx: Session, shop: Shop, begin: datetime, end: datetime) -> list[Payment]:
    query = select(Payment).where(
        Payment.shop_id == shop.id, Payment.method.in_(AT_COUNTER), Payment.captured_at >= begin,
        Payment.captured_at < end, Payment.attempt.is_(None),
    )  # fmt: skip
    return list(tx.scalars(query.order_by(Payment.captured_at, Payment.id)))


def stage_tills(tx: Session, shop: Shop, *, at: datetime) -> None:
    """Play yesterday's and today's tape at the till that was put up."""
    till = tx.scalars(select(Till).where(Till.shop_id == shop.id)).first()
    if till is None:
        return
    people = tx.scalars(select(Staff).where(Staff.shop_id == shop.id))
    team = {person.login: Actor.staff(person.id) for person in people}
    yesterday, today = _yesterday(shop, at), shop.business_date(at)
    begin, end = shop.day_bounds(yesterday)
    open_till(tx, shop, till.id, floated=FLOAT, by=team["mei"], at=shop.moment(yesterday, OPENED))
    _ring_up(tx, shop, till.id, _paid(tx, shop, begin, end))
    _evening(tx, shop, till.id, yesterday, team)
    morning = min(shop.moment(today, OPENED), at)
    open_till(tx, shop, till.id, floated=FLOAT, by=team["mei"], at=morning)
    _ring_up(tx, shop, till.id, _paid(tx, shop, end, at))


def _ring_up(tx: Session, shop: Shop, till_id: int, payments: list[Payment]) -> None:
    for payment in payments:
        kind = LineKind.CASH_SALE if payment.method == "cash" else LineKind.CARD_SALE

        def entry(account: str, till: int, number: int, payment: Payment = payment) -> str:
            return payment.txid or ""

        by = Actor.staff(payment.taken_by or 0)
        ring(tx, shop, kind, payment.amount, till=till_id, payment=payment.id, order=payment.order_id, entry=entry,
             by=by, at=payment.captured_at or payment.made_at)  # fmt: skip


def _evening(tx: Session, shop: Shop, till_id: int, day: date, team: dict[str, Actor]) -> None:
    """Buy milk, count a little short, have it looked at, and close the day."""
    milk = shop.moment(day, "16:20")
    move_cash(tx, shop, till_id, LineKind.SPENT, 36_50, "牛奶 milk", by=team["jie"], at=milk)
    shift = tx.get_one(TillShift, tx.get_one(Till, till_id, populate_existing=True).shift_id or 0)
    lines = list(tx.scalars(select(TillLine).where(TillLine.shift_id == shift.id)))
    there = sum(line.amount for line in lines if line.cash) - SHORT
    count(tx, shop, till_id, _pieces(there, shop.currency), by=team["jie"], at=shop.moment(day, COUNTED))
    explain(
        tx, shop, shift.id, "找零少了五角 change for a coin", by=team["jie"], at=shop.moment(day, COUNTED)
    )
    check(tx, shop, shift.id, by=team["he"], at=shop.moment(day, CHECKED))
    card: dict[str, Any] = {"terminal": sum(line.amount for line in lines if not line.cash), "reason": ""}
    close_day(tx, shop, day, **card, seal=None, by=team["he"], at=shop.moment(day, CLOSED))


def _pieces(amount: int, currency: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for worth in worths(currency):
        found[worth], amount = divmod(amount, worth)
    return found
