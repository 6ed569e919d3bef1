"""``import sales``: the real sales of a day as orders, through the code path of every channel."""

import argparse
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from shop.channels import sales
from shop.core.errors import ShopError
from shop.menu.card import cached_card
from shop.people.shops import Shop
from web.commands import Command, Refused
from web.database import reading, writing
from web.furnish import the_shop
from web.house import house


def sales_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV with date,time,transaction,item; .gz is fine")
    parser.add_argument(
        "--day", required=True, type=date.fromisoformat, help="the day in the file: 2017-02-04"
    )
    parser.add_argument("--map", required=True, type=Path, help="JSON: which item becomes which cake")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of baskets to take (default: 1)")
    parser.add_argument(
        "--on", type=date.fromisoformat, help="the shop's day (default: the next such weekday)"
    )
    parser.add_argument(
        "--lead", type=int, default=60, help="minutes from the sale to the promise (default: 60)"
    )


def import_sales(options: argparse.Namespace) -> dict[str, Any]:
    """Order every basket of a day; each is one transaction, and a second import finds the first one's orders."""
    shop, at = the_shop(), house().clock.now()
    if shop is None:
        raise Refused("no shop has been set up here yet. Make the demo shop with: bin/shop demo reset")
    with reading() as session:
        mapping = sales.read_mapping(options.map.read_text(), cached_card(session, shop))
    baskets = sales.thin(sales.read_day(options.file, options.day), options.scale)
    on = options.on or next_such_day(shop, options.day, at)
    if on < shop.business_date(at):
        raise Refused(f"--on {on} is over in this shop.")
    return order_all(baskets, mapping, options.day, on, timedelta(minutes=options.lead), at)


def next_such_day(shop: Shop, day: date, at: datetime) -> date:
    """Return the shop's next day, after today, with the same weekday."""
    tomorrow = shop.business_date(at) + timedelta(days=1)
    return tomorrow + timedelta(days=(day.weekday() - tomorrow.weekday()) % 7)


def order_all(
    baskets: list[sales.Basket], mapping: dict[str, sales.Target], sold_on: date, on: date, lead: timedelta,
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Place each basket's order; returns the counts, and why what was refused."""
    refused: Counter[str] = Counter()
    placed, cakes, left_out, moved = 0, 0, 0, 0
    for basket in baskets:
        cart = sales.cart_of(basket, mapping)
        if not cart.lines:
            left_out += 1
            continue
        try:
            with writing() as tx:
                shop = the_shop_of(tx)
                card = cached_card(tx, shop)
                sales.place_basket(
                    tx, house().keys, shop, card, basket, cart, sold_on=sold_on, on=on, lead=lead, at=at
                )
        except ShopError as refusal:
            refused[str(refusal)] += 1
            continue
        placed += 1
        cakes += sum(line.quantity for line in cart.lines)
        wanted = shop.moment(on, basket.clock.strftime("%H:%M")) + lead
        moved += cart.due_at is not None and cart.due_at > wanted
    return {
        "sold_on": sold_on.isoformat(), "on": on.isoformat(), "baskets": len(baskets), "orders": placed,
        "cakes": cakes, "moved_later": moved, "nothing_mapped": left_out, "refused": dict(refused),
        "play": f"bin/shop demo play --day {on.isoformat()} --orders 0",
    }  # fmt: skip


def the_shop_of(tx: Any) -> Shop:
    """Return the shop inside this transaction."""
    from shop.upkeep.demo.stage import the_shop as inside

    return inside(tx)


COMMANDS = [
    Command(
        "import sales",
        "real sales of a day as orders, as every channel makes them",
        import_sales,
        sales_options,
    )
]
