"""The command line: every command says what it does, answers JSON when asked, and refuses in one line."""

import json
from pathlib import Path

import pytest

from web import cli


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRSLICE_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_every_command_has_words_and_json() -> None:
    known = cli.commands()
    assert {"demo reset", "demo play", "import sales", "user add", "device pair", "doctor"} <= {
        c.name for c in known
    }
    assert len({c.name for c in known}) == len(known)
    for command in known:
        assert command.about and not command.about.endswith(".")
        help_text = ""
        with pytest.raises(SystemExit) as left:
            cli.build_parser(known).parse_args([*command.name.split(), "--help"])
        assert left.value.code == 0, help_text


def test_the_demo_is_made_on_an_empty_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["demo", "reset", "--days", "0", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["orders"] == 13 and made["password"] == "tangjian"


def test_a_refusal_is_one_line_and_exit_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = [
        "import",
        "sales",
        str(tmp_path / "none.csv"),
        "--day",
        "2017-02-04",
        "--map",
        str(tmp_path / "none.json"),
    ]
    assert cli.main([*words, "--json"]) == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.startswith("fairslice: ")
    assert "error" in json.loads(said.out)


def test_a_wrong_call_is_exit_2() -> None:
    for words in ([], ["demo"], ["demo", "dance"], ["import", "sales", "x"], ["doctor", "--what"]):
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        assert left.value.code == 2
