"""A day of the demo that passes quickly."""

from __future__ import annotations

from datetime import timedelta

from shop.upkeep.demo.play import Pace


class Brisk(Pace):
    """Looks around every other minute: the day is as long, and seen in half the time."""

    @property
    def tick(self) -> timedelta:
        return timedelta(minutes=2)
