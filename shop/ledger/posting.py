"""Writing into the books: entries are collected by the verbs and numbered as the last thing before the commit."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.days import business_date
from shop.core.events import before_seal
from shop.ledger.accounts import kind_of
from shop.ledger.canonical import canonical, leaf_text, stamp
from shop.ledger.tables import Account, Entry, Head, Posting
from shop.ledger.tree import grown, leaf_hash

Line = tuple[str, str, int]
"""Account, currency, minor units."""
Draft = tuple[dict[str, Any], list[Line]]
OPENED = "account_opened"
HASHED = [column.name for column in Entry.__table__.columns if column.name != "leaf_hash"]
"""The columns of an entry in the order in which `leaf_text` takes them."""
_E, _P, _A, _H = (cast(Table, each.__table__) for each in (Entry, Posting, Account, Head))
_NEW_ENTRIES, _NEW_POSTINGS, _NEW_ACCOUNTS = insert(_E), insert(_P), insert(_A)
_HEAD = select(Head.size, Head.last_hash, Head.last_at, Head.edge).where(Head.id == 1).with_for_update()
_KNOWN = select(Account.code).where(Account.code.in_(bindparam("codes", expanding=True)))
_GROW = update(_H).where(_H.c.id == 1)
_ZONE = text("SELECT timezone FROM shop WHERE id = :id")


class Unbalanced(ValueError):
    """An entry whose postings do not add up to nothing; a fault of the program, never of a person."""


def post(
    tx: Session, shop_id: int, kind: str, postings: Sequence[tuple[str, int]], *, currency: str, by: Actor,
    at: datetime, order: str | None = None, document: str | None = None, rules: str | None = None, **data: Any,
) -> str:  # fmt: skip
    """Write one entry; ``postings`` are (account, minor units), debit above zero, and add up to nothing.

    ``kind`` is in the past tense. ``order`` is an order's random reference; ``document`` and ``rules`` are SHA-256
    in hexadecimal; ``data`` holds no personal data. Returns the entry's random ``txid``, which the money row keeps.
    An account is opened by its first posting. An entry without postings only records a fact (a rule, a seal).
    Raises `Unbalanced`, `KeyError` for an account outside the chart, `ValueError` for data without canonical form.
    """
    kept = [(account, currency, amount) for account, amount in postings if amount]
    if sum(amount for _, _, amount in kept):
        raise Unbalanced(f"{kind}: {kept}")
    for account, _, _ in kept:
        kind_of(account)
    draft = {
        "txid": secrets.token_hex(16), "shop_id": shop_id, "kind": kind, "at": at, "actor_kind": by.kind.value,
        "actor_id": by.id, "device_id": by.device_id, "order_ref": order, "doc_hash": document, "rules_hash": rules,
        "data": canonical(data).decode(),
    }  # fmt: skip
    before_seal(tx, "ledger", write_collected).append((draft, kept))
    return str(draft["txid"])


def write_collected(tx: Session, drafts: list[Draft]) -> None:
    """Number, hash and write what was posted, when the diary is sealed. On PostgreSQL two writers queue here."""
    if not drafts:
        return
    connection = tx.connection()
    head = locked_head(tx)
    edge = [bytes.fromhex(part) for part in head.edge]
    size, last, last_at = head.size, head.last_hash, head.last_at
    zones: dict[int, str] = {}
    entries, postings, opened = [], [], []
    for entry, lines in _with_openings(drafts, _opened(connection, drafts)):
        size, shop_id = size + 1, entry["shop_id"]
        last_at = entry["at"] = max(entry["at"], last_at or entry["at"])  # the books' time never runs back
        if shop_id not in zones:
            zones[shop_id] = connection.execute(_ZONE, {"id": shop_id}).scalar_one()
        entry |= {"seq": size, "prev_hash": last, "business_date": business_date(last_at, zones[shop_id])}
        leaf = leaf_hash(_leaf(entry, lines))
        edge = grown(edge, size - 1, leaf)
        last = entry["leaf_hash"] = leaf.hex()
        entries.append(entry)
        postings += [
            {"seq": size, "n": n, "account": account, "currency": currency, "amount": amount}
            for n, (account, currency, amount) in enumerate(lines)
        ]
        if entry["kind"] == OPENED:
            facts = json.loads(entry["data"])
            opened.append({"code": facts["account"], "kind": facts["kind"], "opened_seq": size})
    if opened:
        connection.execute(_NEW_ACCOUNTS, opened)
    if postings:  # ahead of their entries, so that an entry's arrival can be checked against them
        connection.execute(_NEW_POSTINGS, postings)
    connection.execute(_NEW_ENTRIES, entries)
    grown_edge = [part.hex() for part in edge]
    connection.execute(_GROW, {"size": size, "last_hash": last, "last_at": last_at, "edge": grown_edge})


def locked_head(tx: Session) -> Row[Any]:
    """Return the end of the books (size, last_hash, last_at, edge); nobody else moves it before this commits."""
    return tx.connection().execute(_HEAD).one()


def _leaf(entry: dict[str, Any], lines: list[Line]) -> bytes:
    hashed = {"business_date": entry["business_date"].isoformat(), "at": stamp(entry["at"])}
    return leaf_text(lines, *({**entry, **hashed}[name] for name in HASHED)).encode()


def _opened(connection: Connection, drafts: list[Draft]) -> set[str]:
    wanted = {account for _, lines in drafts for account, _, _ in lines}
    return set(connection.execute(_KNOWN, {"codes": sorted(wanted)}).scalars()) if wanted else set()


def _with_openings(drafts: list[Draft], known: set[str]) -> list[Draft]:
    """Put in front of each entry the openings of the accounts it is the first to use."""
    whole: list[Draft] = []
    for entry, lines in drafts:
        for account in dict.fromkeys(account for account, _, _ in lines):
            if account not in known:
                known.add(account)
                facts = {"account": account, "kind": kind_of(account).value}
                more = {"txid": secrets.token_hex(16), "kind": OPENED, "data": canonical(facts).decode(),
                        "order_ref": None, "doc_hash": None, "rules_hash": None}  # fmt: skip
                whole.append(({**entry, **more}, []))
        whole.append((entry, lines))
    return whole
