"""What the customers of the past ninety days wanted: cakes, times and channels, drawn from the profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from shop.menu.card import MenuCard
from shop.orders.cart import CartLine, PricedLine, price_line
from shop.people.shops import Shop
from shop.upkeep.demo import profile
from shop.upkeep.demo.guests import invent_writing


@dataclass
class Wish:
    """An order before the kitchen has seen it; ``fate`` is what becomes of it in the end."""

    placed_at: datetime
    due_at: datetime
    lines: list[PricedLine]
    channel: str
    language: str = "zh_Hans"
    fate: str = "handed_over"
    urgent: bool = False
    private: bool = False
    allergies: list[str] = field(default_factory=list)
    guest: int | None = None

    @property
    def total(self) -> int:
        """What it costs, minor units."""
        return sum(line.total for line in self.lines)


T = TypeVar("T")


def pick(rng: Random, weights: Mapping[T, int]) -> T:
    """Draw one key of a table of weights."""
    return rng.choices(list(weights), list(weights.values()))[0]


def wishes(shop: Shop, card: MenuCard, rng: Random, *, at: datetime, days: int, guests: int) -> list[Wish]:
    """Return everything ordered in ``days`` days before ``at``, oldest first; some of it is for the days to come."""
    today, found = shop.business_date(at), []
    for ahead in range(-days, 7):
        day = today + timedelta(days=ahead)
        growth = 1 + profile.GROWTH * (ahead + days) / max(1, days)
        mean = profile.ORDERS_A_DAY * profile.WEEKDAYS[day.weekday()] * growth
        for _ in range(round(mean * rng.lognormvariate(0, profile.NOISE))):
            wish = _one(shop, card, rng, day)
            wish.guest = round((guests - 1) * rng.random() ** 1.7) if rng.random() < 0.85 else None
            if wish.placed_at <= at - timedelta(minutes=25):
                found.append(wish)
    return sorted(found, key=lambda wish: wish.placed_at)


def _one(shop: Shop, card: MenuCard, rng: Random, day: date) -> Wish:
    due = _moment(shop, rng, day, later=profile.PICK_UP_LATER_HOURS)
    due = due - timedelta(minutes=due.minute % 10, seconds=due.second)
    if rng.random() < profile.SAME_DAY:
        placed = max(due - timedelta(minutes=rng.randint(170, 420)), shop.moment(day, "08:02"))
        placed += timedelta(seconds=rng.randrange(240))
    else:
        placed = _moment(shop, rng, day - timedelta(days=pick(rng, profile.DAYS_AHEAD)), later=0)
    lines = [
        price_line(card, invent_line(card, rng)) for _ in range(1 + (rng.random() < profile.SECOND_CAKE))
    ]
    wish = Wish(placed, due, lines, pick(rng, profile.CHANNELS), pick(rng, profile.LANGUAGES))
    wish.fate = _fate(rng, wish.channel)
    wish.urgent, wish.private = rng.random() < 0.02, rng.random() < 0.03
    if rng.random() < 0.06:
        wish.allergies = [pick(rng, profile.ALLERGY)]
    return wish


def _moment(shop: Shop, rng: Random, day: date, *, later: int) -> datetime:
    hours = profile.HOURS_OF_A_WEEKDAY if day.weekday() < 5 else profile.HOURS_OF_A_WEEKEND
    hour = min(20, pick(rng, hours) + later)
    return shop.moment(day, f"{hour:02d}:{rng.randrange(60):02d}") + timedelta(seconds=rng.randrange(60))


def _fate(rng: Random, channel: str) -> str:
    luck = rng.random()
    for fate, chance in (("cancelled", profile.CANCELLED), ("no_show", profile.NO_SHOW)):
        if luck < chance:
            return fate
        luck -= chance
    return "expired" if channel == "kiosk" and luck < profile.EXPIRED * 2 else "handed_over"


def invent_line(card: MenuCard, rng: Random) -> CartLine:
    """Return one line as a customer would choose it."""
    product, inch = pick(rng, profile.PRODUCTS), pick(rng, profile.INCHES)
    options = {"sweetness": pick(rng, profile.SWEETNESS)}
    if any(group.slug == "filling" for group in card.dishes[product].groups):
        options["filling"] = pick(rng, profile.FILLINGS)
    if inch >= 8 and rng.random() < profile.TWO_TIERS:
        options["tiers"] = "two"
    text = invent_writing(rng) if rng.random() < profile.WRITING else ""
    quantity = 2 if rng.random() < 0.02 else 1
    return CartLine(product, inch, quantity, options, text, pick(rng, profile.CANDLES))
