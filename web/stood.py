"""How a form stood: a settings form carries what it was filled with, and its door saves only onto that.

A door says it with ``guard=as_it_stood``. Where something that its form shows has changed meanwhile, nothing is
saved: the form comes back with what stands now and what was typed, and saving that again keeps both.
No template has to know: the page is read (`web.formtags`), and the form's address says whose it is.
"""

import inspect
import json
from functools import cache
from typing import Any

from flask import Flask, Response, current_app, g, make_response, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from shop.core.errors import N_, Conflict, ShopError
from web.access import DOORS, Door
from web.database import look_again
from web.formtags import BARE, STOOD, Held, Tag, beside, form_sent, held, tags_of, typed


class Moved(Conflict):
    """Somebody has changed what this form shows since it was opened; nothing was saved."""

    kind = "moved"
    message = N_(
        "Somebody else has changed this meanwhile. Nothing of yours is saved yet: below is how it stands now, "
        "together with what you typed. Please look and save again."
    )

    def __init__(self, was: Held, now: Held, mine: Held) -> None:
        self.was, self.now, self.mine = was, now, mine
        super().__init__()

    def together(self, sent: MultiDict[str, str]) -> MultiDict[str, str]:
        """Return what was sent with everybody's changes in it: mine where I changed something, else theirs."""
        both = MultiDict(sent)
        for name, now in self.now.items():
            both.setlist(name, _kept(self.was.get(name), now, self.mine[name]))
        both[STOOD] = json.dumps(self.now)
        return both

    def notes(self, html: str, form: list[Tag]) -> list[tuple[int, int, str]]:
        """Return what to write beside the fields that somebody else has changed."""
        found = []
        for n, tag in enumerate(form):
            name = tag.get("name")
            if tag.name not in BARE or name not in self.now or self.was.get(name) == self.now[name]:
                continue
            sentence = self._note(html, form, n)
            if sentence:
                place = beside(form, n)
                found.append((place, place, str(Markup('<p class="moved">{}</p>').format(sentence))))
        return found

    def _note(self, html: str, form: list[Tag], n: int) -> str:
        tag, name = form[n], form[n].get("name")
        was, now, mine = self.was.get(name, ""), self.now[name], self.mine[name]
        if isinstance(now, list) or isinstance(was, list):
            value = tag.get("value") or "on"
            return str(gettext("Changed meanwhile")) if (value in was) != (value in now) else ""
        if mine in (was, now):
            return str(
                gettext("Changed meanwhile; it was: %(value)s", value=_said(html, form, n, was) or "–")
            )
        return str(gettext("Somebody else wrote: %(value)s", value=_said(html, form, n, now) or "–"))


def _kept(was: str | list[str] | None, now: str | list[str], mine: str | list[str]) -> list[str]:
    if isinstance(now, list):
        before = was if isinstance(was, list) else []
        values = dict.fromkeys([*now, *mine])
        return [v for v in values if (v in mine if (v in mine) != (v in before) else v in now)]
    return [str(now if mine == (was or "") else mine)]


def _said(html: str, form: list[Tag], n: int, value: str) -> str:
    """Return a value in the words of the page: a choice by what it is called there."""
    if form[n].name != "select":
        return value
    for option, after in zip(form[n + 1 :], form[n + 2 :], strict=False):
        if option.name == "/select":
            break
        if option.name == "option" and option.get("value") == value:
            return Markup(html[option.end : after.start]).unescape().strip()
    return value


def as_it_stood(door: Door, args: dict[str, Any]) -> None:
    """Let a form pass that stands on what is there now; raises `Moved`. One without its field is not asked."""
    was = _carried()
    page = shown(door, args) if was is not None else None
    if was is None or page is None:
        return
    html = page.get_data(as_text=True)
    tags = tags_of(html)
    first, last = form_sent(tags, request.path, request.form)
    now = held(html, tags[first:last])
    mine = typed(request.form, now)
    if any(was.get(k, type(v)()) != v and mine[k] != v for k, v in now.items()):
        raise Moved(was, now, mine)


def _carried() -> Held | None:
    try:
        found = json.loads(request.form.get(STOOD, ""))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def shown(door: Door, args: dict[str, Any]) -> Response | None:
    """Return the page where a door's form stands, as it would be shown now; None where it has none."""
    if door.form is None:
        return None
    look_again()  # it may have waited for its turn, and somebody else may have saved
    wanted = inspect.signature(door.form).parameters
    args = {name: value for name, value in args.items() if name in wanted}
    try:
        for endpoint, other in DOORS.items():
            if other.view is door.form:
                other.who.enter()
                g.here = url_for(endpoint, **args)
        response = make_response(door.form(**args))
    except ShopError:
        return None
    if response.status_code not in (200, 404):
        return None
    stamp(response)
    return response


def stamp(response: Response) -> Response:
    """Write into each guarded form of a page what it was filled with."""
    html = response.get_data(as_text=True)
    tags = tags_of(html)
    places = []
    for first, tag in enumerate(tags):
        if tag.name == "form" and _guarded(tag.get("action").partition("?")[0]):
            last = next((n for n in range(first, len(tags)) if tags[n].name == "/form"), len(tags))
            places.append((tag.end, json.dumps(held(html, tags[first:last]))))
    field = Markup('<input type="hidden" name="{}" value="{}">')
    for place, value in reversed(places):
        html = html[:place] + str(field.format(STOOD, value)) + html[place:]
    response.set_data(html)
    return response


def _guarded(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return False
    door = DOORS.get(endpoint)
    return door is not None and door.guard is as_it_stood


@cache
def _holds(endpoint: str) -> bool:
    """Whether the page of this door has a guarded form on it."""
    view = DOORS[endpoint].view if endpoint in DOORS else None
    return view is not None and any(
        door.guard is as_it_stood and door.form is not None and door.form is view for door in DOORS.values()
    )


def install(app: Flask) -> None:
    """Stamp the pages on their way out, before they are packed."""

    def stamped(response: Response) -> Response:
        look = request.method == "GET" and response.status_code == 200 and _holds(request.endpoint or "")
        return stamp(response) if look else response

    app.after_request(stamped)
