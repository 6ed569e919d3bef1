"""The books as one file to take away: every entry, every checkpoint, and the programs that prove them anywhere.

What is written is what the database holds, right or wrong: judging it is the verifier's work, not this one's.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy.orm import Session

from shop.ledger import reading
from shop.ledger.signing import verifier_key
from shop.ledger.verifying import first_key

VERSION = "cakeledger/bundle/v1"
HERE = Path(__file__).parent
BESIDE = ("verify_ledger.py", "verify_ledger.mjs", "README.md")
"""What lies in every bundle as it lies here."""
LEVEL = 1
"""How hard it is pressed together; more costs three times the time and saves a tenth."""


def export(session: Session, public: bytes, file: Path, *, at: datetime) -> int:
    """Write a bundle to ``file``, a new zip; returns how many entries are in it. Nobody waits meanwhile.

    Raises `FileExistsError` where there is such a file.
    """
    end = reading.end(session)
    checkpoints = reading.checkpoints(session, end.size)
    origin = checkpoints[-1][4].split("\n", 1)[0] if checkpoints else "unsigned"
    strays: list[list[Any]] = []
    moment = at.timetuple()[:6]
    with file.open("xb") as raw, ZipFile(raw, "w", ZIP_DEFLATED, compresslevel=LEVEL) as bundle:
        leaves = reading.leaves(session, end.size, strays)
        count = _write(
            bundle, _named("entries.jsonl", moment), (_line(seq, text) for seq, text, *_ in leaves)
        )
        _write(
            bundle,
            _named("leaves.txt", moment),
            (f"{kept}\n".encode() for kept in reading.hashes(session, end.size)),
        )
        facts = {
            "v": VERSION, "key": verifier_key(origin, first_key(checkpoints, public) or public), "heads": end.heads,
            "last": [end.entry, end.posting, end.checkpoint], "accounts": reading.accounts(session, end.size),
            "checkpoints": checkpoints, "strays": strays,
        }  # fmt: skip
        small = {
            "books.json": json.dumps(facts, ensure_ascii=False, default=repr, indent=1),
            "checkpoint.txt": checkpoints[-1][4] if checkpoints else "",
            **{name: (HERE / name).read_text(encoding="utf-8") for name in BESIDE},
        }
        for name, content in small.items():
            bundle.writestr(_named(name, moment), content.encode())
    return count


def _line(seq: Any, text: str) -> bytes:
    """Return the line of an entry: its leaf, or a line that no verifier takes for one."""
    if text and "\n" not in text:
        try:
            return text.encode() + b"\n"
        except UnicodeEncodeError:
            pass
    return json.dumps({"unreadable": seq}, default=repr).encode() + b"\n"


def _write(bundle: ZipFile, name: ZipInfo, lines: Iterator[bytes]) -> int:
    """Write one file, some lines at a time; returns how many there were."""
    count = 0
    with bundle.open(name, "w", force_zip64=True) as file:
        while some := list(islice(lines, reading.AT_ONCE)):
            file.write(b"".join(some))
            count += len(some)
    return count


def _named(name: str, moment: Any) -> ZipInfo:
    info = ZipInfo(name, moment)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
