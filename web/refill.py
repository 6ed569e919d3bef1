"""A refused form comes back as it was sent: its page again, all that was typed, the words beside their field.

A door says with ``form=`` on which page its form stands. The page is rendered as always; then the form that was
sent is found in it by its address and filled again. So no template has to know about refusals.
"""

from collections.abc import Iterable
from typing import Any

from flask import Response, g, render_template, request
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from shop.core.errors import Denied, ShopError
from web.access import Door
from web.formtags import (
    BARE,
    STOOD,
    TICKED,
    UNSEEN,
    UNTOUCHED,
    Tag,
    beside,
    form_sent,
    tags_of,
    written,
)
from web.stood import Moved, shown


def form_again(trouble: ShopError, sentence: str) -> Response | None:
    """Return the refused form's page, filled again; None where the door names none."""
    door: Door | None = g.get("door")
    if door is None or door.form is None or trouble.status >= 500:
        return None
    if isinstance(trouble, Denied) and not trouble.field:
        return None  # who may not pass here gets no page
    response = shown(door, request.view_args or {})
    if response is None:
        return None
    html = response.get_data(as_text=True)
    moved = trouble if isinstance(trouble, Moved) else None
    html = refill(html, request.path, request.form, trouble.field or "", sentence, moved)
    response.set_data(html)
    response.status_code = trouble.status
    return response


def refill(
    html: str, action: str, sent: MultiDict[str, str], field: str, sentence: str, moved: Moved | None = None
) -> str:
    """Return the page with the form of this address as it was sent, and the sentence beside ``field``.

    ``moved``: what somebody else has changed meanwhile is filled in too, and said beside its fields.
    """
    tags = tags_of(html)
    first, last = form_sent(tags, action, sent)
    form = tags[first:last]
    edits: list[tuple[int, int, str]] = moved.notes(html, form) if moved else []
    sent = moved.together(sent) if moved else sent
    culprit = _culprit(form, field)
    for n, tag in enumerate(form):
        new = _filled(form, n, sent)
        if tag is culprit:
            new = (new or dict(tag.attrs)) | {"aria-invalid": "true", "autofocus": None}
            about = tag.get("aria-describedby")
            new["aria-describedby"] = f"{about} why".strip()
        if new is not None:
            edits.append((tag.start, tag.end, written(tag.name, new)))
        if tag.name == "textarea" and tag.get("name") in sent:
            edits.append((tag.end, form[n + 1].start, str(escape(sent[tag.get("name")]))))
    if culprit is None:
        edits += _banner(tags, first, field, sentence, near=moved is not None and first < last)
    else:
        edits += [(t.start, t.end, written(t.name, {k: v for k, v in t.attrs.items() if k != "autofocus"}))
                  for t in tags if "autofocus" in t.attrs and t not in form]  # fmt: skip
        place = beside(form, form.index(culprit))
        edits.append((place, place, render_template("shared/_why.html", sentence=sentence)))
    edits += [
        (t.start, t.end, written(t.name, t.attrs | {"open": None})) for t in _shut(tags, first, culprit)
    ]
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return html


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
    if name == STOOD and name in sent:
        return tag.attrs | {"value": sent[name]}
    if tag.name != "input" or not name or kind in UNTOUCHED or "disabled" in tag.attrs:
        return None
    if kind in TICKED:
        return _marked(tag, "checked", (value or "on") in sent.getlist(name))
    return tag.attrs | {"value": sent[name]} if name in sent else None


def _marked(tag: Tag, mark: str, on: bool) -> dict[str, Any]:
    kept = {name: value for name, value in tag.attrs.items() if name != mark}
    return kept | {mark: None} if on else kept


def _banner(
    tags: list[Tag], first: int, field: str, sentence: str, *, near: bool
) -> Iterable[tuple[int, int, str]]:
    """Say it above the page where no field of the form is to blame, or in the dialog that holds the form.

    ``near``: above the form itself, which may stand far down; what was typed is to be looked at there.
    """
    words = render_template("shared/_trouble.html", sentence=sentence, field=field, kind="invalid")
    if _shut(tags, first, None):
        return [(tags[first].start, tags[first].start, words.replace('id="trouble"', ""))]
    spot = next((n for n, t in enumerate(tags) if t.get("id") == "trouble"), None)
    if spot is None:
        return [(tags[first].start, tags[first].start, words)]
    if near:
        return [(tags[spot].start, tags[spot + 1].end, ""), (tags[first].start, tags[first].start, words)]
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
