"""Which displays have been heard lately: kept in memory, written down by the job loop now and then."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.people.staff import Device

_heard: set[int] = set()
_connected: Counter[int] = Counter()
_lock = threading.Lock()


def note(device_id: int) -> None:
    """A display has asked for something."""
    with _lock:
        _heard.add(device_id)


@contextmanager
def connected(device_id: int | None) -> Iterator[None]:
    """A display's socket lives; a dead one is dropped within ten seconds."""
    if device_id is None:
        yield
        return
    with _lock:
        _connected[device_id] += 1
    try:
        yield
    finally:
        with _lock:
            _connected[device_id] -= 1
            if not _connected[device_id]:
                del _connected[device_id]


def heard() -> list[int]:
    """Return the displays connected now, and those heard since the last time; begin anew."""
    with _lock:
        devices = sorted(_heard | _connected.keys())
        _heard.clear()
    return devices


def write_down(tx: Session, devices: list[int], *, at: datetime) -> None:
    """Keep when these displays were last heard; not an event: nobody needs to read it again."""
    tx.execute(update(Device).where(Device.id.in_(devices)).values(seen_at=at))
