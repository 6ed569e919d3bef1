"""Large books checked by several processes at once: each reads stretches, which are put together here.

Stretches begin at multiples of `LENGTH`, a power of two, so that each is a whole branch of the tree. This says only
that all is well; where anything is not, `shop.ledger.verifying.verify` reads once more from the front and says what.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.core import store
from shop.ledger import reading
from shop.ledger.posting import OPENED
from shop.ledger.signing import TURN
from shop.ledger.tree import node_hash, root_of
from shop.ledger.verifying import Verdict, Walk, Wrong

LENGTH = 1 << 16
"""Entries of a stretch; all but the last have so many."""
Job = tuple[int, int, list[int]]
"""Behind which entry a stretch begins, its last one, and the sizes between at which somebody signed."""


@dataclass
class Stretch:
    """What a good stretch says of itself; `Wrong` was raised for any other.

    ``prev`` and ``begun`` are what its first entry says of the one before it and of its moment, ``last`` and ``at``
    the hash and the moment of its last. ``edge`` is the edge of the tree over these entries alone, ``signed`` the same
    at each size where somebody signed. ``uses`` is the first use of each account, ``special`` the entries that open
    one or change the key.
    """

    low: int
    high: int
    prev: Any = None
    begun: str = ""
    last: str = ""
    at: str = ""
    edge: list[bytes] = field(default_factory=list)
    signed: dict[int, list[bytes]] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    special: list[tuple[Any, ...]] = field(default_factory=list)


def all_well(session: Session, public: bytes, kept: Sequence[str] = (), *, processes: int) -> Verdict | None:
    """Return the verdict on good books of more than one stretch; None for any others, also for small ones."""
    end = reading.end(session)
    if processes < 2 or end.size <= LENGTH:
        return None
    walk = Walk(end, reading.checkpoints(session, end.size))
    marks = sorted({size for size, *_ in walk.checkpoints if type(size) is int})
    try:
        with _read_by(processes, session, jobs(end.size, marks)) as parts:
            if walk.signatures(public) is not None:
                return None
            for part in parts:
                _go_on(walk, part, public)
        walk.still_holds(kept)
        walk.end(reading.accounts(session, end.size))
    except (Wrong, TypeError, ValueError, RecursionError, DBAPIError, BrokenProcessPool):
        return None
    return Verdict(walk.size, walk.root().hex(), len(walk.checkpoints))


def jobs(size: int, marks: Sequence[int]) -> list[Job]:
    """Return the stretches of books of this size."""
    return [
        (low, min(low + LENGTH, size), [mark for mark in marks if low < mark <= low + LENGTH])
        for low in range(0, size, LENGTH)
    ]


def read(session: Session, low: int, high: int, marks: Sequence[int]) -> Stretch:
    """Read the entries behind ``low`` up to ``high``; raises `Wrong` and what unreadable rows raise.

    A million times through here, therefore all in one place.
    """
    found, strays = Stretch(low, high), list[list[Any]]()
    edge, last, at, signed = found.edge, "", "", set(marks)
    count, known = 0, set[tuple[str, ...]]()
    for seq, text, kept, prev, when, kind, data, used, even in reading.leaves(
        session, high, strays, after=low
    ):
        hashed = part = sha256(b"\0" + text.encode()).digest()
        left = count
        while left & 1:
            part = sha256(b"\1" + edge.pop() + part).digest()
            left >>= 1
        edge.append(part)
        count += 1
        if count == 1:
            found.prev, found.begun, last = prev, when, prev
        if seq != low + count or not text or hashed.hex() != kept or prev != last or when < at or not even:
            raise Wrong(f"entry {seq} is not as it was written", seq)
        last, at = kept, when
        if used not in known:
            known.add(used)
            for account in used:
                found.uses.setdefault(account, seq)
        if kind in (OPENED, TURN):
            found.special.append((seq, kind, data))
        if seq in signed:
            found.signed[seq] = edge.copy()
    if strays or count != high - low:
        raise Wrong(f"behind entry {low + count} something is missing, or too much")
    found.last, found.at = last, at
    return found


def _go_on(walk: Walk, part: Stretch, public: bytes) -> None:
    """Go on by a stretch: it must follow what was read before, and fit what was signed; raises `Wrong`."""
    if (part.low, part.prev) != (walk.size, walk.last) or part.begun < walk.at:
        raise Wrong(f"entry {part.low + 1} does not follow the one before it", part.low + 1)
    for seq, kind, data in part.special:
        walk.note(seq, kind, data, signed_by=public)
    for account, seq in part.uses.items():
        if account not in walk.opened or walk.opened[account][1] >= seq:
            raise Wrong(f"entry {seq} uses account {account}, which nobody has opened", seq)
    for size, edge in part.signed.items():
        if walk.roots.get(size) != root_of([*walk.edge, *edge]):
            raise Wrong(f"the entries up to {size} are not those that were signed")
    walk.edge += part.edge
    branches = part.low // LENGTH if part.high - part.low == LENGTH else 0
    while branches & 1:
        right, left = walk.edge.pop(), walk.edge.pop()
        walk.edge.append(node_hash(left, right))
        branches >>= 1
    walk.size, walk.last, walk.at = part.high, part.last, part.at


@contextmanager
def _read_by(processes: int, session: Session, todo: list[Job]) -> Iterator[Iterator[Stretch]]:
    """Give every stretch in order; so many processes have begun to read them."""
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_look, initargs=(url,)) as readers:
        begun: list[Future[Stretch]] = [readers.submit(_read_here, *job) for job in todo]
        try:
            yield (each.result() for each in begun)
        finally:
            readers.shutdown(cancel_futures=True)


_HERE: list[Session] = []


def _look(url: str) -> None:
    """Let this process look at the same database."""
    engine = create_engine(url, **store.engine_options(url))
    store.prepare(engine, writes=False)
    _HERE.append(Session(engine))


def _read_here(low: int, high: int, marks: Sequence[int]) -> Stretch:
    try:
        return read(_HERE[0], low, high, marks)
    except DBAPIError as cannot:  # cannot be sent to another process as it is
        raise ValueError(str(cannot.orig)) from None
