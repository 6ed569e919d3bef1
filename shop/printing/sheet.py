"""A strip of thermal paper to draw on: 576 dots wide (72 mm of an 80 mm roll), as long as it gets."""

import unicodedata

from PIL import Image, ImageDraw, ImageFont

from shop.printing.fonts import Face, can_draw
from shop.printing.picture import dots_of
from shop.printing.qr import matrix

WIDTH = 576
LONGEST = 24_000  # dots, three metres: a slip of the largest order stays far below


class Sheet:
    """Draws from top to bottom; ``y`` is the next free row of dots."""

    def __init__(self, regular: Face, bold: Face) -> None:
        self.regular, self.bold = regular, bold
        self.paper = Image.new("L", (WIDTH, 2400), 255)
        self.pen = ImageDraw.Draw(self.paper)
        self.y = 10

    def image(self) -> Image.Image:
        """Return what was drawn, cut to length, in black and white."""
        return self.paper.crop((0, 0, WIDTH, self.y + 8)).point(lambda v: 255 if v > 150 else 0).convert("1")

    def text(
        self, words: str, size: int = 26, *, bold: bool = False, center: bool = False, inverse: bool = False
    ) -> None:
        """Write ``words`` over as many rows as they need; ``inverse`` is white on a black band."""
        face = self.bold if bold else self.regular
        font = face.at(size)
        step = round(size * 1.3)
        rows = wrap(words, font, face, WIDTH - (24 if inverse else 0))
        self._room(step * len(rows) + 16)
        if inverse and rows:
            self.pen.rectangle((0, self.y, WIDTH, self.y + step * len(rows) + 12), fill=0)
            self.y += 4
        for row in rows:
            x = (WIDTH - font.getlength(row)) / 2 if center or inverse else 0
            self.pen.text((x, self.y), row, font=font, fill=255 if inverse else 0)
            self.y += step
        self.y += 12 if inverse else 0

    def row(self, left: str, right: str, size: int = 26, *, bold: bool = False, indent: int = 0) -> None:
        """Write ``left`` and, at the right edge of its first row, ``right`` (a price)."""
        face = self.bold if bold else self.regular
        font = face.at(size)
        step = round(size * 1.3)
        free = WIDTH - indent - font.getlength(right) - (18 if right else 0)
        rows = wrap(left, font, face, int(free)) or [""]
        self._room(step * len(rows))
        self.pen.text((WIDTH - font.getlength(right), self.y), right, font=font, fill=0)
        for words in rows:
            self.pen.text((indent, self.y), words, font=font, fill=0)
            self.y += step

    def gap(self, dots: int = 12) -> None:
        """Leave some paper white."""
        self._room(dots)
        self.y += dots

    def rule(self, *, dashed: bool = True) -> None:
        """Draw a line across."""
        self.gap(10)
        step = 14 if dashed else WIDTH
        for x in range(0, WIDTH, step):
            self.pen.line((x, self.y, x + (step * 4 // 7 if dashed else step), self.y), fill=0, width=2)
        self.gap(12)

    def qr(self, text: str, dots: int, *, x: int | None = None) -> int:
        """Draw the code for ``text`` about ``dots`` wide, in the middle or at ``x``; returns its real width."""
        rows = matrix(text)
        module = max(3, dots // len(rows))
        size = module * len(rows)
        self._room(size)
        left = (WIDTH - size) // 2 if x is None else x
        for j, row in enumerate(rows):
            for i, black in enumerate(row):
                if black:
                    at = (left + i * module, self.y + j * module)
                    self.pen.rectangle((*at, at[0] + module - 1, at[1] + module - 1), fill=0)
        if x is None:
            self.y += size
        return size

    def picture(self, svg: str, dots: int) -> None:
        """Draw a line drawing in the middle, about ``dots`` wide."""
        drawn = dots_of(svg, dots, self.bold)
        self._room(drawn.height + 16)
        self.paper.paste(drawn, ((WIDTH - drawn.width) // 2, self.y + 4))
        self.y += drawn.height + 16

    def beside(self, words: list[tuple[str, int, bool]], x: int, height: int) -> None:
        """Write rows of (words, size, bold) at ``x``, in the middle of ``height``, and go on below."""
        rows = []
        for sentence, size, bold in words:
            face = self.bold if bold else self.regular
            rows += [
                (row, face.at(size), round(size * 1.3))
                for row in wrap(sentence, face.at(size), face, WIDTH - x)
            ]
        y = self.y + max(0, (height - sum(step for _, _, step in rows)) // 2)
        self._room(height)
        for row, font, step in rows:
            self.pen.text((x, y), row, font=font, fill=0)
            y += step
        self.y = max(self.y + height, y)

    def _room(self, dots: int) -> None:
        """Make the paper longer when ``dots`` more do not fit; raises `ValueError` for an endless slip."""
        if self.y + dots + 40 < self.paper.height:
            return
        if self.paper.height >= LONGEST:
            raise ValueError("this slip would be longer than three metres")
        longer = Image.new("L", (WIDTH, self.paper.height + max(2400, dots + 40)), 255)
        longer.paste(self.paper)
        self.paper, self.pen = longer, ImageDraw.Draw(longer)


def wrap(words: str, font: ImageFont.FreeTypeFont, face: Face, width: int) -> list[str]:
    """Break a sentence into rows of at most ``width`` dots: between words, or inside what is too long."""
    rows: list[str] = []
    row = ""
    for piece in _pieces("".join(c if can_draw(face, c) or c == " " else "\u25a1" for c in words)):
        if font.getlength((row + piece).rstrip()) <= width:
            row += piece
            continue
        if row.strip():
            rows.append(row.rstrip())
        row = piece.lstrip()
        while font.getlength(row.rstrip()) > width:
            fits = max(
                1, next(n for n in range(len(row), 0, -1) if n == 1 or font.getlength(row[:n]) <= width)
            )
            if fits >= len(row):
                break
            rows.append(row[:fits])
            row = row[fits:]
    return [*rows, row.rstrip()] if row.strip() else rows


def _pieces(words: str) -> list[str]:
    """Split where a row may end: after a blank, and around every Chinese character; closing marks stay on."""
    pieces: list[str] = []
    for c in words:
        wide = unicodedata.east_asian_width(c) in "WF"
        clings = unicodedata.category(c) in ("Pe", "Pf", "Po", "Mn") and c not in "#&@*"
        starts = not pieces or (wide and not clings) or pieces[-1].endswith(" ") or _ends_wide(pieces[-1])
        if starts and not (clings and pieces):
            pieces.append(c)
        else:
            pieces[-1] += c
    return pieces


def _ends_wide(piece: str) -> bool:
    return unicodedata.east_asian_width(piece[-1]) in "WF" and unicodedata.category(piece[-1]) not in (
        "Ps",
        "Pi",
    )
