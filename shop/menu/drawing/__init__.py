"""The cake as a picture, drawn from the chosen options: what is seen is what is made.

One drawing serves the kiosk, the tracking page, the wall card and the slip. Attributes only
(strict CSP), no ids, no outside font.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.menu.drawing.forms import Form
from shop.menu.drawing.lettering import clean, fit
from shop.menu.drawing.looks import PRODUCT_LOOKS, darker, lighter, luminance, resolve
from shop.menu.drawing.pen import Pen, n
from shop.menu.drawing.sides import BUSY, SIDES, drip, light
from shop.menu.drawing.toppings import TOPPINGS

__all__ = ["PRODUCT_LOOKS", "CakeLook", "draw", "draw_mono", "draw_small"]

_RX = {6: 94.0, 8: 118.0, 10: 136.0, 12: 152.0}
_FLOOR = 246.0
_CANDLES = ("#f4c95d", "#e8879c", "#8fb7dd", "#a9c58a")


@dataclass(frozen=True)
class CakeLook:
    """Everything that changes the picture; a size or shape nobody bakes falls back."""

    product: str
    inch: int = 8
    tiers: int = 1
    candles: int = 0
    inscription: str = ""
    base: Mapping[str, str] | None = None


def draw(look: CakeLook, *, title: str = "", width: int | None = None) -> str:
    """The full picture, 360 x 300 units; ``width`` in CSS pixels if the page does not set it."""
    pen = Pen()
    _cake(pen, look)
    return pen.svg((0, 0, 360, 300), title=clean(title), width=width)


def draw_small(look: CakeLook, title: str = "") -> str:
    """Fewer and larger pieces, cropped close: for 80 px on a wall card, slip or list."""
    pen = Pen(small=True)
    top = _cake(pen, look)
    top = min(72.0, max(0.0, top - 6))
    return pen.svg((14, top, 332, 280 - top), title=clean(title), width=None)


def draw_mono(look: CakeLook) -> str:
    """Black lines on white for a thermal printer; the inscription stays readable."""
    pen = Pen(mono=True)
    _cake(pen, look)
    return pen.svg((0, 0, 360, 300), title="", width=None)


def _cake(pen: Pen, look: CakeLook) -> float:
    """Draw everything; answers how high (y) the picture reaches."""
    chosen = resolve(look.product, look.base)
    shape = chosen["shape"] if chosen["shape"] in {"round", "square", "heart"} else "round"
    inch = min(_RX, key=lambda known: abs(known - look.inch))
    side = chosen["side"] if chosen["side"] in SIDES else "smooth"
    rx = _RX[inch] * (0.94 if shape == "square" else 1)
    depth = rx * (0.27 if shape == "heart" else 0.215)
    low = (0.8 if look.tiers < 2 else 0.92) if side == "baked" else 0.9 if shape == "heart" else 1.0
    if look.tiers >= 2:
        tiers = [Form(shape, rx, depth, 80 * low), Form(shape, rx * 0.62, depth * 0.62, 66 * low)]
    else:
        tiers = [Form(shape, rx, depth, (101 + rx / 24) * low)]
    _board(pen, rx, tiers[0].edge(0))
    floor = _FLOOR - tiers[0].edge(0) * 0.72
    for i, form in enumerate(tiers):
        floor -= form.h
        last = i == len(tiers) - 1
        pen.open(180, floor)
        _tier(pen, form, chosen, side, look.inscription if i == 0 else "")
        if not last:
            _foot(pen, tiers[i + 1], chosen)
        else:
            _top(pen, form, chosen, look.candles)
        pen.close()
    return floor - (78 if look.candles else 56)


def _board(pen: Pen, rx: float, near: float) -> None:
    wide = min(rx + 24, 176)
    tall = max(18.0, near * 0.86)
    y = _FLOOR + 4
    if not pen.small:
        pen.ellipse(180, y + 15, wide - 6, tall, "#000000", 0.07)
    pen.ellipse(180, y + 5, wide, tall, "#e9dcc8")
    pen.ellipse(180, y, wide, tall, "#fffaf3")
    pen.ellipse(180, y - 1, rx + 6, tall - 5, "#4a2413", 0.08)


def _tier(pen: Pen, form: Form, chosen: Mapping[str, str], side: str, inscription: str) -> None:
    dripping = chosen["drip"] != "none"
    near = form.edge(0)
    head = 21.0 if dripping else (form.h * 0.27 if side == "mousse" else 14.0)
    foot = form.h * {"baked": 0.2, "mousse": 0.2, "shavings": 0.38}.get(side, 0.07)
    if side == "shavings":
        head = 6.0
    letters = fit(inscription, form.rx * (1.66 if form.shape != "heart" else 1.4), form.h - head - foot)
    SIDES[side](pen, form, chosen)
    light(pen, form)
    if side != "fingers":
        pen.path(form.face(), chosen["top"])
    else:
        pen.path(form.face(0.93), chosen["top"])
    if dripping:
        drip(pen, form, chosen["drip"], letters.width / 2 + 6 if letters.lines else 0)
        pen.path(form.face(), chosen["drip"])
        pen.path(form.face(0.93), lighter(chosen["drip"], 0.18), 0.75)
    else:
        pen.path(form.face(0.93), "#ffffff", 0.16)
    if not letters.lines:
        return
    middle = near + head + (form.h - head - foot) / 2
    if pen.small:
        _squiggle(pen, middle, letters.width, len(letters.lines), chosen["ink"])
        return
    halo = chosen["icing"]
    if side in BUSY:
        wide, tall = letters.width + 26, letters.height + 12
        tall = min(tall, form.h - 8)
        pen.rect(-wide / 2, middle - tall / 2 + 1.5, wide, tall, 9, darker("#fff8ea", 0.22))
        pen.rect(-wide / 2, middle - tall / 2, wide, tall, 9, "#fff8ea")
        halo = ""
    step = letters.size * 1.16
    y = middle - step * (len(letters.lines) - 1) / 2 + letters.size * 0.36
    for i, line in enumerate(letters.lines):
        pen.text(0, y + i * step, letters.size, line, _ink(chosen, side in BUSY), halo)


def _ink(chosen: Mapping[str, str], plaque: bool) -> str:
    """The product's writing colour, or a readable one when the icing was changed."""
    ground = luminance("#fff8ea" if plaque else chosen["icing"])
    ink = luminance(chosen["ink"])
    ratio = (max(ground, ink) + 0.05) / (min(ground, ink) + 0.05)
    if ratio >= 4.5:
        return chosen["ink"]
    return "#4a2413" if ground > 0.3 else "#fff8ea"


