"""The cake's line drawing as dots: what `shop.menu.drawing.draw_mono` writes as SVG, drawn for a till printer.

It knows the few shapes and path commands that the drawing's pen uses, and nothing more of SVG.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from xml.etree import ElementTree

from PIL import Image, ImageChops, ImageDraw

from shop.printing.fonts import Face, can_draw

FINE = 3
"""The drawing is made this much larger and then shrunk, so that thin lines stay whole."""
SMOOTH = 12
ROOM = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "T": 2, "C": 6, "A": 7, "Z": 0}

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]


@lru_cache(maxsize=64)
def dots_of(svg: str, width: int, face: Face) -> Image.Image:
    """Return ``svg`` about ``width`` dots wide, black on white, cut to what is drawn."""
    root = ElementTree.fromstring(svg)
    wide, high = (float(side) for side in root.attrib["viewBox"].split()[2:])
    scale = width * FINE / wide
    paper = Image.new("L", (round(wide * scale), round(high * scale)), 255)
    _draw(ImageDraw.Draw(paper), root, (scale, 0, 0, scale, 0, 0), face)
    drawn = ImageChops.invert(paper).getbbox() or (0, 0, 1, 1)
    small = paper.crop(drawn)
    return small.resize((max(1, small.width // FINE), max(1, small.height // FINE)), Image.Resampling.BOX)


def _draw(pen: ImageDraw.ImageDraw, group: ElementTree.Element, at: Matrix, face: Face) -> None:
    for shape in group:
        kind = shape.tag.rpartition("}")[2]
        if kind == "g":
            _draw(pen, shape, _moved(at, shape.attrib["transform"]), face)
        elif kind == "text":
            _write(pen, shape, at, face)
        else:
            for points, closed in _outlines(kind, shape.attrib):
                _ink(pen, shape.attrib, [_to(at, point) for point in points], closed, abs(at[3]))


def _moved(at: Matrix, words: str) -> Matrix:
    for name, values in re.findall(r"(\w+)\(([^)]*)\)", words):
        numbers = [float(value) for value in values.split()]
        step: Matrix = (1, 0, 0, 1, numbers[0], numbers[-1])
        if name == "scale":
            step = (numbers[0], 0, 0, numbers[-1], 0, 0)
        elif name == "rotate":
            turn = math.radians(numbers[0])
            step = (math.cos(turn), math.sin(turn), -math.sin(turn), math.cos(turn), 0, 0)
        a, b, c, d, e, f = at
        p, q, r, s, t, u = step
        at = (
            a * p + c * q,
            b * p + d * q,
            a * r + c * s,
            b * r + d * s,
            a * t + c * u + e,
            b * t + d * u + f,
        )
    return at


def _to(at: Matrix, point: Point) -> Point:
    x, y = point
    return at[0] * x + at[2] * y + at[4], at[1] * x + at[3] * y + at[5]


def _ink(
    pen: ImageDraw.ImageDraw, look: dict[str, str], points: list[Point], closed: bool, scale: float
) -> None:
    width = max(FINE, round(float(look["stroke-width"]) * scale))
    if look["fill"] != "none":
        if len(points) > 2:
            pen.polygon(points, fill=0 if look["fill"] == "#000" else 255)
        points = [*points, points[0]] if closed else points
    if max(abs(x - points[0][0]) + abs(y - points[0][1]) for x, y in points) < 1:  # a dot
        x, y = points[0]
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=0)
    else:
        pen.line(points, fill=0, width=width, joint="curve")


def _write(pen: ImageDraw.ImageDraw, text: ElementTree.Element, at: Matrix, face: Face) -> None:
    size = round(float(text.attrib["font-size"]) * abs(at[3]))
    words = "".join(c if can_draw(face, c) or c == " " else "\u25a1" for c in text.text or "")
    where = _to(at, (float(text.attrib["x"]), float(text.attrib["y"])))
    pen.text(where, words, font=face.at(size), fill=0, anchor="ms", stroke_width=size // 9, stroke_fill=255)


def _outlines(kind: str, look: dict[str, str]) -> Iterator[tuple[list[Point], bool]]:
    """Return the lines around a shape: (points, whether it closes)."""
    if kind == "path":
        yield from _path(look["d"])
    elif kind == "rect":
        x, y, w, h = (float(look[name]) for name in ("x", "y", "width", "height"))
        r = min(float(look.get("rx", "0")), w / 2, h / 2)
        corners = (
            (x + w - r, y + r, -90),
            (x + w - r, y + h - r, 0),
            (x + r, y + h - r, 90),
            (x + r, y + r, 180),
        )
        yield [p for cx, cy, turn in corners for p in _round(cx, cy, r, r, turn, 90)], True
    else:
        rx, ry = float(look.get("rx", look.get("r", "0"))), float(look.get("ry", look.get("r", "0")))
        yield _round(float(look["cx"]), float(look["cy"]), rx, ry, 0, 360), True


def _round(cx: float, cy: float, rx: float, ry: float, start: float, sweep: float) -> list[Point]:
    steps = SMOOTH * (1 + int(abs(sweep) // 90))
    turns = [math.radians(start + sweep * i / steps) for i in range(steps + 1)]
    return [(cx + rx * math.cos(turn), cy + ry * math.sin(turn)) for turn in turns]


def _path(words: str) -> Iterator[tuple[list[Point], bool]]:
    """Follow a path; every sub-path is one outline."""
    points: list[Point] = []
    for name, relative, values in _commands(words):
        here = points[-1] if points else (0.0, 0.0)
        base = here if relative else (0.0, 0.0)
        ends = [(base[0] + a, base[1] + b) for a, b in zip(values[::2], values[1::2], strict=False)]
        if name == "Z":
            yield points, True
            points = points[:1]
        elif name == "M":
            if len(points) > 1:
                yield points, False
            points = ends[:1]
        elif name == "H":
            points.append((base[0] + values[0], here[1]))
        elif name == "V":
            points.append((here[0], base[1] + values[0]))
        elif name == "A":
            end = (base[0] + values[5], base[1] + values[6])
            points += _arc(here, end, values[0], values[1], bool(values[3]), bool(values[4]))
        else:
            points += _curve([here, *ends])
    if len(points) > 1:
        yield points, False


def _commands(words: str) -> Iterator[tuple[str, bool, list[float]]]:
    for letter, values in re.findall(r"([A-Za-z])([^A-Za-z]*)", words):
        name, numbers = letter.upper(), [float(v) for v in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", values)]
        room = ROOM[name]
        for i in range(0, max(len(numbers), 1), room or 1):
            yield ("L" if name == "M" and i else name), letter.islower(), numbers[i : i + room]


def _curve(handles: list[Point]) -> list[Point]:
    """Return points on a Bézier curve of any degree (a straight line has two handles)."""
    found = []
    for i in range(1, SMOOTH + 1 if len(handles) > 2 else 2):
        t = i / SMOOTH if len(handles) > 2 else 1.0
        row = handles
        while len(row) > 1:
            row = [(a + (c - a) * t, b + (d - b) * t) for (a, b), (c, d) in pairwise(row)]
        found.append(row[0])
    return found


def _arc(start: Point, end: Point, rx: float, ry: float, large: bool, clockwise: bool) -> list[Point]:
    """Return points on an upright elliptic arc, as SVG's implementation notes say."""
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    grow = math.sqrt(max(1.0, (dx / rx) ** 2 + (dy / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    flat = (rx * dy) ** 2 + (ry * dx) ** 2
    off = math.sqrt(max(0.0, ((rx * ry) ** 2 - flat) / flat)) if flat else 0.0
    off = off if large != clockwise else -off
    cx = off * rx * dy / ry + (start[0] + end[0]) / 2
    cy = -off * ry * dx / rx + (start[1] + end[1]) / 2
    first = math.degrees(math.atan2((start[1] - cy) / ry, (start[0] - cx) / rx))
    last = math.degrees(math.atan2((end[1] - cy) / ry, (end[0] - cx) / rx))
    sweep = (last - first) % 360 if clockwise else -((first - last) % 360)
    return _round(cx, cy, rx, ry, first, sweep)[1:]
