"""One cake, one code: is it really ours, and what is it. Nothing about its customer."""

from dataclasses import replace

from flask import Response, current_app, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from shop.core.permissions import Permission
from shop.menu.drawing import draw
from shop.menu.stages import STAGE_WORDS
from shop.menu.tables import StageKind
from shop.orders.finding import CakeSheet, LineSheet, cake_by_code, sheet
from shop.orders.tables import Order
from shop.people.devices import DeviceKind
from shop.people.rights import may
from shop.production.tables import TaskState
from tracking.following import SHOWN
from tracking.pages import way_for_staff
from web.access import paired_device, signed_in
from web.database import reader
from web.house import menu_card
from web.i18n import words
from web.pages import page


def cake(code: str) -> AnyResponse:
    """Authenticity for a customer; who works here, and the kitchen's own screens, go on to the cake's next step."""
    found = cake_by_code(reader(), code)
    person = signed_in()
    bakes = person is not None and may(reader(), person, Permission.KITCHEN_SEE)
    works_here = bakes or paired_device(DeviceKind.KITCHEN) is not None
    if works_here and "kitchen.cake" in current_app.view_functions:
        return redirect(url_for("kitchen.cake", code=found.code), 303)
    if person is not None and may(reader(), person, Permission.DELIVERY_RIDE):
        return redirect(url_for("courier.scanned", code=found.code), 303)
    order = reader().get_one(Order, found.order_id)
    line, mine = next(
        (line, cake)
        for line in sheet(reader(), order).lines
        for cake in line.cakes
        if cake.cake.id == found.id
    )
    return about(order, line, mine)


def about(order: Order, line: LineSheet, cake: CakeSheet) -> Response:
    """Show the product, when it was made and the stage it is at; never what is written on it."""
    done = [task for task in cake.tasks if task.state == TaskState.DONE]
    known = menu_card().allergens
    return page(
        "tracking/cake.html", line=line.line, code=cake.cake.code, stage=_stage(order, cake),
        drawing=draw(replace(line.look, inscription=""), title=words(line.line.names)),
        baked=next((task.finished_at for task in done if task.kind == StageKind.BAKE), None),
        checked=next((task.finished_at for task in done if task.kind == StageKind.CHECK), None), day=order.due_date,
        done=done[-1].finished_at if cake.ready else None, way=way_for_staff(order),
        allergens=[known[slug] for slug in line.line.allergens if slug in known],
    )  # fmt: skip


def _stage(order: Order, cake: CakeSheet) -> str:
    if order.state not in SHOWN or cake.stage is None:
        return gettext("not being made")
    started = any(task.state in (TaskState.RUNNING, TaskState.DONE) for task in cake.tasks)
    return words(STAGE_WORDS[cake.stage]) if started else gettext("not begun yet")
