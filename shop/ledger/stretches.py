"""Large books checked by several processes at once: each reads stretches, which are put together here.

Stretches begin at multiples of `LENGTH`, a power of two, so that each is a whole branch of the tree. This says only
that all is well; where anything is not, `shop.ledger.verifying.verify` reads once more from the front and says what.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shop.core import store
from shop.ledger import reading
from shop.ledger.tree import grown
from shop.ledger.verifying import Verdict, Walk, Whole, Wrong

LENGTH = 1 << 16
"""Entries of a stretch; all but the last have so many."""
Job = tuple[int, int, list[int]]
"""Behind which entry a stretch begins, its last one, and the sizes between at which somebody signed."""


class Stretch(Walk):
    """The walk along the entries behind ``low``; ``marks`` are the sizes within at which somebody signed.

    What was before them is ``presumed`` as the database says it: `_go_on` compares that with what was really found.
    ``edges`` are the edge of the tree at each mark, ``special`` the entries that open an account or change the key.
    """

    def __init__(self, session: Session, low: int, marks: Sequence[int]) -> None:
        super().__init__(low)
        if low:
            ((_, _, self.last, _, self.at, *_),) = reading.leaves(session, low, [], after=low - 1)
            self.opened = {code: (kind, seq) for code, kind, seq in reading.accounts(session, low)}
        self.presumed = low, self.last, self.at, self.opened.copy()
        self.roots = dict.fromkeys(marks, b"")
        self.edges: dict[int, list[bytes]] = {}
        self.special: list[tuple[int, str, str]] = []

    def note(self, seq: int, kind: str, data: str, *, signed_by: bytes | None) -> None:
        """Take note of an entry, and keep it for the walk that this goes on."""
        super().note(seq, kind, data, signed_by=signed_by)
        self.special.append((seq, kind, data))

    def look_at_root(self, size: int, edge: Sequence[bytes]) -> None:
        """Keep the edge: what is before it is known only where all is put together."""
        self.edges[size] = [*edge]


def all_well(session: Session, public: bytes, kept: Sequence[str] = (), *, processes: int) -> Verdict | None:
    """Return the verdict on good books of more than one stretch; None for any others, also for small ones."""
    end = reading.end(session)
    if processes < 2 or end.size <= LENGTH:
        return None
    walk = Whole(end, reading.checkpoints(session, end.size))
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
    """Read the entries behind ``low`` up to ``high``; raises `Wrong` and what unreadable rows raise."""
    found, strays = Stretch(session, low, marks), list[list[Any]]()
    found.entries(reading.leaves(session, high, strays, after=low), signed_by=None)
    if strays or found.size != high:
        raise Wrong(f"behind entry {found.size} something is missing, or too much")
    return found


def _go_on(walk: Whole, part: Stretch, public: bytes) -> None:
    """Go on by a stretch: it must follow what was read before, and fit what was signed; raises `Wrong`."""
    if part.presumed != (walk.size, walk.last, walk.at, walk.opened):
        raise Wrong(f"entry {part.begin + 1} does not follow the one before it", part.begin + 1)
    for seq, kind, data in part.special:
        walk.note(seq, kind, data, signed_by=public)
    for size, edge in part.edges.items():
        walk.look_at_root(size, [*walk.edge, *edge])
    if part.size - part.begin == LENGTH:
        walk.edge = grown(walk.edge, part.begin // LENGTH, *part.edge)
    else:
        walk.edge += part.edge
    walk.size, walk.last, walk.at = part.size, part.last, part.at


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
