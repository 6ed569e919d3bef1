"""The benchmarks run, tell what they measured in the contract's form, and count rightly."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import __main__ as command
from bench import faults
from bench.figures import Figure, memory, processor_seconds, share
from bench.servers import a_shop, folder, open_file


def test_a_figure_as_the_contract_wants_it() -> None:
    facts = json.loads(Figure("orders.cpu_8", 12.3456, "ms", 24.0, 96, "rounds 11 to 13").as_json())
    assert facts == {
        "name": "orders.cpu_8", "value": 12.346, "unit": "ms", "ceiling": 24.0, "ratio": 0.514, "n": 96,
        "note": "rounds 11 to 13",
    }  # fmt: skip
    assert json.loads(Figure("x", 1, "s").as_json())["ratio"] is None


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_shares_are_by_nearest_rank(part: float, value: int) -> None:
    assert share(list(range(1, 101)), part) == value
    assert share([7.0], part) == 7.0


def test_processor_time_and_memory_are_read() -> None:
    program = (
        "kept = bytearray(20_000_000); input(); sum(range(40_000_000)); print('done', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:  # one without children: theirs count as long as they live
        assert process.stdin is not None and process.stdout is not None
        before = processor_seconds(process.pid)
        print(file=process.stdin, flush=True)
        process.stdout.readline()
        assert processor_seconds(process.pid) > before
        assert memory(process.pid) > 15
        print(file=process.stdin, flush=True)


def test_an_unknown_name_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "nonsense"])
    with pytest.raises(SystemExit) as left:
        command.main()
    assert left.value.code == 2 and "orders" in capsys.readouterr().err


def test_every_benchmark_has_a_file_with_run() -> None:
    for name in command.BENCHES:
        module = __import__(f"bench.{name}", fromlist=["run"])
        assert callable(module.run) and module.__doc__


def test_a_fault_test_becomes_a_figure() -> None:
    out = "--- Captured Out ---\n1000 orders, 20 kills"
    said = f"<testcase name='test_kill' time='61.5'><system-out>{out}</system-out></testcase>"
    failed = "<testcase name='test_kill' time='3'><failure message='2 orders lost'/></testcase>"
    assert faults.figure(ElementTree.fromstring(said)) == Figure(
        "faults.kill", 61.5, "s", note="1000 orders, 20 kills"
    )
    assert faults.figure(ElementTree.fromstring(failed)) == Figure(
        "faults.kill", 3.0, "broken", note="2 orders lost"
    )


def test_raw_rows_are_whole_orders() -> None:
    from bench.orders import invariants
    from bench.rows import write_order

    with folder() as data:
        a_shop(data)
        connection = open_file(data)
        before = connection.execute("SELECT count(*) FROM orders").fetchone()[0]
        for _ in range(3):
            write_order(connection)
        assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] == before + 3
        connection.close()
        assert invariants(data).value == 0


@pytest.mark.fault
def test_the_ordering_runs_from_end_to_end() -> None:
    from bench import orders

    options = argparse.Namespace(quick=True, long=False, json=True)
    found = {figure.name: figure for figure in orders.run(options)}
    assert not [f for f in found.values() if f.unit == "broken"], found
    assert found["orders.rate_8"].value > 0 and found["orders.rate_8"].ceiling
    assert found["orders.cpu_8"].n == 8


@pytest.mark.fault
def test_the_books_are_checked_and_proven_as_people_do() -> None:
    from bench import ledger

    options = argparse.Namespace(quick=True, long=False, json=True)
    found = {figure.name.removeprefix("ledger."): figure for figure in ledger.run(options)}
    checks = {"verify", "export", "bundle_python", "bundle_node"}
    assert {
        "append_rate",
        "append_cpu",
        "append_many",
        "prove_inclusion",
        "prove_consistency",
    } | checks <= set(found)
    assert all(found[name].n >= 2000 and " MB" in found[name].note for name in checks)


@pytest.mark.fault
def test_the_plan_is_judged_beside_its_peers(tmp_path: Path) -> None:
    from bench import plan
    from bench.jobshops import as_text, packed

    (tmp_path / "mine.fjs").write_text(as_text(packed(3, 40, 3, 1), first=0))
    (tmp_path / "best_known.csv").write_text("instance,upper_bound\nmine,40\nother,7\n")
    options = argparse.Namespace(quick=True, long=False, json=True, data=tmp_path)
    found = {figure.name: figure for figure in plan.run(options)}
    assert not [f for f in found.values() if f.unit == "broken"], found
    assert found["plan.mine.gap_1"].value == 0 and found["plan.mean_gap_1"].n == 1
    assert found["plan.tour_7.gap_0.1"].value == 0, "so few stops are looked at in every order"
    assert found["plan.tour_9.gap_0.1"].value <= found["plan.tour_9.gap_at_once"].value
