"""The watchers: each looks for one kind of trouble. A new one is one function and one line in ``WATCHERS``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.clock import minutes_between
from shop.core.types import Words
from shop.menu.card import MenuCard
from shop.orders.tables import Cake, Line, Order
from shop.people.shops import Shop
from shop.planning.simulation.calibration import warns
from shop.production.foresight import Seen
from shop.production.outages import touched, units_down
from shop.production.shortages import nobody_answers, nobody_taps, nobody_there, over_capacity
from shop.production.warnings import Warning_, missed_starts, over_time, silent_displays

SOON = timedelta(minutes=60)
"""What will be out of order within the hour is told now."""
NAMED = 6
TOLD = 10
"""A chance that has moved by so many points is worth telling."""
KEEP = 20
"""A predicted chance (percent) below which an alarm is over; `warns` says which raises it."""


@dataclass(frozen=True)
class Look:
    """What every watcher may look at."""

    session: Session
    shop: Shop
    card: MenuCard
    at: datetime
    seen: Mapping[int, Seen]
    lived: bool = True
    """Whether what is seen was lived through just now."""
    rides: dict[int, int] = field(default_factory=dict)
    """What a watcher of deliveries has found out: chances (percent) by drop that are worth writing down."""


def likely_late(look: Look) -> list[Warning_]:
    """Cakes that will probably be late."""
    bad = {key: seen for key, seen in look.seen.items() if round(100 * seen.chance) >= KEEP}
    query = select(Cake.id, Line.names).join(Line, Line.id == Cake.line_id).where(Cake.id.in_(bad))
    names: dict[int, Words] = {key: words for key, words in look.session.execute(query)} if bad else {}
    return [
        Warning_(
            "predicted_late", "look", seen.minutes, order_id=seen.order_id, cake_id=key, station_id=seen.station_id,
            names=names.get(key), subject=f"cake:{key}", chance=round(100 * seen.chance),
            raises=warns(seen.chance, minutes_between(look.at, seen.due_at)),
        )
        for key, seen in bad.items()
    ]  # fmt: skip


def missed_start(look: Look) -> list[Warning_]:
    """Work that could start and should have begun."""
    return missed_starts(look.session, look.shop, look.card, look.at)


def over_its_time(look: Look) -> list[Warning_]:
    """Started work that takes much longer than planned."""
    return over_time(look.session, look.shop, look.card, look.at)


def unit_down(look: Look) -> list[Warning_]:
    """Parts of a station that are out of order, with the orders whose work was to go through them."""
    return [
        Warning_(
            "unit_down", "move_work", -minutes_between(down.ends, look.at), station_id=down.station_id,
            names=_with_numbers(down.words, touched(look.session, look.shop, down)),
            subject=f"outage:{down.outage_id}",
        )
        for down in units_down(look.session, look.shop, look.at, look.at + SOON)
    ]  # fmt: skip


def _with_numbers(words: Words, orders: Sequence[Order]) -> Words:
    """Return what is out of order with the numbers of the first orders it touches: "Oven 2: A-012, A-015 +3"."""
    numbers = ", ".join(order.number for order in orders[:NAMED])
    more = f" +{len(orders) - NAMED}" if len(orders) > NAMED else ""
    return {language: f"{said}: {numbers}{more}" if numbers else said for language, said in words.items()}


def silent_display(look: Look) -> list[Warning_]:
    """Displays that were there today and do not answer any more."""
    return silent_displays(look.session, look.shop, look.at)


def nobody_on_shift(look: Look) -> list[Warning_]:
    """Work that comes due while nobody who can do it is there."""
    return nobody_there(look.session, look.shop, look.at)


def room_too_full(look: Look) -> list[Warning_]:
    """Rooms with more planned in them than fits."""
    return over_capacity(look.session, look.shop, look.at)


def offer_unanswered(look: Look) -> list[Warning_]:
    """Work that nobody takes."""
    return nobody_answers(look.session, look.shop, look.at)


def quiet_kitchen(look: Look) -> list[Warning_]:
    """A kitchen in which nobody taps: one cause of many warnings."""
    return nobody_taps(look.session, look.shop, look.at)


WATCHERS: tuple[Callable[[Look], list[Warning_]], ...] = (
    likely_late,
    missed_start,
    over_its_time,
    unit_down,
    nobody_on_shift,
    room_too_full,
    offer_unanswered,
    silent_display,
    quiet_kitchen,
)
"""A shelf above (delivery) can hand in its own: `shop.production.alarms.watch` takes them."""
