"""Money as the tests of the books move it: a cake is paid, handed over, sometimes cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor, ActorKind
from shop.ledger import post
from shop.ledger.checkpoints import checkpoint, newest
from tests.cast import SATURDAY
from web.database import reading, writing
from web.house import house

MEI = Actor(ActorKind.STAFF, 3, 7)
PAPER = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def pay(tx: Session, amount: int = 26800, *, at: datetime = SATURDAY, order: str = "K7Q2M4ZX9B3D") -> str:
    """Cash for a cake that is not handed over yet."""
    lines = [("till:1", amount), ("deposits", -amount)]
    return post(tx, 1, "payment_captured", lines, currency="CNY", by=MEI, at=at, order=order, method="cash")


def hand_over(tx: Session, amount: int = 26800, *, at: datetime = SATURDAY) -> str:
    """The cake is given to its customer: what was paid ahead becomes a sale."""
    lines = [
        ("deposits", amount),
        ("revenue:tangjian:cakes", -amount + 800),
        ("revenue:tangjian:delivery", -800),
    ]
    return post(
        tx, 1, "order_handed_over", lines, currency="CNY", by=SYSTEM, at=at, order="K7Q2M4ZX9B3D", document=PAPER,
        rules=PAPER, note="“蛋糕”\n🎂",
    )  # fmt: skip


def day(cakes: int = 5, *, begin: datetime = SATURDAY) -> None:
    """Sell so many cakes, one a minute, each in two transactions."""
    for n in range(cakes):
        with writing() as tx:
            pay(tx, 10_000 + n, at=begin + timedelta(minutes=n))
        with writing() as tx:
            hand_over(tx, 10_000 + n, at=begin + timedelta(minutes=n, seconds=30))


def sign(reason: str = "asked", at: datetime = SATURDAY) -> str:
    """Sign the books; returns the newest checkpoint."""
    with writing() as tx:
        checkpoint(tx, 1, house().seal, at=at, reason=reason)
    with reading() as session:
        last = newest(session)
        assert last is not None
        return last.note


def signed_rows(rows: int) -> list[str]:
    """Write so many rows of each kind: a sale, a till opened, a checkpoint; returns the checkpoints, oldest first."""
    kept = []
    for n in range(rows):
        at = SATURDAY + timedelta(minutes=n)
        with writing() as tx:
            pay(tx, 10_000 + n, at=at, order=f"K7Q2M4ZX{n:04}")
            hand_over(tx, 10_000 + n, at=at)
            lines = [(f"till:{n + 2}", 500), ("safe", -500)]
            post(tx, 1, "till_opened", lines, currency="CNY", by=MEI, at=at, till=n + 2)
        kept.append(sign("due", at))
    return kept
