"""How long stages really take in this shop: shares of their planned minutes, from what was finished lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.orders.tables import Cake, Line
from shop.people.shops import Shop, renew
from shop.planning.simulation.spread import Spread, log_normal, minutes_at, of_past, pace, times
from shop.production.tables import StagePast, Task, TaskState

DAYS = 90
MOST_TASKS = 20_000
"""The newest of them are enough, and keep the daily look short."""
ENOUGH = 20
"""So many finished stages of one kind, or deliveries, say more than the guess."""
POINTS = 21
PLAUSIBLE = (0.2, 5.0)
"""A stage tapped as finished at once, or forgotten for hours, tells nothing about work."""

Key = tuple[str, str, int]
"""(kind of stage, product, inch); "" and 0 stand for all of them."""


@dataclass(frozen=True)
class Past:
    """What the shop has measured; ``on`` is the day it was last counted."""

    on: date | None
    shares: Mapping[Key, Spread]

    def share(self, kind: str, product: str, inch: int) -> Spread:
        """Return the spread of shares of the plan: of this very cake, of the product, of the stage, or a guess."""
        for key in ((kind, product, inch), (kind, product, 0), (kind, "", 0)):
            if key in self.shares:
                return self.shares[key]
        return log_normal()

    def spread(self, kind: str, product: str, inch: int, minutes: int) -> Spread:
        """Return the minutes a stage planned with ``minutes`` may take."""
        return times(self.share(kind, product, inch), minutes)


_known: dict[tuple[str, int], tuple[int, Past]] = {}


def past_of(session: Session, shop: Shop) -> Past:
    """Return what was measured, kept in memory until it is counted anew (`shop.menu_version` says so)."""
    key = (str(session.get_bind().engine.url.database), shop.id)
    version, past = _known.get(key, (0, Past(None, {})))
    if version != shop.menu_version:
        rows = session.scalars(select(StagePast).where(StagePast.shop_id == shop.id)).all()
        found = {(row.kind, row.product, row.inch): tuple(map(float, row.shares)) for row in rows}
        past = Past(rows[0].counted_on if rows else None, found)
        _known[key] = (shop.menu_version, past)
    return past


def count_durations(tx: Session, shop: Shop, *, at: datetime) -> int:
    """Count the finished stages of the last 90 days, once a day; returns how many spreads there are now."""
    today = shop.business_date(at)
    if tx.scalar(select(StagePast.counted_on).where(StagePast.shop_id == shop.id).limit(1)) == today:
        return 0
    seen: dict[Key, list[float]] = {}
    for kind, product, inch, share in _finished(tx, shop, at - timedelta(days=DAYS)):
        for key in ((kind, product, inch), (kind, product, 0), (kind, "", 0)):
            seen.setdefault(key, []).append(share)
    enough = {key: shares for key, shares in seen.items() if len(shares) >= ENOUGH}
    if not enough:
        return 0
    tx.execute(delete(StagePast).where(StagePast.shop_id == shop.id))
    for (kind, product, inch), shares in enough.items():
        row = StagePast(shop_id=shop.id, kind=kind, product=product, inch=inch, counted_on=today)
        row.stages, row.shares = len(shares), [round(share, 3) for share in of_past(shares, POINTS)]
        tx.add(row)
    renew(tx, shop.id)
    return len(enough)


def _finished(session: Session, shop: Shop, since: datetime) -> list[tuple[str, str, int, float]]:
    query = (
        select(Task.kind, Line.product, Line.inch, Task.minutes, Task.started_at, Task.finished_at)
        .join(Cake, Cake.id == Task.cake_id)
        .join(Line, Line.id == Cake.line_id)
        .where(Task.shop_id == shop.id, Task.state == TaskState.DONE, Task.planned_end >= since,
               Task.started_at.is_not(None), Task.finished_at >= since, Task.minutes > 0,
               Task.station_id.is_not(None))
        .order_by(Task.planned_end.desc())
        .limit(MOST_TASKS)
    )  # fmt: skip
    found = []
    for kind, product, inch, minutes, started, finished in session.execute(query):
        if started is None or finished is None:
            continue
        share = (finished - started).total_seconds() / 60 / minutes
        if PLAUSIBLE[0] <= share <= PLAUSIBLE[1]:
            found.append((kind, product, inch, share))
    return found


def pace_today(session: Session, shop: Shop, past: Past, *, at: datetime, hours: int = 6) -> float:
    """Return how slow the last hours were beside what is usual here: 1.1 is a tenth slower."""
    return pace([
        share / minutes_at(past.share(kind, product, inch), 0.5)
        for kind, product, inch, share in _finished(session, shop, at - timedelta(hours=hours))
    ])  # fmt: skip


def forget() -> None:
    """Read everything again: for tests."""
    _known.clear()


__all__ = ["Past", "count_durations", "forget", "pace_today", "past_of"]
