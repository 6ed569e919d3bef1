"""Alarms: raised once for a subject, repeated until somebody has seen them, ended with their cause, judged after.

`watch` looks, in a session that writes nothing, and says what has to change; `keep` writes that down. So the
simulation never holds up a writer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict, Missing
from shop.core.events import record
from shop.menu.card import MenuCard
from shop.people.shops import Shop
from shop.production import learning
from shop.production.foresight import Scene, Seen, scene_of, seen_in
from shop.production.moves.suggesting import Suggestion, suggest
from shop.production.shortages import began_late, handed_late
from shop.production.slack import AT_RISK_CHANCE
from shop.production.tables import Alarm
from shop.production.warnings import Warning_
from shop.production.watchers import WATCHERS, Look

REPEAT = timedelta(minutes=5)
TOLD = 10
"""A chance that has moved by so many points is worth telling."""
TOPICS = ("alarms", "kitchen")
REMEMBERED = timedelta(days=30)
GIVEN_UP = timedelta(days=1)
THOUGHT_OVER = timedelta(minutes=5)
"""After so long the moves of an alarm are thought over."""
AT_ONCE = 2
"""Of so many alarms in one look: each takes some tenths of a second."""

Key = tuple[str, str]

Watcher = Callable[[Look], list[Warning_]]


@dataclass
class Changes:
    """What one look has found to change."""

    seen: Mapping[int, Seen] = field(default_factory=dict)
    raised: list[Warning_] = field(default_factory=list)
    changed: list[tuple[int, Warning_]] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    judged: list[tuple[int, str]] = field(default_factory=list)
    fresh: list[Seen] = field(default_factory=list)
    known: list[tuple[int, bool]] = field(default_factory=list)
    moves: dict[Key, list[Suggestion]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to write down."""
        return any(
            (self.raised, self.changed, self.repeated, self.ended, self.judged, self.fresh, self.known)
        ) or bool(self.moves)


def watch(
    session: Session, shop: Shop, card: MenuCard, *, at: datetime, watchers: Sequence[Watcher] = WATCHERS
) -> Changes:
    """Ask every watcher, and compare with the alarms there are."""
    scene = scene_of(session, shop, at=at)
    seen = seen_in(scene) if scene else {}
    look = Look(session, shop, card, at, seen)
    found = {(t.kind, t.subject): t for watcher in watchers for t in watcher(look)}
    known = {(a.kind, a.subject): a for a in open_alarms(session, shop)}
    changes = Changes(seen, judged=_verdicts(session, shop, at))
    changes.fresh = learning.fresh(session, shop, seen, at=at)
    changes.known = learning.known(session, shop, at=at)
    changes.raised = [t for key, t in found.items() if t.raises and key not in known]
    for key, alarm in known.items():
        trouble = found.get(key)
        if trouble is None:
            changes.ended.append(alarm.id)
            continue
        later = abs(trouble.minutes - alarm.minutes) if trouble.kind == "delivery_late" else 0
        if max(abs(trouble.chance - alarm.chance), later) >= TOLD:
            changes.changed.append((alarm.id, trouble))
        if alarm.acknowledged_at is None and at - alarm.repeated_at >= REPEAT:
            changes.repeated.append(alarm.id)
    changes.moves = _think(session, shop, scene, found, known, at)
    return changes


def _think(
    session: Session, shop: Shop, scene: Scene | None, found: Mapping[Key, Warning_],
    known: Mapping[Key, Alarm], at: datetime,
) -> dict[Key, list[Suggestion]]:  # fmt: skip
    """Find moves for the worst alarms that have none, or whose moves are old or no longer fit the work."""
    versions = {row.id: row.version for rows in scene.rows.values() for row in rows} if scene else {}
    due = []
    for key, trouble in found.items():
        alarm = known.get(key)
        if trouble.move == "check_display" or (alarm is None and not trouble.raises):
            continue
        if alarm is None or alarm.moves_at is None or _old(alarm, versions, at):
            due.append((alarm is not None and alarm.moves_at is not None, -trouble.chance, key, trouble))
    due.sort(key=lambda each: each[:3])
    return {key: suggest(session, shop, scene, trouble, at=at) for *_, key, trouble in due[:AT_ONCE]}


def _old(alarm: Alarm, versions: Mapping[int, int], at: datetime) -> bool:
    if alarm.moves_at is None or at - alarm.moves_at >= THOUGHT_OVER:
        return True
    names = (("task", "version"), ("other", "other_version"))
    return any(
        each["args"][task] in versions and versions[each["args"][task]] != each["args"][version]
        for each in alarm.moves for task, version in names if version in each["args"]
    )  # fmt: skip


