"""A payment in the world, what of it goes back, and what a bank holds back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.shop.payments.world import Sale


@dataclass
class Paid:
    """One payment that came; ``left`` of it has not been given or promised back, nor is held back."""

    id: int
    method: str
    account: str
    amount: int
    left: int
    cases: list[Case] = field(default_factory=list)

    @property
    def online(self) -> bool:
        return self.account.startswith("psp:")


@dataclass
class Case:
    """Some of a payment that a bank holds back: ``held``, ``won`` or ``lost``. ``by`` is who wrote it down.

    ``owed`` is what the terms of a cancelled order give the customer of it.
    """

    id: int
    sale: Sale
    paid: Paid
    amount: int
    by: str
    state: str = "held"
    owed: int = 0


@dataclass
class Debt:
    """Money that goes back: ``asked``, ``due``, ``gone`` or ``dead``. ``by`` is who asked."""

    id: int
    sale: Sale
    paid: Paid
    amount: int
    state: str
    by: str = ""
    made_at: datetime | None = None
