"""Applying a suggested move, and taking it back within ten minutes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Conflict, Denied, Missing
from shop.core.events import record
from shop.people.rights import may
from shop.people.shops import Shop
from shop.people.staff import Staff
from shop.production.moves import MOVES
from shop.production.moves.contract import Move
from shop.production.tables import Alarm, MoveDone, Task

UNDO = timedelta(minutes=10)
TOPICS = ("alarms", "kitchen", "orders")
GONE = N_("This suggestion is no longer there. Here is what can be done now.")


def apply(
    tx: Session, shop: Shop, alarm_id: int, suggestion_id: str, *, by: Actor, at: datetime,
    moves: Mapping[str, Move] = MOVES,
) -> MoveDone:  # fmt: skip
    """Do what was suggested; whoever does it looks after the alarm. ``moves`` are those there are.

    Raises `Denied` where the role may not, and `Conflict` when the alarm is over, the suggestion is no longer
    there, or the work has changed since it was made.
    """
    alarm = tx.scalars(
        select(Alarm).where(Alarm.id == alarm_id, Alarm.shop_id == shop.id).with_for_update()
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if alarm is None:
        raise Missing(field="alarm")
    if alarm.ended_at is not None:
        raise Conflict(N_("This warning is over: there is nothing to do any more."))
    chosen = next((each for each in alarm.moves if each["id"] == suggestion_id), None)
    if chosen is None:
        raise Conflict(GONE)
    move = moves[chosen["key"]]
    _allow(tx, move, by)
    done = move.apply(tx, shop, chosen["args"], by, at)
    row = MoveDone(
        shop_id=shop.id, alarm_id=alarm.id, key=move.key, args={**chosen["args"], **chosen["facts"]}
    )
    row.order_id = done.orders[0] if done.orders else alarm.order_id
    row.was, row.now = done.was, done.now
    row.chance_before, row.chance_after, row.by_staff, row.at = chosen["before"], chosen["after"], by.id, at
    tx.add(row)
    alarm.moves, alarm.moves_at = [], None
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = at, by.id
    tx.flush()
    _tell(
        tx, shop, row, "move_applied", done.orders, by, at, before=row.chance_before, after=row.chance_after
    )
    return row


def undo(
    tx: Session, shop: Shop, move_id: int, *, by: Actor, at: datetime, moves: Mapping[str, Move] = MOVES
) -> MoveDone:
    """Put back what a move has changed.

    Raises `Conflict` after ten minutes, the second time, and when the work has moved on since.
    """
    row = tx.scalars(
        select(MoveDone).where(MoveDone.id == move_id, MoveDone.shop_id == shop.id)
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if row is None:
        raise Missing(field="move")
    move = moves[row.key]
    _allow(tx, move, by)
    if at - row.at > UNDO:
        raise Conflict(N_("This can be taken back for ten minutes only."))
    mine = (
        update(MoveDone)
        .where(MoveDone.id == row.id, MoveDone.undone_at.is_(None))
        .values(undone_at=at, undone_by=by.id)
        .execution_options(synchronize_session=False)
    )
    if not tx.connection().execute(mine).rowcount:
        raise Conflict(N_("Somebody has already taken this back."))
    move.undo(tx, shop, row.was, row.now, by, at)
    tx.refresh(row)
    tx.execute(update(Alarm).where(Alarm.id == row.alarm_id).values(moves=[], moves_at=None))
    _tell(tx, shop, row, "move_undone", _orders(tx, row), by, at)
    return row


def _allow(tx: Session, move: Move, by: Actor) -> None:
    person = tx.get(Staff, by.id) if by.id else None
    if person is None or not may(tx, person, move.permission):
        raise Denied()


def _tell(
    tx: Session,
    shop: Shop,
    row: MoveDone,
    kind: str,
    orders: Sequence[int],
    by: Actor,
    at: datetime,
    **data: Any,
) -> None:
    topics = (*TOPICS, *(f"order:{order}" for order in orders or _first(row)))
    record(tx, shop.id, kind, by=by, at=at, topics=topics, order_id=row.order_id, move=row.key, alarm=row.alarm_id,
           done=row.id, **data)  # fmt: skip
    for other in orders[1:]:  # whoever keeps its open work in memory must hear of it
        record(
            tx,
            shop.id,
            "order_postponed",
            by=by,
            at=at,
            topics=topics,
            order_id=other,
            move=row.key,
            done=row.id,
        )


def _first(row: MoveDone) -> list[int]:
    return [row.order_id] if row.order_id else []


def _orders(tx: Session, row: MoveDone) -> list[int]:
    tasks = [int(key) for key in row.now if key.isdecimal()]
    found = set(tx.scalars(select(Task.order_id).where(Task.id.in_(tasks)))) if tasks else set()
    return [*_first(row), *sorted(found - {row.order_id})]


def lately(session: Session, shop: Shop, *, at: datetime) -> list[MoveDone]:
    """Return what was done in the last ten minutes and can still be taken back, newest first."""
    query = select(MoveDone).where(
        MoveDone.shop_id == shop.id, MoveDone.at >= at - UNDO, MoveDone.undone_at.is_(None)
    )
    return list(session.scalars(query.order_by(MoveDone.id.desc()).limit(20)))