def keep(tx: Session, shop: Shop, changes: Changes, *, at: datetime) -> None:
    """Write down what a look has found; an alarm that somebody has touched in between stays as they left it."""
    known = {(a.kind, a.subject): a for a in open_alarms(tx, shop)}
    by_id = {alarm.id: alarm for alarm in known.values()}
    for trouble in changes.raised:
        if (trouble.kind, trouble.subject) not in known:
            _raise(tx, shop, trouble, changes.moves.get((trouble.kind, trouble.subject)), at)
    for key, moves in changes.moves.items():
        if key in known:
            _note_moves(tx, shop, known[key], moves, at)
    for alarm_id, trouble in changes.changed:
        if alarm_id in by_id:
            _note_chance(tx, shop, by_id[alarm_id], trouble, at)
    for alarm_id in changes.repeated:
        alarm = by_id.get(alarm_id)
        if alarm is not None and alarm.acknowledged_at is None:
            alarm.repeated_at, alarm.repeats = at, alarm.repeats + 1
            _tell(tx, shop, alarm, "alarm_repeated", SYSTEM, at, sound="risk")
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


def _raise(tx: Session, shop: Shop, trouble: Warning_, moves: list[Suggestion] | None, at: datetime) -> None:
    alarm = Alarm(shop_id=shop.id, kind=trouble.kind, subject=trouble.subject, raised_at=at, repeated_at=at)
    alarm.order_id, alarm.cake_id, alarm.station_id = trouble.order_id, trouble.cake_id, trouble.station_id
    alarm.stage, alarm.person, alarm.names = trouble.stage, trouble.person, dict(trouble.names or {})
    alarm.chance, alarm.minutes = trouble.chance, trouble.minutes
    alarm.moves, alarm.moves_at = moves or [], at if moves is not None else None
    tx.add(alarm)
    tx.flush()
    _tell(tx, shop, alarm, "alarm_raised", SYSTEM, at, sound="risk")


def _note_chance(tx: Session, shop: Shop, alarm: Alarm, trouble: Warning_, at: datetime) -> None:
    was, alarm.chance, alarm.minutes = alarm.chance, trouble.chance, trouble.minutes
    _tell(tx, shop, alarm, "alarm_changed", SYSTEM, at, was=was)


def _tell(tx: Session, shop: Shop, alarm: Alarm, kind: str, by: Actor, at: datetime, **data: Any) -> None:
    if data.get("sound") and alarm.station_id is not None:
        data["stations"] = [alarm.station_id]
    elif _on_the_way(alarm):
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


def unseen_at(session: Session, shop: Shop, station_id: int | None = None) -> list[int]:
    """Return the alarms of the kitchen nobody looks after, worst first; with a station those that concern it."""
    found = [a for a in open_alarms(session, shop) if a.acknowledged_at is None and not _on_the_way(a)]
    return [a.id for a in found if station_id is None or a.station_id in (None, station_id)]


def _on_the_way(alarm: Alarm) -> bool:
    """Whether it is about a delivery: the dispatcher's, no sound for bakers."""
    return alarm.order_id is not None and alarm.cake_id is None


def acknowledge_all(tx: Session, shop: Shop, alarms: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Look after all of these that nobody looks after yet; raises `Conflict` if there is none of them left."""
    still = [key for key in unseen_at(tx, shop) if key in alarms]
    if not still:
        raise Conflict()
    for key in still:
        acknowledge(tx, shop, key, by=by, at=at)
    return len(still)


def _verdicts(session: Session, shop: Shop, at: datetime) -> list[tuple[int, str]]:
    """Judge what has ended: true if the cake was late or somebody acted; a cake still open is not judged yet."""
    ended = select(Alarm).where(
        Alarm.shop_id == shop.id, Alarm.ended_at > at - REMEMBERED, Alarm.verdict == ""
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
    if alarm.stage or alarm.station_id is not None:
        ended = alarm.ended_at or at
        return began_late(session, shop, alarm.stage, alarm.station_id, alarm.raised_at, ended)
    return False


def open_alarms(session: Session, shop: Shop) -> list[Alarm]:
    """Return what is wrong now: not yet seen first, then the worst."""
    query = select(Alarm).where(Alarm.shop_id == shop.id, Alarm.ended_at.is_(None))
    order = (Alarm.acknowledged_at.is_not(None), Alarm.chance.desc(), Alarm.raised_at, Alarm.id)
    return list(session.scalars(query.order_by(*order)))


def unseen(session: Session, shop: Shop) -> int:
    """Return how many alarms nobody looks after."""
    query = select(func.count()).where(
        Alarm.shop_id == shop.id, Alarm.ended_at.is_(None), Alarm.acknowledged_at.is_(None)
    )
    return int(session.scalar(query) or 0)


def chances(session: Session, shop: Shop) -> dict[int, int]:
    """Return the cakes that will probably be late, with their chance in percent."""
    query = select(Alarm.cake_id, Alarm.chance).where(
        Alarm.shop_id == shop.id,
        Alarm.kind == "predicted_late",
        Alarm.ended_at.is_(None),
        Alarm.chance >= AT_RISK_CHANCE,
    )
    return {cake_id: chance for cake_id, chance in session.execute(query) if cake_id is not None}


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
