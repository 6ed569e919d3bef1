"""The till that this person stands at: chosen in this browser, or the only one that is open."""

from dataclasses import dataclass

from flask import session

from shop.core.errors import ShopError
from shop.payments.till import find, open_tills, till_for
from web.access import Session
from web.database import reader
from web.house import now, this_shop

CHOSEN = "till"
"""Where the browser's session keeps which till its person stands at."""


@dataclass(frozen=True)
class Here:
    """``ready``: money can be taken. ``name`` is the till's, ``several`` are open, ``id`` 0 where none is meant."""

    ready: bool
    name: str = ""
    id: int = 0
    several: bool = False


def my_till(tx: Session) -> int:
    """Return the till that this person takes money at; raises `NoOpenTill`. The demo opens one by itself."""
    shop = this_shop()
    alone = shop.is_demo and not open_tills(tx, shop)
    return till_for(tx, shop, at=now(), chosen=session.get(CHOSEN), alone=alone)


def till_here() -> Here:
    """Return what a page says of the till before money is taken."""
    shop = this_shop()
    there = open_tills(reader(), shop)
    if not there:
        return Here(ready=shop.is_demo)
    try:
        mine = find(reader(), shop, till_for(reader(), shop, at=now(), chosen=session.get(CHOSEN)))
    except ShopError:
        return Here(ready=False, several=True)
    return Here(ready=True, name=mine.name, id=mine.id, several=len(there) > 1)
