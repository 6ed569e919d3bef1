"""What a way to pay must say of itself."""

from dataclasses import dataclass
from typing import Protocol

from shop.core.types import Words


class Check(Protocol):
    """Raise `Invalid` if what was typed at the counter cannot be a payment of ``amount`` (minor units)."""

    def __call__(self, *, amount: int, tendered: int | None, reference: str) -> None: ...


@dataclass(frozen=True)
class Method:
    """A way to pay. ``asks`` is the extra field the counter fills: "tendered" or "reference".

    ``check`` runs before anything is written; ``kiosk`` says whether the kiosk offers it.
    """

    key: str
    names: Words
    asks: str
    check: Check
    kiosk: bool = True
