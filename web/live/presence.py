"""Which displays have been heard lately: kept in memory, written down by the job loop now and then."""

import threading
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.people.staff import Device

_heard: set[int] = set()
_lock = threading.Lock()


def note(device_id: int) -> None:
    """A display has asked for something, or its socket lives."""
    with _lock:
        _heard.add(device_id)


def heard() -> list[int]:
    """Return the displays heard since the last time, and begin anew."""
    with _lock:
        devices = sorted(_heard)
        _heard.clear()
    return devices


def write_down(tx: Session, devices: list[int], *, at: datetime) -> None:
    """Keep when these displays were last heard; not an event: nobody needs to read it again."""
    tx.execute(update(Device).where(Device.id.in_(devices)).values(seen_at=at))
