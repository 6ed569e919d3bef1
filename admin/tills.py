"""Tills: which is mine."""

from flask import session

from shop.payments.till import open_tills, till_for
from web.access import Session
from web.house import now, this_shop

CHOSEN = "till"
"""Where the browser's session keeps which till its person stands at."""


def my_till(tx: Session) -> int:
    """Return the till that this person takes money at; raises `NoOpenTill`. The demo opens one by itself."""
    shop = this_shop()
    alone = shop.is_demo and not open_tills(tx, shop)
    return till_for(tx, shop, at=now(), chosen=session.get(CHOSEN), alone=alone)
