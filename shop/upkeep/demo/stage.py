"""What a play needs of the house: ways to look and to write, the keys, the dice; verbs are tried, never forced."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Missing, ShopError
from shop.core.keys import Keys
from shop.people.shops import Shop, only_shop

Doors = Callable[[], AbstractContextManager[Session]]


@dataclass
class Stage:
    """``writing`` and ``reading`` open a transaction; ``devices`` are display ids by station ("" the kiosk).

    The dice ``rng`` are thrown in turn; `luck` belongs to one thing, whatever else has happened before.
    """

    writing: Doors
    reading: Doors
    keys: Keys
    rng: Random
    devices: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    seed: int = 0

    def attempt(self, verb: Callable[[Session, Shop], object]) -> bool:
        """Try one verb in a transaction of its own; a refusal is counted: somebody at a screen was faster."""
        try:
            with self.writing() as tx:
                verb(tx, the_shop(tx))
            return True
        except ShopError as refusal:
            self.refused[refusal.kind] = self.refused.get(refusal.kind, 0) + 1
            return False

    def luck(self, *of: object) -> Random:
        """Return the dice of one thing: equal seeds throw them equally."""
        return Random(f"{self.seed} {of}")

    def tap(self, staff_id: int, station: str) -> Actor:
        """Return who taps where."""
        return Actor.staff(staff_id, self.devices.get(station))


@dataclass(frozen=True)
class Later:
    """Something that will happen at a moment."""

    at: datetime
    order_id: int


def the_shop(tx: Session) -> Shop:
    """Return the demo shop; raises `Missing` where there is none."""
    shop = only_shop(tx)
    if shop is None:
        raise Missing()
    return shop
