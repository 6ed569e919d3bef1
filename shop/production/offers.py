"""Work that must begin soon looks for somebody: the best baker is asked for two minutes, then the next.

A watcher reads `unanswered`: the rows of `shop.people.offers.Offer` with ``staff_id`` None and ``answered_at`` None
whose subject begins with "task:" (the diary says ``offer_unanswered`` with order, cake, task and stage). Such a row
is closed when somebody claims or begins the work, or when somebody new can be asked. For deliveries the same rows
have subjects that begin with "drop:" (the diary says ``drop_unanswered``).
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict
from shop.core.events import record
from shop.orders.tables import Order
from shop.people.hours import spans_on
from shop.people.offers import Answer, Offer, answer, ask, asked, open_offers, subject_of
from shop.people.shops import Shop
from shop.production.claims import WORKABLE, let_go, note
from shop.production.matching import Baker, crew, rank
from shop.production.tables import TO_BEGIN, Task, TaskState

AHEAD = timedelta(minutes=30)
"""Work is offered at most this long before its planned start."""
AT_ONCE = 2
"""So many offers at a time are shown to one person."""
KEEP_MINUTES = 15
"""A claim is let go when its work could have begun for so long."""


def offers_on(shop: Shop) -> bool:
    """Whether this shop lets work look for bakers."""
    return bool(shop.settings.get("offers", True))


def offer_due(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Let go of what was claimed and not begun, and ask the next best for what must begin soon; returns how many
    were asked. Twice at the same moment asks nobody twice."""
    end_claims(tx, shop, at=at)
    waiting = {offer.subject: offer for offer in open_offers(tx, shop, "task")}
    wanted = {subject_of("task", task.id): task for task in _due(tx, shop, at)} if offers_on(shop) else {}
    for subject, offer in list(waiting.items()):
        if subject not in wanted:
            answer(tx, shop, subject, Answer.ENDED, at=at)
        elif offer.until is not None and offer.until <= at:
            answer(tx, shop, subject, Answer.LAPSED, at=at)
            note(tx, wanted[subject], "offer_lapsed", by=SYSTEM, at=at, to=offer.staff_id)
        else:
            continue
        del waiting[subject]
    looking = {s: t for s, t in wanted.items() if s not in waiting or waiting[s].staff_id is None}
    return _ask_for(tx, shop, looking, waiting, at) if looking else 0


def _ask_for(
    tx: Session, shop: Shop, looking: dict[str, Task], waiting: dict[str, Offer], at: datetime
) -> int:
    bakers, before = crew(tx, shop, at=at), asked(tx, shop, looking)
    has = {baker.id: baker.offers for baker in bakers}
    made = 0
    for subject, task in looking.items():
        able = [m for m in rank(bakers, task, at=at, asked=before.get(subject, ())) if not m.never]
        best = next((m for m in able if has[m.staff_id] < AT_ONCE), None)
        if best is not None:
            if subject in waiting:
                answer(tx, shop, subject, Answer.ENDED, at=at)
            ask(tx, shop, subject, task.order_id, best, at=at)
            note(tx, task, "task_offered", by=SYSTEM, at=at, to=best.staff_id, points=best.points)
            has[best.staff_id] += 1
            made += 1
        elif not able and subject not in waiting and _could(bakers, task):
            ask(tx, shop, subject, task.order_id, None, at=at)
            note(tx, task, "offer_unanswered", by=SYSTEM, at=at, sound="risk", stations=[task.station_id])
    return made


def _could(bakers: list[Baker], task: Task) -> bool:
    """Whether somebody here has learned it at all: where nobody has, that is another trouble than no answer."""
    return any(task.kind in baker.skills for baker in bakers)


def _due(tx: Session, shop: Shop, at: datetime) -> list[Task]:
    """Return the next work of each cake: what can begin, and what can when the stage before is done."""
    before = aliased(Task)
    next_one = (before.cake_id == Task.cake_id) & (before.sort == Task.sort - 1)
    query = (
        select(Task)
        .join(Order, Order.id == Task.order_id)
        .outerjoin(before, next_one & (before.state == TaskState.RUNNING))
        .where(
            or_(Task.state == TaskState.READY, before.id.is_not(None)),
            Task.shop_id == shop.id, Task.state.in_(TO_BEGIN), Task.planned_start <= at + AHEAD,
            Task.claimed_by.is_(None), Task.needs_person, Task.station_id.is_not(None), Order.state.in_(WORKABLE),
        )
        .order_by(Task.planned_start, Task.id)
    )  # fmt: skip
    return list(tx.scalars(query.execution_options(populate_existing=True)))


