"""The hub, one for each process: it reads the diary on and wakes the screens that watch its topics."""

import contextlib
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from flask import Flask, current_app
from sqlalchemy import select as query
from sqlalchemy.orm import Session

from shop.core import events
from shop.people.shops import Shop
from web.database import reading
from web.live.bell import Bell

log = structlog.get_logger()
MOST_LINES = 1000
"""A screen that is further behind than this gets its region whole instead of the events."""
SPACING, SHARE, LONGEST = 0.04, 3, 0.4
"""Seconds between two rounds, so that a burst of changes becomes one: at least the first, and so many times the
processor time of the last round, at most the third."""


@dataclass(frozen=True)
class Line:
    """One line of the diary, free of the database."""

    seq: int
    kind: str
    topics: frozenset[str]
    at: datetime
    order_id: int | None
    cake_id: int | None
    task_id: int | None
    device_id: int | None
    data: Mapping[str, Any]


def lines_after(session: Session, shop_id: int, seq: int, *, limit: int = MOST_LINES) -> list[Line]:
    """Return the diary after ``seq``, oldest first."""
    return [
        Line(
            e.seq, e.kind, frozenset(e.topics.split()), e.at, e.order_id, e.cake_id, e.task_id, e.device_id, e.data
        )
        for e in events.after(session, shop_id, seq, limit=limit)
    ]  # fmt: skip


class Watch:
    """One screen's place at the hub: lines of its topics arrive here, ``fileno`` becomes readable.

    A screen that has set ``at_once`` is told in the hub's thread, which saves waking its own; where that is not
    possible now (False), the lines wait here. Screens of one ``group`` are told one after the other.
    """

    def __init__(self, shop_id: int, topics: Iterable[str], group: int = 0) -> None:
        self.shop_id = shop_id
        self.topics = frozenset(topics)
        self.group = group
        self.gap = False
        self.at_once: Callable[[Sequence[Line]], bool] | None = None
        self._lines: deque[Line] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._lock = threading.Lock()

    def fileno(self) -> int:
        return self._wake

    def give(self, lines: Sequence[Line]) -> None:
        """Tell the screen at once, or put lines here and wake it; too many become a gap."""
        if self.at_once is not None and not (self._lines or self.gap) and self.at_once(lines):
            return
        self._lines.extend(lines)
        if len(self._lines) > MOST_LINES:
            self._lines.clear()
            self.gap = True
        self.wake()

    def skip(self) -> None:
        """Say that lines are missing: the screen must fetch its region whole."""
        self.gap = True
        self.wake()

    def wake(self) -> None:
        """Wake the screen. Under the lock: a closed number may be another file's by now."""
        with self._lock, contextlib.suppress(OSError):
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    def calm(self) -> None:
        """Stop being readable; what has arrived stays."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)

    def take(self) -> tuple[list[Line], bool]:
        """Return what has arrived, and whether something is missing before it."""
        self.calm()
        gap, self.gap = self.gap, False
        lines: list[Line] = []
        while self._lines:
            lines.append(self._lines.popleft())
        return lines, gap

    def close(self) -> None:
        with self._lock:
            wake, self._wake = self._wake, -1
            if wake >= 0:
                os.close(wake)


class Hub:
    """Watches are found by topic. The thread starts with the first watch; a program that only writes has none."""

    def __init__(self, app: Flask, bell: Bell) -> None:
        self.app = app
        self.bell = bell
        self.leaving = False
        self.sockets = 0
        self._lock = threading.Lock()
        self._watches: set[Watch] = set()
        self._seen: dict[int, int] = {}
        self._thread: threading.Thread | None = None
        self._nudge = -1

    def ring(self, heads: dict[int, int]) -> None:
        """After a commit of this process: wake the own hub and the other processes."""
        if not heads:
            return
        if self._nudge >= 0:
            os.eventfd_write(self._nudge, 1)
        self.bell.ring(heads)

    def arrive(self, most: int) -> bool:
        """Count a socket in, unless ``most`` are here or the process is leaving."""
        with self._lock:
            if self.leaving or self.sockets >= most:
                return False
            self.sockets += 1
            return True

    def depart(self) -> None:
        """Count a socket out."""
        with self._lock:
            self.sockets -= 1

    def watch(self, shop_id: int, topics: Iterable[str], group: int = 0) -> Watch:
        """Begin to watch; every line committed from now on arrives."""
        watch = Watch(shop_id, topics, group)
        with self._lock:
            if self._thread is None:
                self._start()
            self._watches.add(watch)
        return watch

    def forget(self, watch: Watch) -> None:
        """End a watch."""
        with self._lock:
            self._watches.discard(watch)
        watch.close()

    def leave(self) -> None:
        """Ask every screen to go and come back: this process is about to stop."""
        self.leaving = True
        for watch in list(self._watches):
            watch.wake()

    def close(self) -> None:
        """Stop listening."""
        self.leave()
        thread, self._thread = self._thread, None
        if thread is not None:
            os.eventfd_write(self._nudge, 1)
            thread.join(2)
        self.bell.close()

    def _start(self) -> None:
        self._nudge = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._seen = self._heads()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def _heads(self) -> dict[int, int]:
        with self.app.app_context(), reading() as session:
            return {shop: seq for shop, seq in session.execute(query(Shop.id, Shop.event_seq))}

    def _run(self) -> None:
        me = threading.current_thread()
        while self._thread is me:
            try:
                if self._wait() or self.bell.moved():
                    before = time.thread_time()
                    if self._advance():
                        time.sleep(min(LONGEST, max(SPACING, SHARE * (time.thread_time() - before))))
            except Exception:
                log.exception("hub_stumbled")
                time.sleep(0.2)

    def _wait(self) -> bool:
        """Wait for a ring; returns whether there was one."""
        ear = self.bell.listen()
        turns = select.poll()  # select() itself refuses files above number 1023, and screens are files
        for file in (self._nudge, ear):
            if file >= 0:
                turns.register(file, select.POLLIN)
        ready = dict(turns.poll(1000 * self.bell.pause))
        if ear in ready:
            self.bell.answer()
        if self._nudge in ready:
            os.eventfd_read(self._nudge)
        return bool(ready)

    def _advance(self) -> bool:
        """Read the diary on and hand each line to who watches its topics; returns whether anybody does."""
        told = False
        for shop_id, head in self._heads().items():
            seen = self._seen.get(shop_id, head)
            if head == seen:
                self._seen[shop_id] = head
                continue
            with self._lock:
                here = [w for w in self._watches if w.shop_id == shop_id]
            watches = sorted(here, key=lambda w: w.group)
            if head < seen:  # another diary: a demo made anew
                self.app.extensions["live_regions"].clear()
            if head < seen or head - seen > MOST_LINES:
                self._seen[shop_id] = head
                for watch in watches:
                    watch.skip()
                continue
            with self.app.app_context(), reading() as session:
                lines = lines_after(session, shop_id, seen)
            if lines:
                self._seen[shop_id] = lines[-1].seq
            for watch in watches:
                mine = [line for line in lines if line.topics & watch.topics]
                if mine:
                    watch.give(mine)
                    told = True
        return told


def the_hub() -> Hub:
    """Return the hub of the running app."""
    return cast(Hub, current_app.extensions["live"])
