"""The watchers of deliveries: each looks for one kind of trouble on the way; alarms keep what they find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.delivery.board import Stopover, Tour, under_way
from shop.delivery.drops import UNDERWAY, D
from shop.delivery.durations import rides_of
from shop.delivery.foresight import foresee
from shop.delivery.tables import Rider
from shop.people.staff import Staff
from shop.production.warnings import Warning_
from shop.production.watchers import KEEP, TOLD, Look

IDLE = timedelta(minutes=10)
"""So long after a finished cake should have left, whoever took it is asked after."""
SILENT = timedelta(minutes=10)
LEAVES_SOON = timedelta(minutes=20)
EVEN = 50
"""From this chance (percent) on somebody is warned of a delivery."""


def deliveries(look: Look) -> list[Warning_]:
    """Look once at all that is under way, for every kind of trouble."""
    waiting, tours = under_way(look.session, look.shop, at=look.at)
    chances = _chances(look, waiting, tours)
    found = [each for stop in waiting for each in _waits(look, stop, chances)]
    heard = {
        row.staff_id: row for row in look.session.scalars(select(Rider).where(Rider.shop_id == look.shop.id))
    }
    for tour in tours:
        for stop in tour.stops:
            found += _on_the_way(look, stop, tour.courier, chances)
        found += _silent(look, tour.courier, list(tour.stops), heard.get(tour.courier.id))
    return found


def _about(kind: str, move: str, minutes: int, stop: Stopover, courier: Staff | None = None) -> Warning_:
    names: Words = stop.names[0][0] if stop.names else {}
    return Warning_(kind, move, max(0, minutes), stop.order.number, stop.order.id, names=names,
                    person=courier.name if courier else "", subject=f"drop:{stop.drop.id}")  # fmt: skip


def _chances(look: Look, waiting: Sequence[Stopover], tours: Sequence[Tour]) -> dict[int, int]:
    """Foresee every delivery where the day was just lived through; else as it was written down."""
    stops = [*waiting, *(stop for tour in tours for stop in tour.stops)]
    if not look.lived:
        return {stop.drop.id: stop.drop.chance for stop in stops if stop.drop.chance is not None}
    rides = rides_of(look.session, look.shop, at=look.at)
    found = foresee(waiting, tours, look.seen, rides, at=look.at)
    chances = {key: round(100 * chance) for key, chance in found.items()}
    known = {stop.drop.id: stop.drop.chance for stop in stops}
    for key, chance in chances.items():
        was = known[key]
        if was is None or abs(chance - was) >= TOLD or (chance != was and chance in (0, 100)):
            look.rides[key] = chance
    return chances


def _late(look: Look, stop: Stopover, chance: int | None, courier: Staff | None = None) -> Iterator[Warning_]:
    """It will probably be handed over after its time; without a chance the planned arrival says so."""
    over = minutes_between(stop.order.due_at, stop.eta)
    if chance is None:
        chance = 100 if over > 0 else 0
    if over > 0 or chance >= KEEP:
        about = _about("delivery_late", "tell", over, stop, courier)
        yield replace(about, chance=chance, raises=chance >= EVEN)


def _waits(look: Look, stop: Stopover, chances: Mapping[int, int]) -> Iterator[Warning_]:
    if stop.drop.alarmed_at is not None and stop.drop.state == D.OPEN:
        yield _about("drop_unanswered", "assign", minutes_between(stop.drop.alarmed_at, look.at), stop)
    yield from _late(look, stop, chances.get(stop.drop.id))


def _on_the_way(look: Look, stop: Stopover, courier: Staff, chances: Mapping[int, int]) -> Iterator[Warning_]:
    if stop.drop.state not in (D.ARRIVED, D.FAILED):
        yield from _late(look, stop, chances.get(stop.drop.id), courier)
    waits = minutes_between(stop.order.ready_by, look.at)
    if stop.drop.state == D.CLAIMED and stop.ready and waits >= minutes_of(IDLE):
        yield _about("courier_idle", "call", waits, stop, courier)
    if stop.too_warm and stop.drop.state in UNDERWAY:
        yield _about("too_warm", "call", stop.minutes_out, stop, courier)


def _silent(look: Look, courier: Staff, stops: list[Stopover], heard: Rider | None) -> list[Warning_]:
    """A courier who has cakes in hand, or must leave soon, and whose phone is not heard: the first leads to them."""
    there = sorted(stops, key=lambda stop: stop.drop.state not in UNDERWAY)
    wanted = [s for s in there if s.drop.state in UNDERWAY or s.order.ready_by <= look.at + LEAVES_SOON]
    if not wanted:
        return []
    since = heard.seen_at if heard else wanted[0].drop.moved_at
    if look.at - since < SILENT:
        return []
    said = _about("courier_silent", "call", minutes_between(since, look.at), wanted[0], courier)
    return [replace(said, subject=f"courier:{courier.id}")]


def minutes_of(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


WATCHERS: tuple[Callable[[Look], list[Warning_]], ...] = (deliveries,)
"""Handed to `shop.production.alarms.watch` beside those of the kitchen."""
