"""``bin/shop ledger``: verify, export and checkpoint, as a person and as a program calls them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from shop.ledger.signing import read_note
from tests.shop.ledger.bookkeeping import day
from web import cli
from web.database import writing
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
