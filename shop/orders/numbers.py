"""The number that is called out: a letter and a count of the day, never one that an open order still carries."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from shop.orders.tables import CALLED, Order
from shop.people.shops import Shop

_O: Any = Order.__table__
_NEXT = text(
    "INSERT INTO order_counter (shop_id, business_date, letter, last) VALUES (:shop, :day, :letter, 1) "
    "ON CONFLICT (shop_id, business_date, letter) DO UPDATE SET last = order_counter.last + 1 RETURNING last"
)
_SKIP = text(
    "UPDATE order_counter SET last = :last WHERE shop_id = :shop AND business_date = :day AND letter = :letter"
)
_CARRIED = select(_O.c.counter).where(
    _O.c.shop_id == bindparam("shop"),
    _O.c.state.in_(CALLED),
    _O.c.letter == bindparam("letter"),
    _O.c.counter >= bindparam("first"),
)


def next_number(tx: Session, shop: Shop, day: date, letter: str) -> int:
    """Return the day's next number of a letter; what an open order of another day carries is left out.

    The caller holds the kitchen (`shop.orders.promise.lock_kitchen`), so no other order is being numbered.
    """
    connection, where = tx.connection(), {"shop": shop.id, "day": day.isoformat(), "letter": letter}
    counted = int(connection.execute(_NEXT, where).scalar_one())
    carried = connection.execute(_CARRIED, {"shop": shop.id, "letter": letter, "first": counted}).scalars()
    number = first_free(counted, set(carried))
    if number != counted:
        connection.execute(_SKIP, where | {"last": number})
    return number


def first_free(number: int, carried: set[int]) -> int:
    """Return the first number from this one on that nobody carries."""
    while number in carried:
        number += 1
    return number
