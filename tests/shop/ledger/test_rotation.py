"""The books go on with another signing key: the old one and the new one sign that, or nobody believes it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict
from shop.ledger import bundle, checkpoints, post
from shop.ledger.bundle import verify_ledger
from shop.ledger.canonical import stamp
from shop.ledger.checkpoints import key_of, newest, rotate, settle_key
from shop.ledger.signing import TURN, Seal, Tree, digest, load_seal, next_key, read_note, verifier_key
from shop.ledger.tables import Checkpoint, Head
from shop.ledger.tree import root_of
from shop.ledger.verifying import verify
from tests.cast import SATURDAY
from tests.shop.ledger.bookkeeping import MEI, day, pay, sign
from tests.shop.ledger.node import VERIFIER, node
from web.database import reading, writing
from web.house import house

LATER = SATURDAY + timedelta(hours=1)


def turned(seal: Seal, new: Seal, by: Actor = MEI) -> None:
    with writing() as tx:
        rotate(tx, 1, seal, new, currency="CNY", second=1, by=by, at=LATER)


def stranger() -> Seal:
    return Seal(Ed25519PrivateKey.generate())


def exported(public: bytes, folder: Path) -> Path:
    with reading() as session:
        bundle.export(session, public, folder.with_suffix(".zip"), at=LATER)
    with zipfile.ZipFile(folder.with_suffix(".zip")) as packed:
        packed.extractall(folder)
    return folder


def verdicts(public: bytes, folder: Path) -> list[str]:
    """What is wrong with the books, as the shop, the Python verifier and the one for Node say it; "" where nothing."""
    exported(public, folder)
    with reading() as session:
        found = [verify(session, public).says]
    try:
        verify_ledger.check(folder, [], [], None)
        found.append("")
    except verify_ledger.Wrong as wrong:
        found.append(str(wrong.args[0]))
    done = node(str(VERIFIER), "--json", str(folder))
    return [*found, json.loads(done.stdout).get("says", "")]


def test_old_and_new_key_sign_and_all_three_verifiers_follow(app_both: Flask, tmp_path: Path) -> None:
    with app_both.app_context():
        seal = house().seal
        assert seal.file is not None
        day(2)
        kept, old = sign(), seal.public
        new = load_seal(next_key(seal.file))
        turned(seal, new)
        with reading() as session:
            last = newest(session)
            assert last is not None and read_note(last.note, old) == read_note(last.note, new.public)
            assert key_of(session, seal).public == new.public, "whoever has read the old key reads again"
            settle_key(session, seal)
        assert load_seal(seal.file).public == new.public and not next_key(seal.file).exists()
        day(2, begin=LATER)
        assert read_note(sign("due", at=LATER), new.public).why == "due", (
            "the same process signs with the new one"
        )
        folder = tmp_path / "books"
        assert verdicts(new.public, folder) == ["", "", ""]
        with reading() as session:
            assert verify(session, new.public, [kept]).well and not verify(session, old).well
        origin = kept.split("\n", 1)[0]
        for known, well in ((old, True), (new.public, True), (stranger().public, False)):
            words = [] if well else ["never signed by the key you know"]
            assert said(folder, "--key", verifier_key(origin, known), "--kept", kept) == words
        turned(seal, stranger())  # and once more, by two keys in a row
        with reading() as session:
            again = newest(session)
            assert again is not None and again.reason.startswith(
                f"{TURN} {verifier_key(origin, new.public)} "
            )


def said(folder: Path, *words: str) -> list[str]:
    """What the bundle's own program finds wrong."""
    program = [sys.executable, "-I", str(folder / "verify_ledger.py"), "--json", *words]
    done = json.loads(subprocess.run(program, text=True, capture_output=True).stdout)
    return [] if done["well"] else [done["says"].removeprefix("these books were ")]


