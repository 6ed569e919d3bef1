"""Round, square and heart tiers seen slightly from above.

A tier's origin is the middle of its top face. ``front(dy)`` runs along the near edge from
left to right, ``edge(x)`` is how far below the origin that edge lies at ``x``.
"""

from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from shop.menu.drawing.pen import n


@dataclass(frozen=True)
class Form:
    """One tier: half width, half depth and height, all in picture units."""

    shape: str
    rx: float
    ry: float
    h: float

    def edge(self, x: float) -> float:
        """Distance of the near edge below the middle of the top face."""
        part = min(1.0, abs(x) / self.rx)
        if self.shape == "square":
            corner = 0.09
            return self.ry * 0.8 * (1 if part < 1 - corner else sqrt(max(0, (1 - part) / corner)))
        if self.shape == "heart":
            return float(self.ry * 1.3 * (1 - part**1.5) ** 0.8)
        return self.ry * sqrt(1 - part * part)

    def front(
        self, dy: float, *, back: bool = False, x1: float | None = None, x2: float | None = None
    ) -> str:
        """Points along the near edge, ``dy`` lower, left to right (or back)."""
        lo, hi = (-self.rx if x1 is None else x1), (self.rx if x2 is None else x2)
        steps = 14 if hi - lo > self.rx else 7
        xs = [lo + (hi - lo) * (0.5 - 0.5 * cos(pi * i / steps)) for i in range(steps + 1)]
        if back:
            xs.reverse()
        return "L" + " ".join(f"{n(x)} {n(dy + self.edge(x))}" for x in xs)

    def band(self, y1: float, y2: float) -> str:
        """The part of the side between two heights below the top."""
        if self.shape == "round":
            rx, ry = n(self.rx), n(self.ry)
            return (
                f"M{n(-self.rx)} {n(y1)}a{rx} {ry} 0 0 0 {n(2 * self.rx)} 0"
                f"V{n(y2)}a{rx} {ry} 0 0 1 {n(-2 * self.rx)} 0z"
            )
        return "M" + self.front(y1)[1:] + self.front(y2, back=True) + "z"

    def strip(self, x1: float, x2: float, y1: float, y2: float) -> str:
        """A piece of the side between two x and two heights: light and shade."""
        return "M" + self.front(y1, x1=x1, x2=x2)[1:] + self.front(y2, back=True, x1=x1, x2=x2) + "z"

    def body(self) -> str:
        """The whole side, closed above by the middle line so that no seam shows."""
        return (
            f"M{n(-self.rx)} 0V{n(self.h)}" + self.front(self.h) + f"L{n(self.rx)} {n(self.h)}V0z"
            if self.shape != "round"
            else f"M{n(-self.rx)} 0v{n(self.h)}a{n(self.rx)} {n(self.ry)} 0 0 0 {n(2 * self.rx)} 0V0z"
        )

    def face(self, k: float = 1) -> str:
        """The top face, shrunk by ``k``."""
        rx, ry = self.rx * k, self.ry * k
        if self.shape == "square":
            c, near, far = rx * 0.09, ry * 0.8, ry * 0.95
            return (
                f"M{n(-rx)} 0q0 {n(near)} {n(c)} {n(near)}H{n(rx - c)}q{n(c)} 0 {n(c)} {n(-near)}"
                f"L{n(rx * 0.9)} {n(4 - far)}q{n(-2)} -4 {n(-8)} -4H{n(8 - rx * 0.9)}q-6 0 -8 4z"
            )
        if self.shape == "heart":
            return (
                "M"
                + Form("heart", rx, ry, 0).front(0)[1:]
                + f"C{n(rx)} {n(-ry * 1.45)} {n(rx * 0.2)} {n(-ry * 1.6)} 0 {n(-ry * 0.55)}"
                + f"C{n(-rx * 0.2)} {n(-ry * 1.6)} {n(-rx)} {n(-ry * 1.45)} {n(-rx)} 0z"
            )
        return f"M{n(-rx)} 0a{n(rx)} {n(ry)} 0 0 0 {n(2 * rx)} 0a{n(rx)} {n(ry)} 0 0 0 {n(-2 * rx)} 0z"

    def ring(self, count: int, k: float, start: float = 90) -> list[tuple[float, float]]:
        """Places around the top face, far ones first; ``start`` in degrees, 90 is nearest."""
        spots = []
        for i in range(count):
            angle = (start + 360 * i / count) * pi / 180
            x, y = cos(angle), sin(angle)
            if self.shape == "square":
                grow = 1 / max(abs(x), abs(y))
                x, y = x * min(grow, 1.25) * 0.94, y * min(grow, 1.25) * 0.75
            if self.shape == "heart":
                x, y = x * 0.92, (y * 1.02 if y > 0 else y * 0.75)
                if y > 0:
                    x *= 1 - 0.3 * y
            spots.append((x * self.rx * k, y * self.ry * k))
        return sorted(spots, key=lambda spot: spot[1])
