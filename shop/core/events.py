"""The diary: one table of events that is outbox and audit at once, gapless for each shop.

A verb calls `record`; `seal` numbers what was recorded as the last thing before the commit, so that
the sequence has no gap and two writers never wait for each other longer than that.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core.actors import Actor
from shop.core.days import business_date
from shop.core.tables import Base, Id


class Event(Base):
    """One line of the diary. No personal data: people are ids. A cake's words and a reason may stand in ``data``."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("shop_id", "seq"),
        Index("ix_event_order", "order_id", "id"),
        Index("ix_event_kind", "shop_id", "kind", "seq"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(Id)
    seq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    at: Mapped[datetime]
    business_date: Mapped[date]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(Id)
    device_id: Mapped[int | None] = mapped_column(Id)
    order_id: Mapped[int | None] = mapped_column(Id)
    cake_id: Mapped[int | None] = mapped_column(Id)
    task_id: Mapped[int | None] = mapped_column(Id)
    topics: Mapped[str]
    data: Mapped[dict[str, Any]]


_NEW_LINES = insert(Base.metadata.tables[Event.__tablename__])
_HEAD = text("UPDATE shop SET event_seq = event_seq + :n WHERE id = :id RETURNING event_seq, timezone")


def record(
    tx: Session,
    shop_id: int,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    topics: tuple[str, ...],
    order_id: int | None = None,
    cake_id: int | None = None,
    task_id: int | None = None,
    **data: Any,
) -> None:
    """Note that something happened (``kind`` in the past tense) for the screens watching ``topics``.

    Topics in use: ``kitchen`` (every board), ``orders`` (lists), ``order:<id>`` (one order's pages),
    ``menu``, ``staff``, ``devices``. They are stored joined by blanks.
    """
    line = {
        "shop_id": shop_id,
        "kind": kind,
        "at": at,
        "actor_kind": by.kind.value,
        "actor_id": by.id,
        "device_id": by.device_id,
        "order_id": order_id,
        "cake_id": cake_id,
        "task_id": task_id,
        "topics": " ".join(topics),
        "data": data,
    }
    tx.info.setdefault("diary", []).append(line)


def before_seal(tx: Session, name: str, write: Callable[[Session, list[Any]], None]) -> list[Any]:
    """Return the list of what else is written just before the diary is numbered; ``write`` is given it then."""
    closing: dict[str, tuple[Callable[[Session, list[Any]], None], list[Any]]]
    closing = tx.info.setdefault("closing", {})
    return closing.setdefault(name, (write, []))[1]


def seal(tx: Session) -> dict[int, int]:
    """Number and write what was recorded; returns the new last sequence by shop id.

    Call it once, last, in the transaction; what was kept for then (`before_seal`) is written first. The head
    of the diary is the shop's row, so on PostgreSQL two writers queue here and nowhere earlier.
    """
    for write, what in tx.info.pop("closing", {}).values():
        tx.flush()
        write(tx, what)
    lines: list[dict[str, Any]] = tx.info.pop("diary", [])
    heads: dict[int, int] = {}
    if not lines:
        return heads
    tx.flush()
    connection = tx.connection()
    for shop_id in sorted({line["shop_id"] for line in lines}):
        mine = [line for line in lines if line["shop_id"] == shop_id]
        row = connection.execute(_HEAD, {"n": len(mine), "id": shop_id}).one()
        heads[shop_id] = int(row[0])
        for seq, line in enumerate(mine, start=heads[shop_id] - len(mine) + 1):
            line["seq"] = seq
            line["business_date"] = business_date(line["at"], row[1])
    connection.execute(_NEW_LINES, lines)
    return heads


def after(tx: Session, shop_id: int, seq: int, *, limit: int = 1000) -> list[Event]:
    """Return the lines written after ``seq``, oldest first, at most ``limit``."""
    query = select(Event).where(Event.shop_id == shop_id, Event.seq > seq).order_by(Event.seq).limit(limit)
    return list(tx.scalars(query))
