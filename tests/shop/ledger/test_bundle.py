"""Books taken away: two programs that know nothing of the shop prove them, and find what was changed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from shop.ledger import bundle
from shop.ledger.accounts import CHART
from shop.ledger.bundle import verify_ledger
from shop.ledger.checkpoints import taken_for
from shop.ledger.proofs import consistency, inclusion, root
from shop.ledger.signing import short_code
from shop.ledger.tables import Head
from shop.ledger.tree import leaf_hash, root_of
from shop.ledger.verifying import verify
from tests.cast import SATURDAY
from tests.shop.ledger.bookkeeping import day, pay, sign
from tests.shop.ledger.node import VERIFIER, node
from web.config import ROOT
from web.database import reading, writing
from web.house import house

TREES = 1000
IN_NODE = """
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
const { root, inclusion, consistency } = await import(process.argv[2]);
const hex = (parts) => parts.map((part) => part.toString("hex"));
const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(({ leaves, index, old }) => {
  const known = leaves.map((leaf) => Buffer.from(leaf, "hex"));
  return [root(known).toString("hex"), hex(inclusion(index, known)), hex(consistency(old, known))];
})));
"""
BUNDLES_IN_NODE = """
import { readFileSync } from "node:fs";
const { check } = await import(process.argv[2]);
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ folder, kept }) => {
  try { return check(folder, kept).root; } catch (bad) { return bad.entry ?? null; }
})));
"""


@pytest.fixture
def books(app_both: Flask, tmp_path: Path) -> tuple[Path, str, str]:
    """A bundle of a day's books, unpacked; a checkpoint that was kept; what a slip says."""
    with app_both.app_context():
        day(4)
        kept = sign()
        day(4)
        with writing() as tx:
            pay(tx, order="“蛋糕” 🎂 \u2028")
        sign("exported")
        with reading() as session:
            slip = ":".join(map(str, taken_for(session, "“蛋糕” 🎂 \u2028")[0]))
            assert bundle.export(session, house().seal.public, tmp_path / "books.zip", at=SATURDAY) == 21
            assert verify(session, house().seal.public, [kept, short_code(kept)]).well
            end = session.get_one(Head, 1)
            assert verify(session).root == root_of(bytes.fromhex(part) for part in end.edge).hex()
    with zipfile.ZipFile(tmp_path / "books.zip") as packed:
        packed.extractall(tmp_path / "books")
    return tmp_path / "books", kept, slip


