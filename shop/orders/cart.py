"""A cart: what a customer is putting together, and its price as a sum of parts, always from the menu."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from shop.core.errors import N_, Invalid, SoldOut
from shop.core.types import Words, say
from shop.menu.card import Choice, Dish, Group, MenuCard, SizeRow
from shop.menu.drawing import CakeLook
from shop.menu.tables import StageKind
from shop.orders.areas import PICKUP, Way
from shop.orders.tables import ARRIVAL

MOST_LINES = 12
MOST_OF_A_KIND = 20
MOST_CANDLES = 10
INSCRIPTION_ROOM = 24
MOST_WORKED_OUT = 2000


class WrongCandles(Invalid):
    """Fewer than none, more than fit, or no number at all."""

    def __init__(self) -> None:
        super().__init__(
            N_("Please choose between 0 and %(most)d candles."), field="candles", most=MOST_CANDLES
        )


@dataclass
class CartLine:
    """Some cakes of one kind. ``options`` maps a group's slug to the chosen option's slug."""

    product: str
    inch: int = 8
    quantity: int = 1
    options: dict[str, str] = field(default_factory=dict)
    inscription: str = ""
    candles: int = 0


@dataclass
class Cart:
    """An order in the making. ``due_at`` is the time the customer wants, aware: to be here, or for it to arrive.

    ``asap``: that was the earliest there was, and a sooner one would be welcome.
    ``known`` are allergies that the cakes clash with and the customer wants them all the same.
    ``area`` is an area's slug. Name, phone, ``address`` and ``place`` (coordinates) are personal.
    """

    lines: list[CartLine] = field(default_factory=list)
    fulfilment: str = "pickup"
    due_at: datetime | None = None
    asap: bool = False
    allergies: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    private: bool = False
    urgent: bool = False
    language: str = "zh_Hans"
    name: str = ""
    phone: str = ""
    note: str = ""
    area: str = ""
    address: str = ""
    place: str = ""
    coupon: str = ""

    @property
    def arrives_from(self) -> datetime | None:
        """The beginning of the window that ends with ``due_at``, for a delivery."""
        return self.due_at - ARRIVAL if self.due_at and self.fulfilment == "delivery" else None

    def to_json(self) -> dict[str, Any]:
        """Return the cart as JSON values; its lists are its own, to be read only."""
        due = self.due_at.isoformat() if self.due_at else None
        return {**vars(self), "lines": [vars(line) for line in self.lines], "due_at": due}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Cart":
        """Build a cart from what `to_json` gave."""
        due = values.get("due_at")
        lines = [CartLine(**line) for line in values.get("lines", [])]
        return cls(**(values | {"lines": lines, "due_at": datetime.fromisoformat(due) if due else None}))


@dataclass(frozen=True)
class Work:
    """A stage of one cake: ``minutes`` of work, ``amount`` places (trays in the oven) at ``station_id``.

    ``celsius`` and ``keeps`` as in `shop.menu.tables.RouteStage`; ``gate`` names the allergens of the cake that have
    their own hours at the station, joined by ``+``.
    """

    kind: StageKind
    station_id: int | None
    minutes: int
    amount: int
    needs_person: bool
    celsius: int = 0
    keeps: int | None = None
    gate: str = ""


@dataclass(frozen=True)
class PricedLine:
    """A line as the shop understands it. Amounts in minor units; ``parts`` add up to ``unit_price``."""

    line: CartLine
    dish: Dish
    size: SizeRow
    choices: tuple[tuple[Group, Choice], ...]
    unit_price: int
    parts: tuple[dict[str, Any], ...]
    allergens: tuple[str, ...]
    tiers: int
    look: CakeLook
    stages: tuple[Work, ...]

    @property
    def total(self) -> int:
        """The price of all cakes of this line."""
        return self.unit_price * self.line.quantity


@dataclass(frozen=True)
class PricedCart:
    """What a cart costs: ``total`` is its lines and the fee of its ``way``, less what a coupon takes off.

    ``coupon`` is what that one is for, in words.
    """

    lines: tuple[PricedLine, ...]
    total: int
    allergens: tuple[str, ...]
    way: Way = PICKUP
    discount: int = 0
    coupon: Words = field(default_factory=dict)


def clashing(allergies: Sequence[str], allergens: Sequence[str]) -> list[str]:
    """Return which of somebody's ``allergies`` a cake or an order contains."""
    return [slug for slug in allergies if slug in allergens]


def inscription_length(text: str) -> int:
    """Return the room a text takes on a cake: a wide (Chinese) character 2, any other 1, a joiner 0."""
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf" else 2 if _wide(c) else 1
        for c in text
    )


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def inscription_fits(text: str) -> tuple[int, int]:
    """Return (room taken, room there is): 24 is 12 Chinese or 24 Latin characters."""
    return inscription_length(text), INSCRIPTION_ROOM


