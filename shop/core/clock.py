"""The shop's clock. A real shop runs on real time; a demo shop may run faster or on another day."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Pace:
    """Shop time = ``shop`` + (real time - ``real``) x ``speed``; times in seconds since 1970."""

    real: float = 0.0
    shop: float = 0.0
    speed: float = 1.0


class Clock:
    """Tells the time that verbs receive as ``at=``. The pace is read from a file only in a demo shop."""

    def __init__(self, pace_file: Path | None = None) -> None:
        self.pace_file = pace_file
        self._pace = Pace()
        self._read_at = -1.0
        self._stamp = 0

    def now(self) -> datetime:
        """Return the shop's time, aware and in UTC."""
        pace = self.pace()
        return datetime.fromtimestamp(pace.shop + (time.time() - pace.real) * pace.speed, UTC)

    def pace(self) -> Pace:
        """Return how the shop's time runs; looks at the file at most four times a second."""
        beat = time.monotonic()
        if self.pace_file is not None and beat - self._read_at > 0.25:
            self._read_at = beat
            try:
                stamp = self.pace_file.stat().st_mtime_ns
                if stamp != self._stamp:
                    self._pace = Pace(**json.loads(self.pace_file.read_text()))
                    self._stamp = stamp
            except (OSError, ValueError, TypeError):
                self._pace, self._stamp = Pace(), 0
        return self._pace

    def set(self, moment: datetime | None, speed: float = 1.0) -> None:
        """Let the demo shop's time start at ``moment`` and run at ``speed``; None goes back to real time."""
        if self.pace_file is None:
            raise ValueError("only a demo shop's clock can be set")
        if moment is None:
            self.pace_file.unlink(missing_ok=True)
        else:
            pace = {"real": time.time(), "shop": moment.timestamp(), "speed": speed}
            new = self.pace_file.with_suffix(".new")
            new.write_text(json.dumps(pace))
            new.replace(self.pace_file)
        self._read_at = -1.0


def minutes_between(start: datetime, end: datetime) -> int:
    """Return whole minutes from ``start`` to ``end``, rounded down, negative when ``end`` is earlier."""
    return int((end - start) // timedelta(minutes=1))
