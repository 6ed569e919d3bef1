"""Real sales as orders: the baskets of a day (``date,time,transaction,item``) through every channel's own path.

A mapping file says which item becomes which cake, and how often in which size:
``{"items": {"Bread": {"product": "cheesecake", "inch": {"6": 3, "8": 1}}}}``. Other items are left out.
"""

import csv
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from shop.channels.contract import Channel
from shop.core.actors import Actor, ActorKind
from shop.core.errors import N_, Invalid, SlotTaken
from shop.core.keys import Keys
from shop.menu.card import MenuCard
from shop.orders.cart import MOST_LINES, MOST_OF_A_KIND, Cart, CartLine, price_cart
from shop.orders.placing import Placed, place
from shop.orders.promise import times_on
from shop.people.shops import Shop

SALES = Channel(
    "sales", "D", {"en": "Imported sales", "zh_Hans": "导入销售", "zh_Hant": "匯入銷售"}, prepaid=True
)
Parsed = TypeVar("Parsed")
COLUMNS = ("date", "time", "transaction", "item")
WRONG_COLUMNS = N_("Line 1: the columns must be date,time,transaction,item.")
WRONG_LINE = N_("Line %(line)d: %(what)s is not a %(kind)s.")
NO_SALES = N_("There is no sale on %(day)s in this file; it goes from %(first)s to %(last)s.")
WRONG_MAP = N_(
    'The mapping must be JSON such as {"items": {"Bread": {"product": "cheesecake", "inch": {"8": 1}}}}.'
)
UNKNOWN_CAKE = N_("The mapping sends %(item)s to %(product)s, which is not on the menu.")
UNKNOWN_SIZE = N_("The mapping sends %(item)s to %(product)s in %(inch)s inch, which is not sold.")


@dataclass(frozen=True)
class Basket:
    """What one customer bought at ``clock``; ``items`` counts them by name."""

    number: str
    clock: time
    items: Mapping[str, int]


@dataclass(frozen=True)
class Target:
    """Which cake an item becomes; ``inches`` maps a size to its weight."""

    product: str
    inches: Mapping[int, int]


def read_day(file: Path, day: date) -> list[Basket]:
    """Return the baskets of ``day``, in the order of their times; raises `Invalid` naming the bad line."""
    items: dict[str, Counter[str]] = {}
    clocks: dict[str, time] = {}
    first, last = date.max, date.min
    for line, row in enumerate(_rows(file), start=2):
        sold_on = _parsed(line, row["date"], "date", date.fromisoformat)
        first, last = min(first, sold_on), max(last, sold_on)
        clock = _parsed(line, row["time"], "time", time.fromisoformat)
        number, item = (row["transaction"] or "").strip(), (row["item"] or "").strip()
        if not number or not item or None in row:
            raise Invalid(
                WRONG_LINE, field="file", line=line, what=",".join(map(str, row.values())), kind="sale"
            )
        if sold_on == day:
            items.setdefault(number, Counter())[item] += 1
            clocks.setdefault(number, clock)
    if not items:
        if first > last:
            raise Invalid(N_("There is no sale in this file."), field="file")
        raise Invalid(NO_SALES, field="day", day=day, first=first, last=last)
    baskets = [Basket(number, clocks[number], dict(items[number])) for number in items]
    return sorted(baskets, key=lambda basket: basket.clock)


def _rows(file: Path) -> Iterator[dict[str, str]]:
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8-sig")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8-sig") as lines
        ):
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise Invalid(WRONG_COLUMNS, field="file")
            yield from reader
    except (UnicodeDecodeError, csv.Error, gzip.BadGzipFile, EOFError) as trouble:
        raise Invalid(N_("This file cannot be read: %(why)s."), field="file", why=trouble) from None


def _parsed(line: int, text: str | None, kind: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(text or "")
    except ValueError:
        raise Invalid(WRONG_LINE, field="file", line=line, what=repr(text or ""), kind=kind) from None


def read_mapping(text: str, card: MenuCard) -> dict[str, Target]:
    """Return the mapping; raises `Invalid` for what is not JSON of that form or not on the menu."""
    try:
        given = json.loads(text)["items"]
        found = {
            item: Target(
                str(to["product"]), {int(inch): int(n) for inch, n in to.get("inch", {"8": 1}).items()}
            )
            for item, to in given.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(WRONG_MAP, field="map") from None
    for item, target in found.items():
        dish = card.dishes.get(target.product)
        if dish is None:
            raise Invalid(UNKNOWN_CAKE, field="map", item=item, product=target.product)
        for inch, weight in target.inches.items():
            if inch not in dish.prices or weight < 1:
                raise Invalid(UNKNOWN_SIZE, field="map", item=item, product=target.product, inch=inch)
        if not target.inches:
            raise Invalid(WRONG_MAP, field="map")
    return found


def thin(baskets: Iterable[Basket], scale: float) -> list[Basket]:
    """Keep every n-th basket, evenly over the day: ``scale`` of them; the same ones every time."""
    if not 0 < scale <= 1:
        raise Invalid(N_("The scale must be above 0 and at most 1."), field="scale")
    return [b for k, b in enumerate(baskets) if int((k + 1) * scale + 1e-9) > int(k * scale + 1e-9)]


def cart_of(basket: Basket, mapping: Mapping[str, Target]) -> Cart:
    """Return the basket as a cart of cakes; empty where none of its items is mapped."""
    lines = []
    for item, count in basket.items.items():
        target = mapping.get(item)
        if target is not None:
            inch = _size(target, f"{basket.number}:{item}")
            lines.append(CartLine(target.product, inch, min(count, MOST_OF_A_KIND)))
    return Cart(lines=lines[:MOST_LINES])


def _size(target: Target, seed: str) -> int:
    """Choose a size by its weight, always the same one for the same basket and item."""
    spread = [inch for inch, weight in sorted(target.inches.items()) for _ in range(weight)]
    return spread[zlib.crc32(seed.encode()) % len(spread)]


def place_basket(
    tx: Session, keys: Keys, shop: Shop, card: MenuCard, basket: Basket, cart: Cart, *,
    sold_on: date, on: date, lead: timedelta, at: datetime,
) -> Placed:  # fmt: skip
    """Order a basket for the shop's day ``on``: its own time of day plus ``lead``, or the next that is free.

    Raises `SlotTaken` when the day is full from then on, and what `place` raises.
    """
    opens, closes = shop.open_on(on)
    wanted = shop.moment(on, basket.clock.strftime("%H:%M")) + lead
    cart.due_at = min(max(wanted - timedelta(minutes=wanted.minute % 10), opens), closes)
    order = partial(
        place, tx, keys, shop, card, cart, channel=SALES.key, by=Actor(ActorKind.CHANNEL), at=at,
        prepaid=SALES.prepaid, external_id=f"{sold_on.isoformat()}/{basket.number}",
    )  # fmt: skip
    try:
        return order()
    except SlotTaken:
        lines = price_cart(card, cart, shop.business_date(at)).lines
        slots = times_on(tx, shop, card, lines, on, at=at)
        free = next((slot.at for slot in slots if slot.free and slot.at >= cart.due_at), None)
        if free is None:
            raise SlotTaken(N_("The day is full from then on."), earliest=None) from None
        cart.due_at = free
        return order()
