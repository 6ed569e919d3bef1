"""The order desk's form as a cart, and a former order as a cart."""

import hashlib
import json
from datetime import date

from flask import request

from admin import entries
from shop.menu.card import MenuCard
from shop.orders.cart import Cart, CartLine, clean
from shop.orders.tables import Line
from web.house import menu_card, now, this_shop
from web.i18n import known, language

LONGEST, LONGEST_ADDRESS = 80, 200
ASAP = "asap"
"""The clock's value for "as soon as possible": the time follows the cakes until the order is read back."""


def typed_cart() -> Cart:
    """Return what stands in the form; a half-finished line stays, so that nothing is lost."""
    card = menu_card()
    count = min(entries.number("lines", 1), 12)
    lines = [typed_line(card, n) for n in range(count) if request.form.get("remove") != str(n)]
    if request.form.get("add"):
        lines.append(blank_line())
    return Cart(
        lines=lines or [blank_line()],
        due_at=None if request.form.get("clock") == ASAP else entries.moment("day", "clock"),
        allergies=[a for a in request.form.getlist("allergies") if a in card.allergens],
        private=entries.ticked("private"),
        urgent=entries.ticked("urgent"),
        language=known(request.form.get("language")) or language(),
        name=clean(entries.text("name", LONGEST)),
        phone=entries.text("phone", 30),
        note=clean(entries.text("note")),
        fulfilment="delivery" if request.form.get("fulfilment") == "delivery" else "pickup",
        area=entries.text("area", 40),
        address=clean(entries.text("address", LONGEST_ADDRESS)),
        place=entries.text("place", 60),
        coupon=clean(entries.text("coupon", 40)),
    )


def sent_cakes() -> Cart:
    """Return the cakes of a refused form as far as they decide which fields it has; `web.refill` fills those."""
    card, count = menu_card(), min(max(1, request.form.get("lines", 1, type=int)), 12)
    lines = [CartLine(request.form.get(f"line.{n}.product", "")) for n in range(count)]
    for n, line in enumerate(lines):
        dish = card.dishes.get(line.product)
        inch = request.form.get(f"line.{n}.inch", 0, type=int)
        line.product = dish.slug if dish else ""
        line.inch = inch if dish and inch in dish.prices else next(iter(dish.prices), 8) if dish else 8
    return Cart(lines=lines)


def blank_line() -> CartLine:
    """Return a line without a cake yet."""
    return CartLine(product="")


def typed_line(card: MenuCard, n: int) -> CartLine:
    """Return one line of the form; what the chosen cake does not offer falls back to what it does."""
    dish = card.dishes.get(request.form.get(f"line.{n}.product", ""))
    if dish is None:
        return blank_line()
    inch = entries.number(f"line.{n}.inch", 8)
    inch = inch if inch in dish.prices else next(iter(dish.prices), 8)
    options = {}
    for group in dish.groups:
        choice = group.choice(request.form.get(f"line.{n}.option.{group.slug}", ""))
        options[group.slug] = (choice if choice and choice.min_inch <= inch else group.default).slug
    return CartLine(
        product=dish.slug,
        inch=inch,
        quantity=max(1, entries.number(f"line.{n}.quantity", 1)),
        options=options,
        inscription=entries.text(f"line.{n}.inscription", LONGEST),
        candles=max(0, entries.number(f"line.{n}.candles", 0)),
    )


def same_again(card: MenuCard, lines: list[Line], allergies: list[str], private: bool, tongue: str) -> Cart:
    """Return a former order's cakes as today's menu makes them; what is no longer sold is left out."""
    made = []
    for line in lines:
        dish = card.dishes.get(line.product)
        if dish is None or line.inch not in dish.prices:
            continue
        options = {
            g.slug: line.options[g.slug] for g in dish.groups if g.choice(line.options.get(g.slug, ""))
        }
        made.append(CartLine(line.product, line.inch, line.quantity, options, line.inscription, line.candles))
    return Cart(lines=made or [blank_line()], allergies=list(allergies), private=private, language=tongue)


def day_of(cart: Cart) -> date:
    """Return the day the customer wants, today while nothing is said."""
    shop = this_shop()
    typed = request.values.get("day", "")
    try:
        return shop.business_date(cart.due_at) if cart.due_at else date.fromisoformat(typed)
    except ValueError:
        return shop.business_date(now())


def seal(cart: Cart, total: int) -> str:
    """Return the fingerprint of a cart and its price: what was read back is what is placed."""
    return hashlib.sha256(json.dumps([cart.to_json(), total], sort_keys=True).encode()).hexdigest()[:32]
