"""Drafts: an unfinished order waits under a short code, encrypted, for fifteen minutes or a clerk's day."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from shop.core.errors import N_, Missing
from shop.core.keys import Keys, new_code
from shop.orders.cart import Cart
from shop.orders.tables import Draft, SlotHold
from shop.people.shops import Shop

KIOSK_MINUTES = 15
DESK_MINUTES = 24 * 60

_D: Any = Draft.__table__
_H: Any = SlotHold.__table__
_mine = (_D.c.shop_id == bindparam("shop"), _D.c.code == bindparam("draft"))
_FIND = select(_D.c.box).where(*_mine, _D.c.until > bindparam("at"))
_FIND_KIOSKS, _FIND_CLERKS = _FIND.where(_D.c.device_id.is_not(None)), _FIND.where(_D.c.staff_id.is_not(None))
_SAVE = (
    update(_D)
    .where(*_mine, _D.c.until > bindparam("at"))
    .values(
        box=bindparam("new_box"),
        saved_at=bindparam("at"),
        until=bindparam("new_until"),
        version=_D.c.version + 1,
    )
)
_NEW = insert(_D)
_DROP = (
    delete(_H).where(_H.c.shop_id == bindparam("shop"), _H.c.draft_code == bindparam("draft")),
    delete(_D).where(*_mine),
)


class DraftGone(Missing):
    """The draft has expired or was finished."""

    kind = "draft_gone"
    message = N_("This order in progress is no longer here. Please start again.")


def new_draft(
    tx: Session, keys: Keys, shop: Shop, cart: Cart, *, at: datetime,
    device_id: int | None = None, staff_id: int | None = None, minutes: int = KIOSK_MINUTES,
) -> str:  # fmt: skip
    """Keep a cart; returns its code of six characters."""
    code = new_code(6)
    row = {"shop_id": shop.id, "code": code, "device_id": device_id, "staff_id": staff_id, "saved_at": at}
    row |= {"box": _lock(keys, shop, code, cart), "until": at + timedelta(minutes=minutes)}
    tx.connection().execute(_NEW, row)
    return code


def _lock(keys: Keys, shop: Shop, code: str, cart: Cart) -> bytes:
    return keys.lock(json.dumps(cart.to_json(), ensure_ascii=False), about=f"draft:{shop.id}:{code}")


def _open(keys: Keys, shop: Shop, code: str, box: bytes) -> Cart:
    return Cart.from_json(json.loads(keys.unlock(box, about=f"draft:{shop.id}:{code}")))


def find_draft(
    session: Session, keys: Keys, shop: Shop, code: str, *, at: datetime, staff_id: int | None = None
) -> Cart:
    """Return the cart of a code; raises `DraftGone` when it is unknown, finished or too old.

    A kiosk opens only what was begun at a kiosk, a clerk (``staff_id``) only what a clerk began.
    """
    query = _FIND_KIOSKS if staff_id is None else _FIND_CLERKS
    where = {"shop": shop.id, "draft": code.upper(), "at": at}
    box = session.connection().execute(query, where).scalar()
    if box is None:
        raise DraftGone()
    return _open(keys, shop, code.upper(), box)


def save_draft(
    tx: Session, keys: Keys, shop: Shop, code: str, cart: Cart, *, at: datetime, minutes: int = KIOSK_MINUTES
) -> None:
    """Keep a changed cart under its code; raises `DraftGone` when there is none."""
    box, until = _lock(keys, shop, code, cart), at + timedelta(minutes=minutes)
    values = {"shop": shop.id, "draft": code, "at": at, "new_box": box, "new_until": until}
    if not tx.connection().execute(_SAVE, values).rowcount:
        raise DraftGone()


def drop_draft(tx: Session, shop: Shop, code: str) -> None:
    """Forget a draft and the time it held."""
    for forget in _DROP:
        tx.connection().execute(forget, {"shop": shop.id, "draft": code})


def drafts_of(
    session: Session, keys: Keys, shop: Shop, *, staff_id: int, at: datetime
) -> list[tuple[str, Cart, datetime]]:
    """Return a clerk's unfinished orders as (code, cart, saved at), newest first."""
    query = (
        select(Draft.code, Draft.box, Draft.saved_at)
        .where(Draft.shop_id == shop.id, Draft.staff_id == staff_id, Draft.until > at)
        .order_by(Draft.saved_at.desc())
        .limit(20)
    )
    return [(code, _open(keys, shop, code, box), saved) for code, box, saved in session.execute(query)]


def sweep(tx: Session, shop: Shop, *, at: datetime) -> None:
    """Forget what has run out: drafts an hour after their time, holds at once."""
    tx.execute(delete(SlotHold).where(SlotHold.shop_id == shop.id, SlotHold.until <= at))
    tx.execute(delete(Draft).where(Draft.shop_id == shop.id, Draft.until <= at - timedelta(hours=1)))
