"""Learning from what became of the cakes: what was said of each two hours ahead, judged, and fitted once a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core.store import new_row
from shop.people.shops import Shop
from shop.planning.simulation.calibration import ENOUGH, Sight, fit
from shop.production.foresight import Seen
from shop.production.tables import Foresight, Task, TaskState

ASKED = timedelta(hours=2)
"""How long before its time what is seen of a cake is remembered."""
DAYS = 90
MOST = 2_000


def fresh(session: Session, shop: Shop, seen: Mapping[int, Seen], *, at: datetime) -> list[Seen]:
    """Return what is seen of cakes that have come within two hours of their time."""
    near = [each for each in seen.values() if at < each.due_at <= at + ASKED]
    if not near:
        return []
    query = select(Foresight.cake_id).where(Foresight.cake_id.in_([each.cake_id for each in near]))
    remembered = set(session.scalars(query))
    return [each for each in near if each.cake_id not in remembered]


def known(session: Session, shop: Shop, *, at: datetime) -> list[tuple[int, bool]]:
    """Return (foresight, was it late) of cakes of which that is known by now."""
    waiting = select(Foresight.id, Foresight.cake_id).where(
        Foresight.shop_id == shop.id, Foresight.late.is_(None), Foresight.due_at < at
    )
    answers = [(key, was_late(session, cake_id, at)) for key, cake_id in session.execute(waiting.limit(200))]
    return [(key, late) for key, late in answers if late is not None]


def remember(
    tx: Session, shop: Shop, seen: Sequence[Seen], judged: Sequence[tuple[int, bool]], *, at: datetime
) -> None:
    """Write down what is seen of some cakes, each once whoever else looks too, and what became of others."""
    for each in seen:
        sight = each.sight
        row = {
            "shop_id": shop.id, "cake_id": each.cake_id, "due_at": each.due_at, "at": at,
            "chance": round(100 * sight.chance), "said": round(100 * each.chance), "margin": _whole(sight.margin),
            "apart": _whole(sight.apart), "slack": _whole(sight.slack), "queue": sight.queue,
        }  # fmt: skip
        tx.execute(new_row(tx, Foresight).values(row))
    for key, late in judged:
        tx.execute(update(Foresight).where(Foresight.id == key).values(late=late))


def _whole(minutes: float) -> int:
    return round(max(-10_000.0, min(10_000.0, minutes)))


def learn(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Fit the chances to what became of the cakes, once a day and from 200 on; returns how many there were."""
    today = shop.business_date(at).isoformat()
    if shop.settings.get("foresight", {}).get("on") == today:
        return 0
    query = (
        select(Foresight)
        .where(
            Foresight.shop_id == shop.id,
            Foresight.late.is_not(None),
            Foresight.at > at - timedelta(days=DAYS),
        )
        .order_by(Foresight.id.desc())
        .limit(MOST)
    )
    rows = list(tx.scalars(query))
    if len(rows) < ENOUGH:
        return 0
    shop.settings = {**shop.settings, "foresight": {"weights": fitted(rows), "on": today, "n": len(rows)}}
    return len(rows)


def fitted(rows: Sequence[Foresight]) -> list[float]:
    """Return the weights that make what was said come true."""
    sights = [Sight(r.chance / 100, r.margin, r.apart, r.slack, r.queue).features() for r in rows]
    return [round(weight, 4) for weight in fit(sights, [bool(row.late) for row in rows])]


def was_late(session: Session, cake_id: int, at: datetime) -> bool | None:
    """Return whether a cake was late; None while it is being made and has time."""
    rows = session.execute(
        select(Task.state, Task.due_at, Task.finished_at).where(
            Task.cake_id == cake_id, Task.state != TaskState.VOID
        )
    ).all()
    if not rows:
        return False
    due = max(row.due_at for row in rows)
    if all(row.state == TaskState.DONE for row in rows):
        return any(row.finished_at is not None and row.finished_at > due for row in rows)
    return True if at > due else None
