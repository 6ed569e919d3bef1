"""Ways to pay: the registry of methods.

A method is one file and one line here. Online methods come later through the same contract. Taking money at the
counter is `shop.payments.counter.take`.
"""

from shop.payments import card, cash
from shop.payments.contract import Method

METHODS: dict[str, Method] = {method.key: method for method in (cash.CASH, card.CARD)}

__all__ = ["METHODS", "Method"]
