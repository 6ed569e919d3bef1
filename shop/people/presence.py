"""Who is at work right now: read from the diary, so that nobody has to report themselves."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import ActorKind
from shop.core.events import Event
from shop.people.shops import Shop
from shop.people.staff import Staff

LATELY = timedelta(minutes=30)
LOOK_BACK = 800


def active_lately(session: Session, shop: Shop, *, at: datetime) -> list[tuple[Staff, datetime]]:
    """Return who did something or signed in during the last 30 minutes, with the moment, latest first.

    Looks at the last 800 lines of the diary only, so its cost does not grow with the shop's years.
    """
    since = at - LATELY
    query = (
        select(Event.actor_id, func.max(Event.at))
        .where(Event.shop_id == shop.id, Event.seq > shop.event_seq - LOOK_BACK)
        .where(Event.actor_kind == ActorKind.STAFF, Event.at > since, Event.at <= at)
        .group_by(Event.actor_id)
    )
    seen: dict[int, datetime] = {row[0]: row[1] for row in session.execute(query) if row[0] is not None}
    people = session.scalars(select(Staff).where(Staff.shop_id == shop.id, Staff.active))
    found = []
    for person in people:
        moments = [m for m in (seen.get(person.id), person.signed_in_at) if m and since < m <= at]
        if moments:
            found.append((person, max(moments)))
    return sorted(found, key=lambda pair: pair[1], reverse=True)
