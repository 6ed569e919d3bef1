"""The kiosk's drawings as files of their own, so that a step stays small and a picture is sent once."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from flask import Response, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from kiosk.choices import line_from
from kiosk.visit import my_order, the_cart
from shop.core.errors import Invalid
from shop.menu.card import MenuCard
from shop.menu.drawing import CakeLook, draw, draw_small
from shop.orders.cart import CartLine, clean, price_line
from shop.orders.finding import ordered as what_was_ordered
from shop.orders.wording import check_words
from web.access import Made
from web.database import reader
from web.errors import said
from web.house import menu_card

FOR_A_YEAR = "private, max-age=31536000, immutable"
WIDE, TALL = 332, 280


def sheet() -> Response:
    """All cakes of the menu on one sheet; ``cakes.svg#slug`` shows one of them."""
    card = menu_card()
    if card.version not in _sheets:
        _sheets.clear()
        _sheets[card.version] = _draw_all(card)
    return _svg(_sheets[card.version], FOR_A_YEAR)


_sheets: dict[int, str] = {}


def _draw_all(card: MenuCard) -> str:
    views, cakes = [], []
    for i, dish in enumerate(card.dishes.values()):
        look = CakeLook(dish.slug, base=_look(dict(dish.look)))
        place = f'x="0" y="{i * TALL}" width="{WIDE}" height="{TALL}" '
        views.append(f'<view id={quoteattr(dish.slug)} viewBox="0 {i * TALL} {WIDE} {TALL}"/>')
        cakes.append(draw_small(look).replace("<svg ", f"<svg {place}", 1))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL * len(cakes)}">'
    return head + "".join(views) + "".join(cakes) + "</svg>"


def _look(look: dict[str, str]) -> dict[str, str] | None:
    look.pop("tiers", None)
    return look or None


def cake(slug: str) -> Response:
    """A cake as it would be made with the choices in the address; the words are never in an address."""
    if slug not in menu_card().dishes:
        raise NotFound()
    line = line_from(slug, request.args)
    try:
        look = price_line(menu_card(), line).look
    except Invalid as trouble:
        raise NotFound() from trouble
    return _svg(draw(look), FOR_A_YEAR)


def address_of(line: CartLine) -> str:
    """Return where the picture of a line is, without its words."""
    shown: dict[str, Any] = {"inch": line.inch, "candles": line.candles, **line.options}
    return url_for("kiosk.cake", slug=line.product, v=menu_card().version, **shown)


def mine(place: int) -> Response:
    """The cake of this visit at ``place`` with its words."""
    lines = the_cart().lines
    if not 0 <= place < len(lines):
        raise NotFound()
    return _svg(draw(price_line(menu_card(), lines[place]).look), "no-store")


def ordered(place: int) -> Response:
    """A cake of the order this visit has placed, with its words: the screen is its customer's own."""
    order = my_order()
    lines = [] if order is None else what_was_ordered(reader(), order)
    if not 0 <= place < len(lines):
        raise NotFound()
    return _svg(draw(lines[place].look), "no-store")


def preview(tx: Session, place: int) -> Made:
    """Nothing is kept while somebody types; it is a POST so that no words stand in an address."""
    typed = request.form.get("text", "")
    try:
        check_words(typed)
    except Invalid as trouble:
        return {"words": clean(typed)[:60], "trouble": said(trouble)}
    return {"words": clean(typed)[:60], "trouble": ""}


def previewed(made: Made, place: int) -> Response:
    """Draw the cake with the words typed so far."""
    lines = the_cart().lines
    if not 0 <= place < len(lines):
        raise NotFound()
    plain = price_line(menu_card(), replace(lines[place], inscription="")).look
    response = _svg(draw(replace(plain, inscription=made["words"])), "no-store")
    response.headers["Words-Trouble"] = quote(made["trouble"])
    return response


def _svg(text: str, keep: str) -> Response:
    response = Response(text, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = keep
    return response
