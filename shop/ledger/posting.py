"""Writing into the books: entries are collected by the verbs and numbered as the last thing before the commit."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.days import business_date
from shop.core.events import before_seal
from shop.ledger.accounts import kind_of
from shop.ledger.canonical import canonical, leaf_bytes
from shop.ledger.tables import Account, Entry, Head, Posting
from shop.ledger.tree import grown, leaf_hash

_NEW_ENTRIES = insert(Entry)
_NEW_POSTINGS = insert(Posting)
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
    before_seal(tx, "ledger", _write).append((draft, kept))
    return str(draft["txid"])


def _write(tx: Session, drafts: list[tuple[dict[str, Any], list[tuple[str, str, int]]]]) -> None:
    """Number, hash and write what was posted. The head is a row: on PostgreSQL two writers queue here."""
    head = tx.scalars(
        select(Head).where(Head.id == 1).with_for_update().execution_options(populate_existing=True)
    ).one()
    edge = [bytes.fromhex(part) for part in head.edge]
    size, last, last_at = head.size, head.last_hash, head.last_at
    known = _opened(tx, drafts)
    entries, postings = [], []
    for entry, lines in _with_openings(drafts, known):
        size += 1
        last_at = entry["at"] = max(entry["at"], last_at or entry["at"])  # the books' time never runs back
        entry |= {"seq": size, "prev_hash": last}
        entry["business_date"] = business_date(
            last_at, tx.execute(_ZONE, {"id": entry["shop_id"]}).scalar_one()
        )
        leaf = leaf_hash(leaf_bytes(entry, lines))
        edge = grown(edge, size - 1, leaf)
        last = entry["leaf_hash"] = leaf.hex()
        entries.append(entry)
        postings += [
            {"seq": size, "n": n, "account": account, "currency": currency, "amount": amount}
            for n, (account, currency, amount) in enumerate(lines)
        ]
        if entry["kind"] == "account_opened":
            opened = json.loads(entry["data"])
            tx.execute(
                insert(Account), {"code": opened["account"], "kind": opened["kind"], "opened_seq": size}
            )
    if postings:  # ahead of their entries, so that an entry's arrival can be checked against them
        tx.execute(_NEW_POSTINGS, postings)
    tx.execute(_NEW_ENTRIES, entries)
    tx.execute(
        update(Head).where(Head.id == 1).values(
            size=size, last_hash=last, last_at=last_at, edge=[part.hex() for part in edge]
        )
    )  # fmt: skip


def _opened(tx: Session, drafts: list[tuple[dict[str, Any], list[tuple[str, str, int]]]]) -> set[str]:
    wanted = {account for _, lines in drafts for account, _, _ in lines}
    return set(tx.scalars(select(Account.code).where(Account.code.in_(wanted))))


def _with_openings(
    drafts: list[tuple[dict[str, Any], list[tuple[str, str, int]]]], known: set[str]
) -> list[tuple[dict[str, Any], list[tuple[str, str, int]]]]:
    """Put in front of each entry the openings of the accounts it is the first to use."""
    whole: list[tuple[dict[str, Any], list[tuple[str, str, int]]]] = []
    for entry, lines in drafts:
        for account in dict.fromkeys(account for account, _, _ in lines):
            if account not in known:
                known.add(account)
                facts = {"account": account, "kind": kind_of(account).value}
                more = {"txid": secrets.token_hex(16), "kind": "account_opened", "data": canonical(facts).decode(),
                        "order_ref": None, "doc_hash": None, "rules_hash": None}  # fmt: skip
                whole.append(({**entry, **more}, []))
        whole.append((entry, lines))
    return whole
