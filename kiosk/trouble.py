"""The kiosk's own plain screens for what can go wrong: what happened, what is safe, what to do."""

from contextlib import suppress

from flask import Response, request
from flask_babel import gettext

from kiosk.visit import elsewhere, my_order, sold_today, the_cart, visit
from shop.core.errors import N_, Conflict, Invalid, Missing, ShopError, SlotTaken, SoldOut, TooMany
from shop.menu.card import Dish
from shop.orders.cart import CartLine
from shop.orders.drafts import DraftGone
from web.errors import said
from web.front import swapping
from web.house import menu_card
from web.pages import page

SIMILAR = 3
DELIVERY = ("area", "address", "place")
ANSWERS = ("known", "name", "phone")
NO_SUCH_CODE = N_("This code is wrong, or its fifteen minutes are over.")


def sold_out(trouble: SoldOut, slug: str = "") -> Response:
    """Another cake is offered for the one that is gone."""
    card = menu_card()
    names = trouble.params.get("product")
    gone = card.dishes.get(slug) or next((d for d in card.dishes.values() if d.names == names), None)
    mine: list[CartLine] = []
    with suppress(DraftGone):
        mine = the_cart().lines if visit().code and my_order() is None else []
    place = next((i for i, line in enumerate(mine) if gone and line.product == gone.slug), None)
    line = None if place is None else mine[place]
    return _screen(
        "kiosk/sold_out.html", 409, gone=gone, card=card, place=place, line=line, similar=similar(gone)
    )


def similar(gone: Dish | None) -> list[Dish]:
    """Return the cakes nearest in what they contain and cost that can still be had."""
    card = menu_card()
    left = [card.dishes[slug] for slug in sold_today(card) if gone is None or slug != gone.slug]
    if gone is None:
        return left[:SIMILAR]

    def far(dish: Dish) -> tuple[int, int]:
        other = len(set(dish.allergens) ^ set(gone.allergens))
        return other, abs(min(dish.prices.values(), default=0) - min(gone.prices.values(), default=0))

    return sorted(left, key=far)[:SIMILAR]


def slot_taken(trouble: SlotTaken) -> Response:
    """Somebody was faster; the order is safe, the nearest time is one tap away."""
    return _screen("kiosk/slot_taken.html", 409, earliest=trouble.params.get("earliest"))


def draft_gone(trouble: DraftGone) -> Response:
    """Too late, or finished: an order that was placed meanwhile is shown, a wrong code may be typed again.

    Whoever goes back from it is led to it again. A screen that has been freed knows nothing of whoever was here.
    """
    if request.endpoint == "kiosk.go_on":
        return _screen("kiosk/resume.html", 404, error=gettext(NO_SUCH_CODE))
    placed = my_order() is not None
    if placed and isinstance(trouble, DraftGone) and request.method == "GET":
        return elsewhere("wait")
    return _screen("kiosk/gone.html", 404, placed=placed, freed=not visit().number)


def invalid(trouble: Invalid) -> Response:
    """What was entered cannot be; the field says so where there is one."""
    from kiosk import delivery, screens

    sentence = said(trouble)
    if request.endpoint == "kiosk.go_on":
        return _screen("kiosk/resume.html", 422, error=sentence)
    if trouble.field == "inscription" and request.view_args and "place" in request.view_args:
        text = request.form.get("text", "")
        return into_screen(screens.words(request.view_args["place"], text=text, error=sentence, status=422))
    if request.endpoint == "kiosk.choose" and trouble.field == "candles":
        return into_screen(screens.customise(request.form.get("product", ""), error=sentence))
    if request.endpoint == "kiosk.deliver":
        return into_screen(delivery.delivery(422))
    if request.endpoint == "kiosk.place" and trouble.field in ANSWERS:
        return into_screen(screens.review(422))
    way = "time" if trouble.field == "due_at" and visit().code else ""
    way = "delivery" if trouble.field in DELIVERY and visit().code else way
    return _screen("kiosk/refused.html", 422, sentence=sentence, way=way)


def too_many(trouble: TooMany) -> Response:
    """Too many wrong codes: said where the code is typed."""
    if request.endpoint == "kiosk.go_on":
        return _screen("kiosk/resume.html", trouble.status, error=said(trouble))
    return refused(trouble)


def refused(trouble: ShopError) -> Response:
    """Anything else, in the shop's own words."""
    return _screen("kiosk/refused.html", trouble.status, sentence=said(trouble))


def _screen(template: str, status: int, **values: object) -> Response:
    values.setdefault("begun", bool(visit().code))
    return into_screen(page(template, status, **values))


def into_screen(response: Response) -> Response:
    """Let a swapping request put this screen in the place of the one that asked."""
    if swapping():
        response.headers["HX-Retarget"] = "#screen"
        response.headers["HX-Reswap"] = "outerHTML"
        response.headers["HX-Push-Url"] = "false"
    return response


def layout() -> str:
    """Return what a screen stands in: a whole page, or nothing where a script swaps it in."""
    return "layouts/kiosk_step.html" if swapping() else "layouts/kiosk.html"


HANDLERS = (
    (SoldOut, sold_out), (SlotTaken, slot_taken), (DraftGone, draft_gone), (Missing, draft_gone),
    (Invalid, invalid), (TooMany, too_many), (Conflict, refused),
)  # fmt: skip
