"""The books as the database holds them, every row as raw as it lies there: to check them, and to hand them out.

What has been read once cannot change (rows are only added), so nothing is locked and nobody waits: the end of the
books is read first, in one statement, and nothing behind it is looked at. Postings are gathered by the database, one
row for each entry, because there are millions; where anything about them is unusual, some thousand entries are read
again posting by posting, and that decides.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.ledger.canonical import MOST, canonical, leaf_text, text_of
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
        "WHERE seq >= :low AND seq <= :size ORDER BY seq"
    )
    for dialect, said in _AS_HASHED.items()
}
_HASHES = text("SELECT leaf_hash FROM ledger_entry WHERE seq <= :size ORDER BY seq")
_BETWEEN = "FROM ledger_posting WHERE seq >= :low AND seq < :high"
_POSTINGS = text(f"SELECT seq, n, account, currency, amount {_BETWEEN} ORDER BY seq, n")
_FITS = f"BETWEEN -{MOST} AND {MOST}"
_GATHERED = {
    "sqlite": text(
        "SELECT seq, group_concat(json_array(account, currency, amount)), "
        f"group_concat(json_array(n, account, currency)), sum(amount), sum(amount {_FITS}) {_BETWEEN} "
        "GROUP BY seq ORDER BY seq"
    ),
    "postgresql": text(
        "SELECT seq, string_agg('[' || who || ',' || amount || ']', ',' ORDER BY n), "
        "string_agg('[' || n || ',' || who || ']', ',' ORDER BY n), sum(amount)::bigint, "
        f"count(*) FILTER (WHERE pg_catalog.int8abs(amount) <= {MOST}) FROM (SELECT *, "
        f"pg_catalog.to_json(account)::text || ',' || pg_catalog.to_json(currency)::text AS who {_BETWEEN}) AS lines "
        "GROUP BY seq ORDER BY seq"
    ),
}
"""The postings of each entry in one row: as they stand in its leaf, who they are (n, account, currency), their sum,
and how many of their amounts are whole numbers that the books can hold."""
_FIRST: dict[str, float] = {"sqlite": float("-inf"), "postgresql": -(2**63)}
"""The least that can stand for an entry's number; SQLite holds anything in any column."""
_NOBODY: tuple[str, ...] = ()
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


Leaf = tuple[Any, str, Any, Any, str, Any, Any, tuple[str, ...], bool]
"""An entry as it lies there: seq, text, kept hash, hash of the one before, moment, kind, data, the accounts of its
postings, and whether these add up to nothing in each currency.

``text`` is what must have been hashed; it is empty where the rows are no entry at all.
"""

Rows = Sequence[Any]


def end(session: Session) -> End:
    """Return the end of the books."""
    rows = session.execute(_END).all()
    heads = [[row[0], row[1], row[2], _moment(row[3]) if row[3] else None, _parsed(row[4])] for row in rows]
    last = [value or 0 for value in rows[0][5:]] if rows else [0, 0, 0]
    return End(heads, *last)


def leaves(session: Session, size: int, strays: list[list[Any]], *, after: int = 0) -> Iterator[Leaf]:
    """Give the entries behind ``after`` up to ``size``; postings that belong to none are added to ``strays``."""
    dialect = session.get_bind().dialect.name
    known: dict[str, tuple[str, ...]] = {}
    low = after + 1 if after else _FIRST[dialect]
    for rows in _some(session, _ENTRIES[dialect], {"low": low, "size": size}):
        between = {"low": low, "high": rows[-1][1] + 1}
        yield from _at_once(session, rows, between, known) or _one_by_one(session, rows, between, strays)
        low = between["high"]
    strays += [[*row] for row in session.execute(_POSTINGS, {"low": low, "high": size + 1})]


def _at_once(
    session: Session, rows: Rows, between: dict[str, float], known: dict[str, tuple[str, ...]]
) -> list[Leaf]:
    """Return these entries with their postings as the database gathers them; nothing where they are unusual."""
    connection, found = session.connection(), list[Leaf]()
    try:
        with connection.begin_nested():  # PostgreSQL would read nothing more after an error
            gathered = _some(session, _GATHERED[connection.dialect.name], between)
            each = chain(*gathered, [(None,) * 5])
            of, lines, who, total, fit = next(each)
            for row in rows:
                mine, used, even = "", _NOBODY, True
                if of == row[1]:
                    mine, used, even = lines, known.get(who) or _accounts_in(who), total == 0
                    if type(total) is not int or fit != len(used):
                        return []
                    known[who] = used
                    of, lines, who, total, fit = next(each)
                leaf = text_of(mine, *row[1:])
                found.append((row[1], leaf, row[0], row[_PREV], row[_AT], row[_KIND], row[_DATA], used, even))
    except (DBAPIError, TypeError, ValueError):
        return []
    return found if of is None else []


def _accounts_in(who: str) -> tuple[str, ...]:
    """Return the accounts of an entry's postings; raises `ValueError` unless they are counted and of one currency."""
    parts = json.loads(f"[{who}]")
    accounts, currency = tuple(str(account) for _, account, _ in parts), str(parts[0][2])
    if who != ",".join(canonical([n, account, currency]).decode() for n, account in enumerate(accounts)):
        raise ValueError(who)
    return accounts


def _one_by_one(
    session: Session, rows: Rows, between: dict[str, float], strays: list[list[Any]]
) -> Iterator[Leaf]:
    """Give these entries posting by posting, whatever stands there."""
    postings = chain(session.execute(_POSTINGS, between), [(None,) * 5])
    seq, n, account, currency, amount = next(postings)
    for row in rows:
        number = row[1]
        while seq is not None and seq < number:
            strays.append([seq, n, account, currency, amount])
            seq, n, account, currency, amount = next(postings)
        lines: list[Line] = []
        whole = True
        while seq == number:
            whole = whole and n == len(lines)
            lines.append((account, currency, amount))
            seq, n, account, currency, amount = next(postings)
        sums: dict[str, int] = {}
        try:
            written = leaf_text(lines, *row[1:]) if whole else ""
            for _, currency_of, minor in lines:
                sums[currency_of] = sums.get(currency_of, 0) + minor
        except (TypeError, ValueError):
            written = ""
        used, even = tuple(line[0] for line in lines), not any(sums.values())
        yield number, written, row[0], row[_PREV], row[_AT], row[_KIND], row[_DATA], used, even


def _some(session: Session, query: TextClause, values: dict[str, Any]) -> Iterator[Rows]:
    """Give so many rows at once; on PostgreSQL from a cursor of the server: a million never stand in memory."""
    result = session.connection().execute(query, values, execution_options={"yield_per": AT_ONCE})
    return result.partitions(AT_ONCE)


def hashes(session: Session, size: int) -> Iterator[str]:
    """Give the hash that is kept of each entry up to ``size``, in order."""
    return (str(kept) for (kept,) in chain.from_iterable(_some(session, _HASHES, {"size": size})))


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
