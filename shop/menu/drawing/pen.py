"""The pen collects SVG shapes; in mono it turns every filled shape into an outline."""

from xml.sax.saxutils import escape, quoteattr

from shop.menu.drawing.looks import luminance

FONTS = "Inter, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans', system-ui, sans-serif"


def n(value: float) -> str:
    """A number with at most one decimal and no ``-0``."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Pen:
    """Writes shapes with attributes only: no style, no id, so many fit on one strict page."""

    def __init__(self, *, mono: bool = False, small: bool = False) -> None:
        self.mono = mono
        self.small = small
        self._out: list[str] = []

    def _paint(self, fill: str, opacity: float) -> str | None:
        if not self.mono:
            return f'fill="{fill}"' + (f' opacity="{opacity:.2g}"' if opacity < 1 else "")
        if opacity < 0.6:
            return None
        ink = "#000" if luminance(fill) < 0.115 else "#fff"
        return f'fill="{ink}" stroke="#000" stroke-width="2" stroke-linejoin="round"'

    def path(self, d: str, fill: str, opacity: float = 1) -> None:
        """A filled path."""
        paint = self._paint(fill, opacity)
        if paint:
            self._out.append(f'<path d="{d}" {paint}/>')

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: str, opacity: float = 1) -> None:
        """A filled ellipse."""
        paint = self._paint(fill, opacity)
        if paint:
            self._out.append(f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(rx)}" ry="{n(ry)}" {paint}/>')

    def circle(self, x: float, y: float, r: float, fill: str, opacity: float = 1) -> None:
        """A filled circle."""
        paint = self._paint(fill, opacity)
        if paint:
            self._out.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" {paint}/>')

    def rect(self, x: float, y: float, w: float, h: float, r: float, fill: str, opacity: float = 1) -> None:
        """A filled rectangle with round corners."""
        paint = self._paint(fill, opacity)
        if paint:
            self._out.append(
                f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" rx="{n(r)}" {paint}/>'
            )

    def line(self, d: str, stroke: str, width: float, opacity: float = 1) -> None:
        """An open line with round ends."""
        if self.mono:
            if opacity < 0.6:
                return
            stroke, width, opacity = "#000", min(width, 2), 1
        more = f' opacity="{opacity:.2g}"' if opacity < 1 else ""
        self._out.append(
            f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{n(width)}"'
            f' stroke-linecap="round" stroke-linejoin="round"{more}/>'
        )

    def dots(self, spots: list[tuple[float, float]], r: float, fill: str, opacity: float = 1) -> None:
        """Many equal dots in one element: zero-length strokes with round ends."""
        if spots:
            d = "".join(f"M{n(x)} {n(y)}h.01" for x, y in spots)
            self.line(d, fill, r * 2, opacity)

    def open(self, x: float, y: float, scale: float = 1, turn: float = 0) -> None:
        """Start a group at a place, scaled and turned (degrees)."""
        move = f"translate({n(x)} {n(y)})"
        if turn:
            move += f" rotate({n(turn)})"
        if scale != 1:
            move += f" scale({scale:.2f})"
        self._out.append(f'<g transform="{move}">')

    def close(self) -> None:
        """End the group."""
        self._out.append("</g>")

    def text(self, x: float, y: float, size: float, words: str, fill: str, halo: str = "") -> None:
        """One centred line; ``halo`` is the colour that keeps it clear of what is behind."""
        if self.mono:
            fill, halo = "#000", "#fff"
        edge = (
            f' stroke="{halo}" stroke-width="{n(size / 5)}" stroke-linejoin="round" paint-order="stroke"'
            if halo
            else ""
        )
        self._out.append(
            f'<text x="{n(x)}" y="{n(y)}" text-anchor="middle" font-size="{n(size)}" font-weight="650"'
            f' fill="{fill}"{edge} font-family="{FONTS}">{escape(words)}</text>'
        )

    def svg(self, box: tuple[float, float, float, float], *, title: str, width: int | None) -> str:
        """The finished picture; without a title it is decoration and hidden from readers."""
        name = f'role="img" aria-label={quoteattr(title)}' if title else 'role="img" aria-hidden="true"'
        size = ""
        if width is not None:
            height = max(1, round(width * box[3] / box[2]))
            size = f' width="{width}" height="{height}"'
        view = " ".join(n(v) for v in box)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}"{size} {name} focusable="false">'
            + "".join(self._out)
            + "</svg>"
        )
