"""Hanging sockets beside the doors: refused before the upgrade, never after it."""

import weakref
from collections.abc import Callable

from flask import Blueprint, Flask, Response, g, request
from flask_sock import Sock

from shop.core.errors import ShopError
from web.access import DOORS, Door, Who
from web.live.bell import bell_for
from web.live.hub import Hub, the_hub
from web.live.regions import Cache
from web.live.wire import NoThread
from web.security import from_here

sock = Sock()
RESERVES: dict[str, int] = {}
"""Endpoint of each socket: how many places it must leave free for others."""
_open: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def install(app: Flask) -> None:
    """Give the app its hub and connect it with the bell. Nothing runs until somebody watches."""
    app.config["SOCK_SERVER_OPTIONS"] = {"thread_class": NoThread, "max_message_size": 4096}
    home = app.extensions["fairslice"]
    hub = Hub(app, bell_for(home.settings))
    app.extensions["live"] = hub
    app.extensions["live_regions"] = Cache()
    home.bells.append(hub.ring)
    _open.add(hub)
    app.before_request(guard)


def hang(
    blueprint: Blueprint, path: str, view: Callable[..., None], who: Who, *, name: str, reserve: int = 0
) -> None:
    """Hang a socket into a room: ``view(ws, **args)`` serves it. Call it from the room's ``setup``.

    ``reserve`` places stay free for other sockets: phones leave some to the displays.
    """
    endpoint = f"{blueprint.name}.{name}"
    DOORS[endpoint] = Door("GET", path, view, who, name=name)
    RESERVES[endpoint] = reserve
    view.__name__ = name
    sock.route(path, bp=blueprint, endpoint=name)(view)


def guard() -> Response | None:
    """Refuse a socket before its upgrade: from another site, from nobody, or above the cap."""
    if request.endpoint not in RESERVES:
        return None
    if not from_here(required=True):
        return Response(status=403)
    g.door = door = DOORS[request.endpoint]
    try:
        g.actor = door.who.enter()
    except ShopError as trouble:
        return Response(status=trouble.status)
    hub = the_hub()
    if (
        hub.leaving
        or hub.sockets >= hub.app.extensions["fairslice"].settings.sockets - RESERVES[request.endpoint]
    ):
        return Response(status=503, headers={"Retry-After": "10"})
    # Deflate for each socket triples its memory; a screen on the shop's network does not need it.
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
    return None


def leave() -> None:
    """Let every screen of this process go before it stops; they come back to the next one."""
    for hub in list(_open):
        hub.leave()
