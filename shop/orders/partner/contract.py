"""What a rule for the accountable partner is asked, and what it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.people.shops import Shop


@dataclass(frozen=True)
class Asked:
    """An order that is just being placed; ``partners`` are the names of those who can answer for it, by id.

    ``settings`` is what the shop has chosen: ``{"weekdays": {"0": 2}, "channels": {"kiosk": 3}}``.
    """

    session: Session
    shop: Shop
    channel: str
    by: Actor
    at: datetime
    partners: Mapping[int, str]
    settings: Mapping[str, Any]

    def known(self, staff_id: Any) -> int | None:
        """Return a number from the settings if it still is a partner's."""
        return staff_id if isinstance(staff_id, int) and staff_id in self.partners else None


@dataclass(frozen=True)
class Rule:
    """``choose`` returns whose order it is, None to ask the next rule. The words are English sentences that
    translations/ knows: ``name`` for the settings, ``reason`` for an order's sheet."""

    key: str
    name: str
    reason: str
    choose: Callable[[Asked], int | None]
