"""What the side of a tier shows: smooth icing, layers, crêpes, fingers, crumbs, ruffles."""

import itertools
from collections.abc import Callable, Mapping

from shop.menu.drawing.forms import Form
from shop.menu.drawing.looks import darker, lighter
from shop.menu.drawing.pen import Pen, n

Look = Mapping[str, str]


def _spots(form: Form, count: int, y1: float, y2: float) -> list[tuple[float, float]]:
    """Scattered places on the side, always the same ones (a golden-ratio sequence)."""
    spots = []
    for i in range(count):
        x = ((i * 0.6180339 + 0.13) % 1 * 2 - 1) * form.rx * 0.97
        y = y1 + (i * 0.7548777 + 0.37) % 1 * (y2 - y1)
        spots.append((x, y + form.edge(x)))
    return spots


def smooth(pen: Pen, form: Form, look: Look) -> None:
    """Icing with the filling showing as a soft band."""
    pen.path(form.body(), look["icing"])
    pen.path(form.band(form.h * 0.44, form.h * 0.6), look["filling"], 0.75)


def banded(pen: Pen, form: Form, look: Look) -> None:
    """Bare sponge with two bands of filling, beans showing in them."""
    pen.path(form.body(), look["icing"])
    for top in (0.3, 0.8):
        pen.path(form.band(form.h * top, form.h * (top + 0.11)), look["filling"])
        spots = _spots(form, 9 if pen.small else 22, form.h * (top + 0.03), form.h * (top + 0.08))
        pen.dots(spots, 3, darker(look["filling"], 0.35), 0.5)


def mousse(pen: Pen, form: Form, look: Look) -> None:
    """A mirror glaze on pale mousse, a thin sponge below."""
    pen.path(form.body(), look["icing"])
    pen.path(form.band(0, form.h * 0.2), look["top"])
    pen.path(form.band(form.h * 0.2, form.h * 0.24), lighter(look["top"], 0.45))
    pen.path(form.band(form.h * 0.82, form.h), look["crumb"])


def naked(pen: Pen, form: Form, look: Look) -> None:
    """Bare layers: coloured sponge and thick cream in turn."""
    pen.path(form.body(), look["crumb"])
    for top in (0.0, 0.31, 0.62):
        pen.path(form.band(form.h * top, form.h * (top + 0.1)), look["icing"])
    for top in (0.19, 0.5, 0.82):
        spots = _spots(form, 8 if pen.small else 20, form.h * (top - 0.05), form.h * (top + 0.09))
        pen.dots(spots, 1.6, darker(look["crumb"], 0.4), 0.35)


def crepes(pen: Pen, form: Form, look: Look) -> None:
    """Many thin crêpes with cream between, edges a little browned."""
    pen.path(form.body(), look["icing"])
    count = 7 if pen.small else 11
    for i in range(1, count + 1):
        y = form.h * i / (count + 1)
        d = "M" + form.front(y)[1:]
        pen.line(d, look["filling"], 4.5 if pen.small else 3.4, 0.59)
        pen.line("M" + form.front(y + 2.6)[1:], look["crumb"], 2.2 if pen.small else 1.5, 0.62)


def fingers(pen: Pen, form: Form, look: Look) -> None:
    """Sponge fingers standing around the cake, higher than its top."""
    pen.path(form.body(), look["filling"])
    count = max(7, round(form.rx / (12 if pen.small else 8.5)))
    edges = [-form.rx * (1 - (i / count) * 2) for i in range(count + 1)]
    for i, (x1, x2) in enumerate(itertools.pairwise(edges)):
        middle = (x1 + x2) / 2
        y = form.edge(middle) - 9
        tone = look["icing"] if i % 2 else darker(look["icing"], 0.05)
        pen.rect(x1 + 0.6, y, x2 - x1 - 1.2, form.h + 9, min(9, (x2 - x1) / 2), tone)
        pen.rect(x1 + 3, y + 3.5, 3, form.h * 0.5, 1.5, "#ffffff", 0.4)
    pen.path(form.band(form.h * 0.5, form.h * 0.62), look["top"])
    pen.path(form.band(form.h * 0.5, form.h * 0.52), lighter(look["top"], 0.3), 0.59)


def shavings(pen: Pen, form: Form, look: Look) -> None:
    """White cream with chocolate shavings pressed into the lower half."""
    pen.path(form.body(), look["icing"])
    xs = [i / 9 * 2 * form.rx - form.rx for i in range(10)]
    wave = "".join(
        f"Q{n((a + b) / 2)} {n(form.h * 0.6 + form.edge((a + b) / 2) + (7 if i % 2 else -8))}"
        f" {n(b)} {n(form.h * 0.68 + form.edge(b))}"
        for i, (a, b) in enumerate(itertools.pairwise(xs))
    )
    pen.path(f"M{n(xs[0])} {n(form.h * 0.68)}{wave}" + form.front(form.h, back=True) + "z", look["crumb"])
    for i, (x, y) in enumerate(_spots(form, 10 if pen.small else 34, form.h * 0.66, form.h * 0.94)):
        turn = 5 if i % 3 else -4
        pen.line(f"M{n(x - 4)} {n(y)}q4 {turn} 8 0", lighter(look["crumb"], 0.22), 2, 0.55)


