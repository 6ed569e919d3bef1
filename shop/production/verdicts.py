"""Verdicts: what became of the warnings, and how right they were."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.people.shops import Shop
from shop.production import learning
from shop.production.causes import MONEY
from shop.production.shortages import began_late, handed_late
from shop.production.tables import Alarm

REMEMBERED = timedelta(days=30)
GIVEN_UP = timedelta(days=1)


def verdicts(session: Session, shop: Shop, at: datetime) -> list[tuple[int, str]]:
    """Judge what has ended: true if the cake was late or somebody acted; a cake still open is not judged yet."""
    ended = select(Alarm).where(
        Alarm.shop_id == shop.id,
        Alarm.ended_at > at - REMEMBERED,
        Alarm.verdict == "",
        Alarm.kind.not_in(MONEY),  # facts, no forecast: there is nothing to be right about
    )
    found = []
    for alarm in session.scalars(ended.order_by(Alarm.id).limit(200)):
        late = _came_true(session, shop, alarm, at)
        if late is None and at - (alarm.ended_at or at) < GIVEN_UP:
            continue
        found.append((alarm.id, "late" if late else "acted" if alarm.acknowledged_at else "false"))
    return found


def _came_true(session: Session, shop: Shop, alarm: Alarm, at: datetime) -> bool | None:
    """Return whether what was feared happened; None while that is open."""
    if alarm.cake_id is not None:
        return learning.was_late(session, alarm.cake_id, at)
    if alarm.order_id is not None:
        return handed_late(session, alarm.order_id, at)
    if alarm.stage or alarm.station_id is not None or alarm.kind == "quiet_kitchen":
        ended = alarm.ended_at or at
        return began_late(session, shop, alarm.stage, alarm.station_id, alarm.raised_at, ended)
    return False


def record_of(session: Session, shop: Shop, *, at: datetime) -> dict[str, dict[str, int]]:
    """Return how alarms of each kind turned out in the last 30 days: ``{"missed_start": {"late": 3, "false": 1}}``."""
    query = (
        select(Alarm.kind, Alarm.verdict, func.count())
        .where(Alarm.shop_id == shop.id, Alarm.raised_at > at - REMEMBERED, Alarm.verdict != "")
        .group_by(Alarm.kind, Alarm.verdict)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, verdict, many in session.execute(query):
        found.setdefault(kind, {})[verdict] = int(many)
    return found
