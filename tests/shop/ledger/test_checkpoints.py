"""Signed tree heads: when they are due, what they say, and that nobody else can make one."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import select

from shop.core.events import Event
from shop.ledger.checkpoints import checkpoint, newest, sign_due, taken_for
from shop.ledger.signing import BadNote, Seal, Tree, digest, load_seal, read_note, short_code, verifier_key
from shop.ledger.tables import Checkpoint, Entry, Head
from shop.ledger.tree import root_of
from tests.cast import SATURDAY, clock_of
from tests.shop.ledger.bookkeeping import day, pay, sign
from web.database import reading, writing
from web.house import house
from web.jobs import Clockwork

FIXED = Seal(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TREE = Tree(
    "fairslice/tangjian", 123, bytes(range(32)), "2026-11-28T02:00:00.000000Z", "day_sealed", "0" * 64
)
GOLDEN = """\
fairslice/tangjian
123
AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
at 2026-11-28T02:00:00.000000Z
why day_sealed
before 0000000000000000000000000000000000000000000000000000000000000000

— fairslice/tangjian M+MU9H/ePlmfVfIUNGbto5EtMnfI1r4E30b4Zyn/71+JeaJ/jWfQe1ddcrdPSq6Ezv5K7Tvt0F2uxiDSokkEjfW1CAY=
"""


def test_a_checkpoint_is_written_the_same_for_ever() -> None:
    note = FIXED.sign(TREE)
    assert note == GOLDEN
    assert (digest(note), short_code(note)) == (
        "813d44b6c8149b6a1ed4c1749e3af888c38b0f6565a6134cb57e7bcb4c70bebc",
        "G4YM-9DP8-2JDP",
    )
    assert (
        verifier_key(TREE.origin, FIXED.public)
        == "fairslice/tangjian+33e314f4+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    )
    assert read_note(note, FIXED.public) == TREE


def test_no_other_text_passes_for_it() -> None:
    note = FIXED.sign(TREE)
    wrong = [note[:n] + chr(ord(note[n]) ^ 1) + note[n + 1 :] for n in range(len(note))]
    wrong += [note[:-1], note + "\n", note.replace("123", "0123"), note.replace("\n", "\r\n"), "", "\n\n"]
    other = Seal(Ed25519PrivateKey.generate())
    for text in wrong:
        with pytest.raises(BadNote):
            read_note(text, FIXED.public)
            pytest.fail(f"passed: {text!r}")
    with pytest.raises(BadNote, match="another key"):
        read_note(other.sign(TREE), FIXED.public)


def test_the_key_is_for_this_user_only_and_made_once(tmp_path: Path) -> None:
    file = tmp_path / "ledger.key"
    made = load_seal(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_seal(file).public == made.public
    os.chmod(file, 0o640)
    with pytest.raises(PermissionError):
        load_seal(file)


def test_a_checkpoint_covers_all_that_its_transaction_posts(app_both: Flask) -> None:
    with app_both.app_context():
        with writing() as tx:
            checkpoint(tx, 1, house().seal, at=SATURDAY, reason="day_sealed")
            pay(tx)
        with reading() as session:
            last, head = newest(session), session.get_one(Head, 1)
            assert last is not None and last.size == head.size == 3
            tree = read_note(last.note, house().seal.public)
            assert tree.root == root_of(bytes.fromhex(part) for part in head.edge) == bytes.fromhex(last.root)
            assert (tree.origin, tree.why, tree.before) == ("fairslice/tangjian", "day_sealed", "0" * 64)
            kinds = session.execute(select(Event.kind, Event.data).order_by(Event.id.desc())).first()
            assert kinds and kinds.kind == "books_signed" and kinds.data["code"] == short_code(last.note)
        day(1)
        assert read_note(sign(), house().seal.public).before == digest(last.note)


def test_nothing_new_needs_no_new_checkpoint(app: Flask) -> None:
    with app.app_context():
        day(1)
        assert sign() == sign()
        with reading() as session:
            assert len(session.scalars(select(Checkpoint)).all()) == 1


def test_it_is_due_after_a_hundred_entries_or_ten_minutes(app: Flask) -> None:
    def due(at: timedelta) -> bool:
        with writing() as tx:
            return sign_due(tx, 1, house().seal, at=SATURDAY + at)

    with app.app_context():
        assert not due(timedelta())  # no entries yet
        day(1)
        assert due(timedelta()) and not due(timedelta(hours=1))
        day(1)
        assert not due(timedelta(minutes=9)) and due(timedelta(hours=1, minutes=10))
        with writing() as tx:
            for _ in range(99):
                pay(tx)
        assert not due(timedelta(hours=1, minutes=11))
        day(1)
        assert due(timedelta(hours=1, minutes=11))


def test_the_shop_signs_by_itself(app: Flask) -> None:
    with app.app_context():
        day(1)
        clock_of(app).pass_by(minutes=10)
        Clockwork(app).tick()
        with reading() as session:
            last = newest(session)
            assert last is not None and last.reason == "due"
            assert read_note(last.note, house().seal.public).why == "due"


def test_a_slip_names_the_entries_of_its_money(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            paid = [pay(tx, order="K7Q2M4ZX9B3D") for _ in range(2)]
            pay(tx, order="somebody-elses")
        with reading() as session:
            entries = session.scalars(select(Entry).where(Entry.txid.in_(paid)).order_by(Entry.seq))
            named = [(entry.seq, entry.leaf_hash[:16]) for entry in entries]
            assert len(named) == 2 and taken_for(session, "K7Q2M4ZX9B3D") == named


def test_the_root_is_base64_in_the_note_and_hexadecimal_in_the_row(app: Flask) -> None:
    with app.app_context():
        day(1)
        note = sign()
        with reading() as session:
            row = newest(session)
            assert row is not None and base64.b64decode(note.split("\n")[2]).hex() == row.root
