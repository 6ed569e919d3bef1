"""Going home early: somebody's shift ends now, in one tap, and the tap can be taken back for ten minutes."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.belonging import held_in
from shop.core.errors import N_, Conflict
from shop.core.events import Event, record
from shop.people.hours import spans_on
from shop.people.shops import Shop, renew
from shop.people.staff import ShiftChange, Staff

UNDO = timedelta(minutes=10)
TOPICS = ("staff", "kitchen", "plan")


def at_work(session: Session, shop: Shop, *, at: datetime) -> list[tuple[Staff, datetime]]:
    """Return who is on shift now, each with the end of the shift."""
    found: dict[int, tuple[Staff, datetime]] = {}
    for begins, over, person in spans_on(session, shop, [shop.business_date(at)]):
        if begins <= at < over:
            found[person.id] = (person, over)
    return [found[key] for key in sorted(found)]


def go_home(tx: Session, shop: Shop, staff_id: int, *, by: Actor, at: datetime) -> None:
    """End somebody's shift now. Raises `Missing`, and `Conflict` for somebody who is not on shift.

    Their running work stays theirs until somebody else finishes it.
    """
    person = held_in(tx, shop.id, Staff, staff_id)
    day = shop.business_date(at)
    mine = sorted(span for span in spans_on(tx, shop, [day]) if span[2].id == person.id)
    ends = shop.local(at).strftime("%H:%M")
    if not any(begins <= at < over for begins, over, _ in mine):
        raise Conflict(N_("%(name)s is not on shift now."), name=person.name)
    row = _change(tx, person, day)
    was = [row.starts, row.ends] if row is not None else None
    if row is None:
        row = ShiftChange(shop_id=shop.id, staff_id=person.id, day=day)
        tx.add(row)
    starts = shop.local(mine[0][0]).strftime("%H:%M")
    row.starts, row.ends = (starts, ends) if starts < ends else ("", "")
    renew(tx, shop.id)
    record(
        tx, shop.id, "shift_ended", by=by, at=at, topics=TOPICS, staff=person.id, day=day.isoformat(), was=was,
        now=[row.starts, row.ends],
    )  # fmt: skip


def stay_after_all(tx: Session, shop: Shop, staff_id: int, *, by: Actor, at: datetime) -> None:
    """Take back that somebody went home. Raises `Missing`, and `Conflict` when it is too late or hours have changed."""
    person = held_in(tx, shop.id, Staff, staff_id)
    line = went_home(tx, shop, at=at).get(person.id)
    row = _change(tx, person, shop.business_date(at))
    if line is None or row is None or [row.starts, row.ends] != line.data["now"]:
        raise Conflict(N_("This can no longer be taken back. Please look at the shifts."))
    was = line.data["was"]
    if was is None:
        tx.delete(row)
    else:
        row.starts, row.ends = was
    renew(tx, shop.id)
    record(tx, shop.id, "shift_end_recalled", by=by, at=at, topics=TOPICS, staff=person.id)


def went_home(session: Session, shop: Shop, *, at: datetime) -> dict[int, Event]:
    """Return who was sent home so lately that it can be taken back, by staff id."""
    query = select(Event).where(
        Event.shop_id == shop.id, Event.kind.in_(("shift_ended", "shift_end_recalled")), Event.at > at - UNDO
    )
    found: dict[int, Event] = {}
    for line in session.scalars(query.order_by(Event.seq)):
        if line.kind == "shift_ended":
            found[line.data["staff"]] = line
        else:
            found.pop(line.data["staff"], None)
    return found


def gone_home(session: Session, shop: Shop, *, at: datetime) -> set[int]:
    """Return who went home early today and stays away: nobody has given them other hours since."""
    since = shop.day_bounds(shop.business_date(at))[0]
    kinds = ("shift_ended", "shift_end_recalled", "shift_changed")
    query = select(Event.kind, Event.data).where(
        Event.shop_id == shop.id, Event.kind.in_(kinds), Event.at >= since
    )
    found: set[int] = set()
    for kind, data in session.execute(query.order_by(Event.seq)):
        (found.add if kind == "shift_ended" else found.discard)(data["staff"])
    return found


def _change(tx: Session, person: Staff, day: object) -> ShiftChange | None:
    return tx.scalars(select(ShiftChange).filter_by(staff_id=person.id, day=day)).first()