def prove(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own program, far from the shop."""
    program = [sys.executable, "-I", str(folder / "verify_ledger.py"), *words]
    return subprocess.run(program, text=True, capture_output=True, cwd=folder.parent)


def test_a_bundle_proves_itself(books: tuple[Path, str, str]) -> None:
    folder, kept, slip = books
    (folder.parent / "kept.txt").write_text(kept)
    kept_words = ["--kept", "kept.txt", "--kept", short_code(kept), "--slip", slip]
    for done in (
        prove(folder),
        prove(folder, "--json", *kept_words),
        prove(folder, str(folder.parent / "books.zip")),
    ):
        assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(prove(folder, "--json").stdout)
    assert (
        told["size"] == told["signed"] == 21
        and f"21 entries, 21 of them signed, root {told['root']}" in prove(folder).stdout
    )
    in_node = node(str(folder / "verify_ledger.mjs"), "--json", "--kept", str(folder.parent / "kept.txt"))
    assert json.loads(in_node.stdout) == {"well": True, "size": 21, "root": told["root"]}, in_node.stderr


def test_what_was_kept_and_is_not_there(books: tuple[Path, str, str]) -> None:
    folder, kept, slip = books
    other = kept.replace("asked", "moved")
    for words in (["--kept", other], ["--kept", "AAAA-BBBB-CCCC"], ["--slip", slip[:-1] + "x"], ["--slip", f"1{slip}"],
                  ["--key", "fairslice/tangjian+00000000+AbX6lmF1D0bTNb0PYpHtt548AcfWNCYiuzE6J5PF6HGX"]):  # fmt: skip
        done = prove(folder, *words)
        assert done.returncode == 1 and done.stdout.startswith("WRONG"), words
    assert node(str(folder / "verify_ledger.mjs"), "--kept", "AAAA-BBBB-CCCC").returncode == 1


def test_what_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "not.zip").write_text("zip")
    for path in ("nothing", "not.zip", "gone"):
        program = [sys.executable, str(bundle.HERE / "verify_ledger.py"), str(tmp_path / path)]
        done = subprocess.run(program, text=True, capture_output=True)
        assert done.returncode == 1 and "not a bundle" in done.stdout


def test_the_program_is_short_and_needs_little() -> None:
    text = (bundle.HERE / "verify_ledger.py").read_text()
    assert len(text.splitlines()) <= 250
    imports = {
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert imports - sys.stdlib_module_names == {"cryptography"}
    imports = {
        line.rsplit('"', 2)[1] for line in VERIFIER.read_text().splitlines() if line.startswith("import ")
    }
    assert all(each.startswith("node:") for each in imports)


def test_every_account_of_the_chart_is_known_to_both_programs() -> None:
    chart: dict[str, list[str]] = {}
    for word, (kind, _) in CHART.items():
        chart.setdefault(kind.value, []).append(word)
    assert {kind: words.split() for kind, words in verify_ledger.KINDS.items()} == chart
    script = "console.log(JSON.stringify((await import(process.argv[2])).KINDS))"
    done = node("--input-type=module", "-e", script, "-", str(VERIFIER))
    assert json.loads(done.stdout or "null") == chart, done.stderr


def test_a_bundle_is_never_written_over(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), reading() as session:
        bundle.export(session, house().seal.public, tmp_path / "books.zip", at=SATURDAY)
        with pytest.raises(FileExistsError):
            bundle.export(session, house().seal.public, tmp_path / "books.zip", at=SATURDAY)
    assert (
        prove(ROOT / "shop" / "ledger" / "bundle", str(tmp_path / "books.zip")).returncode == 0
    )  # empty books


def test_two_languages_agree_on_a_thousand_trees() -> None:
    chance = random.Random(9162)
    asked, expected = [], []
    for n in range(TREES):
        leaves = [leaf_hash(chance.randbytes(6)) for _ in range(1 + n % 140)]
        index, old = chance.randrange(len(leaves)), 1 + chance.randrange(len(leaves))
        asked.append({"leaves": [leaf.hex() for leaf in leaves], "index": index, "old": old})
        paths = inclusion(leaves, index), consistency(leaves, old)
        expected.append([root(leaves).hex(), *([part.hex() for part in path] for path in paths)])
    done = node("--input-type=module", "-e", IN_NODE, "-", str(VERIFIER), given=asked)
    assert json.loads(done.stdout or "null") == expected, done.stderr
    print(f"\n{TREES} trees: root, inclusion and consistency the same in both")


def changed(chance: random.Random, folder: Path, to: Path) -> None:
    """Write the bundle with one byte, line or number changed in a file that matters."""
    to.mkdir()
    victim = chance.choice(["entries.jsonl", "entries.jsonl", "leaves.txt", "books.json"])
    for name in ("entries.jsonl", "leaves.txt", "books.json"):
        content = (folder / name).read_bytes()
        if name == victim:
            lines = content.splitlines(keepends=True)
            turn, at = chance.randrange(5), chance.randrange(len(content) - 1)
            if turn == 0 and name != "books.json":
                content = b"".join(lines[: chance.randrange(len(lines))])
            elif turn == 1 and name != "books.json":
                content = b"".join(lines + lines[-1:])
            elif turn == 2 and name != "books.json":
                n = chance.randrange(1, len(lines))
                lines[n - 1], lines[n] = lines[n], lines[n - 1]
                content = b"".join(lines)
            else:
                while content[at : at + 1].isspace():  # a blank between the words of books.json says nothing
                    at = chance.randrange(len(content) - 1)
                content = content[:at] + bytes([content[at] ^ (1 << chance.randrange(7))]) + content[at + 1 :]
        (to / name).write_bytes(content)


def test_two_languages_agree_on_bundles_that_were_changed(books: tuple[Path, str, str]) -> None:
    folder, kept, _ = books
    chance, asked, found = random.Random(4), [], []
    for n in range(300):
        to = folder.parent / f"changed{n}"
        changed(chance, folder, to)
        asked.append({"folder": str(to), "kept": [kept]})
        try:
            found.append(verify_ledger.check(to, [kept], [], None))
        except verify_ledger.Wrong as bad:
            found.append([*bad.args, None][1])
        except (ValueError, TypeError, LookupError, AttributeError):
            found.append(None)
    done = node("--input-type=module", "-e", BUNDLES_IN_NODE, "-", str(VERIFIER), given=asked)
    assert [n for n, each in enumerate(found) if isinstance(each, tuple)] == []
    assert json.loads(done.stdout or "null") == found, done.stderr
