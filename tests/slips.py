"""An order for the tests of what the customer takes home: the slip and the tracking page."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.menu.card import cached_card
from shop.orders.cart import Cart, CartLine
from shop.orders.placing import Placed, place
from shop.people.shops import Shop, only_shop
from tests.cast import SATURDAY
from web.house import keys, now

NAME, PHONE, NOTE = "王小明金丝雀", "+8613812345678", "note-canary-4711"
CANARIES = ("王小明", "金丝雀", "13812345678", "note-canary")


def canaries_in(text: str) -> list[str]:
    """Return what a text tells about them; the phone's last digits also by themselves.

    A key or token of a form has four such digits in the middle of it now and then.
    """
    return [each for each in CANARIES if each in text] + re.findall(r"(?<![\w-])5678(?![\w-])", text)


def the_shop(tx: Session) -> Shop:
    """Return the demo shop."""
    shop = only_shop(tx)
    assert shop is not None
    return shop


def two_cakes(**changes: Any) -> Cart:
    """A cart of an 8-inch strawberry cake with words and candles and a 6-inch matcha cake."""
    cart = Cart(
        lines=[
            CartLine("strawberry-cream", 8, 1, {"sweetness": "no-sucrose"}, "生日快乐", 6),
            CartLine("matcha-redbean", 6),
        ],
        due_at=SATURDAY + timedelta(hours=6),
        name=NAME,
        phone=PHONE,
        note=NOTE,
    )
    for field, value in changes.items():
        setattr(cart, field, value)
    return cart


def order(tx: Session, cart: Cart | None = None, **options: Any) -> Placed:
    """Place a cart at the kiosk."""
    shop = the_shop(tx)
    options = {"channel": "kiosk", "by": CUSTOMER, "at": now(), "overbook_reason": "a test"} | options
    return place(tx, keys(), shop, cached_card(tx, shop), cart or two_cakes(), **options)