def baked(pen: Pen, form: Form, look: Look) -> None:
    """A biscuit foot, pale filling, browned shoulder."""
    pen.path(form.body(), look["icing"])
    pen.path(form.band(0, form.h * 0.13), look["top"])
    pen.path(form.band(form.h * 0.13, form.h * 0.22), look["top"], 0.35)
    pen.path(form.band(form.h * 0.74, form.h), look["crumb"])
    spots = _spots(form, 10 if pen.small else 30, form.h * 0.78, form.h * 0.97)
    pen.dots(spots, 2, lighter(look["crumb"], 0.3), 0.55)


def shells(pen: Pen, form: Form, look: Look) -> None:
    """Smooth cream with a piped shell border at the foot."""
    smooth(pen, form, look)
    step = 20 if pen.small else 15
    count = round(2 * form.rx / step)
    for i in range(count + 1):
        x = -form.rx + i * 2 * form.rx / count
        y = form.h + form.edge(x) - 4
        pen.circle(x, y, step * 0.6, darker(look["icing"], 0.07))
        pen.circle(x - 1, y - 2, step * 0.46, look["icing"])


def ruffles(pen: Pen, form: Form, look: Look) -> None:
    """Upright ruffles piped around the side."""
    pen.path(form.body(), look["icing"])
    count = round(form.rx / (14 if pen.small else 9))
    for i in range(count):
        x = -form.rx + (i + 0.5) * 2 * form.rx / count
        top, foot = form.edge(x) + 5, form.edge(x) + form.h - 3
        pen.line(f"M{n(x)} {n(top)}V{n(foot)}", look["filling"], form.rx / count * 0.75, 0.59)
        pen.line(f"M{n(x + form.rx / count * 0.8)} {n(top)}V{n(foot)}", look["crumb"], 2, 0.6)


def speckled(pen: Pen, form: Form, look: Look) -> None:
    """Cream with biscuit crumbs all through."""
    smooth(pen, form, look)
    spots = _spots(form, 26 if pen.small else 90, 4, form.h - 3)
    pen.dots(spots[::2], 2.4 if pen.small else 1.5, look["crumb"], 0.62)
    pen.dots(spots[1::2], 1.5 if pen.small else 0.9, look["crumb"], 0.59)


SIDES: Mapping[str, Callable[[Pen, Form, Look], None]] = {
    side.__name__: side
    for side in (
        smooth, banded, mousse, naked, crepes, fingers, shavings, baked, shells, ruffles, speckled
    )
}  # fmt: skip

BUSY = frozenset({"crepes", "fingers", "naked", "banded", "ruffles"})
"""Sides on which writing needs a plaque of white chocolate."""


def drip(pen: Pen, form: Form, colour: str, clear: float) -> None:
    """A drip over the near edge; shorter within ``clear`` of the middle, where writing is."""
    lobes = max(5, round(form.rx / (19 if pen.small else 13)))
    pitch = 2 * form.rx / lobes
    d = f"M{n(-form.rx)} -1"
    for i in range(lobes):
        x1 = -form.rx + i * pitch
        x2, wide = x1 + pitch, pitch * 0.64
        middle = (x1 + x2) / 2
        long = (11, 25, 15, 30, 18, 12, 26)[i % 7] * (0.55 if abs(middle) < clear else 1)
        long *= min(1.0, form.h / 90)
        a, b = middle - wide / 2, middle + wide / 2
        at = form.edge(middle)
        low = n(at + long * 1.33)
        d += f"L{n(a)} {n(form.edge(a) + 7)}C{n(a)} {low} {n(b)} {low} {n(b)} {n(form.edge(b) + 7)}"
        if i < lobes - 1:
            gap = pitch * 0.36
            d += f"Q{n(b + gap / 2)} {n(form.edge(x2) + 1)} {n(b + gap)} {n(form.edge(b + gap) + 7)}"
    d += f"L{n(form.rx)} -1" + form.front(0, back=True) + "z"
    pen.path(d, colour)
    if not pen.small:
        for i in range(1, lobes, 3):
            x = -form.rx + (i + 0.36) * pitch
            pen.line(f"M{n(x)} {n(form.edge(x) + 4)}v6", "#ffffff", 3, 0.35)


def light(pen: Pen, form: Form) -> None:
    """Tone on tone: a brighter left, a calmer right."""
    rx, h = form.rx, form.h
    if form.shape == "heart":
        pen.path(form.strip(0, rx, 0, h), "#4a2413", 0.05)
    for start in (0.45, 0.66, 0.83, 0.94):
        pen.path(form.strip(rx * start, rx, 0, h), "#4a2413", 0.042)
    pen.path(form.strip(-rx * 0.9, -rx * 0.62, 0, h), "#ffffff", 0.14)
    pen.path(form.strip(-rx * 0.85, -rx * 0.72, 0, h), "#ffffff", 0.18)
