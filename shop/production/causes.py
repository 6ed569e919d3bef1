"""Causes: alarms that one thing has brought about are one warning, acknowledged once and sounding once.

A kitchen in which nobody taps is one cause, a station at which work does not begin another, a courier whose phone is
silent a third. Each alarm is still kept, and judged, by itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.people.shops import Shop
from shop.production.tables import Alarm

RANK = (
    "quiet_kitchen", "unit_down", "nobody_there", "over_capacity", "missed_start", "offer_unanswered", "over_time",
    "predicted_late", "courier_silent", "drop_unanswered", "courier_idle", "too_warm", "delivery_late",
    "silent_display", "payment_mismatched", "payment_unknown", "refund_failed", "refund_unknown", "payment_late",
    "dispute_unanswered", "bill_unmatched", "bill_missing", "credit_note_due",
)  # fmt: skip
"""Which of several alarms speaks for all: what brings the others about stands first."""
MONEY = frozenset(RANK[RANK.index("payment_mismatched") :])
"""What is about money: the office's, no matter of the kitchen and no forecast."""
UNTOUCHED = ("missed_start", "offer_unanswered", "over_time", "predicted_late")
"""What comes of it when nobody taps."""
COVERS = timedelta(minutes=60)
"""So long whoever looks after a cause looks after what it goes on to bring about."""


@dataclass(frozen=True)
class Cause:
    """Alarms with one cause, the one that speaks for all first; ``key`` names it as long as it goes on."""

    key: str
    alarms: Sequence[Alarm]

    @property
    def head(self) -> Alarm:
        return self.alarms[0]

    @property
    def unseen(self) -> list[Alarm]:
        """The alarms nobody has said they look after."""
        return [alarm for alarm in self.alarms if alarm.acknowledged_at is None]

    def rings(self, at: datetime) -> bool:
        """Whether it asks for somebody.

        Whoever looks after a cause covers what it goes on to bring about for an hour; whoever looked after one alarm
        of it alone does not cover those that stood beside it.
        """
        seen = [alarm.acknowledged_at for alarm in self.alarms if alarm.acknowledged_at is not None]
        if not seen or at - max(seen) >= COVERS:
            return bool(self.unseen)
        return any(alarm.raised_at <= max(seen) for alarm in self.unseen)


def open_alarms(session: Session, shop: Shop) -> list[Alarm]:
    """Return what is wrong now: not yet seen first, then the worst."""
    query = select(Alarm).where(Alarm.shop_id == shop.id, Alarm.ended_at.is_(None))
    order = (Alarm.acknowledged_at.is_not(None), Alarm.chance.desc(), Alarm.raised_at, Alarm.id)
    return list(session.scalars(query.order_by(*order)))


def causes_of(alarms: Sequence[Alarm]) -> list[Cause]:
    """Return these alarms by what has brought them about, in the order in which they stand."""
    quiet = any(alarm.kind == "quiet_kitchen" for alarm in alarms)
    kitchen = {alarm.order_id: _key(alarm, quiet) for alarm in alarms if alarm.cake_id and alarm.order_id}
    silent = {alarm.person for alarm in alarms if alarm.kind == "courier_silent"}
    untaken = {alarm.order_id for alarm in alarms if alarm.kind == "drop_unanswered"}
    found: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        key = f"courier:{alarm.person}" if alarm.person else "couriers"
        if not on_the_way(alarm):
            key = _key(alarm, quiet)
        elif alarm.order_id in untaken:
            key = "couriers"
        elif alarm.order_id in kitchen and alarm.person not in silent:
            key = kitchen[alarm.order_id]
        found.setdefault(key, []).append(alarm)
    return [Cause(key, sorted(mine, key=_rank)) for key, mine in found.items()]


def _key(alarm: Alarm, quiet: bool) -> str:
    if quiet and alarm.kind in ("quiet_kitchen", *UNTOUCHED):
        return "kitchen"
    return f"kind:{alarm.kind}" if alarm.station_id is None else f"station:{alarm.station_id}"


def _rank(alarm: Alarm) -> tuple[int, int, int]:
    place = RANK.index(alarm.kind) if alarm.kind in RANK else len(RANK)
    return (place, -alarm.chance, alarm.id)


def on_the_way(alarm: Alarm) -> bool:
    """Whether it is about a delivery: the dispatcher's, no sound for bakers."""
    return alarm.order_id is not None and alarm.cake_id is None and alarm.kind not in MONEY


def of_the_kitchen(alarm: Alarm) -> bool:
    """Whether it is the bakers' own: shown on their walls, and heard there."""
    return not on_the_way(alarm) and alarm.kind not in MONEY


def unseen(session: Session, shop: Shop, *, at: datetime, hidden: Collection[str] = ()) -> int:
    """Return how many causes ask for somebody, without the kinds that are ``hidden`` from who asks."""
    found = [alarm for alarm in open_alarms(session, shop) if alarm.kind not in hidden]
    return sum(cause.rings(at) for cause in causes_of(found))


def unseen_at(session: Session, shop: Shop, station_id: int | None = None) -> list[int]:
    """Return the alarms of the kitchen nobody looks after, worst first; with a station those that concern it."""
    found = [a for a in open_alarms(session, shop) if a.acknowledged_at is None and of_the_kitchen(a)]
    return [a.id for a in found if station_id is None or a.station_id in (None, station_id)]
