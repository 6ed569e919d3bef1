"""A better plan is written into the tasks: in one transaction, if nothing that it touches has changed meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict
from shop.core.types import from_minute
from shop.orders.promise import lock_kitchen
from shop.orders.standing import Settled, stands
from shop.people.shops import Shop
from shop.planning.kitchen.desk import Desk
from shop.planning.kitchen.solve import standing
from shop.planning.kitchen.standing import fits
from shop.planning.kitchen.talk import Improved
from shop.planning.reservations.book import Book
from shop.planning.reservations.floor import Job, Laid
from shop.production import laying
from shop.production.plan.picture import Picture, Piece, take
from shop.production.plan.tables import PlanRun

REMEMBERED = timedelta(days=14)
MOST_TOLD = 400
"""So many moved stages of one run are kept to be shown."""


class Stale(Conflict):
    """The kitchen has moved on while the plan was made: it is dropped, and asked for anew."""


class Breaks(Conflict):
    """A promise that can be kept as it is written would be broken: the plan stays as it is."""


@dataclass(frozen=True)
class Moved:
    """One stage that stands elsewhere now."""

    piece: Piece
    cake_id: int
    was: Laid
    now: Laid


def moves_of(picture: Picture, laid: Mapping[int, Sequence[Laid]]) -> list[Moved]:
    """Return every unstarted stage that this plan moves."""
    found = []
    for job in picture.jobs:
        if job.id not in laid or job.id not in picture.pieces:
            continue
        pairs = zip(picture.pieces[job.id], job.laid, laid[job.id], strict=True)
        found += [
            Moved(piece, job.id, was, now) for piece, was, now in list(pairs)[job.locked :] if was != now
        ]
    return found


def apply(
    tx: Session, shop: Shop, picture: Picture, found: Improved, *, at: datetime, reason: str, by: Actor = SYSTEM,
    overriding: bool = False,
) -> PlanRun:  # fmt: skip
    """Write a plan down; returns what the run has come to. Started work stays.

    Raises `Stale` when a task it touches has changed, and `Breaks` when a promise that holds would hold no
    longer; only somebody who has been shown what slips may be ``overriding`` that.
    """
    lock_kitchen(tx, shop)
    tx.flush()  # what this transaction has changed itself is in the tables before it is looked at again
    moves = moves_of(picture, found.laid)
    if moves and not overriding:
        check_promises(picture, found.laid)
    if moves:
        check_still_so(tx, shop, picture, found.laid, {move.cake_id for move in moves})
        _write(tx, shop, moves, by, at)
    run = PlanRun(
        shop_id=shop.id, at=at, reason=reason, seconds=found.seconds, unplaced=len(found.unplaced), bound=found.bound,
        cakes=sum(job.id > 0 for job in picture.jobs), late_before=found.late_before, late_after=found.late,
        runs_before=found.runs_before, runs_after=found.runs, least_runs=found.least_runs,
        moved=[_told(move) for move in moves[:MOST_TOLD]], stages=len(moves), engine=found.engine,
    )  # fmt: skip
    tx.add(run)
    tx.execute(delete(PlanRun).where(PlanRun.shop_id == shop.id, PlanRun.at < at - REMEMBERED))
    tx.flush()
    return run


def check_promises(picture: Picture, laid: Mapping[int, Sequence[Laid]]) -> None:
    """Raise `Breaks` if an order that can be done in time, as written or as things stand, would be so no longer."""
    stood, firm = standing(picture.floor, picture.jobs), as_written(picture)
    for job in picture.jobs:
        old, new = stood.get(job.id), laid.get(job.id)
        could = bool(old and picture.keeps(job, old)) or (job.id in firm and picture.keeps(job, job.laid))
        if could and new and not picture.keeps(job, new):
            raise Breaks()


def as_written(picture: Picture) -> set[int]:
    """Return the cakes that can stand exactly where they are written, as the promise sees it."""
    cakes = [job for job in picture.jobs if job.id in picture.pieces]
    settled = Settled.of(Book(picture.floor), cakes)
    at_work = {job.id for job in cakes if job.locked and stands(settled.book, job, job.laid)}
    return at_work | set(settled.book.jobs)


def check_still_so(
    tx: Session, shop: Shop, picture: Picture, laid: Mapping[int, Sequence[Laid]], moved: set[int]
) -> None:
    """Raise `Stale` unless the moved cakes are as they were in the picture, and still fit beside all others."""
    shop = tx.get_one(Shop, shop.id, populate_existing=True)
    if shop.event_seq == picture.seq and not tx.info.get("diary"):
        return
    fresh = take(tx, shop, at=from_minute(picture.now), until=picture.until)
    if shop.menu_version != picture.menu_version:
        raise Stale()
    if any(list(fresh.pieces.get(cake, ())) != list(picture.pieces[cake]) for cake in moved):
        raise Stale()
    desk = Desk(fresh.floor, list(fresh.jobs))
    others = [job for job in fresh.jobs if job.id not in moved]
    for job in sorted(others, key=lambda job: (_same(picture, job), job.id)):
        if fits(desk, job, job.laid):
            desk.put(job, list(job.laid))
    for job in fresh.jobs:
        if job.id in moved:
            if not fits(desk, job, laid[job.id]):
                raise Stale()
            desk.put(job, list(laid[job.id]))


def _same(picture: Picture, job: Job) -> bool:
    """What is new goes first: a plan made without it must make room for it."""
    return job.id in picture.pieces


def _write(tx: Session, shop: Shop, moves: Sequence[Moved], by: Actor, at: datetime) -> None:
    laid = [laying.Moved(m.piece.task_id, m.piece.version, m.piece.order_id, m.was, m.now) for m in moves]
    try:
        laying.write_moves(tx, shop, laid, by=by, at=at)
    except Conflict as faster:
        raise Stale() from faster


def _told(move: Moved) -> dict[str, Any]:
    piece = move.piece
    return {
        "order": piece.order_id, "cake": move.cake_id, "kind": piece.kind, "station": piece.station_id,
        "was": [move.was.start, move.was.unit, laying.known(move.was.hand)],
        "now": [move.now.start, move.now.unit, laying.known(move.now.hand)],
    }  # fmt: skip


def last_run(session: Session, shop: Shop, *, changed: bool = False) -> PlanRun | None:
    """Return the newest run, or the newest that has moved something."""
    query = select(PlanRun).where(PlanRun.shop_id == shop.id)
    if changed:
        query = query.where(PlanRun.stages > 0)
    return session.scalars(query.order_by(PlanRun.id.desc()).limit(1)).first()
