"""Tills in words: what a line is, how a count came out."""

from flask_babel import gettext

from shop.payments.till_tables import LineKind
from web.i18n import money

K = LineKind


def line_words(kind: str) -> str:
    """Return what a line of a till is."""
    known = {
        K.OPENED: gettext("Opened with a float"), K.CASH_SALE: gettext("Cash"), K.CARD_SALE: gettext("Card"),
        K.CASH_REFUND: gettext("Cash paid back"), K.CARD_REFUND: gettext("Paid back to a card"),
        K.COURIER_CASH: gettext("A courier’s cash"), K.PAID_IN: gettext("Put in"),
        K.PAID_OUT: gettext("Taken out, into the safe"), K.SPENT: gettext("Paid for something"),
        K.HIDDEN_TAKEN: gettext("To hide in a cake"), K.HIDDEN_GIVEN: gettext("Hidden in a cake"),
        K.HIDDEN_OUT: gettext("Out of a cake’s box again"),
        K.HIDDEN_BACK: gettext("Not hidden after all, given back"),
        K.COUNTED: gettext("Counted, into the safe"),
    }  # fmt: skip
    return str(known.get(LineKind(kind), kind))


def off_words(difference: int | None) -> str:
    """Return how a count came out: over, short, or right."""
    if not difference:
        return str(gettext("Right to the cent"))
    if difference > 0:
        return str(gettext("%(amount)s over", amount=money(difference)))
    return str(gettext("%(amount)s short", amount=money(-difference)))


def moves() -> list[tuple[str, str]]:
    """Return what can be done with cash by hand, in words."""
    return [
        (K.PAID_OUT.value, gettext("Take out, into the safe")), (K.PAID_IN.value, gettext("Put in, from the safe")),
        (K.SPENT.value, gettext("Pay for something (milk, flowers)")),
    ]  # fmt: skip


KINDS = [kind.value for kind in LineKind if kind not in (K.OPENED, K.COUNTED)]
WORDS = {"line_words": line_words, "off_words": off_words}
