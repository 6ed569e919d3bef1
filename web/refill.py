"""A refused form comes back as it was sent: its page again, all that was typed, the words beside their field.

A door says with ``form=`` on which page its form stands. The page is rendered as always; then the form that was
sent is found in it by its address and filled again. So no template has to know about refusals.
"""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask import Response, g, make_response, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from shop.core.errors import Denied, ShopError
from web.access import DOORS, Door
from web.database import reader

BARE = ("input", "select", "textarea")
TICKED = ("checkbox", "radio")
UNSEEN = ("hidden", "submit", "button", "reset", "image", "file")
UNTOUCHED = (*UNSEEN, "password")


def form_again(trouble: ShopError, sentence: str) -> Response | None:
    """Return the refused form's page, filled again; None where the door names none."""
    door: Door | None = g.get("door")
    if door is None or door.form is None or trouble.status >= 500:
        return None
    if isinstance(trouble, Denied) and not trouble.field:
        return None  # who may not pass here gets no page
    reader().rollback()
    wanted = inspect.signature(door.form).parameters
    args = {name: value for name, value in (request.view_args or {}).items() if name in wanted}
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
    html = refill(response.get_data(as_text=True), request.path, request.form, trouble.field or "", sentence)
    response.set_data(html)
    response.status_code = trouble.status
    return response


@dataclass(frozen=True)
class Tag:
    """A tag of the page (``/form`` ends one) and where its text stands."""

    name: str
    attrs: dict[str, str | None]
    start: int
    end: int

    def get(self, name: str) -> str:
        """Return an attribute, "" where there is none."""
        return self.attrs.get(name) or ""


class _Reader(HTMLParser):
    """Every tag of a page in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html, self.tags, self.lines = html, list[Tag](), [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._at()
        self.tags.append(Tag(tag, dict(attrs), start, start + len(self.get_starttag_text() or "")))

    def handle_endtag(self, tag: str) -> None:
        start = self._at()
        self.tags.append(Tag(f"/{tag}", {}, start, self.html.find(">", start) + 1))


def refill(html: str, action: str, sent: MultiDict[str, str], field: str, sentence: str) -> str:
    """Return the page with the form of this address as it was sent, and the sentence beside ``field``."""
    tags = _Reader(html).tags
    first, last = _form(tags, action, sent)
    form = tags[first:last]
    edits: list[tuple[int, int, str]] = []
    culprit = _culprit(form, field)
    for n, tag in enumerate(form):
        new = _filled(form, n, sent)
        if tag is culprit:
            new = (new or dict(tag.attrs)) | {"aria-invalid": "true", "autofocus": None}
            about = tag.get("aria-describedby")
            new["aria-describedby"] = f"{about} why".strip()
        if new is not None:
            edits.append((tag.start, tag.end, _written(tag.name, new)))
        if tag.name == "textarea" and tag.get("name") in sent:
            edits.append((tag.end, form[n + 1].start, str(escape(sent[tag.get("name")]))))
    if culprit is None:
        edits += _banner(tags, first, field, sentence)
    else:
        edits += [(t.start, t.end, _written(t.name, {k: v for k, v in t.attrs.items() if k != "autofocus"}))
                  for t in tags if "autofocus" in t.attrs and t not in form]  # fmt: skip
        place = _beside(form, form.index(culprit))
        edits.append((place, place, render_template("shared/_why.html", sentence=sentence)))
    edits += [
        (t.start, t.end, _written(t.name, t.attrs | {"open": None})) for t in _shut(tags, first, culprit)
    ]
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


def _form(tags: list[Tag], action: str, sent: MultiDict[str, str]) -> tuple[int, int]:
    """Return where the form stands that was sent: the one of this address whose fixed fields are the same."""
    found = (0, 0)
    for first, tag in enumerate(tags):
        if tag.name != "form" or tag.get("action").partition("?")[0] != action:
            continue
        last = next((n for n in range(first, len(tags)) if tags[n].name == "/form"), len(tags))
        fixed = {t.get("name"): t.get("value") for t in tags[first:last] if t.get("type") == "hidden"}
        same = all(sent.get(k, v) == v for k, v in fixed.items() if k not in ("key", "csrf_token"))
        if same:
            return first, last
        found = found if found != (0, 0) else (first, last)
    return found


def _culprit(form: list[Tag], field: str) -> Tag | None:
    """Return the field that was refused: of this name, one of its parts, or what its name begins with."""
    fields = [t for t in form if t.name in BARE and t.get("type") not in UNSEEN]
    exact = [t for t in fields if field and t.get("name") == field]
    parts = [t for t in fields if field and t.get("name").startswith(f"{field}.")]
    whole = [t for t in fields if field and t.get("name") == field.partition(".")[0]]
    return next(iter(exact + parts + whole), None)


def _filled(form: list[Tag], n: int, sent: MultiDict[str, str]) -> dict[str, Any] | None:
    """Return the attributes of a field as it was sent, None where it stays."""
    tag, kind = form[n], form[n].get("type")
    name, value = tag.get("name"), tag.get("value")
    if tag.name == "option":
        owner = next((t for t in reversed(form[:n]) if t.name == "select"), None)
        name = owner.get("name") if owner else ""
        return _marked(tag, "selected", value == sent[name]) if name in sent else None
    if tag.name != "input" or not name or kind in UNTOUCHED:
        return None
    if kind in TICKED:
        return _marked(tag, "checked", (value or "on") in sent.getlist(name))
    return tag.attrs | {"value": sent[name]} if name in sent else None


def _marked(tag: Tag, mark: str, on: bool) -> dict[str, Any]:
    kept = {name: value for name, value in tag.attrs.items() if name != mark}
    return kept | {mark: None} if on else kept


def _beside(form: list[Tag], n: int) -> int:
    """Return the place for the words: behind the field, or behind the group a tick belongs to."""
    tag, rest = form[n], form[n + 1 :]
    if tag.get("type") in TICKED:
        return next((t.end for t in rest if t.name in ("/fieldset", "/label")), tag.end)
    return next(t.end for t in rest if t.name == f"/{tag.name}") if tag.name != "input" else tag.end


def _banner(tags: list[Tag], first: int, field: str, sentence: str) -> Iterable[tuple[int, int, str]]:
    """Say it above the page where no field of the form is to blame, or in the dialog that holds the form."""
    words = render_template("shared/_trouble.html", sentence=sentence, field=field, kind="invalid")
    if _shut(tags, first, None):
        return [(tags[first].start, tags[first].start, words.replace('id="trouble"', ""))]
    spot = next((n for n, t in enumerate(tags) if t.get("id") == "trouble"), None)
    if spot is None:
        return [(tags[first].start, tags[first].start, words)]
    return [(tags[spot].start, tags[spot + 1].end, words)]


def _shut(tags: list[Tag], first: int, culprit: Tag | None) -> list[Tag]:
    """Return the dialogs and folded parts around the form or its field, to be shown open."""
    around: list[Tag] = []
    target = culprit or (tags[first] if tags else None)
    for tag in tags:
        if tag is target:
            return [t for t in around if t.name in ("dialog", "details")]
        if tag.name in ("dialog", "details"):
            around.append(tag)
        elif tag.name in ("/dialog", "/details"):
            around.pop()
    return []


def _written(name: str, attrs: dict[str, Any]) -> str:
    parts = [Markup(' {}="{}"').format(k, v) if v is not None else f" {k}" for k, v in attrs.items()]
    return f"<{name}{''.join(parts)}>"
