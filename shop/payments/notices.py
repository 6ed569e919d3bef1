"""What a provider's notify does: it is kept once, and the provider is asked at once. It never books money itself."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.errors import N_, Invalid
from shop.core.events import record
from shop.core.keys import Keys
from shop.core.store import new_row
from shop.payments.contract import Notice
from shop.payments.tables import LIVE, Payment, PaymentState, ProviderEvent
from shop.people.shops import Shop

KEPT = timedelta(days=90)
ASKED_AGAIN = (*LIVE, PaymentState.EXPIRED, PaymentState.FAILED)
"""States in which news of the provider may change something."""


class NotBelieved(Invalid):
    """A notify that is not the provider's, or not about what we asked; ``reason`` is for the log."""

    kind = "notice"
    message = N_("This notify is not what was asked for.")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


def noticed(
    tx: Session, keys: Keys, shop: Shop, method: str, notice: Notice, body: bytes, *, at: datetime
) -> bool:
    """Keep a notify that was found genuine and have the provider asked; returns whether it was new.

    Safe to call again with the same, also at the same moment. Raises `NotBelieved` when it is about a payment that
    we do not know, or about another amount or currency than we asked for: then nothing is written.
    """
    wanted = select(Payment).where(Payment.shop_id == shop.id, Payment.attempt == notice.attempt)
    payment = tx.scalars(wanted.where(Payment.method == method)).one_or_none()
    if payment is None:
        raise NotBelieved("attempt")
    if (notice.amount, notice.currency) != (payment.amount, payment.currency):
        raise NotBelieved("amount")
    if not _keep(tx, keys, shop, method, notice, body, at):
        return False
    due = or_(Payment.ask_at.is_(None), Payment.ask_at > at)
    ask = update(Payment).where(Payment.id == payment.id, Payment.state.in_(ASKED_AGAIN), due)
    tx.execute(ask.values(ask_at=at), execution_options={"synchronize_session": False})
    record(tx, shop.id, "payment_noticed", by=SYSTEM, at=at, topics=("money",), payment=payment.id)
    return True


def _keep(
    tx: Session, keys: Keys, shop: Shop, method: str, notice: Notice, body: bytes, at: datetime
) -> bool:
    """Write the notify down if it is new: of two at the same moment one is."""
    row = {
        "shop_id": shop.id, "method": method, "key": notice.key, "attempt": notice.attempt, "at": at,
        "box": keys.lock(body.decode("utf-8", "replace"), about=f"notice:{method}:{notice.key}"),
    }  # fmt: skip
    new = new_row(tx, ProviderEvent).values(row)
    return bool(tx.execute(new.returning(ProviderEvent.id)).first())


def read(keys: Keys, event: ProviderEvent) -> str:
    """Return the body of a notify as it came."""
    return keys.unlock(event.box, about=f"notice:{event.method}:{event.key}")


def forget(tx: Session, *, at: datetime) -> int:
    """Let go of notifies older than 90 days; returns how many."""
    found = tx.execute(delete(ProviderEvent).where(ProviderEvent.at < at - KEPT).returning(ProviderEvent.id))
    return len(found.all())