def end_claims(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Let go of claims whose people have gone home, or whose work could have begun long ago; returns how many."""
    before = aliased(Task)
    held = (
        select(Task, before.finished_at)
        .outerjoin(
            before,
            (before.cake_id == Task.cake_id)
            & (before.sort == Task.sort - 1)
            & (before.state == TaskState.DONE),
        )
        .where(Task.shop_id == shop.id, Task.state.in_(TO_BEGIN), Task.claimed_by.is_not(None))
        .order_by(Task.id)
    )
    rows = tx.execute(held.execution_options(populate_existing=True)).all()
    if not rows:
        return 0
    day, ended = shop.business_date(at), 0
    spans: dict[int, list[tuple[datetime, datetime]]] = {}
    for begins, over, person in spans_on(tx, shop, [day - timedelta(days=1), day]):
        spans.setdefault(person.id, []).append((begins, over))
    for task, ready_at in rows:
        why = _over(task, ready_at, spans.get(task.claimed_by or 0, []), at)
        if why:
            had_it = task.claimed_by
            try:
                let_go(tx, task, task.version)
            except Conflict:  # begun or given back in this very moment
                continue
            note(tx, task, "claim_ended", by=SYSTEM, at=at, to=had_it, why=why)
            ended += 1
    return ended


def _over(task: Task, ready_at: datetime | None, spans: list[tuple[datetime, datetime]], at: datetime) -> str:
    since: datetime = task.claimed_at or at
    here = any(begins <= at < over for begins, over in spans)
    if not here and any(since < over <= at for _, over in spans):
        return "shift"
    could_begin = max(since, task.planned_start, ready_at or since)
    return (
        "idle"
        if task.state == TaskState.READY and at >= could_begin + timedelta(minutes=KEEP_MINUTES)
        else ""
    )


def unanswered(session: Session, shop: Shop) -> list[tuple[Task, datetime]]:
    """Return the work that everybody who could was asked for and nobody takes, and since when."""
    since = {
        int(offer.subject.partition(":")[2]): offer.made_at
        for offer in open_offers(session, shop, "task")
        if offer.staff_id is None
    }
    tasks = select(Task).where(Task.id.in_(since), Task.state.in_(TO_BEGIN), Task.claimed_by.is_(None))
    return [(task, since[task.id]) for task in session.scalars(tasks.order_by(Task.id))] if since else []


def offered_to(session: Session, shop: Shop) -> dict[int, Offer]:
    """Return the offer that waits for somebody's answer, by task."""
    return {
        int(offer.subject.partition(":")[2]): offer
        for offer in open_offers(session, shop, "task")
        if offer.staff_id is not None
    }


def in_question(session: Session, shop: Shop) -> list[tuple[Task, Offer | None]]:
    """Return the work that somebody has claimed, or that looks for somebody with its offer, by planned start."""
    offers = {int(o.subject.partition(":")[2]): o for o in open_offers(session, shop, "task")}
    tasks = select(Task).where(
        Task.shop_id == shop.id,
        Task.state.in_(TO_BEGIN),
        or_(Task.claimed_by.is_not(None), Task.id.in_(offers)),
    )
    tasks = tasks.order_by(Task.planned_start, Task.id).execution_options(populate_existing=True)
    return [(task, None if task.claimed_by else offers.get(task.id)) for task in session.scalars(tasks)]


def switch_offers(tx: Session, shop: Shop, on: bool, *, by: Actor, at: datetime) -> None:
    """Let work look for bakers in this shop, or leave it to them."""
    row = tx.get(Shop, shop.id, with_for_update=True)
    assert row is not None
    if offers_on(row) != on:
        changes = [{"field": "offers", "was": not on, "now": on}]
        row.settings = {**row.settings, "offers": on}
        record(tx, shop.id, "shop_changed", by=by, at=at, topics=("kitchen",), changes=changes)


__all__ = ["end_claims", "in_question", "offer_due", "offered_to", "offers_on", "switch_offers", "unanswered"]
