"""What exactly is hashed of an entry: one line of canonical JSON, the same on every machine and in every language.

The form is RFC 8785's for the JSON that is allowed here: objects with ASCII names in sorted order, no blanks, text as
UTF-8 with the short escapes, whole numbers below 2**53, true, false and null; no fractions.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from json.encoder import encode_basestring as _text
from typing import Any

VERSION = "cakeledger/entry/v1"
MOST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """Return the bytes of a JSON value; raises `ValueError` for what has no canonical form here."""
    _check(value)
    return _ENCODER.encode(value).encode()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise ValueError(f"{name!r} is no name for the books")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        if not -MOST <= value <= MOST:
            raise ValueError(f"{value} is too large for the books")
    elif value is not None and not isinstance(value, str | bool):
        raise ValueError(f"{type(value).__name__} does not stand in the books")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def stamp(at: datetime) -> str:
    """Return a moment as it is hashed: UTC with six digits of a second, 2026-11-28T02:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf_text(postings: Iterable[tuple[str, str, int]], *columns: Any) -> str:
    """Return the text of a leaf: an entry's columns in their order without ``leaf_hash``, and its postings.

    ``postings`` are (account, currency, amount); for ``columns`` see `text_of`. Raises `ValueError` or `TypeError`
    for what is no entry.
    """
    return text_of(lines_of(postings), *columns)


def lines_of(postings: Iterable[tuple[str, str, int]]) -> str:
    """Return postings as they stand in a leaf; raises `ValueError` or `TypeError` for what is no posting."""
    lines = ""
    for account, currency, amount in postings:
        if not -MOST <= amount <= MOST:
            raise ValueError(f"{amount} is too large for the books")
        lines += f"[{_text(account)},{_text(currency)},{amount:d}],"
    return lines[:-1]


def text_of(
    lines: str, seq: int, txid: str, shop: int, kind: str, date: str, at: str, actor_kind: str, actor: int | None,
    device: int | None, order: str | None, doc: str | None, rules: str | None, data: str, prev: str,
) -> str:  # fmt: skip
    """Return the text of a leaf whose postings are written already, ``date`` and ``at`` too, ``data`` canonical.

    Put together by hand, because a million leaves are when the books are checked; a test holds it against
    `canonical`. Raises `ValueError` or `TypeError` for what is no entry.
    """
    return (
        f'{{"at":{_text(at)},"by":[{_text(actor_kind)},{"null" if actor is None else f"{actor:d}"},'
        f'{"null" if device is None else f"{device:d}"}],"data":{data},"date":{_text(date)},'
        f'"doc":{"null" if doc is None else _text(doc)},"kind":{_text(kind)},'
        f'"order":{"null" if order is None else _text(order)},"postings":[{lines}],"prev":{_text(prev)},'
        f'"rules":{"null" if rules is None else _text(rules)},"seq":{seq:d},"shop":{shop:d},'
        f'"txid":{_text(txid)},"v":"{VERSION}"}}'
    )