def clean(text: str) -> str:
    """Return a customer's text as it may be written: no control or direction marks, single blanks."""
    if not text:
        return ""
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Co") else " " for c in text)
    kept = "".join(
        c for c in kept if c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff"
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def price_line(card: MenuCard, line: CartLine, day: date | None = None) -> PricedLine:
    """Price one line from the menu; raises `Invalid` naming the field, `SoldOut` for what is off on ``day``."""
    dish = card.dishes.get(line.product)
    if dish is None:
        raise Invalid(N_("We do not make this cake."), field="product")
    size = card.sizes.get(line.inch)
    if size is None or line.inch not in dish.prices:
        raise Invalid(N_("This cake does not come in this size."), field="size_inch")
    if day is not None and not dish.sold_on(day, line.inch):
        raise SoldOut(product=dish.names)
    if not 1 <= line.quantity <= MOST_OF_A_KIND:
        raise Invalid(
            N_("Please choose between 1 and %(most)d cakes."), field="quantity", most=MOST_OF_A_KIND
        )
    if not 0 <= line.candles <= MOST_CANDLES:
        raise WrongCandles()
    text = clean(line.inscription)
    if inscription_length(text) > INSCRIPTION_ROOM:
        raise Invalid(N_("This is too long for the cake: up to 12 Chinese or 24 Latin characters."),
                      field="inscription")  # fmt: skip
    plain = _plain(card, dish, size, line)
    line = replace(line, inscription=text, options=dict(plain.line.options))
    return replace(plain, line=line, look=replace(plain.look, candles=line.candles, inscription=text))


def _plain(card: MenuCard, dish: Dish, size: SizeRow, line: CartLine) -> PricedLine:
    """Return one such cake without words and candles, worked out once for as long as the menu is the same."""
    asked = (dish.slug, size.inch, *line.options.items())
    known: PricedLine | None = card.worked_out.get(asked)
    if known is None:
        if len(card.worked_out) >= MOST_WORKED_OUT:
            card.worked_out.clear()
        known = card.worked_out[asked] = _work_out(card, dish, size, _choices(dish, line))
    return known


def _work_out(
    card: MenuCard, dish: Dish, size: SizeRow, choices: tuple[tuple[Group, Choice], ...]
) -> PricedLine:
    line = CartLine(dish.slug, size.inch, options={g.slug: c.slug for g, c in choices})
    parts = _parts(dish, line, choices)
    looks = dict(dish.look)
    for _, choice in choices:
        looks.update(choice.look)
    tiers = int(looks.pop("tiers", "1"))
    allergens = set(dish.allergens).union(*(c.allergens for _, c in choices))
    return PricedLine(
        line, dish, size, choices, sum(p["amount"] for p in parts), parts,
        tuple(a for a in card.allergens if a in allergens), tiers,
        CakeLook(dish.slug, size.inch, tiers, base=looks or None), stages_of(card, dish, size, choices),
    )  # fmt: skip


def _choices(dish: Dish, line: CartLine) -> tuple[tuple[Group, Choice], ...]:
    known = {group.slug for group in dish.groups}
    for slug in line.options:
        if slug not in known:
            raise Invalid(N_("This cake has no such choice."), field=f"options.{slug}")
    found = []
    for group in dish.groups:
        wanted = line.options.get(group.slug)
        choice = group.choice(wanted) if wanted else group.default
        if choice is None:
            raise Invalid(N_("This cake has no such choice."), field=f"options.{group.slug}")
        if choice.min_inch > line.inch:
            raise Invalid(N_("This choice needs a cake of %(inch)d inch or more."),
                          field=f"options.{group.slug}", inch=choice.min_inch)  # fmt: skip
        found.append((group, choice))
    return tuple(found)


def _parts(dish: Dish, line: CartLine, choices: Sequence[tuple[Group, Choice]]) -> tuple[dict[str, Any], ...]:
    size_words: Words = {
        lang: f"{dish.names.get(lang) or say(dish.names, lang)} {line.inch}{unit}"
        for lang, unit in (("en", '"'), ("zh_Hans", " 寸"), ("zh_Hant", " 吋"))
    }
    parts: list[dict[str, Any]] = [{"words": size_words, "amount": dish.prices[line.inch]}]
    parts += [{"words": c.names, "amount": c.surcharge} for _, c in choices if c.surcharge]
    return tuple(parts)


def stages_of(
    card: MenuCard, dish: Dish, size: SizeRow, choices: Sequence[tuple[Group, Choice]]
) -> tuple[Work, ...]:
    """Return the work of one cake: the route's minutes scaled by size (rounded half up), trays in the oven."""
    more = sum(choice.minutes for _, choice in choices)
    contains = {*dish.allergens, *(allergen for _, choice in choices for allergen in choice.allergens)}
    work = []
    for stage in dish.stages:
        scaled = (stage.minutes * size.percent + 50) // 100
        if stage.kind is StageKind.DECORATE:
            scaled += more
        amount = size.trays if stage.kind is StageKind.BAKE else 1
        station = card.stations.get(stage.station_id or 0)
        gate = "+".join(sorted(contains & station.gates.keys())) if station else ""
        work.append(
            Work(
                stage.kind, stage.station_id, max(1, scaled), amount, stage.needs_person, stage.celsius,
                stage.keeps, gate,
            )
        )  # fmt: skip
    return tuple(work)


def price_cart(card: MenuCard, cart: Cart, day: date | None = None, way: Way | None = None) -> PricedCart:
    """Price a whole cart; raises `Invalid` when it is empty or too long, and what `price_line` raises.

    A delivery comes with its ``way`` (`shop.orders.destination.way_of`).
    """
    if way is None and cart.fulfilment != "pickup":
        raise ValueError("a delivery is priced with its way")
    way = way or PICKUP
    if not cart.lines:
        raise Invalid(N_("There is no cake in this order yet."), field="lines")
    if len(cart.lines) > MOST_LINES:
        raise Invalid(N_("Please order up to %(most)d kinds at once."), field="lines", most=MOST_LINES)
    for allergy in cart.allergies:
        if allergy not in card.allergens:
            raise Invalid(N_("We do not know this allergen."), field="allergies")
    lines = tuple(price_line(card, line, day) for line in cart.lines)
    allergens = {a for line in lines for a in line.allergens}
    total = sum(p.total for p in lines) + way.fee
    return PricedCart(lines, total, tuple(a for a in card.allergens if a in allergens), way)
