"""What exactly is hashed of an entry: one line of canonical JSON, the same on every machine and in every language.

The form is RFC 8785's for the JSON that is allowed here: objects with ASCII names in sorted order, no blanks, text as
UTF-8 with the short escapes, whole numbers below 2**53, true, false and null; no fractions.
"""

import json
from datetime import UTC, datetime
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


def leaf_bytes(entry: dict[str, Any], postings: list[tuple[str, str, int]]) -> bytes:
    """Return the bytes of a leaf: the row of `Entry` without ``leaf_hash``, and its postings in their order.

    ``postings`` are (account, currency, amount). ``entry["data"]`` is canonical JSON text and stands here parsed.
    """
    return canonical(
        {
            "v": VERSION,
            "seq": entry["seq"],
            "txid": entry["txid"],
            "shop": entry["shop_id"],
            "kind": entry["kind"],
            "date": entry["business_date"].isoformat(),
            "at": stamp(entry["at"]),
            "by": [entry["actor_kind"], entry["actor_id"], entry["device_id"]],
            "order": entry["order_ref"],
            "doc": entry["doc_hash"],
            "rules": entry["rules_hash"],
            "data": json.loads(entry["data"]),
            "prev": entry["prev_hash"],
            "postings": [list(posting) for posting in postings],
        }
    )
