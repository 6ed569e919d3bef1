"""One more pair of hands: somebody stays longer, or comes in earlier, for today."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import Conflict, Missing
from shop.core.permissions import Permission
from shop.core.types import from_minute
from shop.people.shops import Shop
from shop.people.staff import Shift, ShiftChange, Staff
from shop.planning.reservations.floor import Hand, Job
from shop.production.leaving import gone_home
from shop.production.moves.contract import MOVED_ON, Done, Move, Option, View
from shop.production.stations import change_day, undo_day
from shop.production.tables import Task

SOON, LONG = 30, 180
"""Who is not here needs so many minutes to come; nobody works more than three hours beyond their shift."""
HALF_HOUR = 30
MOST = 3
TROUBLED = 0.5
"""From this chance on a cake is one of those somebody stays for."""


def options(view: View) -> Iterator[Option]:
    """Everybody who can do what is still to be done and is not here all the time until then.

    A day off stays a day off. Who went home early is asked back only where nobody else helps, from half an hour on.
    """
    wanted, until = needed(view)
    now, day = view.scene.now, view.shop.business_date(view.at)
    opens, ends = (minute_of(moment) for moment in view.shop.day_bounds(day))
    gone = gone_home(view.session, view.shop, at=view.at)
    rota = _rota(view, day)
    able = [h for h in view.scene.floor.hands if h.id > 0 and wanted & h.skills]
    found = []
    for hand in able:
        back = hand.id in gone
        today = [(now, now)] if back else sorted(s for s in hand.hours if s[0] < ends and s[1] > opens)
        if not today:
            continue
        begins, over = today[0][0], today[-1][1]
        later = max(over, min(until, rota.get(hand.id, over) + LONG, ends - 1))
        stays = not back and any(a <= now < b for a, b in today)
        begin = now + SOON if back else begins if begins <= now else min(begins, now + SOON)
        if (begin, later) != (begins, over) and begin < later:
            found.append((back, not stays, hand.id, hand, begin, later, now if stays else now + SOON))
    for back, _, _, hand, begin, over, since in sorted(found, key=lambda each: each[:3])[:MOST]:
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
            facts={"person": hand.id, "starts": args["starts"], "ends": args["ends"], "back": back}, reserve=back,
        )  # fmt: skip


def _rota(view: View, day: date) -> dict[int, int]:
    """Return until when everybody would be here by the week: who stays longer does not stay longer again and again."""
    query = select(Shift).where(Shift.shop_id == view.shop.id, Shift.weekday == day.weekday())
    found: dict[int, int] = {}
    for row in view.session.scalars(query):
        over = minute_of(view.shop.moment(day, row.ends)) + (24 * 60 if row.ends <= row.starts else 0)
        found[row.staff_id] = max(over, found.get(row.staff_id, over))
    return found


def needed(view: View) -> tuple[set[str], int]:
    """Return the skills that are wanted, and until which minute: as long as cakes that want them are in trouble."""
    job, now = view.job, view.scene.now
    if job is None:
        return ({view.about.stage} if view.about.stage else set()), _half_hour(now + 2 * HALF_HOUR)
    wanted = _skills(job)
    until = max(job.due, now + HALF_HOUR)
    for other in view.scene.jobs:
        seen = view.seen[other.id]
        if seen.chance >= TROUBLED and wanted & _skills(other):
            until = max(until, other.due, seen.likely_end)
    return wanted, _half_hour(until)


def _skills(job: Job) -> set[str]:
    return {step.skill for step in job.steps[job.locked :] if step.skill}


def _half_hour(minute: int) -> int:
    return -(-minute // HALF_HOUR) * HALF_HOUR


def minute_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _with(hand: Hand, since: int, over: int) -> list[tuple[int, int]]:
    return sorted([*hand.hours, (since, over)])


def _clock(view: View, minute: int) -> str:
    return view.shop.local(from_minute(minute)).strftime("%H:%M")


def apply(tx: Session, shop: Shop, args: Mapping[str, Any], by: Actor, at: datetime) -> Done:
    """Change their hours of today; hours they were given since the move was found stay theirs."""
    person = tx.get(Staff, args["person"])
    if person is None or person.shop_id != shop.id or not person.active:
        raise Missing()
    day = datetime.fromisoformat(args["day"]).date()
    was = _change(tx, person.id, args["day"])
    span = [args["starts"], args["ends"]]
    if was and was[0] and was[1] > span[0]:
        span = [min(was[0], span[0]), max(was[1], span[1])]
    change_day(tx, shop, person.id, day, starts=span[0], ends=span[1], by=by, at=at)
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
