"""The doors of the kitchen."""

from flask import Blueprint

from kitchen import boards, cakes, claiming, outages, scan, taps
from kitchen.live import hang_sockets
from kitchen.words import fit, minute_words, reason_words, small_cake
from shop.core.errors import Conflict, Invalid
from shop.core.permissions import Permission
from shop.menu.stages import STAGE_WORDS
from shop.orders.words import STATE_WORDS
from web.access import Door, Once, Room, display, staff
from web.house import this_shop

SEE, WORK, AGAIN, STOP = (
    display(p)
    for p in (
        Permission.KITCHEN_SEE,
        Permission.TASK_ADVANCE,
        Permission.TASK_REMAKE,
        Permission.STATION_STOP,
    )
)
GIVE, OWN = staff(Permission.ORDER_HAND_OVER), staff(Permission.TASK_ADVANCE)

DOORS = (
    Door("GET", "/", boards.overview, SEE),
    Door("GET", "/region", boards.overview_region, SEE),
    Door("GET", "/cake", scan.find, SEE, name="find"),
    Door("GET", "/cake/<code>", scan.cake, SEE),
    Door("POST", "/cake/<code>/start", scan.start, WORK, Once.KEY, name="cake_start"),
    Door("POST", "/cake/<code>/finish", scan.finish, WORK, Once.KEY, name="cake_finish"),
    Door("POST", "/cake/<code>/recall", scan.recall, WORK, Once.KEY, name="cake_recall"),
    Door("POST", "/cake/<code>/written", scan.written, WORK, Once.KEY, name="cake_written"),
    Door("POST", "/cake/<code>/enveloped", scan.enveloped, WORK, Once.KEY, name="cake_enveloped"),
    Door("POST", "/cake/<code>/label", scan.label, WORK, Once.KEY, name="cake_label"),
    Door("POST", "/cake/<code>/hand-over", scan.hand_over, GIVE, Once.KEY, name="cake_hand_over"),
    Door("GET", "/mine", claiming.my_tasks, OWN),
    Door("GET", "/mine/part", claiming.my_tasks_part, OWN),
    Door("POST", "/mine", claiming.my_answer, OWN, Once.KEY, form=claiming.my_tasks),
    Door("GET", "/<station>", boards.station_board, SEE),
    Door("GET", "/<station>/region", boards.station_region, SEE),
    Door("GET", "/<station>/more", boards.station_more, SEE),
    Door("GET", "/<station>/list", boards.station_list, SEE),
    Door("POST", "/<station>/start", taps.start, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/finish", taps.finish, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/recall", taps.recall, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/written", taps.written, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/enveloped", taps.enveloped, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/seen", taps.seen, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/claim", claiming.claim, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/release", claiming.release, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/accept", claiming.accept, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/decline", claiming.decline, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/alarms", taps.look_after, WORK, Once.KEY, taps.tapped),
    Door("POST", "/<station>/stop", outages.stop, STOP, Once.KEY, taps.tapped),
    Door("POST", "/<station>/mended", outages.mended, STOP, Once.KEY, taps.tapped),
    Door("GET", "/<station>/card/<int:cake>", cakes.card_more, SEE),
    Door("GET", "/<station>/label/<int:cake>", cakes.label, SEE),
    Door("POST", "/<station>/label/<int:cake>", cakes.print_label, WORK, Once.KEY, taps.tapped),
    Door("GET", "/<station>/remake/<int:cake>", taps.remake_form, AGAIN),
    Door("POST", "/<station>/remake/<int:cake>", taps.remake, AGAIN, Once.KEY, taps.tapped),
)


def setup(blueprint: Blueprint) -> None:
    """Hang the sockets, and answer a lost race with the fresh board."""
    hang_sockets(blueprint)
    blueprint.record(
        lambda state: state.app.jinja_env.globals.update(
            stage_words=STAGE_WORDS,
            order_words=STATE_WORDS,
            small_cake=small_cake,
            reason_words=reason_words,
            fit=fit,
            minute_words=minute_words,
            shop_zone=lambda: this_shop().timezone,
        )
    )
    for trouble in (Conflict, Invalid):
        blueprint.register_error_handler(trouble, taps.lost)


ROOM = Room("kitchen", "/kitchen", DOORS, setup)
