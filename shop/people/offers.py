"""Offers: work or a ride that one person is asked to take, and what came of it. Bakers and couriers alike.

Each row is one person asked once, or one claim; the figures of the Claims page are counts of these rows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core.matching import Match
from shop.core.tables import Base, Id
from shop.people.shops import Shop

ANSWER_WITHIN = timedelta(minutes=2)


class Answer(StrEnum):
    """``TAKEN`` was claimed without being asked, ``ASSIGNED`` given by hand; ``ENDED`` needed no answer any more."""

    OPEN = ""
    ACCEPTED = "accepted"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ENDED = "ended"


CLAIMS = (Answer.ACCEPTED, Answer.TAKEN)


class Offer(Base):
    """``subject`` is what it is about ("task:7", "drop:3"). ``staff_id`` None: everybody who could was asked and
    nobody takes it; such a row stays open until somebody does. ``reasons`` are [sentence, parameters].
    """

    __tablename__ = "offer"
    __table_args__ = (
        Index(
            "uq_offer_open", "shop_id", "subject", unique=True,
            sqlite_where=text("answered_at IS NULL"), postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_offer_subject", "shop_id", "subject"),
        Index("ix_offer_made", "shop_id", "made_at"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    subject: Mapped[str]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    made_at: Mapped[datetime]
    until: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default=Answer.OPEN)
    points: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[list[Any]] = mapped_column(default=list)


def subject_of(kind: str, row_id: int) -> str:
    """Return what an offer is about, as it is written."""
    return f"{kind}:{row_id}"


def ask(tx: Session, shop: Shop, subject: str, order_id: int, match: Match | None, *, at: datetime) -> Offer:
    """Ask somebody, or note that nobody is left to ask (``match`` None)."""
    offer = Offer(shop_id=shop.id, subject=subject, order_id=order_id, made_at=at)
    if match is not None:
        offer.staff_id, offer.until, offer.points = match.staff_id, at + ANSWER_WITHIN, match.points
        offer.reasons = [[r.sentence, dict(r.params)] for r in match.reasons]
    tx.add(offer)
    tx.flush()
    return offer


def answer(
    tx: Session, shop: Shop, subject: str, how: Answer, *, at: datetime, staff_id: int | None = None
) -> bool:
    """Close the open offer of a subject (only that to ``staff_id``, where one is given); False where there is none."""
    step = (
        update(Offer)
        .where(Offer.shop_id == shop.id, Offer.subject == subject, Offer.answered_at.is_(None))
        .values(answer=how, answered_at=at)
        .execution_options(synchronize_session=False)
    )
    if staff_id is not None:
        step = step.where(Offer.staff_id == staff_id)
    return bool(tx.connection().execute(step).rowcount)


def note_claim(
    tx: Session, shop: Shop, subject: str, order_id: int, staff_id: int | None, *, at: datetime,
    how: Answer = Answer.TAKEN,
) -> None:  # fmt: skip
    """Somebody has it now: their open offer is accepted, any other is over, and a claim without one is written down."""
    if how is Answer.TAKEN and answer(tx, shop, subject, Answer.ACCEPTED, at=at, staff_id=staff_id):
        return
    answer(tx, shop, subject, Answer.ENDED, at=at)
    row = Offer(shop_id=shop.id, subject=subject, order_id=order_id, staff_id=staff_id, made_at=at)
    row.answered_at, row.answer = at, how
    tx.add(row)


def open_offers(session: Session, shop: Shop, kind: str) -> list[Offer]:
    """Return the offers of a kind ("task", "drop") that wait for an answer, the oldest first."""
    waiting = select(Offer).where(
        Offer.shop_id == shop.id, Offer.answered_at.is_(None), Offer.subject.startswith(f"{kind}:")
    )
    return list(session.scalars(waiting.order_by(Offer.id).execution_options(populate_existing=True)))


def asked(session: Session, shop: Shop, subjects: Collection[str]) -> dict[str, set[int]]:
    """Return who was asked before, or had it and gave it back, by subject."""
    found: dict[str, set[int]] = {}
    rows = select(Offer.subject, Offer.staff_id).where(
        Offer.shop_id == shop.id, Offer.subject.in_(subjects), Offer.answered_at.is_not(None),
        Offer.answer != Answer.ENDED,
    )  # fmt: skip
    for subject, staff_id in session.execute(rows) if subjects else ():
        if staff_id is not None:
            found.setdefault(subject, set()).add(staff_id)
    return found


def claims_since(session: Session, shop: Shop, since: datetime) -> dict[int, int]:
    """Return how many times each has claimed something, by staff."""
    rows = (
        select(Offer.staff_id, func.count())
        .where(Offer.shop_id == shop.id, Offer.made_at >= since, Offer.answer.in_(CLAIMS))
        .group_by(Offer.staff_id)
    )
    return {staff_id: count for staff_id, count in session.execute(rows) if staff_id is not None}


def between(session: Session, shop: Shop, since: datetime, until: datetime) -> Sequence[Offer]:
    """Return all offers and claims made in a time, oldest first."""
    rows = select(Offer).where(Offer.shop_id == shop.id, Offer.made_at >= since, Offer.made_at < until)
    return session.scalars(rows.order_by(Offer.made_at, Offer.id)).all()
