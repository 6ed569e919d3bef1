"""What lies on top. Each topping draws the far pieces first, then the near ones.

A topping gets the pen, the top tier's form, the look, and ``near``: False draws what stands
behind the candles, True what stands before them. The origin is the middle of the top face.
"""

from collections.abc import Callable, Mapping

from shop.menu.drawing import fruits as f
from shop.menu.drawing.forms import Form
from shop.menu.drawing.looks import darker, lighter
from shop.menu.drawing.pen import Pen, n

Look = Mapping[str, str]
Spot = tuple[float, float]


def _ring(pen: Pen, form: Form, gap: float, k: float, near: bool, start: float = 90) -> list[Spot]:
    """Places about ``gap`` apart around the edge, the far or the near half of them."""
    count = max(5, round(form.rx * 2.9 * k / (gap * (1.35 if pen.small else 1))))
    ring = form.ring(count, k, start)
    return [spot for spot in ring if (spot[1] > 0) == near]


def _each(pen: Pen, spots: list[Spot], draw: Callable[[Pen, int], None], size: float = 1) -> None:
    for i, (x, y) in enumerate(spots):
        pen.open(x, y, size * (1.3 if pen.small else 1))
        draw(pen, i)
        pen.close()


def strawberries(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Whole strawberries, each on a dab of cream."""
    gap = 39
    spots = _ring(pen, form, gap, 0.76, near, 90 + 180 / 7)

    def one(p: Pen, i: int) -> None:
        f.rosette(p, "#fff6f2")
        p.open(0, -12, 1, (-8, 6, 0)[i % 3])
        f.strawberry(p)
        p.close()

    _each(pen, spots, one, 1.16)


def truffles(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Truffles and upright curls of chocolate, a fleck of gold."""

    def one(p: Pen, i: int) -> None:
        if i % 2:
            f.curl(p, look["drip"])
        else:
            f.truffle(p, look["icing"])

    _each(pen, _ring(pen, form, 40, 0.74, near), one, 1.2)


def mango(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Cubes of mango heaped in the middle, mint on top."""
    k = form.rx / 118
    heap = [(-46, -4), (48, -6), (-18, -14), (20, -12)], [(-32, 5), (33, 6), (0, 8), (-2, -16)]
    spots = [(x * k, y * k) for x, y in heap[near]]
    _each(pen, spots, lambda p, i: f.cube(p, i), 1.25)
    if near:
        pen.open(4, -32, 1.25)
        f.mint(pen)
        pen.close()


def redbeans(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Green rosettes, each with red beans; matcha dusted between."""
    if not near and not pen.small:
        pen.dots([(x * 0.9, y) for x, y in form.ring(24, 0.5)], 1.3, darker(look["top"], 0.35), 0.5)

    def one(p: Pen, i: int) -> None:
        f.rosette(p, lighter(look["icing"], 0.45))
        for x, y in ((-7, -13), (6, -14), (-1, -20)):
            p.ellipse(x, y, 7, 5.2, look["filling"])
            p.ellipse(x - 2, y - 2, 2, 1.2, "#ffffff", 0.4)

    _each(pen, _ring(pen, form, 43, 0.77, near), one, 1.12)


def cocoa(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Kisses of mascarpone under cocoa, two sponge fingers and coffee beans."""

    def one(p: Pen, i: int) -> None:
        f.kiss(p, "#fdf1dc")
        p.path("M-9 -8q9 -18 18 0q-9 5 -18 0z", look["top"], 0.85)

    _each(pen, _ring(pen, form, 38, 0.72, near), one, 1.12)
    if not near and not pen.small:
        pen.dots([(x, y * 0.9) for x, y in form.ring(30, 0.42)], 1.2, lighter(look["top"], 0.35), 0.6)


def velvet(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """A heart of red crumbs, rosettes of cream cheese around it."""
    if not near:
        pen.open(0, 3, form.rx / 110)
        pen.path(
            "M0 15C-62 0 -50 -20 -24 -16C-10 -14 0 -8 0 -6C0 -8 10 -14 24 -16C50 -20 62 0 0 15z",
            look["crumb"],
        )
        pen.close()

    def one(p: Pen, i: int) -> None:
        f.rosette(p, "#fffaf5", "#e9cfc4")
        p.dots([(-4, -12), (3, -15), (6, -9), (-1, -8)], 1.7, look["crumb"])

    _each(pen, _ring(pen, form, 34, 0.84, near), one, 0.92)


def durian(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Plump durian pieces and, behind them, a wedge of the spiky husk."""
    k = form.rx / 118
    if not near:
        pen.open(0, -4, 1.05 * k)
        f.husk(pen)
        pen.close()
        return
    for x, y, turn in ((-30, 0, -16), (32, 1, 14), (1, 6, 0)):
        pen.open(x * k, y, 1.1 * k, turn)
        f.durian_piece(pen)
        pen.close()


def cherries(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Cherries with stems on rosettes, chocolate shavings in the middle."""
    if not near:
        pen.path(form.face(0.5), look["crumb"])
        for i, (x, y) in enumerate(form.ring(13, 0.34)):
            pen.line(
                f"M{n(x - 6)} {n(y)}q6 {-6 if i % 2 else 5} 12 -1", lighter(look["crumb"], 0.25), 2.4, 0.55
            )

    def one(p: Pen, i: int) -> None:
        f.rosette(p, "#fffaf4", "#e8d9ce")
        p.open(0, -15)
        f.cherry(p)
        p.close()

    _each(pen, _ring(pen, form, 48, 0.76, near, 90 + 180 / 7), one, 1.14)


def blueberries(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """A browned top with a handful of blueberries and mint."""
    if not near:
        pen.path(form.face(0.86), darker(look["top"], 0.1), 0.59)
        pen.path(form.face(0.62), lighter(look["top"], 0.16), 0.5)
    k = max(0.85, form.rx / 118)
    heap = [(-26, -6), (8, -9), (28, -4)], [(-40, 4), (-14, 4), (14, 5), (38, 6), (-4, -13), (0, 12)]
    _each(pen, [(x * k, y * k - 4) for x, y in heap[near]], lambda p, i: f.blueberry(p), 1.1)
    if near:
        pen.open(22 * k, -14, 1.1)
        f.mint(pen)
        pen.close()


def fruit(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """A high heap: orange, kiwi, strawberry, blueberry, all at once."""
    k = form.rx / 118
    kinds = (f.orange, f.kiwi, f.strawberry, f.blueberry)
    far = [(-62, -8, 0), (-24, -26, 1), (20, -27, 0), (60, -10, 1), (0, -14, 2)]
    close = [
        (-84, 0, 2),
        (84, 0, 2),
        (-52, 2, 3),
        (-28, 4, 2),
        (2, 4, 1),
        (34, 2, 0),
        (60, 6, 3),
        (-2, 15, 3),
    ]
    for x, y, kind in close if near else far:
        pen.open(x * k, y * (0.6 + 0.4 * k) - 4, (1.3 if kind != 3 else 1.05) * (0.55 + 0.45 * k), x / 6)
        kinds[kind](pen)
        pen.close()


def montblanc(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """A dome of piped taro strings with small taro balls around it."""
    if not near:
        r, high = form.rx * 0.56, form.rx * 0.42 + 8
        pen.path(
            f"M{n(-r)} 2C{n(-r)} {n(-high)} {n(r)} {n(-high)} {n(r)} 2Q0 {n(form.ry)} {n(-r)} 2z", look["top"]
        )
        for i, y in enumerate((-0.1, 0.12, 0.34, 0.56)):
            w = r * (1 - y * y * 1.3) * 0.92
            pen.line(f"M{n(-w)} {n(-high * y)}q{n(w)} {n(13 - i)} {n(2 * w)} 0", look["filling"], 4, 0.62)
            pen.line(
                f"M{n(-w * 0.9)} {n(-high * y - 5)}q{n(w * 0.9)} {n(12 - i)} {n(1.8 * w)} 0",
                darker(look["crumb"], 0.1),
                1.6,
                0.59,
            )

    def one(p: Pen, i: int) -> None:
        p.circle(0, -6, 9.5, look["filling"] if i % 2 else darker(look["crumb"], 0.12))
        p.circle(-3, -9, 2.6, "#ffffff", 0.5)

    _each(pen, _ring(pen, form, 30, 0.84, near), one)


def cookies(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Sandwich biscuits standing in rosettes of cream."""

    def one(p: Pen, i: int) -> None:
        p.open(0, -17, 1, (-10, 8, 0)[i % 3])
        f.cookie(p, look["crumb"])
        p.close()
        f.rosette(p, "#fbf9f6", "#d8d1ca")

    _each(pen, _ring(pen, form, 56, 0.74, near, 90 + 180 / 6), one)


def rosettes(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Plain piped rosettes around the edge."""
    tone = lighter(look["icing"], 0.35)
    _each(pen, _ring(pen, form, 34, 0.82, near), lambda p, i: f.rosette(p, tone, darker(look["icing"], 0.12)))


def none(pen: Pen, form: Form, look: Look, near: bool) -> None:
    """Nothing on top."""


TOPPINGS: Mapping[str, Callable[[Pen, Form, Look, bool], None]] = {
    topping.__name__: topping
    for topping in (
        strawberries, truffles, mango, redbeans, cocoa, velvet, durian, cherries,
        blueberries, fruit, montblanc, cookies, rosettes, none,
    )
}  # fmt: skip
