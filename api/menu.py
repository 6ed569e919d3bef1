"""The menu, as programs read it."""

from datetime import date

from flask import Response

from api import words as say
from api.asking import answer
from shop.menu.card import Dish, Group, MenuCard
from shop.orders.areas import districts
from web.database import reader
from web.house import menu_card, now, this_shop


def menu() -> Response:
    """Everything that can be ordered today, with what is sold out."""
    shop, card = this_shop(), menu_card()
    today = shop.business_date(now())
    made = say.Menu(
        version=card.version,
        currency=shop.currency,
        timezone=shop.timezone,
        opens=shop.opens,
        closes=shop.closes,
        products=[_product(card, dish, today) for dish in card.dishes.values()],
        allergens=dict(card.allergens),
        areas=[
            say.Area(area=d.slug, names=d.names, fee=d.fee, minutes=d.minutes)
            for d in districts(reader(), shop).values()
        ],
    )
    return answer(made, tag=f"{card.version}-{today}-{shop.opens}-{shop.closes}")


def _product(card: MenuCard, dish: Dish, today: date) -> say.Product:
    sizes = [
        say.MenuSize(
            size_inch=inch, pounds=card.sizes[inch].pounds, serves=card.sizes[inch].serves, price=price,
            available=dish.sold_on(today, inch),
        )
        for inch, price in dish.prices.items()
    ]  # fmt: skip
    return say.Product(
        product=dish.slug, names=dish.names, about=dish.about, allergens=list(dish.allergens),
        available=dish.sold_on(today) and any(size.available for size in sizes), sizes=sizes,
        options=[_option(group) for group in dish.groups],
    )  # fmt: skip


def _option(group: Group) -> say.Option:
    choices = [
        say.Choice(
            choice=c.slug, names=c.names, surcharge=c.surcharge, smallest_inch=c.min_inch,
            allergens=list(c.allergens), default=c is group.default,
        )
        for c in group.choices
    ]  # fmt: skip
    return say.Option(option=group.slug, names=group.names, choices=choices)
