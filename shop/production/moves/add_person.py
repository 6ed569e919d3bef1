"""One more pair of hands: somebody stays longer, or comes in earlier, for today."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict, Missing
from shop.core.permissions import Permission
from shop.core.types import from_minute
from shop.people.shops import Shop
from shop.people.staff import ShiftChange, Staff
from shop.planning.reservations.floor import Hand
from shop.production.moves.contract import MOVED_ON, Done, Move, Option, View
from shop.production.stations import change_day, undo_day
from shop.production.tables import Task

SOON, LONG = 30, 180
"""Who is not here needs so many minutes to come; nobody stays longer than three hours."""
HALF_HOUR = 30
MOST = 3


def options(view: View) -> Iterator[Option]:
    """Everybody who can do what is still to be done and is not here all the time until then."""
    wanted, until = needed(view)
    now, day = view.scene.now, view.shop.business_date(view.at)
    opens, ends = (minute_of(moment) for moment in view.shop.day_bounds(day))
    able = [h for h in view.scene.floor.hands if h.id > 0 and wanted & h.skills]
    found = []
    for hand in able:
        today = sorted(span for span in hand.hours if span[0] < ends and span[1] > opens)
        if not today or any(a <= now and b >= until for a, b in today) or today[-1][1] <= now - LONG:
            continue  # a day off stays a day off
        begin = min(today[0][0], now + SOON) if today[0][0] > now else today[0][0]
        over = min(max(until, today[-1][1]), ends - 1)
        stays = any(a <= now < b for a, b in today)
        found.append((not stays, hand.id, hand, begin, over, now if stays else now + SOON))
    for *_, hand, begin, over, since in sorted(found, key=lambda each: each[:2])[:MOST]:
        hands = [
            replace(h, hours=_with(h, since, over)) if h.id == hand.id else h for h in view.scene.floor.hands
        ]
        args = {
            "person": hand.id,
            "day": day.isoformat(),
            "starts": _clock(view, begin),
            "ends": _clock(view, over),
        }
        yield Option(
            args, replace(view.scene, floor=replace(view.scene.floor, hands=hands)),
            facts={"person": hand.id, "starts": args["starts"], "ends": args["ends"]},
        )  # fmt: skip


def needed(view: View) -> tuple[set[str], int]:
    """Return the skills that are wanted, and until which minute."""
    job, now = view.job, view.scene.now
    due = job.due if job else now + 2 * HALF_HOUR
    until = -(-max(due, now + HALF_HOUR) // HALF_HOUR) * HALF_HOUR
    if job is not None:
        return {step.skill for step in job.steps[job.locked :] if step.skill}, min(until, now + LONG)
    return ({view.about.stage} if view.about.stage else set()), min(until, now + LONG)


def minute_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _with(hand: Hand, since: int, over: int) -> list[tuple[int, int]]:
    return sorted([*hand.hours, (since, over)])


def _clock(view: View, minute: int) -> str:
    return view.shop.local(from_minute(minute)).strftime("%H:%M")


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Change their hours of today."""
    person = tx.get(Staff, args["person"])
    if person is None or person.shop_id != shop.id or not person.active:
        raise Missing()
    day = datetime.fromisoformat(args["day"]).date()
    was = _change(tx, person.id, args["day"])
    change_day(tx, shop, person.id, day, starts=args["starts"], ends=args["ends"], by=by, at=at)
    span = [args["starts"], args["ends"]]
    return Done({"span": was}, {"span": span, "person": person.id, "day": args["day"], "at": at.isoformat()})


def undo(
    tx: Session, shop: Shop, was: Mapping[str, Any], now: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    """Give them their hours back, while they have not begun anything and nobody has changed the day again."""
    day = datetime.fromisoformat(now["day"]).date()
    since = datetime.fromisoformat(now["at"])
    begun = select(Task.id).where(Task.started_by == now["person"], Task.started_at >= since)
    if _change(tx, now["person"], now["day"]) != now["span"] or tx.scalar(begun.limit(1)) is not None:
        raise Conflict(MOVED_ON)
    if was["span"] is None:
        undo_day(tx, shop, now["person"], day, by=by, at=at)
    else:
        change_day(tx, shop, now["person"], day, starts=was["span"][0], ends=was["span"][1], by=by, at=at)


def _change(tx: Session, staff_id: int, day: str) -> list[str] | None:
    query = select(ShiftChange).where(
        ShiftChange.staff_id == staff_id, ShiftChange.day == datetime.fromisoformat(day).date()
    )
    row = tx.scalars(query).first()
    return [row.starts, row.ends] if row else None


MOVE = Move("add_person", Permission.SHIFT_EDIT, options, apply, undo)
