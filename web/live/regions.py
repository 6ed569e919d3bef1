"""A region is rendered once and sent to everybody who watches it."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, g
from sqlalchemy import select

from shop.core.clock import Clock
from shop.people.shops import Shop
from web.database import reader
from web.house import house, this_app, this_shop
from web.i18n import language

STALE = 15.0
"""Minutes left change without an event: a region is never older than this, in seconds of the shop's time."""

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Region:
    """A rendered region; ``count`` is what the screen checks itself against (open cards)."""

    html: str
    count: int | None = None


@dataclass
class Rendered:
    """A region as it was at ``seq`` of the diary; ``hash`` is its ETag. Frames packed for it are kept with it."""

    seq: int
    html: str
    count: int | None
    hash: str
    born: float
    frames: dict[Hashable, bytes] = field(default_factory=dict)


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rendered: Rendered | None = None


class Cache:
    """The newest rendering of each region of this process."""

    MOST = 400

    def __init__(self) -> None:
        self._slots: dict[Key, _Slot] = {}
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget everything: the diary is another one."""
        with self._lock:
            self._slots.clear()

    def get(self, key: Key, at_least: int, make: Callable[[], Rendered], max_age: float) -> Rendered:
        """Return a rendering that knows the diary up to ``at_least``; one thread makes it, the others wait."""
        with self._lock:
            slot = self._slots.pop(key, None) or _Slot()
            self._slots[key] = slot  # newest last
            while len(self._slots) > self.MOST:
                del self._slots[next(iter(self._slots))]
        with slot.lock:
            old = slot.rendered
            if old is None or old.seq < at_least or time.monotonic() - old.born > max_age:
                new = make()
                if old is not None and new.hash == old.hash and new.seq == old.seq:
                    old.born = new.born
                else:
                    slot.rendered = new
            assert slot.rendered is not None
            return slot.rendered


def max_age(clock: Clock) -> float:
    """Return how many real seconds a rendering stays good: a demo's clock may run faster."""
    return max(0.5, STALE / max(1.0, clock.pace().speed))


def region(key: Key, render: Callable[[], Region]) -> Rendered:
    """Return the region for an ordinary request, from the same cache as the sockets' one.

    ``key`` names the region and the rights it was made for; the language is added here.
    """
    app = this_app()
    cache: Cache = app.extensions["live_regions"]
    tongue = language()
    head = reader().scalar(select(Shop.event_seq).where(Shop.id == this_shop().id)) or 0  # not from memory
    return cache.get((tongue, *key), head, lambda: make(app, tongue, render), max_age(house().clock))


def make(app: Flask, tongue: str, render: Callable[[], Region]) -> Rendered:
    """Render in a context of its own, so that no session outlives it. The diary's head is read first: what
    the region shows is at least that new."""
    with app.app_context():
        g.language = tongue
        seq = this_shop().event_seq
        made = render()
    digest = hashlib.blake2s(made.html.encode(), digest_size=8).hexdigest()
    return Rendered(seq, made.html, made.count, digest, time.monotonic())


def pack(message: dict[str, Any], at: datetime) -> str:
    """Write a message for a socket; every one carries the shop's time."""
    return json.dumps({**message, "now": at.isoformat()}, ensure_ascii=False, separators=(",", ":"))
