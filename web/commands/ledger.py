"""``ledger verify``, ``ledger export``, ``ledger checkpoint``: prove the books, take them away, sign them."""

import argparse
import gc
from pathlib import Path
from typing import Any

from shop.ledger import bundle
from shop.ledger.checkpoints import checkpoint, newest
from shop.ledger.signing import short_code, verifier_key
from shop.ledger.verifying import verify
from web.commands import Command, Refused
from web.commands.people import shop_of
from web.database import reading, writing
from web.house import house, now


def verify_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kept", action="append", default=[], metavar="FILE or CODE",
        help="a checkpoint that you kept, or its twelve characters; may be given several times",
    )  # fmt: skip


def check(options: argparse.Namespace) -> dict[str, Any]:
    """Read everything again; the exit code is 1 where something is not as it was written."""
    kept = [Path(each).read_text("utf-8") if Path(each).is_file() else each for each in options.kept]
    gc.freeze()  # a million entries go by: looking again and again through the whole program costs a fifth
    with reading() as session:
        verdict = verify(session, house().seal.public, kept)
    return {"well": verdict.well} | vars(verdict)


def say(data: dict[str, Any]) -> str:
    """One line: the size and the root, or what is wrong."""
    if not data["well"]:
        return f"WRONG  {data['says']}"
    return f"OK  {data['size']} entries, {data['checkpoints']} checkpoints, root {data['root']}"


def sign(options: argparse.Namespace) -> dict[str, Any]:
    """Sign the books as they are now; where nothing is new, the last checkpoint stands."""
    signed("asked")
    with reading() as session:
        last = newest(session)
    if last is None:
        raise Refused("there is nothing in the books yet")
    key = verifier_key(last.note.split("\n", 1)[0], house().seal.public)
    return {
        "size": last.size,
        "root": last.root,
        "code": short_code(last.note),
        "key": key,
        "note": last.note,
    }


def signed(reason: str) -> None:
    with writing() as tx:
        checkpoint(tx, shop_of(tx).id, house().seal, at=now(), reason=reason)


def export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the bundle to write, a new .zip")


def export(options: argparse.Namespace) -> dict[str, Any]:
    """Sign the books and write them into a bundle that proves itself."""
    signed("exported")
    try:
        with reading() as session:
            size = bundle.export(session, house().seal.public, options.file, at=now())
            last = newest(session)
    except FileExistsError:
        raise Refused(f"{options.file} is there already; choose another name") from None
    return {
        "file": str(options.file), "entries": size, "bytes": options.file.stat().st_size,
        "code": short_code(last.note) if last else "", "prove": "unzip it and run: python verify_ledger.py",
    }  # fmt: skip


COMMANDS = [
    Command("ledger verify", "read all books again: is everything as it was written?", check, verify_options,
            show=say, exit_code=lambda data: int(not data["well"])),
    Command("ledger export", "write the books into one file that anybody can prove", export, export_options),
    Command("ledger checkpoint", "sign the books as they are now, and print it to be kept", sign,
            show=lambda data: f"{data['note']}\ncode {data['code']}\nkey  {data['key']}"),
]  # fmt: skip
