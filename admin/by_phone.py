"""What the counter can take by phone, and what is under way: every page that takes money shows it."""

from shop.orders.tables import Order
from shop.payments.online import attempt_of
from shop.payments.providers import Online
from shop.payments.tables import Payment
from web.database import reader
from web.house import house


def code_ways(currency: str) -> list[Online]:
    """Return the methods whose customers' codes can be scanned here."""
    return [way for way in house().providers.offered(currency) if way.codes is not None]


def paying_now(order: Order) -> Payment | None:
    """Return the payment by phone that is under way, None where nobody pays."""
    return attempt_of(reader(), order)
