"""One cake: its card's "more", and its label on paper."""

from flask import Response, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from kitchen.boards import known_station
from kitchen.rights import rights, tapper
from kitchen.taps import number_of, people_of
from shop.orders.cart import clashing
from shop.printing.queue import NoPrinter, reprint
from shop.printing.slip import slip_of
from shop.production.again import cake_again
from web.access import Made
from web.database import reader
from web.front import swapping
from web.house import house, keys, menu_card, now, this_shop
from web.pages import page


def card_more(station: str, cake: int) -> Response:
    """Show a card whole, and what is not needed at every tap: take back, label, make again."""
    may = rights()
    known_station(station)
    here = menu_card().stations_by_slug[station]
    it = cake_again(reader(), this_shop(), cake, here.id)
    names = menu_card().allergens
    allergies = [names.get(key, {"en": key}) for key in it.order.allergies]
    clash = [names.get(key, {"en": key}) for key in clashing(it.order.allergies, it.line.allergens)]
    template = "kitchen/_card_more.html" if swapping() else "kitchen/card_more.html"
    return page(template, station=here, it=it, can=may, allergies=allergies, clash=clash,
                people=people_of(here.id))  # fmt: skip


def print_label(tx: Session, station: str, cake: int) -> Made:
    """Print a cake's label again, or those of its whole order; without a printer the page to print opens."""
    it = cake_again(tx, this_shop(), cake, 0)
    only = None if request.form.get("of") == "order" else cake
    try:
        reprint(tx, this_shop(), it.order.id, by=tapper(tx), at=now(), kind="labels", cake_id=only)
    except NoPrinter:
        return {"go": f"/kitchen/{station}/label/{cake}", "did": "open", "number": it.order.number}
    return {"go": f"/kitchen/{station}", "did": "label", "number": number_of(tx, cake)}


def label(station: str, cake: int) -> Response:
    """Show one cake's label to print from the browser; it leads to the cake, never to the order."""
    rights()
    known_station(station)
    it = cake_again(reader(), this_shop(), cake, 0)
    slip = slip_of(reader(), keys(), menu_card(), it.order, at=now(), copy=1, language=this_shop().language,
                   public_url=house().settings.public_url)  # fmt: skip
    title = gettext("Label of %(number)s", number=it.order.number)
    return page("kitchen/label.html", slip=slip.of_cake(it.cake.code), station=station, title=title)
