"""Single pieces: fruit, cream, chocolate. Each stands on the origin, about 28 units wide."""

from shop.menu.drawing.looks import darker, lighter
from shop.menu.drawing.pen import Pen


def strawberry(pen: Pen) -> None:
    """A strawberry, tip down."""
    pen.path("M0 -14q16 0 14 16q-3 16 -14 20q-11 -4 -14 -20q-2 -16 14 -16z", "#d7263d")
    if not pen.small:
        pen.dots([(-6, 0), (1, -3), (7, 1), (-3, 7), (4, 9), (0, 15)], 1, "#ffd9a8", 0.55)
        pen.path("M-10 -6q-3 8 1 15q-5 -7 -1 -15z", "#ffffff", 0.35)
    pen.path("M-10 -13q5 -6 10 -4q5 -2 10 4q-4 5 -10 2q-6 3 -10 -2z", "#55794a")


def rosette(pen: Pen, tone: str, edge: str = "") -> None:
    """A rosette of cream."""
    edge = edge or darker(tone, 0.12)
    pen.ellipse(0, 0, 15, 8.5, edge)
    pen.ellipse(0, -2, 14.5, 8, tone)
    pen.ellipse(0, -7, 10, 6, edge, 0.55)
    pen.ellipse(0, -8, 9.5, 5.6, tone)
    if not pen.small:
        pen.line("M-9 -1q8 6 17 -1", edge, 1.4, 0.55)


def kiss(pen: Pen, tone: str) -> None:
    """A pointed drop of cream."""
    pen.path("M0 -25C5 -15 15 -12 15 -1C15 8 -15 8 -15 -1C-15 -12 -5 -15 0 -25z", tone)
    pen.path("M0 -25C5 -15 15 -12 15 -1C15 5 4 7 0 7C10 0 8 -13 0 -25z", darker(tone, 0.18), 0.5)


def truffle(pen: Pen, tone: str) -> None:
    """A chocolate truffle with a fleck of gold."""
    pen.circle(0, -8, 14, darker(tone, 0.3))
    pen.circle(-1.5, -10, 11.5, tone, 0.55)
    pen.path("M-3 -18l5 -2l4 4l-4 4l-5 -2z", "#f4c95d")


def curl(pen: Pen, tone: str) -> None:
    """An upright curl of chocolate."""
    pen.open(0, 0, 1, 14)
    pen.rect(-6, -34, 12, 38, 6, lighter(tone, 0.2))
    pen.rect(-6, -34, 5, 38, 2.5, lighter(tone, 0.42), 0.55)
    pen.ellipse(0, -31, 6, 3.4, darker(tone, 0.2))
    pen.close()


def cube(pen: Pen, i: int) -> None:
    """A cube of mango."""
    pen.path("M0 -20l14 6v14l-14 7l-14 -7v-14z", "#f7a51d")
    pen.path("M0 -20l14 6l-14 6l-14 -6z", "#ffd05e")
    pen.path("M0 -8l14 -6v14l-14 7z", "#e98a0c")


def mint(pen: Pen) -> None:
    """Two mint leaves."""
    pen.path("M0 2q-18 2 -20 -12q16 -4 20 12z", "#5d8a4c")
    pen.path("M0 2q2 -16 18 -14q0 15 -18 14z", "#7aa964")


def durian_piece(pen: Pen) -> None:
    """One plump piece of durian."""
    pen.path("M-25 -6C-26 -26 -8 -30 2 -27C20 -29 29 -14 24 -2C19 10 -22 11 -25 -6z", "#f3c23f")
    pen.path("M-22 -9C-22 -24 -8 -27 1 -24C15 -26 24 -15 21 -6C12 -14 -8 -13 -22 -9z", "#ffe08a")
    pen.line("M-10 3q9 4 20 -1", "#d39a1c", 2, 0.59)


def husk(pen: Pen) -> None:
    """Half a husk with its spikes."""
    spikes = (
        "M-58 2l-7 -12l8 -3l-4 -12l11 0l-1 -13l11 4l3 -12l10 7l6 -11l8 9l9 -10"
        "l6 11l10 -8l4 12l11 -4l-1 13l11 0l-4 12l8 3l-7 12q-44 16 -92 2z"
    )
    pen.path(spikes, "#7d8a3c")
    pen.path("M-46 0C-46 -42 48 -42 48 0Q2 16 -46 0z", "#fff3cf")
    pen.path("M-46 0C-46 -42 48 -42 48 0C36 -26 -34 -26 -46 0z", "#d8c77e", 0.59)


def cherry(pen: Pen) -> None:
    """A cherry with its stem."""
    pen.line("M1 -8q2 -14 10 -20", "#6b7a3a", 2.4)
    pen.circle(0, 0, 11.5, "#a5122f")
    pen.path("M-7 -4q2 -5 7 -5q-4 2 -5 7z", "#ffffff", 0.55)


def blueberry(pen: Pen) -> None:
    """A blueberry with its crown."""
    pen.circle(0, -4, 11, "#3f4f8f")
    pen.circle(-2, -6, 8, "#5a6bb0", 0.55)
    pen.path("M0 -11l2 3l4 0l-2 4l2 3l-4 0l-2 3l-2 -3l-4 0l2 -3l-2 -4l4 0z", "#27336a")


def orange(pen: Pen) -> None:
    """An orange slice, upright."""
    pen.circle(0, 0, 16, "#f08a1d")
    pen.circle(0, 0, 13.4, "#fff1d6")
    pen.circle(0, 0, 12, "#fbab35")
    pen.line("M0 -11V11M-9.5 -5.5L9.5 5.5M-9.5 5.5L9.5 -5.5", "#fff1d6", 1.6)


def kiwi(pen: Pen) -> None:
    """A kiwi slice, upright."""
    pen.circle(0, 0, 16, "#7a6a34")
    pen.circle(0, 0, 14.6, "#8dbb3f")
    pen.circle(0, 0, 5, "#f2f3cf")
    pen.dots([(0, -8), (6, -5.5), (8, 0), (6, 5.5), (0, 8), (-6, 5.5), (-8, 0), (-6, -5.5)], 1.3, "#2f3a17")


def cookie(pen: Pen, tone: str) -> None:
    """A dark sandwich biscuit standing upright."""
    pen.circle(4, 0, 19, darker(tone, 0.05))
    pen.circle(2.4, 0, 18.4, "#fbf7f0")
    pen.circle(0, 0, 19, tone)
    if not pen.small:
        pen.line("M-12 0a12 12 0 1 0 24 0a12 12 0 1 0 -24 0", lighter(tone, 0.28), 1.8, 0.9)
    pen.path("M0 -6l6 6l-6 6l-6 -6z", lighter(tone, 0.28))
