"""Whose phone was heard when: not an event, nobody needs to read it again."""

from datetime import datetime

from sqlalchemy.orm import Session

from shop.delivery.tables import Rider
from shop.people.shops import Shop


def heard(tx: Session, shop: Shop, staff_id: int, *, at: datetime) -> None:
    """Keep when a courier's phone was last heard; an older word changes nothing."""
    rider = tx.get(Rider, staff_id, with_for_update=True)
    if rider is None:
        tx.add(Rider(staff_id=staff_id, shop_id=shop.id, seen_at=at))
    elif at > rider.seen_at:
        rider.seen_at = at