def test_killed_before_the_file_is_exchanged_nothing_is_lost(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        seal = house().seal
        assert seal.file is not None
        day(1)
        sign()
        new = load_seal(next_key(seal.file))  # killed here: the books go on with the old key
        day(1, begin=LATER)
        assert read_note(sign(at=LATER), seal.public)
        turned(seal, new)  # and killed here: both files are there, the books go on with the new one
        day(1, begin=LATER)
        assert read_note(sign(at=LATER), new.public) and seal.public != new.public
        with reading() as session:
            assert verify(session, key_of(session, load_seal(seal.file)).public).well
            settle_key(session, seal)
            assert load_seal(seal.file).public == new.public


def test_without_a_checkpoint_there_is_nothing_to_hand_over(app: Flask) -> None:
    with app.app_context(), pytest.raises(Conflict):
        turned(house().seal, stranger())


Forged = Callable[[Session, Seal, Seal], None]


def _write(tx: Session, why: str, *signers: Seal) -> None:
    """Write a checkpoint by hand, as somebody does who may write the database."""
    checkpoints.write_collected(tx, tx.info.pop("closing")["ledger"][1])
    tx.flush()
    head, last = tx.get_one(Head, 1, populate_existing=True), newest(tx)
    assert last is not None
    root = root_of(bytes.fromhex(part) for part in head.edge)
    tree = Tree(last.note.split("\n", 1)[0], head.size, root, stamp(LATER), why, digest(last.note))
    note = signers[0].sign(tree, *signers[1:])
    row = {"size": head.size, "at": LATER, "root": root.hex(), "reason": why, "note": note}
    tx.execute(insert(Checkpoint), row)


def _keys(tx: Session, old: Seal, new: Seal) -> dict[str, str]:
    last = newest(tx)
    assert last is not None
    origin = last.note.split("\n", 1)[0]
    return {"old": verifier_key(origin, old.public), "new": verifier_key(origin, new.public)}


def _entry(tx: Session, old: Seal, new: Seal) -> str:
    keys = _keys(tx, old, new)
    post(tx, 1, TURN, [], currency="CNY", by=MEI, at=LATER, second=1, **keys)
    return f"{TURN} {keys['old']} {keys['new']}"


def by_the_new_key_alone(tx: Session, old: Seal, new: Seal) -> None:
    _write(tx, _entry(tx, old, new), new, new)


def by_a_stranger_in_the_old_ones_name(tx: Session, old: Seal, new: Seal) -> None:
    _write(tx, _entry(tx, old, new), stranger(), new)


def from_a_key_that_never_signed(tx: Session, old: Seal, new: Seal) -> None:
    other = stranger()
    _write(tx, _entry(tx, other, new), other, new)


def by_the_old_key_alone(tx: Session, old: Seal, new: Seal) -> None:
    """Who holds the old key cannot put somebody in who does not hold the new one."""
    _write(tx, _entry(tx, old, new), old, old)


def with_one_signature(tx: Session, old: Seal, new: Seal) -> None:
    _write(tx, _entry(tx, old, new), old)


def without_an_entry(tx: Session, old: Seal, new: Seal) -> None:
    keys = _keys(tx, old, new)
    pay(tx, at=LATER)
    _write(tx, f"{TURN} {keys['old']} {keys['new']}", old, new)


def an_entry_that_names_another_key(tx: Session, old: Seal, new: Seal) -> None:
    _entry(tx, old, stranger())
    keys = _keys(tx, old, new)
    _write(tx, f"{TURN} {keys['old']} {keys['new']}", old, new)


def an_entry_alone(tx: Session, old: Seal, new: Seal) -> None:
    _entry(tx, old, new)
    _write(tx, "due", old)


FORGED: tuple[Forged, ...] = (
    by_the_new_key_alone, by_a_stranger_in_the_old_ones_name, from_a_key_that_never_signed, by_the_old_key_alone,
    with_one_signature, without_an_entry, an_entry_that_names_another_key, an_entry_alone,
)  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
def test_a_key_that_the_old_one_has_not_signed_is_believed_by_nobody(
    app: Flask, tmp_path: Path, forged: Forged
) -> None:
    with app.app_context():
        day(2)
        sign()
        old, new = house().seal, stranger()
        with writing() as tx:
            forged(tx, old, new)
        for n, public in enumerate((old.public, new.public)):
            found: list[Any] = verdicts(public, tmp_path / f"books{n}")
            assert all(found), (forged.__name__, found)


def test_the_forgeries_are_nothing_but_forged(app: Flask, tmp_path: Path) -> None:
    """Teeth: written by the same hand, but signed by both, it is believed by all three."""
    with app.app_context():
        day(2)
        sign()
        old, new = house().seal, stranger()
        with writing() as tx:
            _write(tx, _entry(tx, old, new), old, new)
        assert verdicts(new.public, tmp_path / "books") == ["", "", ""]
