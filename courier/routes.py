"""The doors of the courier's room."""

from flask import Blueprint

from courier import offline, taps, tour
from shop.core.permissions import Permission
from shop.delivery.words import DROP_WORDS
from web.access import Door, Once, Room, staff
from web.live import hang

RIDE = staff(Permission.DELIVERY_RIDE)
KEY = Once.KEY

DOORS = (
    Door("GET", "/", tour.home, RIDE),
    Door("GET", "/region", tour.home_region, RIDE),
    Door("GET", "/day", tour.day, RIDE),
    Door("GET", "/worker.js", offline.worker, RIDE),
    Door("GET", "/drop/<int:drop>", tour.drop, RIDE),
    Door("GET", "/cake/<code>", tour.scanned, RIDE),
    Door("POST", "/claim", taps.claim, RIDE, KEY, taps.done),
    Door("POST", "/decline", taps.decline, RIDE, KEY, taps.done),
    Door("POST", "/drop/<int:drop>/release", taps.release, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/pick-up", taps.pick_up, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/address", taps.address, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/arrive", taps.arrive, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/hand-over", taps.hand_over, RIDE, KEY, taps.done, before=taps.read_photo,
         form=tour.drop, most=taps.MOST),
    Door("POST", "/drop/<int:drop>/fail", taps.fail, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/back", taps.bring_back, RIDE, KEY, taps.done, form=tour.drop),
    Door("POST", "/drop/<int:drop>/undo", taps.undo, RIDE, KEY, taps.done, form=tour.drop),
)  # fmt: skip


def setup(blueprint: Blueprint) -> None:
    """Dress the pages, and hang the socket of the list."""
    blueprint.record(lambda state: state.app.jinja_env.globals.update(
        drop_words=DROP_WORDS, courier_words=tour.phone_words, courier_live_words=tour.live_words,
        map_ways=tour.ways,
    ))  # fmt: skip
    hang(blueprint, "/live", tour.home_live, RIDE, name="home_live")


ROOM = Room("courier", "/courier", DOORS, setup)
