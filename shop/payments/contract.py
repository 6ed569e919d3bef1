"""What a way to pay must say of itself, and what an online provider must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

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


# --- Online providers -------------------------------------------------------------------------------------


class Said(StrEnum):
    """What a provider says of a payment or of a refund (there ``PAID`` means: the money went back)."""

    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    FAILED = "failed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Charge:
    """Money asked of a customer. ``attempt`` is our own number of it; ``amount`` in minor units."""

    attempt: str
    amount: int
    currency: str
    words: str
    expires_at: datetime
    notify_url: str


@dataclass(frozen=True)
class Answer:
    """How a payment stands. ``amount`` and ``currency`` are the provider's own words, to be compared.

    ``qr`` is the content of the code to show; ``paid_at`` in UTC.
    """

    said: Said
    trade_no: str = ""
    amount: int = 0
    currency: str = ""
    paid_at: datetime | None = None
    qr: str = ""


@dataclass(frozen=True)
class Back:
    """Money to send back. ``refund`` is our own number of it; of ``paid`` minor units ``amount`` go back."""

    refund: str
    attempt: str
    trade_no: str
    amount: int
    paid: int
    currency: str
    reason: str


@dataclass(frozen=True)
class BackSaid:
    """How a refund stands: ``PAID`` sent back, ``WAITING`` under way, ``FAILED``, ``NOT_FOUND``."""

    said: Said


@dataclass(frozen=True)
class Notice:
    """A notify that was found genuine. ``key`` is unique for what happened, so that a repeat is known."""

    key: str
    attempt: str
    amount: int
    currency: str


@dataclass(frozen=True)
class BillLine:
    """A line of a provider's daily bill; ``amount`` and ``fee`` in minor units.

    A refund's amount is positive too; its ``fee`` is what the provider gives back of its own, as a negative.
    """

    trade_no: str
    attempt: str
    refund: str
    kind: Literal["payment", "refund"]
    amount: int
    fee: int
    currency: str
    at: datetime


class ProviderAway(Exception):
    """No answer came (network, time-out, 5xx) or one that proves nothing: nobody knows what happened."""


class BadNotice(Exception):
    """A notify that must not be believed; ``reason`` is one plain word for the diary, such as "signature"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Provider(Protocol):
    """An online provider, made from its settings: one file each, such as `shop.payments.alipay`.

    Every call may take a few seconds and raises `ProviderAway` when no answer came; call it outside of any
    transaction. All are safe to repeat with the same numbers.
    """

    @property
    def account(self) -> str:
        """Return the merchant's account at the provider, as the books name it."""

    def create(self, charge: Charge) -> Answer:
        """Ask for the money; the answer carries the ``qr``. ``FAILED`` if the provider refuses."""

    def query(self, attempt: str) -> Answer:
        """Ask how a payment stands."""

    def close(self, attempt: str) -> Answer:
        """End a payment that nobody made: ``CLOSED``, or ``PAID`` if it was paid meanwhile."""

    def refund(self, back: Back) -> BackSaid:
        """Send money back; the same ``refund`` number never sends it twice."""

    def query_refund(self, back: Back) -> BackSaid:
        """Ask how a refund stands."""

    def notice(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """Check a notify over its raw ``body`` and read it. Raises `BadNotice`."""

    def thanks(self) -> tuple[int, str, bytes]:
        """Return status, content type and body that tell the provider its notify has arrived."""

    def bill(self, day: date) -> tuple[bytes, list[BillLine]]:
        """Return the bill of a day in the provider's zone: the file as it came, and its lines."""


@runtime_checkable
class TakesCodes(Protocol):
    """What a provider can do that also takes the code on a customer's phone, scanned at the counter."""

    def charge_code(self, charge: Charge, code: str) -> Answer:
        """Charge the phone that shows ``code``: ``PAID``, ``WAITING`` for the customer to agree, or ``FAILED``."""

    def reverse(self, attempt: str) -> Answer:
        """End such a payment for good; what was paid in the moment between goes back by itself. ``CLOSED``."""
