"""Is everything in the books as it was written? Every row is read again, and every hash and signature made anew."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.ledger import reading
from shop.ledger.accounts import CHART
from shop.ledger.posting import OPENED
from shop.ledger.reading import End, Leaf
from shop.ledger.signing import (
    NOTHING_BEFORE,
    TURN,
    BadNote,
    digest,
    public_in,
    read_note,
    short_code,
    turn,
    verifier_key,
)
from shop.ledger.tree import root_of


@dataclass(frozen=True)
class Verdict:
    """What was found. ``says`` is empty where all is well; ``entry`` is the first that is not, where it is known."""

    size: int
    root: str
    checkpoints: int
    entry: int | None = None
    says: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.says


class Wrong(Exception):
    """Something that is not as it was written."""

    def __init__(self, says: str, entry: int | None = None) -> None:
        super().__init__(says)
        self.says, self.entry = says, entry


def verify(session: Session, public: bytes | None = None, kept: Sequence[str] = ()) -> Verdict:
    """Check the books from the first entry to the last; a million take 16 to 26 seconds.

    ``public`` is the key that signed the checkpoints; without it their signatures are not looked at. ``kept`` are
    checkpoints (whole notes or their short codes) that somebody kept: the books must still hold them.
    """
    end = reading.end(session)
    walk = Whole(end, reading.checkpoints(session, end.size))
    strays: list[list[Any]] = []
    try:
        trouble = walk.signatures(public)
        walk.entries(reading.leaves(session, end.size, strays), signed_by=public)
        if trouble:
            raise trouble
        walk.still_holds(kept)
        if strays:
            raise Wrong(
                f"a posting stands at entry {strays[0][0]}, and there is no such entry", walk.size + 1
            )
        walk.end(reading.accounts(session, end.size))
    except Wrong as found:
        return Verdict(walk.size, walk.root().hex(), len(walk.checkpoints), found.entry, found.says)
    except (
        TypeError,
        ValueError,
        RecursionError,
        DBAPIError,
    ) as cannot:  # SQLite holds anything in any column, if somebody insists
        if isinstance(cannot, DBAPIError) and "Could not decode" not in str(cannot.orig):
            raise
        says = f"behind entry {walk.size} a row holds what cannot be"
        return Verdict(walk.size, walk.root().hex(), len(walk.checkpoints), walk.size + 1, says)
    return Verdict(walk.size, walk.root().hex(), len(walk.checkpoints))


class Walk:
    """A walk along the entries behind ``begin``: each follows the one before, uses open accounts, fits what was signed.

    ``last``, ``at`` and ``opened`` are the hash, the moment and the open accounts where it stands, ``edge`` is the edge
    of the tree over the entries it went along, and ``roots`` are the roots that were signed, by size.
    """

    def __init__(self, begin: int = 0) -> None:
        self.begin, self.size, self.signed = begin, begin, begin
        self.last, self.at = NOTHING_BEFORE, ""
        self.edge: list[bytes] = []
        self.opened: dict[str, tuple[str, int]] = {}
        self.roots: dict[int, bytes] = {}
        self.turns: dict[int, tuple[str, str]] = {}

    def entries(self, leaves: Iterable[Leaf], *, signed_by: bytes | None) -> None:
        """Walk along the entries; a million times through here, therefore all in one place."""
        begin, edge, roots, opened = self.begin, self.edge, self.roots, self.opened
        known: set[tuple[str, ...]] = set()
        last, at = self.last, self.at
        for size, (seq, text, kept, prev, when, kind, data, used, even) in enumerate(leaves, begin):
            if seq != size + 1:
                raise Wrong(f"entry {size + 1} is missing", size + 1)
            if not text:
                raise Wrong(f"entry {seq} is not an entry: a column or a posting holds what cannot be", seq)
            hashed = part = sha256(b"\0" + text.encode()).digest()
            count = size - begin
            while count & 1:
                part = sha256(b"\1" + edge.pop() + part).digest()
                count >>= 1
            edge.append(part)
            self.size = seq
            if hashed.hex() != kept:
                raise Wrong(f"entry {seq} is not what was written: a column or a posting was changed", seq)
            if prev != last:
                raise Wrong(f"entry {seq} does not follow the one before it", seq)
            if when < at:
                raise Wrong(f"entry {seq} is older than the one before it", seq)
            last, at = kept, when
            if used not in known:
                for account in used:
                    if account not in opened:
                        raise Wrong(f"entry {seq} uses account {account}, which nobody has opened", seq)
                known.add(used)
            if not even:
                raise Wrong(f"entry {seq} does not add up to nothing", seq)
            if kind in (OPENED, TURN):
                self.note(seq, kind, data, signed_by=signed_by)
            if seq in roots:
                self.look_at_root(seq, edge)
        self.last, self.at = last, at

    def note(self, seq: int, kind: str, data: str, *, signed_by: bytes | None) -> None:
        """Take note of an entry that opens an account or changes the key."""
        if kind == OPENED:
            opening = _opened(seq, data)
            if not self.opened.keys().isdisjoint(opening):
                raise Wrong(f"entry {seq} opens an account a second time", seq)
            self.opened |= opening
        elif signed_by and self.turns.pop(seq, None) != _turned(seq, data):
            raise Wrong(f"entry {seq} changes the key, and the key before it has not signed that", seq)

    def look_at_root(self, size: int, edge: Sequence[bytes]) -> None:
        """Compare the root at a size where somebody signed; ``edge`` is that of the tree over all entries so far."""
        expected = self.roots[size]
        if expected and root_of(edge) != expected:
            says = (
                f"entries {self.signed + 1} to {size} are not those that were signed: one of them was changed"
            )
            raise Wrong(says, self.signed + 1)
        self.signed = size


class Whole(Walk):
    """The walk through the whole books, from the first entry to the last, with all that was signed."""

    def __init__(self, found: End, checkpoints: list[list[Any]]) -> None:
        super().__init__()
        self.found, self.checkpoints = found, checkpoints

    def root(self) -> bytes:
        """Return the root over the entries that were looked at."""
        return root_of(self.edge)

    def signatures(self, public: bytes | None) -> Wrong | None:
        """Look at each checkpoint: signed, after the one before it, and its row saying the same.

        Returns the first that is not, for after the entries: one of them may tell more.
        """
        before, trouble = NOTHING_BEFORE, ""
        key = first_key(self.checkpoints, public)
        for size, at, root, reason, note in self.checkpoints:
            self.roots[size] = b""
            if key is None:
                continue
            try:
                tree = read_note(note, key)
                if (turned := turn(tree.why)) is not None:
                    if turned[0] != verifier_key(tree.origin, key):
                        raise BadNote("ends another key than the one that signs")
                    read_note(note, public_in(turned[1]))
                    key, self.turns[size] = public_in(turned[1]), turned
            except (BadNote, AttributeError) as bad:
                trouble = trouble or f"the checkpoint at {size} {bad}"
                continue
            if (tree.size, tree.at, tree.root.hex(), tree.why) != (size, at, root, reason):
                trouble = trouble or f"the checkpoint at {size} says something else than its row"
            elif tree.before != before:
                trouble = trouble or f"a checkpoint before the one at {size} is missing"
            before = digest(note)
            self.roots[tree.size] = tree.root
        if not trouble and key != public:
            trouble = "the books go on with another key than this one"
        return Wrong(trouble) if trouble else None

    def still_holds(self, kept: Iterable[str]) -> None:
        """Look for the checkpoints that somebody kept."""
        notes = {note for *_, note in self.checkpoints}
        codes = {short_code(note).replace("-", "") for note in notes}
        for one in kept:
            if one not in notes and one.strip().upper().replace("-", "") not in codes:
                size = [*one.split("\n"), ""][1]
                what = f"of {size} entries" if size else one.strip()
                raise Wrong(f"the checkpoint {what} that you kept is gone: the books are not those any more")

    def end(self, accounts: list[list[Any]]) -> None:
        """Look at the end: the head, and the accounts that the entries have opened."""
        head = [1, self.size, self.last, self.at or None, [part.hex() for part in self.edge]]
        beyond = max(self.found.entry, self.found.posting, self.found.checkpoint)
        if self.found.heads and self.found.heads[0][1] != self.size:
            says = f"the books end with entry {self.size}, but their head counts {self.found.heads[0][1]}"
            raise Wrong(says, self.size + 1)
        for seq in self.turns:
            raise Wrong(f"the checkpoint at {seq} changes the key, and no entry says so", seq)
        if self.found.heads != [head]:
            raise Wrong("the head of the books does not fit their last entry")
        if beyond > self.size:
            raise Wrong(f"something stands behind the last entry, at {beyond}", self.size + 1)
        for code, kind, seq in accounts:
            if self.opened.pop(code, None) != (kind, seq):
                raise Wrong(f"account {code} is not what was opened")
        for code, (_, seq) in self.opened.items():
            raise Wrong(f"account {code}, opened by entry {seq}, is missing", seq)


def first_key(checkpoints: Sequence[Sequence[Any]], public: bytes | None) -> bytes | None:
    """Return the key that signed the first checkpoint, where ``public`` is the one that signs now."""
    turned = next((found for *_, reason, _ in checkpoints if (found := turn(str(reason)))), None)
    try:
        return public if turned is None or public is None else public_in(turned[0])
    except BadNote:
        return public


def _facts(seq: int, data: str) -> dict[str, Any]:
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError):
        facts = None
    if type(facts) is not dict:
        raise Wrong(f"entry {seq} says nothing sensible", seq)
    return facts


def _turned(seq: int, data: str) -> tuple[Any, Any]:
    facts = _facts(seq, data)
    return facts.get("old"), facts.get("new")


def _opened(seq: int, data: str) -> dict[str, tuple[str, int]]:
    facts = _facts(seq, data)
    known = CHART.get(str(facts.get("account")).partition(":")[0])
    if known is None or facts != {"account": str(facts["account"]), "kind": known[0].value}:
        raise Wrong(f"entry {seq} opens an account that stands in no chart", seq)
    return {facts["account"]: (facts["kind"], seq)}
