"""``bin/shop ledger``: verify, export and checkpoint, as a person and as a program calls them."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from shop.core.events import Event
from shop.ledger.bundle import verify_ledger
from shop.ledger.signing import load_seal, read_note
from shop.ledger.tables import Entry
from tests import cast
from tests.shop.ledger.bookkeeping import day
from web import cli
from web.database import reading, writing
from web.house import house


@pytest.fixture
def shop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The shop of the tests is the one the commands open."""
    monkeypatch.setattr(cli, "new_app", lambda settings=None: app)
    return app


def say(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = cli.main(["ledger", *words])
    return code, capsys.readouterr().out


def test_sign_export_and_prove(shop: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with shop.app_context():
        day(3)
        code, out = say(capsys, "checkpoint", "--json")
        kept = json.loads(out)
        assert code == 0 and read_note(kept["note"], house().seal.public).size == kept["size"] == 10
        day(2)
    file = tmp_path / "books.zip"
    code, out = say(capsys, "export", str(file), "--json")
    assert code == 0 and json.loads(out)["entries"] == 14
    with zipfile.ZipFile(file) as packed:
        packed.extractall(tmp_path / "books")
    program = [sys.executable, "verify_ledger.py", "--json", "--kept", kept["code"]]
    done = subprocess.run(program, cwd=tmp_path / "books", text=True, capture_output=True)
    told = json.loads(done.stdout)
    code, out = say(capsys, "verify", "--json", "--kept", kept["code"])
    assert code == 0 and json.loads(out)["root"] == told["root"] and told["size"] == told["signed"] == 14
    assert say(capsys, "export", str(file))[0] == 1  # never over another


def test_what_was_changed_is_named(shop: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with shop.app_context():
        day(3)
        with writing() as tx:
            tx.execute(text("DROP TRIGGER ledger_posting_no_update"))
            tx.execute(text("UPDATE ledger_posting SET amount = 1 WHERE seq = 8 AND n = 0"))
    code, out = say(capsys, "verify")
    assert code == 1 and out.startswith("WRONG  entry 8 ")
    code, out = say(capsys, "verify", "--json")
    assert code == 1 and json.loads(out)["entry"] == 8


def test_a_checkpoint_that_is_not_in_these_books(shop: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with shop.app_context():
        day(1)
    assert say(capsys, "checkpoint")[0] == 0
    code, out = say(capsys, "verify", "--kept", "0000-0000-0000")
    assert code == 1 and "that you kept is gone" in out


def test_empty_books_are_well_and_have_nothing_to_sign(
    shop: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(capsys, "verify")[0] == 0
    assert say(capsys, "checkpoint")[0] == 1


def test_two_people_change_the_key(
    shop: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right = cast.DEMO_PASSWORD

    def change(first: str, second: str, *typed: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
        code = cli.main(
            ["ledger", "rotate-key", "--first", first, "--second", second, "--passwords", "-", "--json"]
        )
        return code, capsys.readouterr().out

    assert change("chen", "lin", right, right)[0] == 1, "nothing was signed yet"
    with shop.app_context():
        day(2)
        old = house().seal.public
    assert say(capsys, "checkpoint")[0] == 0
    for first, second, typed, why in (
        ("chen", "chen", (right, right), "Two different people"),
        ("chen", "lin", (right, "wrong"), "do not match"),
        ("xu", "chen", (right, right), "Only the owner and partners"),
        ("chen", "mei", (right, right), "Only the owner and partners"),
    ):
        code, out = change(first, second, *typed)
        assert code == 1 and why in json.loads(out)["error"], (first, second)
    code, out = say(capsys, "verify", "--json")
    assert json.loads(out)["checkpoints"] == 1, "whoever was refused has changed nothing"
    code, out = change("chen", "lin", right, right)
    new = json.loads(out)
    assert code == 0 and "key_rotated" in new["note"]
    assert say(capsys, "verify", "--kept", new["code"])[0] == 0
    file = tmp_path / "books.zip"
    assert say(capsys, "export", str(file))[0] == 0
    assert verify_ledger.check(file, [new["code"]], [], new["key"])[0] == new["size"]
    with shop.app_context(), reading() as session:
        found = session.scalars(select(Entry).where(Entry.kind == "key_rotated")).one()
        people = {person: cast.person(session, person).id for person in ("chen", "lin")}
        assert (found.actor_id, json.loads(found.data)["second"]) == (people["chen"], people["lin"])
        seal = load_seal(shop.extensions["fairslice"].settings.data / "ledger.key")
        assert new["key"].endswith(base64.b64encode(b"\x01" + seal.public).decode()) and seal.public != old
        assert {e.kind for e in session.scalars(select(Event))} >= {"key_rotated", "signed_in"}
