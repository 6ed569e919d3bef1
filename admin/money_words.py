"""What the office says of payments and refunds: their states, ways and reasons."""

from typing import Any

from shop.core.errors import N_
from shop.core.types import say
from shop.payments.providers import names_of
from web.i18n import language

PAYMENT_WORDS = {
    "created": N_("The code is being made"), "pending": N_("Waits for the customer"), "captured": N_("Paid"),
    "settled": N_("In the provider's bill"), "failed": N_("Did not work"), "expired": N_("Ran out"),
    "unknown": N_("Nobody knows yet"), "captured_late": N_("Came too late, goes back"),
}  # fmt: skip
REFUND_WORDS = {
    "requested": N_("Waits for a second person"), "approved": N_("To be paid back"), "sent": N_("On its way"),
    "unknown": N_("Nobody knows yet"), "refunded": N_("Paid back"), "failed": N_("Did not work"),
    "rejected": N_("Not agreed to"), "lapsed": N_("Nobody answered in a day"),
}  # fmt: skip
DISPUTE_WORDS = {"disputed": N_("Held back"), "won": N_("The shop won"), "lost": N_("The customer won")}
WHY_WORDS = {
    "no_show": N_("Nobody fetched the cake"),
    "cancelled": N_("The order was cancelled"), "late": N_("The money came after the order was over"),
    "twice": N_("Paid a second time"), "amount": N_("Another amount came than was asked for"),
}  # fmt: skip


def words() -> dict[str, Any]:
    """Return what the money pages say of states and reasons."""
    return {"payment_words": PAYMENT_WORDS, "refund_words": REFUND_WORDS, "why_words": WHY_WORDS,
            "dispute_words": DISPUTE_WORDS}  # fmt: skip


def method_words(method: str) -> str:
    """Return a way to pay in the language of this request."""
    return say(names_of(method), language())
