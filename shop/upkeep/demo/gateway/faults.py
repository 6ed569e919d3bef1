"""What goes wrong on purpose: with the notifies, and with the gateway itself."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

FORGED = ("amount", "currency", "seller", "app", "signature", "unsigned", "other_key", "truncated", "old")
"""How a notify can be made that must not be believed."""
AWAY = ("", "busy", "silent", "after")
"""``busy`` answers 503; ``silent`` answers nothing for ten seconds; ``after`` does what was asked, then answers 503."""
SILENCE = 10.0


@dataclass
class Faults:
    """``drop`` sends no notify; ``delay`` and ``shuffle`` are seconds: each later, and all in a random order within
    them; ``repeat`` sends each so often; ``forge`` sends a false one first; ``away_for`` seconds of being ``away``,
    0: until told otherwise."""

    drop: bool = False
    delay: float = 0.0
    repeat: int = 1
    shuffle: float = 0.0
    forge: str = ""
    away: str = ""
    away_for: float = 0.0


KINDS: dict[str, Callable[[Any], Any]] = {
    "drop": bool, "delay": float, "repeat": int, "shuffle": float, "forge": str, "away": str, "away_for": float,
}  # fmt: skip


class Control:
    """The faults as they stand, and a way to set them."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._until = 0.0
        self.woken = threading.Event()

    def set(self, values: dict[str, Any]) -> Faults:
        """Take new values, all others as at the beginning; raises `ValueError` for one that makes no sense."""
        try:
            new = Faults(**{name: KINDS[name](value) for name, value in values.items()})
        except (KeyError, TypeError) as trouble:
            raise ValueError(f"not a fault: {trouble}") from trouble
        if new.forge not in ("", *FORGED) or new.away not in AWAY or not 1 <= new.repeat <= 1000:
            raise ValueError("not a fault: forge, away or repeat")
        if not all(0 <= seconds <= 86400 for seconds in (new.delay, new.shuffle, new.away_for)):
            raise ValueError("not a fault: seconds")
        self.faults, self._until = new, time.monotonic() + new.away_for
        self.woken.set()  # whoever is kept waiting need not wait on
        self.woken = threading.Event()
        return new

    def away(self) -> str:
        """Return how the gateway is away now, empty when it is there."""
        faults = self.faults
        if faults.away and faults.away_for and time.monotonic() >= self._until:
            faults.away = ""
        return faults.away

    def as_json(self) -> dict[str, Any]:
        """Return the faults as JSON values."""
        self.away()
        return asdict(self.faults)
