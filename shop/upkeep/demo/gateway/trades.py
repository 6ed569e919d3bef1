"""What the gateway remembers: trades and refunds, in a small SQLite file of its own, so that a restart loses none."""

import secrets
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from shop.core.keys import new_code

TABLES = """
CREATE TABLE IF NOT EXISTS trade (
  code TEXT PRIMARY KEY, method TEXT, attempt TEXT, amount INTEGER, currency TEXT, words TEXT, notify_url TEXT,
  made_at TEXT, expires_at TEXT, state TEXT, trade_no TEXT, paid_at TEXT, UNIQUE (method, attempt));
CREATE TABLE IF NOT EXISTS refund (
  refund TEXT, method TEXT, attempt TEXT, trade_no TEXT, amount INTEGER, at TEXT, PRIMARY KEY (method, refund));
CREATE TABLE IF NOT EXISTS wallet (digits TEXT PRIMARY KEY, method TEXT, asks INTEGER, until TEXT, attempt TEXT);
"""


class State(StrEnum):
    ASKED = "asked"
    SCANNED = "scanned"
    PAID = "paid"
    CLOSED = "closed"


OPEN = (State.ASKED, State.SCANNED)
BEGINS = {"alipay": "28", "wechat": "13"}
"""How the codes of a customer's phone begin."""
CODE_LIVES = timedelta(minutes=1)


@dataclass(frozen=True)
class Trade:
    """A payment that was asked for. ``code`` is what the QR leads to; ``amount`` in minor units; times in UTC."""

    code: str
    method: str
    attempt: str
    amount: int
    currency: str
    words: str
    notify_url: str
    made_at: datetime
    expires_at: datetime
    state: State = State.ASKED
    trade_no: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True)
class SentBack:
    """Money that went back to the customer."""

    refund: str
    method: str
    attempt: str
    trade_no: str
    amount: int
    at: datetime


Row = TypeVar("Row", Trade, SentBack)


