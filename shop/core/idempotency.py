"""Every write carries a key, so that a double tap, a reload or a lost answer does a thing once.

The row is written in the same transaction as its effect. It keeps what was made, not the answer: the
answer is rendered again (decisions.md 17).
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core.errors import KeyReused
from shop.core.tables import Base


class DoneOnce(Base):
    """``scope`` is the door and whoever stands at it; ``fingerprint`` is the SHA-256 of the body."""

    __tablename__ = "done_once"
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    made: Mapped[dict[str, Any]]
    at: Mapped[datetime]


_T: Any = DoneOnce.__table__
_SEEN = select(_T.c.fingerprint, _T.c.made).where(
    _T.c.scope == bindparam("of"), _T.c.key == bindparam("under")
)
_REMEMBER = insert(_T)


def seen(tx: Session, scope: str, key: str, fingerprint: str) -> dict[str, Any] | None:
    """Return what this key made before, or None; raises `KeyReused` if it came with another body."""
    row = tx.connection().execute(_SEEN, {"of": scope, "under": key}).first()
    if row is None:
        return None
    if row[0] != fingerprint or not row[1]:
        raise KeyReused()
    made: dict[str, Any] = row[1]
    return made


def remember(tx: Session, scope: str, key: str, fingerprint: str, made: dict[str, Any], at: datetime) -> None:
    """Keep what the key made, beside its effect; a second writer of the same key fails on the table's key."""
    row = {"scope": scope, "key": key, "fingerprint": fingerprint, "made": made, "at": at}
    tx.connection().execute(_REMEMBER, row)


KEPT = timedelta(days=30)


def forget(tx: Session, *, at: datetime) -> None:
    """Forget after thirty days what a key made; the key itself stays used for ever."""
    old = update(DoneOnce).where(DoneOnce.at < at - KEPT, DoneOnce.made != {})
    tx.execute(old.values(made={}))
