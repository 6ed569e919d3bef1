"""Signed tree heads: made every hundred entries or ten minutes, at each day's seal, and when asked for.

Whoever keeps one, on paper or on a phone, can prove any later change to what it covers.
"""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import N_, Conflict
from shop.core.events import before_seal, record
from shop.ledger.canonical import stamp
from shop.ledger.posting import locked_head, post, write_collected
from shop.ledger.signing import NOTHING_BEFORE, TURN, Seal, Tree, digest, next_key, short_code, verifier_key
from shop.ledger.tables import Checkpoint, Entry
from shop.ledger.tree import root_of

EVERY_ENTRIES = 100
EVERY = timedelta(minutes=10)
"""A checkpoint is due after so many new entries, or so long after the last one when there are new entries."""
_SLUG = text("SELECT slug FROM shop ORDER BY id LIMIT 1")


def key_of(session: Session, seal: Seal) -> Seal:
    """Return the key that signs the books now."""
    last = newest(session)
    return seal.going_on(last.note) if last else seal


def settle_key(session: Session, seal: Seal) -> None:
    """Put the next key in the old one's place once the books go on with it; what somebody was killed in is finished."""
    held = key_of(session, seal)
    if seal.file is not None and held.file == next_key(seal.file):
        held.file.replace(seal.file)


def newest(session: Session) -> Checkpoint | None:
    """Return the last checkpoint; None before the first."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()


def sign_due(tx: Session, shop_id: int, seal: Seal, *, at: datetime) -> bool:
    """Sign the books if it is time; returns whether it was."""
    size = tx.scalar(text("SELECT size FROM ledger_head WHERE id = 1")) or 0
    last = newest(tx)
    behind = size - (last.size if last else 0)
    if behind >= EVERY_ENTRIES or (behind > 0 and (last is None or at - last.at >= EVERY)):
        checkpoint(tx, shop_id, seal, at=at, reason="due")
        return True
    return False


def checkpoint(tx: Session, shop_id: int, seal: Seal, *, at: datetime, reason: str) -> None:
    """Sign the books as this transaction leaves them, with all that it posts before it ends.

    ``reason`` is one word, such as ``day_sealed``. Where no entry is new since the last checkpoint, that one stands.
    """
    before_seal(tx, "ledger", write_collected)  # what is posted, even after this call, is written ahead of it
    before_seal(tx, "checkpoint", _sign).append((shop_id, seal, at, reason, ()))


def rotate(
    tx: Session, shop_id: int, seal: Seal, new: Seal, *, currency: str, second: int, by: Actor, at: datetime
) -> None:
    """Let the books go on with another signing key: an entry says so, and the checkpoint over it is signed by both.

    ``second`` is the person who agreed. Nothing else may be posted in this transaction. Raises `Conflict` before the
    first checkpoint: then the key can simply be exchanged.
    """
    locked_head(tx)
    last = newest(tx)
    if last is None:
        raise Conflict(N_("The books have not been signed yet."))
    origin = last.note.split("\n", 1)[0]
    keys = {
        "old": verifier_key(origin, seal.going_on(last.note).public),
        "new": verifier_key(origin, new.public),
    }
    post(tx, shop_id, TURN, [], currency=currency, by=by, at=at, second=second, **keys)
    record(tx, shop_id, TURN, by=by, at=at, topics=("books",), second=second)
    asked = before_seal(tx, "checkpoint", _sign)
    asked.append((shop_id, seal, at, f"{TURN} {keys['old']} {keys['new']}", (new,)))


def _sign(tx: Session, asked: list[tuple[int, Seal, datetime, str, tuple[Seal, ...]]]) -> None:
    shop_id, seal, at, reason, others = asked[-1]
    head, last = locked_head(tx), newest(tx)
    seal = seal.going_on(last.note) if last else seal
    if head.size == (last.size if last else 0):
        return
    at = max(at, head.last_at or at, last.at if last else at)
    origin = last.note.split("\n", 1)[0] if last else f"fairslice/{tx.scalar(_SLUG)}"
    before = digest(last.note) if last else NOTHING_BEFORE
    root = root_of(bytes.fromhex(part) for part in head.edge)
    note = seal.sign(Tree(origin, head.size, root, stamp(at), reason, before), *others)
    row = {"size": head.size, "at": at, "root": root.hex(), "reason": reason, "note": note}
    tx.execute(insert(Checkpoint), row)
    record(
        tx,
        shop_id,
        "books_signed",
        by=SYSTEM,
        at=at,
        topics=("books",),
        size=head.size,
        code=short_code(note),
    )


WITNESS = 16
"""Digits of a leaf's hash that stand on a customer's paper: its first eight bytes."""


def taken_for(session: Session, order_ref: str | None) -> list[tuple[int, str]]:
    """Return what a customer's slip says of the money that was taken for an order: entry, first digits of its leaf."""
    if order_ref is None:
        return []
    money = select(Entry.seq, Entry.leaf_hash).where(
        Entry.order_ref == order_ref, Entry.kind == "payment_captured"
    )
    return [(seq, leaf[:WITNESS]) for seq, leaf in session.execute(money.order_by(Entry.seq))]
