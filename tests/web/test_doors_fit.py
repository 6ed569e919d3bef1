"""A door's two halves take what stands in its address: one that does not breaks only when somebody taps it."""

import inspect

from flask import Flask

from web.access import DOORS


def test_views_and_answers_take_what_the_address_holds(app: Flask) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        door = DOORS.get(rule.endpoint)
        if door is None:
            continue
        given = {name: None for name in rule.arguments}
        first = (None,) if door.method != "GET" else ()
        for half, before in ((door.view, first), (door.show, (None,))):
            if half is None or "live" in rule.endpoint:
                continue
            try:
                inspect.signature(half).bind(*before, **given)
            except TypeError as trouble:
                wrong.append(f"{rule.endpoint}: {half.__name__}: {trouble}")
    assert wrong == []
