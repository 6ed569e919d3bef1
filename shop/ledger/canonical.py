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
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


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
        if abs(value) > MOST:
            raise ValueError(f"{value} is too large for the books")
    elif value is not None and not isinstance(value, str | bool):
        raise ValueError(f"{type(value).__name__} does not stand in the books")


def stamp(at: datetime) -> str:
    """Return a moment as it is hashed: UTC with six digits of a second, 2026-11-28T02:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf_text(
    postings: Iterable[tuple[str, str, int]], seq: int, txid: str, shop: int, kind: str, date: str, at: str,
    actor_kind: str, actor: int | None, device: int | None, order: str | None, doc: str | None, rules: str | None,
    data: str, prev: str,
) -> str:  # fmt: skip
    """Return the text of a leaf: an entry's columns in their order without ``leaf_hash``, and its postings.

    ``postings`` are (account, currency, amount), ``date`` is ISO 8601, ``at`` as `stamp` writes it, ``data`` canonical
    JSON already. Written out, because a million leaves are put together when the books are checked; a test holds
    it against `canonical`. Raises `ValueError` or `TypeError` for what is no entry.
    """
    lines = ",".join(f"[{_text(a)},{_text(c)},{_amount(m):d}]" for a, c, m in postings)
    return (
        f'{{"at":{_text(at)},"by":[{_text(actor_kind)},{_number(actor)},{_number(device)}],"data":{data},'
        f'"date":{_text(date)},"doc":{_or_null(doc)},"kind":{_text(kind)},"order":{_or_null(order)},'
        f'"postings":[{lines}],"prev":{_text(prev)},"rules":{_or_null(rules)},"seq":{seq:d},"shop":{shop:d},'
        f'"txid":{_text(txid)},"v":"{VERSION}"}}'
    )


def _number(value: int | None) -> str:
    return "null" if value is None else f"{value:d}"


def _or_null(value: str | None) -> str:
    return "null" if value is None else _text(value)


def _amount(value: int) -> int:
    if not -MOST <= value <= MOST:
        raise ValueError(f"{value} is too large for the books")
    return value
