"""The books as the database holds them, every row as raw as it lies there: to check them, and to hand them out.

What has been read once cannot change (rows are only added), so nothing is locked and nobody waits: the end of the
books is read first, in one statement, and nothing behind it is looked at.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
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
_FIRST = ("business_date", "at", "leaf_hash")
_REST = [name for name in HASHED if name not in _FIRST]
_ENTRIES = text(f"SELECT {', '.join((*_FIRST, *HASHED))} FROM ledger_entry WHERE seq <= :size ORDER BY seq")
_POSTINGS = text(
    "SELECT seq, n, account, currency, amount FROM ledger_posting WHERE seq <= :size ORDER BY seq, n"
)
_ACCOUNTS = text("SELECT code, kind, opened_seq FROM ledger_account WHERE opened_seq <= :size ORDER BY code")
_CHECKPOINTS = text(
    "SELECT size, at, root, reason, note FROM ledger_checkpoint WHERE size <= :size ORDER BY size"
)
_DAY, _AT = HASHED.index("business_date"), HASHED.index("at")


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


class Leaf(NamedTuple):
    """An entry as it lies there. ``text`` is what must have been hashed, empty where the rows are no entry at all."""

    seq: Any
    text: str
    kept: Any
    prev: Any
    at: str
    kind: Any
    data: Any
    lines: list[Line]


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
    for row in _rows(session, _ENTRIES, size):
        number = row[3]
        while seq is not None and seq < number:
            strays.append([seq, n, account, currency, amount])
            seq, n, account, currency, amount = next(postings)
        lines: list[Line] = []
        whole = True
        while seq == number:
            whole = whole and n == len(lines)
            lines.append((account, currency, amount))
            seq, n, account, currency, amount = next(postings)
        yield _leaf(row, lines, whole)
    while seq is not None:
        strays.append([seq, n, account, currency, amount])
        seq, n, account, currency, amount = next(postings)


def _rows(session: Session, query: TextClause, size: int) -> Iterator[Any]:
    live = {
        "yield_per": AT_ONCE
    }  # on PostgreSQL from a cursor of the server: a million rows never stand in memory
    result = session.connection().execute(query, {"size": size}, execution_options=live)
    return chain.from_iterable(result.partitions(AT_ONCE))


def _leaf(row: Any, lines: list[Line], whole: bool) -> Leaf:
    (day, at, kept, seq, txid, shop, kind, _, _, actor, who, device, order, doc, rules, data, prev) = row
    try:
        when = _moment(at)
        written = leaf_text(
            lines, seq, txid, shop, kind, _date(day), when, actor, who, device, order, doc, rules, data, prev
        )
        if whole:
            return Leaf(seq, written, kept, prev, when, kind, data, lines)
    except (TypeError, ValueError):
        pass
    return Leaf(seq, "", kept, prev, "", kind, data, lines)


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


def _date(raw: Any) -> Any:
    return raw.isoformat() if isinstance(raw, date) else raw


def _parsed(raw: Any) -> Any:
    """Return JSON as a value: PostgreSQL gives one, SQLite text."""
    try:
        return json.loads(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw
