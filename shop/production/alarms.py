"""Alarms: raised once for a subject, repeated until somebody has seen them, ended with their cause, judged after.

`watch` looks, in a session that writes nothing, and says what has to change; `keep` writes that down. So the
simulation never holds up a writer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict, Missing
from shop.core.events import record
from shop.people.shops import Shop
from shop.production import learning
from shop.production.causes import causes_of, of_the_kitchen, open_alarms, unseen_at
from shop.production.moves.suggesting import Suggestion
from shop.production.slack import AT_RISK_CHANCE
from shop.production.tables import Alarm
from shop.production.warnings import Warning_
from shop.production.watching import Changes, Memory, watch

TOPICS = ("alarms", "kitchen")


def keep(tx: Session, shop: Shop, changes: Changes, *, at: datetime) -> None:
    """Write down what a look has found; an alarm that somebody has touched in between stays as they left it."""
    known = {(a.kind, a.subject): a for a in open_alarms(tx, shop)}
    by_id = {alarm.id: alarm for alarm in known.values()}
    before = {alarm.id: cause.key for cause in causes_of(list(known.values())) for alarm in cause.alarms}
    for trouble in changes.raised:
        if (trouble.kind, trouble.subject) not in known:
            alarm = _raise(tx, shop, trouble, changes.moves.get((trouble.kind, trouble.subject)), at)
            known[trouble.kind, trouble.subject] = alarm
    causes = causes_of(list(known.values()))
    for cause in causes:
        fresh = [alarm for alarm in cause.alarms if alarm.id not in by_id]
        sounds = len(fresh) == len(cause.alarms) or cause.key not in before.values()
        for alarm in fresh:
            loud = {"sound": "risk"} if sounds and alarm is fresh[0] and cause.rings(at) else {}
            _tell(tx, shop, alarm, "alarm_raised", SYSTEM, at, **loud)
    for key, moves in changes.moves.items():
        if key in known:
            _note_moves(tx, shop, known[key], moves, at)
    for alarm_id, trouble in changes.changed:
        if alarm_id in by_id:
            _note_chance(tx, shop, by_id[alarm_id], trouble, at)
    for cause in causes:
        again = [alarm for alarm in cause.unseen if alarm.id in changes.repeated]
        for alarm in again:
            alarm.repeated_at, alarm.repeats = at, alarm.repeats + 1
        if again:
            _tell(tx, shop, again[0], "alarm_repeated", SYSTEM, at, sound="risk", many=len(again))
    for alarm_id in changes.ended:
        if alarm_id in by_id:
            by_id[alarm_id].ended_at = at
            _tell(tx, shop, by_id[alarm_id], "alarm_ended", SYSTEM, at)
    for alarm_id, verdict in changes.judged:
        tx.execute(update(Alarm).where(Alarm.id == alarm_id).values(verdict=verdict))
    learning.remember(tx, shop, changes.fresh, changes.known, at=at)


def _note_moves(tx: Session, shop: Shop, alarm: Alarm, moves: list[Suggestion], at: datetime) -> None:
    news = [each["id"] for each in alarm.moves] != [each["id"] for each in moves]
    alarm.moves, alarm.moves_at = moves, at
    if news:  # without the order's number: its timeline tells what happened, not what might be done
        record(tx, shop.id, "moves_suggested", by=SYSTEM, at=at, topics=("alarms",), alarm=alarm.id,
               moves=[each["key"] for each in moves])  # fmt: skip


def _raise(tx: Session, shop: Shop, trouble: Warning_, moves: list[Suggestion] | None, at: datetime) -> Alarm:
    alarm = Alarm(shop_id=shop.id, kind=trouble.kind, subject=trouble.subject, raised_at=at, repeated_at=at)
    alarm.order_id, alarm.cake_id, alarm.station_id = trouble.order_id, trouble.cake_id, trouble.station_id
    alarm.stage, alarm.person, alarm.names = trouble.stage, trouble.person, dict(trouble.names or {})
    alarm.chance, alarm.minutes = trouble.chance, trouble.minutes
    alarm.moves, alarm.moves_at = moves or [], at if moves is not None else None
    tx.add(alarm)
    tx.flush()
    return alarm


def _note_chance(tx: Session, shop: Shop, alarm: Alarm, trouble: Warning_, at: datetime) -> None:
    was, alarm.chance, alarm.minutes = alarm.chance, trouble.chance, trouble.minutes
    _tell(tx, shop, alarm, "alarm_changed", SYSTEM, at, was=was)


def _tell(tx: Session, shop: Shop, alarm: Alarm, kind: str, by: Actor, at: datetime, **data: Any) -> None:
    if data.get("sound") and alarm.station_id is not None:
        data["stations"] = [alarm.station_id]
    elif not of_the_kitchen(alarm):
        data.pop("sound", None)
    topics = (*TOPICS, f"order:{alarm.order_id}") if alarm.order_id else TOPICS
    record(tx, shop.id, kind, by=by, at=at, topics=topics, order_id=alarm.order_id, cake_id=alarm.cake_id,
           alarm=alarm.id, about=alarm.kind, chance=alarm.chance, **data)  # fmt: skip


def acknowledge(tx: Session, shop: Shop, alarm_id: int, *, by: Actor, at: datetime) -> None:
    """Somebody has seen it and looks after it: it is not repeated. Raises `Conflict` if somebody already does."""
    alarm = tx.scalar(select(Alarm).where(Alarm.id == alarm_id, Alarm.shop_id == shop.id))
    if alarm is None:
        raise Missing(field="alarm")
    change = (
        update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.acknowledged_at.is_(None), Alarm.ended_at.is_(None))
        .values(acknowledged_at=at, acknowledged_by=by.id)
        .returning(Alarm.id)
    )
    if tx.scalar(change) is None:
        raise Conflict()
    _tell(tx, shop, alarm, "alarm_acknowledged", by, at)


def acknowledge_cause(tx: Session, shop: Shop, alarm_id: int, *, by: Actor, at: datetime) -> int:
    """Look after an alarm with all that has the same cause; returns how many. Raises `Conflict` as `acknowledge`."""
    cause = next((c for c in causes_of(open_alarms(tx, shop)) if alarm_id in {a.id for a in c.alarms}), None)
    keys = [alarm.id for alarm in cause.unseen] if cause else []
    for key in keys or [alarm_id]:
        acknowledge(tx, shop, key, by=by, at=at)
    return len(keys)


def acknowledge_all(tx: Session, shop: Shop, alarms: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Look after all of these that nobody looks after yet; raises `Conflict` if there is none of them left."""
    still = [key for key in unseen_at(tx, shop) if key in alarms]
    if not still:
        raise Conflict()
    for key in still:
        acknowledge(tx, shop, key, by=by, at=at)
    return len(still)


def chances(session: Session, shop: Shop) -> dict[int, int]:
    """Return the cakes that will probably be late, with their chance in percent."""
    query = select(Alarm.cake_id, Alarm.chance).where(
        Alarm.shop_id == shop.id,
        Alarm.kind == "predicted_late",
        Alarm.ended_at.is_(None),
        Alarm.chance >= AT_RISK_CHANCE,
    )
    return {cake_id: chance for cake_id, chance in session.execute(query) if cake_id is not None}


__all__ = [
    "Changes",
    "Memory",
    "acknowledge",
    "acknowledge_all",
    "acknowledge_cause",
    "chances",
    "keep",
    "watch",
]
