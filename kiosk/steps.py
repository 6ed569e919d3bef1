"""From one step to the next: a redirect for a plain form, the next screen at once for a swapping one."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, url_for

from kiosk import delivery, screens, trouble
from web.access import Made
from web.front import swapping

NEXT: dict[str, Callable[..., Response]] = {
    "words": screens.words,
    "read_back": screens.read_back,
    "delivery": delivery.delivery,
    "time": screens.time,
    "review": screens.review,
    "pay": screens.pay,
    "menu": screens.menu,
}


def onward(made: Made, **_: Any) -> Response:
    """Show the step that ``made`` names (``next``, and ``at`` where it is about one cake), again where ``refused``."""
    step = str(made["next"])
    if made.get("refused"):
        return trouble.into_screen(screens.review(422))
    args = {"place": made["at"]} if "at" in made else {}
    address = url_for(f"kiosk.{step}", **args, **made.get("with", {}))
    if not swapping() or made.get("with"):
        return make_response(redirect(address, 303))
    response = NEXT[step](**args)
    if response.status_code == 200:
        response.headers["HX-Push-Url"] = address
    return response
