"""The office that asks the payment providers: the worker's, and the counter's where a customer stands there."""

from shop.payments.asking import Office
from web.database import writing
from web.house import House


def office_of(house: House) -> Office:
    """Return what asking the providers needs. Call them outside of any transaction."""
    return Office(writing, house.providers.get, house.settings.public_url, house.clock.now)
