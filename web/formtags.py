"""Reading a page's forms: its tags in order, which form was sent, and what its fields hold."""

from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

BARE = ("input", "select", "textarea")
TICKED = ("checkbox", "radio")
UNSEEN = ("hidden", "submit", "button", "reset", "image", "file")
UNTOUCHED = (*UNSEEN, "password")
STOOD = "stood"
"""The hidden field in which a form carries what it was filled with (`web.stood`)."""

Held = dict[str, str | list[str]]
"""What the fields of a form hold: a word by name, or the values of those that are ticked."""


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


def tags_of(html: str) -> list[Tag]:
    """Return every tag of a page in order."""
    return _Reader(html).tags


def form_sent(tags: list[Tag], action: str, sent: MultiDict[str, str]) -> tuple[int, int]:
    """Return where the form stands that was sent: the one of this address whose fixed fields are the same."""
    found = (0, 0)
    for first, tag in enumerate(tags):
        if tag.name != "form" or tag.get("action").partition("?")[0] != action:
            continue
        last = next((n for n in range(first, len(tags)) if tags[n].name == "/form"), len(tags))
        fixed = {t.get("name"): t.get("value") for t in tags[first:last] if t.get("type") == "hidden"}
        same = all(sent.get(k, v) == v for k, v in fixed.items() if k not in ("key", "csrf_token", STOOD))
        if same:
            return first, last
        found = found if found != (0, 0) else (first, last)
    return found


def held(html: str, form: list[Tag]) -> Held:
    """Return what the fields hold that a person can change."""
    found: Held = {}
    for n, tag in enumerate(form):
        name, value = tag.get("name"), tag.get("value")
        if not name or tag.name not in BARE or tag.get("type") in UNTOUCHED or "disabled" in tag.attrs:
            continue
        if tag.get("type") == "checkbox":
            ticks = found.setdefault(name, [])
            if isinstance(ticks, list) and "checked" in tag.attrs:
                ticks.append(value or "on")
        elif tag.get("type") == "radio":
            found[name] = value if "checked" in tag.attrs else found.get(name, "")
        elif tag.name == "textarea":
            found[name] = plain(unescape(html[tag.end : form[n + 1].start]))
        else:
            found[name] = plain(_chosen(form[n + 1 :]) if tag.name == "select" else value)
    return {name: sorted(value) if isinstance(value, list) else value for name, value in found.items()}


def typed(sent: MultiDict[str, str], like: Held) -> Held:
    """Return what was sent for the same fields, in the same shape."""
    return {
        name: sorted(sent.getlist(name)) if isinstance(value, list) else plain(sent.get(name, ""))
        for name, value in like.items()
    }


def plain(value: str) -> str:
    """Return a value without what a browser changes on its way."""
    return value.replace("\r\n", "\n").strip()


def _chosen(rest: list[Tag]) -> str:
    end = next(n for n, tag in enumerate(rest) if tag.name == "/select")
    options = [tag for tag in rest[:end] if tag.name == "option"]
    marked = [tag for tag in options if "selected" in tag.attrs]
    return next((tag.get("value") for tag in marked or options), "")


def beside(form: list[Tag], n: int) -> int:
    """Return the place for the words: behind the field, or behind the group a tick belongs to."""
    tag, rest = form[n], form[n + 1 :]
    if tag.get("type") in TICKED:
        return next((t.end for t in rest if t.name in ("/fieldset", "/label")), tag.end)
    return next(t.end for t in rest if t.name == f"/{tag.name}") if tag.name != "input" else tag.end


def written(name: str, attrs: dict[str, Any]) -> str:
    parts = [Markup(' {}="{}"').format(k, v) if v is not None else f" {k}" for k, v in attrs.items()]
    return f"<{name}{''.join(parts)}>"
