"""How each product looks before the customer chooses anything.

Keys: ``shape`` (round, square, heart), ``icing`` (outside), ``top`` (top face),
``filling`` (band or layers), ``drip`` (colour or ``none``), ``topping`` (a name in
``toppings.TOPPINGS``), ``crumb`` (sponge or foot), ``side`` (a name in ``sides.SIDES``)
and ``ink`` (the writing). A product row may override any of them.
"""

import re
from collections.abc import Mapping

PLAIN: Mapping[str, str] = {
    "shape": "round",
    "icing": "#fff4e6",
    "top": "#fffaf2",
    "filling": "#fbe3c0",
    "drip": "none",
    "topping": "rosettes",
    "crumb": "#f0d3a2",
    "side": "smooth",
    "ink": "#86143a",
}

PRODUCT_LOOKS: Mapping[str, Mapping[str, str]] = {
    "strawberry-cream": {
        "icing": "#fff1ee",
        "top": "#f0a3b3",
        "filling": "#f7cdd0",
        "drip": "#e8879c",
        "topping": "strawberries",
    },
    "chocolate-fudge": {
        "icing": "#8a573c",
        "top": "#54301f",
        "filling": "#a97452",
        "drip": "#452517",
        "topping": "truffles",
        "crumb": "#54301f",
        "ink": "#fff1dc",
    },
    "mango-mousse": {
        "icing": "#ffe6a3",
        "top": "#fbb02f",
        "filling": "#fff6dc",
        "topping": "mango",
        "crumb": "#e5b26a",
        "side": "mousse",
        "ink": "#8a3d00",
    },
    "matcha-redbean": {
        "icing": "#c3d49c",
        "top": "#9fba72",
        "filling": "#7c3340",
        "topping": "redbeans",
        "crumb": "#7f9c55",
        "side": "banded",
        "ink": "#33451d",
    },
    "tiramisu": {
        "icing": "#f6e3c0",
        "top": "#6f4a34",
        "filling": "#e0b77c",
        "topping": "cocoa",
        "crumb": "#d9a866",
        "side": "fingers",
        "ink": "#5a3320",
    },
    "red-velvet": {
        "icing": "#fff8f1",
        "top": "#fffaf5",
        "filling": "#fff8f1",
        "topping": "velvet",
        "crumb": "#b0252f",
        "side": "naked",
        "ink": "#86143a",
    },
    "durian-mille": {
        "icing": "#f8e2a4",
        "top": "#f0c964",
        "filling": "#fff8e2",
        "topping": "durian",
        "crumb": "#d9a441",
        "side": "crepes",
        "ink": "#6b4a00",
    },
    "black-forest": {
        "icing": "#fffaf4",
        "top": "#fffaf4",
        "filling": "#a3203c",
        "topping": "cherries",
        "crumb": "#4d2c1e",
        "side": "shavings",
        "ink": "#86143a",
    },
    "cheesecake": {
        "icing": "#fbe7b0",
        "top": "#e3a552",
        "filling": "#fbe7b0",
        "topping": "blueberries",
        "crumb": "#b27a44",
        "side": "baked",
        "ink": "#6d3f14",
    },
    "fruit": {
        "icing": "#fffdf8",
        "top": "#fffdf8",
        "filling": "#fdeec9",
        "topping": "fruit",
        "crumb": "#f4d9a0",
        "side": "shells",
        "ink": "#a81e46",
    },
    "taro": {
        "icing": "#cdb9e2",
        "top": "#b89fd4",
        "filling": "#e7dcf2",
        "topping": "montblanc",
        "crumb": "#a58bc6",
        "side": "ruffles",
        "ink": "#4b2f74",
    },
    "oreo": {
        "icing": "#f3f0ec",
        "top": "#37302e",
        "filling": "#e8e3dc",
        "drip": "#37302e",
        "topping": "cookies",
        "crumb": "#37302e",
        "side": "speckled",
        "ink": "#37302e",
    },
}

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?\Z")
_WORDS = frozenset({"shape", "topping", "side"})


def resolve(product: str, base: Mapping[str, str] | None) -> dict[str, str]:
    """All keys for a product; an override that is not a colour or a plain word is ignored."""
    chosen = {**PLAIN, **PRODUCT_LOOKS.get(product, {})}
    for key, value in (base or {}).items():
        if key not in chosen or not isinstance(value, str):
            continue
        if key in _WORDS or (key == "drip" and value == "none"):
            good = value.isalpha() and value.isascii()
        else:
            good = _COLOUR.match(value) is not None
        if good:
            chosen[key] = value.lower()
            if key == "icing" and "top" not in (base or {}):
                chosen["top"] = mix(value, "#ffffff", 0.2)
    return chosen


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rgb`` or ``#rrggbb`` as three numbers from 0 to 255."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def mix(colour: str, other: str, part: float) -> str:
    """``part`` (0..1) of ``other`` stirred into ``colour``."""
    pairs = zip(rgb(colour), rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def darker(colour: str, part: float) -> str:
    """Tone on tone: towards cocoa rather than black, so that nothing looks dirty."""
    return mix(colour, "#4a2413", part)


def lighter(colour: str, part: float) -> str:
    """Towards white."""
    return mix(colour, "#ffffff", part)


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(c) for c in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
