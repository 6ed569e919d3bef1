"""``ledger verify``, ``export``, ``checkpoint``, ``rotate-key``: prove the books, take them away, sign them."""

import argparse
import gc
import getpass
import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_
from shop.core.permissions import Permission
from shop.ledger import bundle
from shop.ledger.checkpoints import checkpoint, key_of, newest, rotate, settle_key
from shop.ledger.signing import load_seal, next_key, short_code, verifier_key
from shop.ledger.stretches import all_well
from shop.ledger.verifying import verify
from shop.people import four_eyes
from web.commands import Command, Refused
from web.commands.people import shop_of
from web.database import reading, writing
from web.house import house, now
from web.signin import sign_here

ANOTHER = N_("Two different people sign a new key of the books.")
MAY_NOT = N_("Only the owner and partners may change the key of the books.")


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
        public, processors = key_of(session, house().seal).public, len(os.sched_getaffinity(0))
        verdict = all_well(session, public, kept, processes=processors) or verify(session, public, kept)
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
        return told(session)


def told(session: Session) -> dict[str, Any]:
    """Return the newest checkpoint as it is to be kept."""
    last = newest(session)
    if last is None:
        raise Refused("there is nothing in the books yet")
    key = verifier_key(last.note.split("\n", 1)[0], key_of(session, house().seal).public)
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


def rotate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--first", required=True, metavar="LOGIN", help="who changes the key")
    parser.add_argument("--second", required=True, metavar="LOGIN", help="who agrees: another person")
    parser.add_argument(
        "--passwords", choices=["-"], help="reads both from standard input, one a line; asked for when left out"
    )  # fmt: skip


def rotate_key(options: argparse.Namespace) -> dict[str, Any]:
    """Let the books go on with a new key. Two people sign; what the old key has signed stays good."""
    first, second = (Actor.staff(signed_by(login, options)) for login in (options.first, options.second))
    seal = house().seal
    if seal.file is None:
        raise Refused("the signing key lies in no file")
    with reading() as session:
        settle_key(session, seal)  # whoever was killed in this before
    new = load_seal(next_key(seal.file))
    with writing() as tx:
        shop = shop_of(tx)
        four_eyes.second(tx, shop, [first.id], by=second, at=now(), together=True, refusal=ANOTHER)
        rotate(tx, shop.id, seal, new, currency=shop.currency, second=second.id or 0, by=first, at=now())
    with reading() as session:
        settle_key(session, seal)
        return told(session)


def signed_by(login: str, options: argparse.Namespace) -> int:
    """Let one of the two sign; returns who it is."""
    if options.passwords == "-":
        typed = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        typed = getpass.getpass(f"Password of {login}: ")
    else:
        raise Refused("'--passwords -' reads both passwords from standard input, one a line")
    return sign_here(login, typed, Permission.BOOKS_ROTATE, origin="the command line", refusal=MAY_NOT).id


def export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the bundle to write, a new .zip")


def export(options: argparse.Namespace) -> dict[str, Any]:
    """Sign the books and write them into a bundle that proves itself."""
    signed("exported")
    try:
        with reading() as session:
            size = bundle.export(session, key_of(session, house().seal).public, options.file, at=now())
            last = newest(session)
    except FileExistsError:
        raise Refused(f"{options.file} is there already; choose another name") from None
    return {
        "file": str(options.file), "entries": size, "bytes": options.file.stat().st_size,
        "code": short_code(last.note) if last else "", "prove": "unzip it and run: python verify_ledger.py",
    }  # fmt: skip


def to_keep(data: dict[str, Any]) -> str:
    """Show a checkpoint with its code and the key."""
    return f"{data['note']}\ncode {data['code']}\nkey  {data['key']}"


COMMANDS = [
    Command("ledger verify", "read all books again: is everything as it was written?", check, verify_options,
            show=say, exit_code=lambda data: int(not data["well"])),
    Command("ledger export", "write the books into one file that anybody can prove", export, export_options),
    Command("ledger checkpoint", "sign the books as they are now, and print it to be kept", sign, show=to_keep),
    Command("ledger rotate-key", "let the books go on with a new signing key; two people sign", rotate_key,
            rotate_options, show=to_keep),
]  # fmt: skip