class Refusal(Exception):
    """The provider refuses; ``why`` is one of: paid, closed, missing, amount, other."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Trades:
    """The one book of the gateway; threads take turns."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self.now = now
        self._turn = threading.RLock()
        self._book = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._book.executescript(TABLES)

    def shut(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._book.close()

    # -- asking

    def ask(
        self, method: str, attempt: str, amount: int, currency: str, words: str, notify_url: str, expires_at: datetime
    ) -> Trade:  # fmt: skip
        """Write a new trade down; the same attempt again is the same trade. Raises `Refusal`."""
        with self._turn:
            known = self.by_attempt(method, attempt)
            if known is None:
                trade = Trade(
                    new_code(16), method, attempt, amount, currency, words, notify_url, self.now(), expires_at
                )
                self._add("trade", trade)
                return trade
            if known.state not in OPEN:
                raise Refusal(known.state)
            if (known.amount, known.currency) != (amount, currency):
                raise Refusal("other")
            return known

    def by_attempt(self, method: str, attempt: str) -> Trade | None:
        """Return a trade by the shop's own number."""
        return self._one("method = ? AND attempt = ?", method, attempt)

    def by_code(self, method: str, code: str) -> Trade | None:
        """Return a trade by what its QR leads to."""
        return self._one("method = ? AND code = ?", method, code)

    def all(self, most: int = 200) -> list[Trade]:
        """Return the newest trades."""
        rows = self._rows("SELECT * FROM trade ORDER BY made_at DESC, rowid DESC LIMIT ?", most)
        return [self._as_it_stands(_read(Trade, row)) for row in rows]

    # -- the customer

    def scan(self, trade: Trade) -> Trade:
        """The customer's phone has opened it: now the provider has a trade with a number."""
        with self._turn:
            trade = self._again(trade)
            if trade.state == State.ASKED:
                self._set(trade, state=State.SCANNED, trade_no=number(self.now()))
            return self._again(trade)

    def pay(self, trade: Trade) -> Trade:
        """The customer pays. Raises `Refusal`, also when it is paid already."""
        with self._turn:
            trade = self.scan(trade)
            if trade.state not in OPEN:
                raise Refusal(trade.state)
            self._set(trade, state=State.PAID, paid_at=_written(self.now()))
            return self._again(trade)

    def close(self, trade: Trade) -> Trade:
        """Nobody may pay it any more. Raises `Refusal` when somebody has."""
        with self._turn:
            trade = self._again(trade)
            if trade.state == State.PAID:
                raise Refusal(State.PAID)
            self._set(trade, state=State.CLOSED)
            return self._again(trade)

    # -- the code on a customer's phone

    def show_code(self, method: str, asks: bool) -> str:
        """Return a new code that a counter may scan for a minute; ``asks``: the customer has to agree to the amount."""
        digits = BEGINS[method] + f"{secrets.randbelow(10**16):016d}"
        until = _written(self.now() + CODE_LIVES)
        self._rows("INSERT INTO wallet VALUES (?, ?, ?, ?, '')", digits, method, int(asks), until)
        return digits

    def code_shown(self, method: str, digits: str) -> tuple[bool, Trade | None] | None:
        """Return whether a code asks its customer, and what was charged to it; None for one nobody shows."""
        rows = self._rows("SELECT * FROM wallet WHERE method = ? AND digits = ?", method, digits)
        return (bool(rows[0]["asks"]), self.by_attempt(method, rows[0]["attempt"])) if rows else None

    def charge(self, digits: str, trade: Trade) -> Trade:
        """Charge a code, which works once and for a minute: the trade is paid, or open until its customer agrees.

        Raises `Refusal` (other) for a code that is none any more.
        """
        with self._turn:
            take = (
                "UPDATE wallet SET attempt = ? WHERE digits = ? AND method = ? AND until > ? AND attempt = ''"
            )
            before = self.code_shown(trade.method, digits)
            if before is not None and before[1] == trade:
                return trade
            self._rows(take, trade.attempt, digits, trade.method, _written(self.now()))
            shown = self.code_shown(trade.method, digits)
            if shown is None or before is None or before[1] is not None or shown[1] is None:
                self._set(trade, state=State.CLOSED)
                raise Refusal("other")
            return self.scan(trade) if shown[0] else self.pay(trade)

    # -- refunds

    def send_back(self, method: str, attempt: str, refund: str, amount: int) -> tuple[SentBack, bool]:
        """Send money back; returns it and whether it is new: the same number sends it once. Raises `Refusal`."""
        with self._turn:
            trade = self.by_attempt(method, attempt)
            known = self.refund(method, refund)
            if trade is None or trade.state != State.PAID:
                raise Refusal("missing" if trade is None else trade.state)
            if known is not None:
                if (known.attempt, known.amount) != (attempt, amount):
                    raise Refusal("other")
                return known, False
            if amount <= 0 or amount > trade.amount - self.sent_back(trade):
                raise Refusal("amount")
            new = SentBack(refund, method, attempt, trade.trade_no, amount, self.now())
            self._add("refund", new)
            return new, True

    def refund(self, method: str, refund: str) -> SentBack | None:
        """Return a refund by the shop's own number."""
        rows = self._rows("SELECT * FROM refund WHERE method = ? AND refund = ?", method, refund)
        return _read(SentBack, rows[0]) if rows else None

    def sent_back(self, trade: Trade) -> int:
        """Return how much of a trade has gone back, minor units."""
        total = "SELECT coalesce(sum(amount), 0) AS total FROM refund WHERE method = ? AND attempt = ?"
        return int(self._rows(total, trade.method, trade.attempt)[0]["total"])

    def between(self, method: str, begin: datetime, end: datetime) -> tuple[list[Trade], list[SentBack]]:
        """Return what was paid and what was sent back from ``begin`` up to ``end``."""
        span = method, _written(begin), _written(end)
        paid = self._rows(
            "SELECT * FROM trade WHERE method = ? AND paid_at >= ? AND paid_at < ? ORDER BY paid_at, code",
            *span,
        )
        back = self._rows(
            "SELECT * FROM refund WHERE method = ? AND at >= ? AND at < ? ORDER BY at, refund", *span
        )
        return [_read(Trade, row) for row in paid], [_read(SentBack, row) for row in back]

    # -- the book

    def _again(self, trade: Trade) -> Trade:
        found = self.by_attempt(trade.method, trade.attempt)
        if found is None:
            raise Refusal("missing")
        return found

    def _one(self, where: str, *values: str) -> Trade | None:
        rows = self._rows(f"SELECT * FROM trade WHERE {where}", *values)
        return self._as_it_stands(_read(Trade, rows[0])) if rows else None

    def _as_it_stands(self, trade: Trade) -> Trade:
        """A code nobody paid in time is closed."""
        if trade.state in OPEN and self.now() >= trade.expires_at:
            self._set(trade, state=State.CLOSED)
            return Trade(**{**vars(trade), "state": State.CLOSED})
        return trade

    def _set(self, trade: Trade, **values: str) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self._rows(f"UPDATE trade SET {names} WHERE code = ?", *values.values(), trade.code)

    def _add(self, table: str, row: Trade | SentBack) -> None:
        values = [_written(v) if isinstance(v, datetime) else v for v in vars(row).values()]
        self._rows(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", *values)

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._turn:
            found = self._book.execute(sql, values)
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def number(at: datetime) -> str:
    """Return a provider's own number of a trade."""
    return f"{at:%Y%m%d}22001{int(new_code(4), 36) % 10**6:06d}{int(new_code(6), 36) % 10**9:09d}"


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _read(kind: type[Row], row: dict[str, Any]) -> Row:
    values = {field.name: row[field.name] for field in fields(kind)}
    for name in ("made_at", "expires_at", "paid_at", "at"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    if "state" in values:
        values["state"] = State(values["state"])
    return kind(**values)
