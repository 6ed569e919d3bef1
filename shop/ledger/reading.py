"""The books as the database holds them, every row as raw as it lies there: to check them, and to hand them out.

What has been read once cannot change (rows are only added), so nothing is locked and nobody waits: the end of the
books is read first, in one statement, and nothing behind it is looked at.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from shop.ledger.canonical import leaf_text
from shop.ledger.posting import HASHED, Line

AT_ONCE = 2000
"""Rows fetched together."""
_END = text(
    "SELECT id, size, last_hash, last_at, edge, (SELECT max(seq) FROM ledger_entry), "
    "(SELECT max(seq) FROM ledger_posting), (SELECT max(size) FROM ledger_checkpoint) FROM ledger_head"
)
_AS_HASHED = {
    "sqlite": {"at": "replace(replace(at, 'T', '?'), ' ', 'T') || 'Z'", "business_date": "business_date"},
    "postgresql": {
        "at": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
        "business_date": "to_char(business_date, 'YYYY-MM-DD')",
    },
}
"""How each database says a moment and a day in the form that is hashed; SQLite keeps both as text."""
_ENTRIES = {
    dialect: text(
        f"SELECT leaf_hash, {', '.join(said.get(name, name) for name in HASHED)} FROM ledger_entry "
        "WHERE seq <= :size ORDER BY seq"
    )
    for dialect, said in _AS_HASHED.items()
}
_HASHES = text("SELECT leaf_hash FROM ledger_entry WHERE seq <= :size ORDER BY seq")
_POSTINGS = text(
    "SELECT seq, n, account, currency, amount FROM ledger_posting WHERE seq <= :size ORDER BY seq, n"
)
_ACCOUNTS = text("SELECT code, kind, opened_seq FROM ledger_account WHERE opened_seq <= :size ORDER BY code")
_CHECKPOINTS = text(
    "SELECT size, at, root, reason, note FROM ledger_checkpoint WHERE size <= :size ORDER BY size"
)
_AT, _KIND, _DATA, _PREV = (1 + HASHED.index(name) for name in ("at", "kind", "data", "prev_hash"))


class End(NamedTuple):
    """The end of the books. ``heads`` are the rows of the head (id, size, last_hash, last_at, edge), one in good books.

    ``entry``, ``posting`` and ``checkpoint`` are the last of each there is, whatever the head says.
    """

    heads: list[list[Any]]
    entry: int
    posting: int
    checkpoint: int

    @property
    def size(self) -> int:
        """Return how many entries the head counts; 0 where it counts nothing sensible."""
        size = self.heads[0][1] if self.heads else 0
        return size if isinstance(size, int) and size > 0 else 0


Leaf = tuple[Any, str, Any, Any, str, Any, Any, list[Line]]
"""An entry as it lies there: seq, text, kept hash, hash of the one before, moment, kind, data, postings.

``text`` is what must have been hashed; it is empty where the rows are no entry at all.
"""


def end(session: Session) -> End:
    """Return the end of the books."""
    rows = session.execute(_END).all()
    heads = [[row[0], row[1], row[2], _moment(row[3]) if row[3] else None, _parsed(row[4])] for row in rows]
    last = [value or 0 for value in rows[0][5:]] if rows else [0, 0, 0]
    return End(heads, *last)


def leaves(session: Session, size: int, strays: list[list[Any]]) -> Iterator[Leaf]:
    """Give the entries up to ``size`` in order; postings that belong to none of them are added to ``strays``."""
    postings = chain(_rows(session, _POSTINGS, size), [(None,) * 5])
    seq, n, account, currency, amount = next(postings)
    for row in _rows(session, _ENTRIES[session.get_bind().dialect.name], size):
        number, at = row[1], row[_AT]
        while seq is not None and seq < number:
            strays.append([seq, n, account, currency, amount])
            seq, n, account, currency, amount = next(postings)
        lines: list[Line] = []
        whole = True
        while seq == number:
            whole = whole and n == len(lines)
            lines.append((account, currency, amount))
            seq, n, account, currency, amount = next(postings)
        try:
            written = leaf_text(lines, *row[1:]) if whole else ""
        except (TypeError, ValueError):
            written = ""
        yield number, written, row[0], row[_PREV], at, row[_KIND], row[_DATA], lines
    while seq is not None:
        strays.append([seq, n, account, currency, amount])
        seq, n, account, currency, amount = next(postings)


def _rows(session: Session, query: TextClause, size: int) -> Iterator[Any]:
    live = {
        "yield_per": AT_ONCE
    }  # on PostgreSQL from a cursor of the server: a million rows never stand in memory
    result = session.connection().execute(query, {"size": size}, execution_options=live)
    return chain.from_iterable(result.partitions(AT_ONCE))


def hashes(session: Session, size: int) -> Iterator[str]:
    """Give the hash that is kept of each entry up to ``size``, in order."""
    return (str(kept) for (kept,) in _rows(session, _HASHES, size))


def accounts(session: Session, size: int) -> list[list[Any]]:
    """Return every account as its row says: code, kind, the entry that opened it."""
    return [list(row) for row in session.execute(_ACCOUNTS, {"size": size})]


def checkpoints(session: Session, size: int) -> list[list[Any]]:
    """Return every checkpoint as its row says: size, at, root, reason, note."""
    rows = session.execute(_CHECKPOINTS, {"size": size})
    return [[count, _moment(at), root, reason, note] for count, at, root, reason, note in rows]


def _moment(raw: Any) -> str:
    """Return a moment as `shop.ledger.canonical.stamp` does, from SQLite's text or PostgreSQL's datetime."""
    if isinstance(raw, datetime):
        return raw.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    if isinstance(raw, str) and len(raw) == 26 and raw[10] == " ":
        return f"{raw[:10]}T{raw[11:]}Z"
    return f"not a moment: {raw!r}"


def _parsed(raw: Any) -> Any:
    """Return JSON as a value: PostgreSQL gives one, SQLite text."""
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw
