#!/usr/bin/env python3
"""Prove the books in this folder, without the program that wrote them: python verify_ledger.py [FOLDER or ZIP]

    --kept FILE or CODE   a checkpoint you kept, or its twelve characters: the books must still hold it (repeat it)
    --slip SEQ:HASH       what a customer's slip says of an entry
    --key KEY             the public key you know: it must be one of those that signed, first or later
    --json                print one JSON object

Exit 0: everything is as it was written; prints the number of entries and the root. Exit 1: the first that is not.
Needs Python 3.9 or later and `pip install cryptography`. The form of the files is described in README.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TEXT, MAYBE, NUMBER, LIST = (str,), (str, type(None)), (int,), (list,)
SHAPE = {
    "at": TEXT, "by": LIST, "data": (dict,), "date": TEXT, "doc": MAYBE, "kind": TEXT, "order": MAYBE,
    "postings": LIST, "prev": TEXT, "rules": MAYBE, "seq": NUMBER, "shop": NUMBER, "txid": TEXT, "v": TEXT,
}  # fmt: skip
KINDS = {
    "asset": "till courier-cash card psp receivable disputed bank safe envelopes", "equity": "opening",
    "liability": "deposits refunds-due hidden-cash tax", "income": "revenue forfeit discount",
    "expense": "over-short fee expense waste"}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ZERO = "0" * 64


class Wrong(Exception):
    """What is not as it was written, and the first entry that is not."""


def whole(digits: str) -> int:
    """Return a number; raises `ValueError` for a fraction, and for what another language could not hold."""
    if abs(int(digits)) > 2**53 - 1:
        raise ValueError(digits)
    return int(digits)


parse = json.JSONDecoder(parse_float=whole, parse_int=whole, parse_constant=whole).decode
written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def names_are_plain(value: Any) -> bool:
    """Names in ASCII are in the same order in every language."""
    if isinstance(value, dict):
        return all(name.isascii() and names_are_plain(inner) for name, inner in value.items())
    return not isinstance(value, list) or all(map(names_are_plain, value))


def entry_in(line: bytes) -> dict[str, Any]:
    """Return an entry from its line; raises `ValueError` unless this is exactly how it is written."""
    text = line.decode()
    found = parse(text)
    if type(found) is not dict or found.keys() != SHAPE.keys() or written(found) != text:
        raise ValueError("form")
    if any(type(found[name]) not in types for name, types in SHAPE.items()) or len(found["by"]) != 3:
        raise ValueError("types")
    if found["v"] != "cakeledger/entry/v1" or not MOMENT.fullmatch(found["at"]):
        raise ValueError("version")
    plain = text.isascii() or names_are_plain(found)
    if not plain or any([*map(type, posting)] != [str, str, int] for posting in found["postings"]):
        raise ValueError("postings or names")
    return found


def root_of(edge: list[bytes]) -> bytes:
    """Return the root of RFC 9162 from the perfect subtrees, largest first."""
    root = b""
    for part in reversed(edge):
        root = hashlib.sha256(b"\1" + part + root).digest() if root else part
    return root or hashlib.sha256().digest()


def tree_in(note: str, key: str) -> tuple[int, str, str, str, str]:
    """Return (size, at, root, why, before) of a checkpoint; raises `ValueError` unless this key signed it."""
    origin, number, public = key.split("+", 2)
    kind_and_key = base64.b64decode(public, validate=True)
    body, signed = note.rsplit("\n\n", 1)
    name, size, root, at, why, before = body.split("\n")
    *lines, end = signed.split("\n")
    key_id = hashlib.sha256(origin.encode() + b"\n" + kind_and_key).digest()[:4]
    ours = [line for line in lines if base64.b64decode(line.split(" ")[2], validate=True)[:4] == key_id]
    mark, who, signature = (ours or lines)[0].split(" ")
    raw = base64.b64decode(signature)
    if (mark, who, name, raw[:4], number) != ("—", origin, origin, key_id, key_id.hex()):
        raise ValueError("by another key")
    form = at[:3] + why[:4] + before[:7] + str(int(size)) + base64.b64encode(raw).decode() + end
    signers = 1 + why.startswith("why key_rotated ")  # the key is changed: the old one signs, and the new one
    if form != f"at why before {size}{signature}" or kind_and_key[:1] != b"\1" or len(lines) != signers:
        raise ValueError("and not a checkpoint")
    Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(raw[4:], (body + "\n").encode())
    return int(size), at[3:], base64.b64decode(root, validate=True).hex(), why[4:], before[7:]


def short_code(note: str) -> str:
    number = int(hashlib.sha256(note.encode()).hexdigest()[:15], 16)
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> shift & 31] for shift in range(55, -1, -5))


def opener(path: Path) -> Callable[[str], Any]:
    """Return what opens a file of the bundle, unpacked or not."""
    packed: Any = None if path.is_dir() else zipfile.ZipFile(path)
    return lambda name: io.BufferedReader(packed.open(name), 1 << 20) if packed else (path / name).open("rb")


def signatures(rows: list[list[Any]], key: str) -> tuple[dict[int, str], dict[int, list[str]], Wrong | None]:
    """Return the signed root by size, the keys (old, new) where they changed, and the first that is not as signed."""
    roots, turns, before, trouble = {}, {}, ZERO, None
    for size, at, root, why, note in rows:
        try:
            tree = tree_in(note, key)
            if tree != (size, at, root, why, before):
                raise ValueError("in its row, or one before it is missing")
            if why.startswith("key_rotated "):
                old, new = why.split(" ")[1:]
                if old != key or tree_in(note, new) != tree:
                    raise ValueError("by the key before it")
                key, turns[size] = new, [old, new]
            roots[size] = root
        except (ValueError, LookupError, TypeError, AttributeError, InvalidSignature) as bad:
            trouble = trouble or Wrong(f"the checkpoint at {size} is not what was signed {bad}".strip())
        before = hashlib.sha256(str(note).encode()).hexdigest()
    return roots, turns, trouble


def check(path: Path, kept: list[str], slips: list[str], key: str | None) -> tuple[int, str, int]:
    """Return the number of entries, the root, and how many of them are signed; raises `Wrong`."""
    get = opener(path)
    books = json.load(get("books.json"))
    if books["v"] != "cakeledger/bundle/v1":
        raise ValueError(books["v"])
    roots, turns, trouble = signatures(books["checkpoints"], books["key"])
    keys = [books["key"], *(new for _, new in turns.values())]
    wanted = {slip.split(":")[0] for slip in slips}
    size, last, at, edge, opened, found = walk(get("entries.jsonl"), get("leaves.txt"), roots, wanted, turns)
    if books["heads"] and books["heads"][0][1] != size:
        raise Wrong(f"there are {size} entries, but the books counted {books['heads'][0][1]}", size + 1)
    heads = [[1, size, last, at or None, [part.hex() for part in edge]]]
    if books["heads"] != heads or max(books["last"]) > size:
        raise Wrong("the end of the books does not fit the last entry")
    if books["strays"]:
        raise Wrong(f"a posting belongs to no entry: {books['strays'][0]}")
    if sorted(books["accounts"]) != sorted(opened.values()):
        raise Wrong("the accounts are not those that the entries opened")
    if trouble or turns:
        raise trouble or Wrong(f"the checkpoint at {min(turns)} changes the key, and no entry says so")
    if key and key not in keys:
        raise Wrong("these books were never signed by the key you know")
    held(books["checkpoints"], kept)
    for slip in slips:
        if slip.lower() not in found:
            raise Wrong(f"the slip {slip} names an entry that is not in the books, or not like that")
    return size, root_of(edge).hex(), max(roots, default=0)


def held(rows: list[list[Any]], kept: list[str]) -> None:
    """Raise `Wrong` unless every checkpoint that was kept is among these."""
    notes = [row[4] for row in rows]
    codes = [short_code(note) for note in notes] if kept else []
    for one in kept:
        if one not in notes and one.strip().upper().replace("-", "") not in codes:
            size = [*one.split("\n"), one.strip()][1][:20]
            raise Wrong(f"the checkpoint you kept ({size}) is gone: what it covers was changed")


def walk(entries: Iterator[bytes], leaves: Iterator[bytes], roots: Any, wanted: set[str], turns: Any) -> Any:
    """Go through every entry; returns their number, last hash and moment, the tree's edge, accounts, and slips."""
    edge: list[bytes] = []
    accounts: dict[str, list[Any]] = {}
    size, last, at, signed, found = 0, ZERO, "", 0, []
    for line in entries:
        seq, line = size + 1, line[:-1]
        try:
            entry = entry_in(line)
        except (ValueError, RecursionError, TypeError):
            raise Wrong(f"entry {seq} is not written as an entry is", seq) from None
        part = hashlib.sha256(b"\0" + line).digest()
        leaf, count = part.hex(), size
        while count & 1:
            part, count = hashlib.sha256(b"\1" + edge.pop() + part).digest(), count >> 1
        edge.append(part)
        if entry["seq"] != seq or entry["prev"] != last or entry["at"] < at:
            raise Wrong(f"entry {seq} does not follow the one before it", seq)
        if next(leaves, b"").decode() != leaf + "\n":
            raise Wrong(f"entry {seq} is not what was written: its hash is another", seq)
        sums: dict[str, int] = {}
        for account, currency, amount in entry["postings"]:
            sums[currency] = sums.get(currency, 0) + amount
            if account not in accounts:
                raise Wrong(f"entry {seq} uses account {account}, which nobody has opened", seq)
        if any(sums.values()):
            raise Wrong(f"entry {seq} does not add up to nothing", seq)
        if entry["kind"] == "account_opened":
            code, kind = str(entry["data"].get("account")), entry["data"].get("kind")
            if code in accounts or code.partition(":")[0] not in KINDS.get(str(kind), "").split():
                raise Wrong(f"entry {seq} opens an account that cannot be", seq)
            accounts[code] = [code, kind, seq]
        if entry["kind"] == "key_rotated" and turns.pop(seq, 0) != [*map(entry["data"].get, ("old", "new"))]:
            raise Wrong(f"entry {seq} changes the key, and the key before it has not signed that", seq)
        size, last, at = seq, leaf, entry["at"]
        if str(seq) in wanted:
            found.append(f"{seq}:{leaf[:16]}")
        if seq in roots:
            if roots[seq] != root_of(edge).hex():
                raise Wrong(f"entries {signed + 1} to {seq} are not those that were signed", signed + 1)
            signed = seq
    if next(leaves, b""):
        raise Wrong(f"entry {size + 1} is missing", size + 1)
    return size, last, at, edge, accounts, found


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--kept", action="append", default=[])
    parser.add_argument("--slip", action="append", default=[])
    parser.add_argument("--key")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        options.kept = [Path(one).read_text("utf-8") if Path(one).is_file() else one for one in options.kept]
        size, root, signed = check(options.bundle, options.kept, options.slip, options.key)
        answer: dict[str, Any] = {"well": True, "size": size, "root": root, "signed": signed}
    except Wrong as bad:
        answer = {"well": False, "entry": [*bad.args, None][1], "says": bad.args[0]}
    except (OSError, LookupError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as bad:
        answer = {"well": False, "entry": None, "says": f"this is not a bundle of the books ({bad!r})"}
    right, wrong = "OK 正确  {size} entries, {signed} of them signed, root {root}", "WRONG 有误  {says}"
    words = right if answer["well"] else wrong
    print(json.dumps(answer, ensure_ascii=False) if options.json else words.format(**answer))
    return 0 if answer["well"] else 1


if __name__ == "__main__":
    sys.exit(main())
