"""The kiosk's doors. All of them open for a paired kiosk only, and none leads to a staff action."""

from flask import Blueprint

from kiosk import comfort, delivery, online, ordering, paying, pictures, screens, trouble
from kiosk.choices import mark
from kiosk.steps import onward
from kiosk.visit import look, note, visit
from shop.menu.card import MenuCard
from web.access import KIOSK, Door, Once, Room
from web.i18n import words

K, NATURAL = KIOSK, Once.NATURAL
DOORS = (
    Door("GET", "/", screens.attract, K),
    Door("GET", "/menu", screens.menu, K),
    Door("GET", "/cake/<slug>", screens.customise, K),
    Door("GET", "/cake/<slug>/offer", screens.offer, K),
    Door("POST", "/line", ordering.choose, K, NATURAL, onward),
    Door("GET", "/words/<int:place>", screens.words, K),
    Door("POST", "/words/<int:place>", ordering.write, K, NATURAL, onward),
    Door("POST", "/preview/<int:place>", pictures.preview, K, NATURAL, pictures.previewed),
    Door("GET", "/readback/<int:place>", screens.read_back, K),
    Door("POST", "/readback/<int:place>", ordering.confirm, K, NATURAL, onward),
    Door("GET", "/delivery", delivery.delivery, K),
    Door("POST", "/delivery", delivery.deliver, K, NATURAL, onward),
    Door("GET", "/time", screens.time, K),
    Door("POST", "/time", ordering.take_time, K, NATURAL, onward),
    Door("GET", "/sooner", screens.sooner, K),
    Door("GET", "/review", screens.review, K),
    Door("POST", "/review", ordering.settle, K, NATURAL, onward),
    Door("GET", "/pay", screens.pay, K),
    Door("POST", "/place", paying.place, K, Once.KEY, paying.placed),
    Door("GET", "/wait", paying.wait, K),
    Door("POST", "/pay", online.pay_with, K, NATURAL, online.paying_on),
    Door("GET", "/here", comfort.here, K),
    Door("GET", "/resume", screens.resume, K),
    Door("POST", "/resume", comfort.go_on, K, NATURAL, onward),
    Door("POST", "/leave", comfort.leave, K, NATURAL, comfort.left),
    Door("POST", "/language", comfort.speak, K, NATURAL, comfort.spoken),
    Door("POST", "/look", comfort.change_look, K, NATURAL, comfort.looked),
    Door("POST", "/call", comfort.call, K, NATURAL, comfort.called),
    Door("GET", "/cakes.svg", pictures.sheet, K),
    Door("GET", "/draw/<slug>.svg", pictures.cake, K),
    Door("GET", "/mine/<int:place>.svg", pictures.mine, K),
    Door("GET", "/ordered/<int:place>.svg", pictures.ordered, K),
)


def furnish(blueprint: Blueprint) -> None:
    """Give every screen its look and its own words for trouble."""
    blueprint.context_processor(lambda: {"look": look(), "visit": visit(), "layout": trouble.layout()})
    blueprint.after_request(note)
    blueprint.add_app_template_filter(allergen)
    blueprint.add_app_template_filter(mark)
    for kind, screen in trouble.HANDLERS:
        blueprint.register_error_handler(kind, screen)


def allergen(slug: str, card: MenuCard) -> str:
    """Say an allergen in the language of this request."""
    return words(card.allergens.get(slug)) or slug


ROOM = Room("kiosk", "/kiosk", DOORS, furnish)
