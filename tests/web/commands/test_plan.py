"""``bin/shop plan solve`` as the contract says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.jobshops import as_text, packed
from shop.planning.jobshop import Placed, Schedule
from shop.planning.jobshop.checker import faults
from shop.planning.jobshop.reader import read
from web.cli import main

FACTS = {"makespan", "bound", "optimal", "seconds"}


@pytest.mark.parametrize("first", [0, 1])
def test_an_instance_is_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str], first: int) -> None:
    text = as_text(packed(machines=3, length=40, pieces=3, seed=1), first)
    (tmp_path / "mine.fjs").write_text(text)
    assert main(["plan", "solve", str(tmp_path / "mine.fjs"), "--seconds", "20", "--schedule", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.keys() >= FACTS and (said["makespan"], said["bound"], said["optimal"]) == (40, 40, True)
    placed = [
        Placed(row["job"], row["operation"], row["machine"] - first, row["start"], row["end"])
        for row in said["schedule"]
    ]
    assert faults(read(text), Schedule(placed), 40) == []


def test_without_json_it_is_said_in_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.fjs").write_text("1 2\n1 2 1 7 2 5\n")
    assert main(["plan", "solve", str(tmp_path / "one.fjs"), "--schedule"]) == 0
    said = capsys.readouterr().out
    assert "makespan: 5" in said and "job 0 operation 0: machine 2, 0 to 5" in said


def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.fjs").write_text("1 2\n1 2 1 7 2\n")
    assert main(["plan", "solve", str(tmp_path / "bad.fjs"), "--json"]) == 1
    assert "bad.fjs, line 2" in json.loads(capsys.readouterr().out)["error"]
    assert main(["plan", "solve", str(tmp_path / "none.fjs")]) == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_no_time_is_a_wrong_call(seconds: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["plan", "solve", "x.fjs", "--seconds", seconds])
    assert left.value.code == 2
