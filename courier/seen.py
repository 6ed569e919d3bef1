"""A courier's phone that asks for something is alive; written down once a minute at most."""

import contextlib
import threading
from datetime import datetime, timedelta

from flask import current_app, g
from sqlalchemy.exc import IntegrityError

from shop.delivery.riders import heard
from web.database import writing
from web.house import now, this_shop

EVERY = timedelta(minutes=1)
_lock = threading.Lock()


def note_seen() -> None:
    """Note that the courier of this request is there."""
    person, at = g.staff, now()
    last: dict[int, datetime] = current_app.extensions.setdefault("couriers_seen", {})
    with _lock:
        before = last.get(person.id)
        if before is not None and before <= at < before + EVERY:
            return
        last[person.id] = at
    with contextlib.suppress(IntegrityError), writing() as tx:  # two first requests at once: either will do
        heard(tx, this_shop(), person.id, at=at)
