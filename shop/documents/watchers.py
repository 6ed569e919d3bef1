"""The watcher of papers: credit notes that nobody issues. Alarms keep what it finds, and end when it is issued."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from shop.core.clock import minutes_between
from shop.core.events import Event
from shop.documents.due import Due, all_due
from shop.production.warnings import LOOK_THERE, Warning_
from shop.production.watchers import Look

PATIENCE = timedelta(days=1)
"""So long a credit note may be due before somebody is told."""
CAUSES = ("order_cancelled", "order_changed", "order_forfeited", "refund_approved")
"""Lines of the diary by which an invoice says more than was sold."""


def credit_notes(look: Look) -> list[Warning_]:
    """Credit notes that have been due for more than a day."""
    found = []
    for due in all_due(look.session, look.shop):
        since = _since(look, due)
        if since <= look.at - PATIENCE:
            found.append(Warning_(
                "credit_note_due", LOOK_THERE, minutes_between(since, look.at), due.order.number, due.order.id,
                names={"en": due.invoice.number}, subject=f"note:{due.invoice.id}",
            ))  # fmt: skip
    return found


def _since(look: Look, due: Due) -> datetime:
    """Return when it became due: the last time that less was sold than the invoice says."""
    told = select(func.max(Event.at)).where(
        Event.shop_id == look.shop.id, Event.order_id == due.order.id, Event.kind.in_(CAUSES)
    )
    return max(look.session.scalar(told) or due.invoice.issued_at, due.invoice.issued_at)


WATCHERS: tuple[Callable[[Look], list[Warning_]], ...] = (credit_notes,)
"""Handed to `shop.production.alarms.watch` beside those of the kitchen."""