def _squiggle(pen: Pen, y: float, width: float, lines: int, ink: str) -> None:
    """Writing too small to read: a line as long as the words, so that it is not forgotten."""
    for i in range(lines):
        at = y + (i - (lines - 1) / 2) * 20
        waves = max(2, round(width / 24))
        step = width / waves / 2
        d = f"M{n(-width / 2)} {n(at)}" + f"q{n(step / 2)} -9 {n(step)} 0t{n(step)} 0" * waves
        pen.line(d, ink, 5)


def _foot(pen: Pen, upper: Form, chosen: Mapping[str, str]) -> None:
    """The shadow and pearls where the upper tier stands."""
    pen.open(0, 2)
    pen.path(upper.face(1.08), "#4a2413", 0.1)
    pen.close()


def _top(pen: Pen, form: Form, chosen: Mapping[str, str], candles: int) -> None:
    topping = TOPPINGS.get(chosen["topping"], TOPPINGS["rosettes"])
    topping(pen, form, chosen, False)
    _light_candles(pen, form, max(0, min(10, candles)))
    topping(pen, form, chosen, True)


def _light_candles(pen: Pen, form: Form, count: int) -> None:
    """Candles in one row up to five, then two rows."""
    if pen.small:
        count = min(count, 3)
    if not count:
        return
    back = count // 2 if count > 5 else 0
    rows = [(back, -form.ry * 0.34), (count - back, form.ry * 0.05)]
    thick = 1.7 if pen.small else 1
    for row, (many, y) in enumerate(rows):
        gap = min(30.0 * thick, form.rx * 1.15 / max(1, many))
        for i in range(many):
            x = (i - (many - 1) / 2) * gap + (gap / 2 if row and back == many else 0)
            pen.open(x, y)
            pen.rect(-4 * thick, -54, 8 * thick, 54, 3, _CANDLES[(i * 2 + row) % 4])
            if not pen.small:
                pen.line("M-2.6 -42l5.2 -4M-2.6 -30l5.2 -4M-2.6 -18l5.2 -4", "#ffffff", 2.6, 0.59)
            pen.line("M0 -54v-4", "#5b3a29", 1.6)
            pen.path("M0 -74q9 11 0 18q-9 -7 0 -18z", "#ff9d3c")
            pen.path("M0 -67q4.500 6 0 10q-4.500 -4 0 -10z", "#ffe08a")
            pen.close()
