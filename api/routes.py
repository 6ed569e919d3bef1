"""The doors of the API. A call says what it asks and answers; the description is made from that."""

from flask import Response, jsonify

from api import words as say
from api.menu import menu
from api.openapi import Call, describe
from api.paying import genuine, notify, thanks
from api.promise import promise
from web.access import ANYONE, CHANNEL, Door, Once, Room

PREFIX = "/api/v1"
CALLS = (
    Call(Door("GET", "/menu", menu, CHANNEL), say.Menu),
    Call(Door("GET", "/promise", promise, CHANNEL), say.Promise, say.PromiseAsked, (409, 422)),
)


def openapi() -> Response:
    """What this API can do, for programs."""
    return jsonify(describe(CALLS, PREFIX))


DOORS = (*(call.door for call in CALLS), Door("GET", "/openapi.json", openapi, ANYONE))
ROOM = Room("api", PREFIX, DOORS)
PAY = Room(
    "pay", "/pay",
    (Door("POST", "/<method>/notify", notify, ANYONE, Once.NATURAL, show=thanks, before=genuine),),
)  # fmt: skip
