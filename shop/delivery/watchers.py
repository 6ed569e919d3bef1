"""The watchers of deliveries: each looks for one kind of trouble on the way; alarms keep what they find."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import select

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.delivery.board import Stopover, dispatch
from shop.delivery.drops import UNDERWAY, D
from shop.delivery.tables import Rider
from shop.people.staff import Staff
from shop.production.warnings import Warning_
from shop.production.watchers import Look

IDLE = timedelta(minutes=10)
"""So long after a finished cake should have left, whoever took it is asked after."""
SILENT = timedelta(minutes=10)


def deliveries(look: Look) -> list[Warning_]:
    """Look once at all that is under way, for every kind of trouble."""
    waiting, tours, _ = dispatch(look.session, look.shop, at=look.at)
    found = [each for stop in waiting for each in _waits(look, stop.stop)]
    heard = {
        row.staff_id: row for row in look.session.scalars(select(Rider).where(Rider.shop_id == look.shop.id))
    }
    for tour in tours:
        for stop in tour.stops:
            found += _on_the_way(look, stop, tour.courier)
        found += _silent(look, tour.courier, list(tour.stops), heard.get(tour.courier.id))
    return found


def _about(kind: str, move: str, minutes: int, stop: Stopover, courier: Staff | None = None) -> Warning_:
    names: Words = stop.names[0][0] if stop.names else {}
    return Warning_(kind, move, max(0, minutes), stop.order.number, stop.order.id, names=names,
                    person=courier.name if courier else "", subject=f"drop:{stop.drop.id}")  # fmt: skip


def _waits(look: Look, stop: Stopover) -> Iterator[Warning_]:
    if stop.drop.alarmed_at is not None and stop.drop.state == D.OPEN:
        yield _about("drop_unanswered", "assign", minutes_between(stop.drop.alarmed_at, look.at), stop)
    if _late(stop):
        yield _about("delivery_late", "tell", minutes_between(stop.order.due_at, stop.eta), stop)


def _late(stop: Stopover) -> bool:
    return minutes_between(stop.order.due_at, stop.eta) > 0


def _on_the_way(look: Look, stop: Stopover, courier: Staff) -> Iterator[Warning_]:
    if _late(stop) and stop.drop.state not in (D.ARRIVED, D.FAILED):
        yield _about("delivery_late", "tell", minutes_between(stop.order.due_at, stop.eta), stop, courier)
    waits = minutes_between(stop.order.ready_by, look.at)
    if stop.drop.state == D.CLAIMED and stop.ready and waits >= minutes_of(IDLE):
        yield _about("courier_idle", "call", waits, stop, courier)
    if stop.too_warm and stop.drop.state in UNDERWAY:
        yield _about("too_warm", "call", stop.minutes_out, stop, courier)


def _silent(look: Look, courier: Staff, stops: list[Stopover], heard: Rider | None) -> list[Warning_]:
    """A courier with a cake in hand whose phone is not heard: its first drop leads to them."""
    out = [stop for stop in stops if stop.drop.state in UNDERWAY]
    if not out:
        return []
    since = heard.seen_at if heard else out[0].drop.moved_at
    if look.at - since < SILENT:
        return []
    return [_about("courier_silent", "call", minutes_between(since, look.at), out[0], courier)]


def minutes_of(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


WATCHERS: tuple[Callable[[Look], list[Warning_]], ...] = (deliveries,)
"""Handed to `shop.production.alarms.watch` beside those of the kitchen."""
