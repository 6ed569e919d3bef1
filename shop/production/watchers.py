"""The watchers: each looks for one kind of trouble. A new one is one function and one line in ``WATCHERS``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.types import Words
from shop.menu.card import MenuCard
from shop.orders.tables import Cake, Line
from shop.people.shops import Shop
from shop.production.foresight import Seen
from shop.production.warnings import Warning_, missed_starts, over_time, silent_displays

RAISE, KEEP = 30, 20
"""A predicted chance (percent) that raises an alarm (decisions.md 8), and below which it is over."""


@dataclass(frozen=True)
class Look:
    """What every watcher may look at."""

    session: Session
    shop: Shop
    card: MenuCard
    at: datetime
    seen: Mapping[int, Seen]


@dataclass(frozen=True)
class Trouble:
    """Something wrong with a ``subject`` ("cake:7"). One that does not ``raises`` only keeps its alarm alive."""

    kind: str
    subject: str
    minutes: int
    order_id: int | None = None
    cake_id: int | None = None
    station_id: int | None = None
    stage: str = ""
    person: str = ""
    names: Words | None = None
    chance: int = 0
    raises: bool = True


def likely_late(look: Look) -> list[Trouble]:
    """Cakes that will probably be late."""
    bad = {key: seen for key, seen in look.seen.items() if round(100 * seen.chance) >= KEEP}
    query = select(Cake.id, Line.names).join(Line, Line.id == Cake.line_id).where(Cake.id.in_(bad))
    names: dict[int, Words] = {key: words for key, words in look.session.execute(query)} if bad else {}
    return [
        Trouble("predicted_late", f"cake:{key}", seen.minutes, seen.order_id, key, seen.station_id,
                names=names.get(key), chance=round(100 * seen.chance), raises=round(100 * seen.chance) >= RAISE)
        for key, seen in bad.items()
    ]  # fmt: skip


def missed_start(look: Look) -> list[Trouble]:
    """Work that could start and should have begun."""
    return _as_trouble(missed_starts(look.session, look.shop, look.card, look.at))


def over_its_time(look: Look) -> list[Trouble]:
    """Started work that takes much longer than planned."""
    return _as_trouble(over_time(look.session, look.shop, look.card, look.at))


def silent_display(look: Look) -> list[Trouble]:
    """Displays that were there today and do not answer any more."""
    return _as_trouble(silent_displays(look.session, look.shop, look.at))


def _as_trouble(found: Sequence[Warning_]) -> list[Trouble]:
    return [
        Trouble(w.kind, w.subject, w.minutes, w.order_id, w.cake_id, w.station_id, w.stage, w.person, w.names)
        for w in found
    ]


WATCHERS: tuple[Callable[[Look], list[Trouble]], ...] = (
    likely_late,
    missed_start,
    over_its_time,
    silent_display,
)
"""A shelf above (delivery) can hand in its own: `shop.production.alarms.watch` takes them."""
