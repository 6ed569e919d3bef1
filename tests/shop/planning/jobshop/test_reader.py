"""Job-shop files are read as they come, and what is wrong is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.jobshops import as_text
from shop.planning.jobshop import Instance
from shop.planning.jobshop.reader import Unreadable, read, read_file
from tests.shop.planning.jobshop.shops import instances

TWO_JOBS = "2 3\n2 1 1 5 2 2 3 3 4\n1 1 3 6\n"


def test_the_standard_form() -> None:
    found = read(TWO_JOBS)
    assert found == Instance(3, [[{0: 5}, {1: 3, 2: 4}], [{2: 6}]], first_machine=1)
    assert found.size == 3


def test_machines_from_zero_are_told_by_their_zero() -> None:
    found = read("2 3\n2 1 0 5 2 1 3 2 4\n1 1 2 6\n")
    assert found == Instance(3, [[{0: 5}, {1: 3, 2: 4}], [{2: 6}]], first_machine=0)


@pytest.mark.parametrize(
    "text",
    [
        TWO_JOBS.replace(" ", "\t"),
        TWO_JOBS.replace(" ", ", "),
        TWO_JOBS.replace(" ", ";"),
        TWO_JOBS.replace("\n", "\r\n"),
        "\n" + TWO_JOBS.replace("\n", "   \n\n") + "\n \n\n",
        TWO_JOBS.replace("2 3\n", "2 3 1.33\n"),
        TWO_JOBS.replace("1 1 3 6", "1 1 3 6  # the second job"),
        TWO_JOBS.replace(" 5 ", " 5.0 "),
        TWO_JOBS.rstrip("\n"),
    ],
)  # fmt: skip
def test_the_same_shop_in_other_dresses(text: str) -> None:
    assert read(text) == read(TWO_JOBS)


def test_a_machine_named_twice_counts_with_its_shorter_time() -> None:
    assert read("1 1\n1 2 1 7 1 4\n").jobs == [[{0: 4}]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: there is nothing in it"),
        ("2\n", "line 1: the first line is the number of jobs"),
        ("2 3 1 4\n", "line 1: the first line is the number of jobs"),
        ("0 3\n", "line 1: at least one job"),
        ("2 3\n1 1 1 5\n", "line 2: 2 jobs were promised, but only 1 follow"),
        ("1 3\n1 1 1 5\n\n1 1 1 5\n", "line 4: more lines than the 1 jobs"),
        ("1 3\n\n2 1 1 5\n", "line 3: 2 operations were promised, but it ends after 1"),
        ("1 3\n1 2 1 5 2\n", "line 2: it ends in the middle of operation 1"),
        ("1 3\n1 1 1 5 9\n", "line 2: 1 numbers are left over after operation 1"),
        ("1 3\n1 0\n", "line 2: operation 1 has no machine"),
        ("1 3\n0\n", "line 2: a job has at least one operation"),
        ("1 3\n1 1 4 5\n", "line 2: operation 1 wants machine 4; there are 1 to 3"),
        ("2 3\n1 1 0 5\n1 1 3 5\n", "line 3: operation 1 wants machine 3; there are 0 to 2"),
        ("1 3\n1 1 -1 5\n", "line 2: operation 1 wants machine -1"),
        ("1 3\n1 1 1 -5\n", "line 2: operation 1 takes -5"),
        ("1 3\n1 1 1 five\n", "line 2: 'five' is not a whole number"),
        ("1 3\n1 1 1 2.5\n", "line 2: '2.5' is not a whole number"),
        ("1 3\n1 1 1 nan\n", "line 2: 'nan' is not a whole number"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says.replace("(", r"\(")):
        read(text)


def test_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "mine.fjs").write_text("\ufeff" + TWO_JOBS, "utf-8")
    assert read_file(tmp_path / "mine.fjs").name == "mine"
    (tmp_path / "bad.fjs").write_text("1 1\n1 1 1\n")
    with pytest.raises(Unreadable, match=r"bad\.fjs, line 2"):
        read_file(tmp_path / "bad.fjs")
    (tmp_path / "photo.fjs").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(Unreadable, match="not a text file"):
        read_file(tmp_path / "photo.fjs")


@given(instances(), st.sampled_from([" ", "\t", ",", " ; "]))
def test_what_is_written_is_read(instance: Instance, between: str) -> None:
    again = read(as_text(instance, 1, between))
    assert (again.machines, again.jobs) == (instance.machines, instance.jobs)
