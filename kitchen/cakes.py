"""One cake by its code: whoever scans it sees what is to be done with it next."""

from flask import Response

from kitchen.boards import ON_PAPER
from kitchen.rights import rights
from shop.orders.finding import cake_by_code
from shop.production.again import cake_again
from shop.production.board import board
from shop.production.onshift import people_here
from web.database import reader
from web.house import menu_card, now, this_shop
from web.pages import page


def cake(code: str) -> Response:
    """Show a cake's card with its buttons; one that is done says so."""
    may, session, shop, card = rights(), reader(), this_shop(), menu_card()
    found = cake_by_code(session, code)
    it = cake_again(session, shop, found.id, 0)
    boards = [board(session, shop, card, slug, at=now(), room=ON_PAPER) for slug in card.stations_by_slug]
    cards = [(b, c) for b in boards for c in b.cards if c.cake_id == found.id]
    b, c = min(cards, key=lambda pair: it.kinds.index(pair[1].kind)) if cards else (None, None)
    people = people_here(session, shop, card, b.station.id, at=now()) if b and may.names else []
    return page("kitchen/cake.html", it=it, b=b, c=c, can=may, people=people)
