"""A document as PDF, A4, with the letters that it uses: the same paper has the same bytes each time.

A Chinese font is read for a second and takes more memory than the shop, so a process of its own draws and ends.
Only one draws at a time; whoever comes meanwhile waits.
"""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from shop.core.errors import N_, Conflict, ShopError
from shop.documents.paper import Paper, Part, Row, RowKind
from shop.printing.fonts import chinese_face

if TYPE_CHECKING:
    from fpdf import FPDF

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
"""Seconds after which a process that draws is stuck."""
NICE = 10
KEPT = 40
"""So many papers without a customer's name are kept for whoever loads them again."""
LEFT, TOP, WIDTH, BOTTOM = 20.0, 18.0, 170.0, 20.0
"""Millimetres of an A4 page: margins, and what lies between them."""
AMOUNT = 38.0
"""Millimetres of the column of amounts."""
SIZES = {RowKind.ITEM: 10.5, RowKind.PART: 9.0, RowKind.SUM: 10.0, RowKind.TOTAL: 13.0}
"""Points."""
MUTED, INK, RULE = 95, 0, 150
"""Greys, from 0 for black to 255."""
STROKE = 0.02
"""Bold is drawn with a stroke around each letter, so many millimetres for each point: a second font costs a second."""
_kept: OrderedDict[Paper, bytes] = OrderedDict()
_one = threading.Lock()


class NoFont(Conflict):
    """This machine has no font with Chinese letters; the page itself can be printed all the same."""

    kind = "no_font"
    message = N_(
        "This computer has no font with Chinese letters, so it can make no PDF. Whoever looks after it can install "
        "one, for example with: apt-get install fonts-noto-cjk. Until then, print the page itself."
    )


class NotDrawn(ShopError):
    """The process that draws died or took too long."""

    status = 503
    kind = "not_drawn"
    message = N_("The PDF could not be made right now. Please try again, or print the page itself.")


def can_be_made(language: str) -> bool:
    """Whether a PDF in this language can be made here."""
    return chinese_face(language) is not None


def pdf_of(paper: Paper) -> bytes:
    """Return the PDF of a document. Raises `NoFont` and `NotDrawn`."""
    if not can_be_made(paper.language):
        raise NoFont()
    with _one:
        if paper in _kept:
            _kept.move_to_end(paper)
            return _kept[paper]
        made = _elsewhere(paper)
        if not paper.buyer:
            _kept[paper] = made
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return made


def _elsewhere(paper: Paper) -> bytes:
    command = [sys.executable, "-m", __name__]
    question = json.dumps(dataclasses.asdict(paper), default=datetime.isoformat).encode()
    try:
        done = subprocess.run(
            command, input=question, capture_output=True, cwd=ROOT, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError) as trouble:
        raise NotDrawn() from trouble
    return done.stdout


def read(said: dict[str, Any]) -> Paper:
    """Return a document that came as JSON."""
    parts = tuple(
        Part(tuple(Row(r["words"], r["amount"], RowKind(r["kind"])) for r in part["rows"]), part["name"])
        for part in said["parts"]
    )
    facts = tuple((what, which) for what, which in said["facts"])
    lists = {name: tuple(said[name]) for name in ("seller", "buyer", "notes")}
    made_at = datetime.fromisoformat(said["made_at"])
    return Paper(said["language"], said["title"], said["number"], made_at, facts=facts, parts=parts, **lists)


def drawn(paper: Paper) -> bytes:
    """Draw a document here and now, with its own time as the time of the file. Raises `NoFont`."""
    from fpdf import FPDF  # only the process that draws loads these two

    from shop.documents.letters import taken_out

    face = chinese_face(paper.language)
    if face is None:
        raise NoFont()
    pdf = FPDF(format="A4")
    pdf.set_margins(LEFT, TOP, LEFT)
    pdf.set_auto_page_break(False)
    pdf.c_margin = 0.0
    pdf.set_title(f"{paper.title} {paper.number}")
    pdf.set_author(paper.seller[0] if paper.seller else "")
    pdf.set_lang(paper.language.replace("_", "-"))
    pdf.set_creation_date(paper.made_at)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "letters.otf"
        known = taken_out(face, _words(dataclasses.asdict(paper)), file)
        pdf.add_font("paper", "", file)
    pdf.add_page()
    sheet = Sheet(pdf, known)
    sheet.head(paper)
    for part in paper.parts:
        sheet.part(part)
    sheet.notes(paper.notes)
    return bytes(pdf.output())


def _words(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list | tuple):
        for each in said.values() if isinstance(said, dict) else said:
            yield from _words(each)


class Sheet:
    """Draws from top to bottom, on as many pages as it takes."""

    def __init__(self, pdf: "FPDF", known: frozenset[int]) -> None:
        self.pdf, self.known = pdf, known

    def head(self, paper: Paper) -> None:
        """Who sells on the left, what this is on the right; below the buyer and the facts."""
        self.at(paper.title, 20, x=LEFT + WIDTH / 2, width=WIDTH / 2, align="R", bold=True, move=False)
        name, *rest = paper.seller or ("",)
        self.at(name, 14, width=WIDTH / 2, bold=True)
        for line in rest:
            self.at(line, 9, width=WIDTH / 2, grey=MUTED)
        self.space(6)
        top = self.pdf.get_y()
        for what, which in paper.facts:
            if not which:
                self.at(what, 9.5, width=WIDTH / 2, bold=True)
                continue
            self.at(what, 9.5, width=34, grey=MUTED, move=False)
            self.at(which, 9.5, x=LEFT + 34, width=WIDTH / 2 - 34)
        below = self.pdf.get_y()
        self.pdf.set_y(top)
        for n, line in enumerate(paper.buyer):
            self.at(line, 9.5, x=LEFT + WIDTH / 2, width=WIDTH / 2, bold=n == 1, grey=INK if n else MUTED)
        self.pdf.set_y(max(below, self.pdf.get_y()))

    def part(self, part: Part) -> None:
        """Rows under a line."""
        self.space(4)
        self.room(8)
        y = self.pdf.get_y()
        self.pdf.set_draw_color(RULE)
        self.pdf.set_line_width(0.2)
        self.pdf.line(LEFT, y, LEFT + WIDTH, y)
        self.space(2.5)
        if part.name:
            self.at(part.name, 9, grey=MUTED)
        for row in part.rows:
            self.row(row)

    def row(self, row: Row) -> None:
        """Words, and at the right edge of their first line the amount."""
        size, heavy, small = SIZES[row.kind], row.kind == RowKind.TOTAL, row.kind == RowKind.PART
        indent = 4.0 if small else 0.0
        self.room(self.height(row.words, size, WIDTH - AMOUNT - indent))
        grey = MUTED if small else INK
        self.at(
            row.amount,
            size,
            x=LEFT + WIDTH - AMOUNT,
            width=AMOUNT,
            align="R",
            bold=heavy,
            grey=grey,
            move=False,
        )
        self.at(row.words, size, x=LEFT + indent, width=WIDTH - AMOUNT - indent, bold=heavy, grey=grey)
        self.space(0.6)

    def notes(self, notes: tuple[str, ...]) -> None:
        """What stands small at the end."""
        self.space(6)
        for note in notes:
            self.room(self.height(note, 8.5, WIDTH))
            self.at(note, 8.5, grey=MUTED)

    def at(self, words: str, size: float, *, x: float = LEFT, width: float = WIDTH, align: str = "L",
           bold: bool = False, grey: int = INK, move: bool = True) -> None:  # fmt: skip
        """Write words from ``x`` on; ``move`` goes on below them, else the place stays."""
        y = self.pdf.get_y()
        look = {"text_mode": "FILL_STROKE", "draw_color": grey, "line_width": size * STROKE} if bold else {}
        self.pdf.set_xy(x, y)
        with self.pdf.local_context(**look):
            self.pdf.set_font("paper", "", size)
            self.pdf.set_text_color(grey)
            self.pdf.multi_cell(
                width, self.step(size), self.plain(words), align=align, new_x="LEFT", new_y="NEXT"
            )
            below = self.pdf.get_y()
        self.pdf.set_y(below if move else y)

    def height(self, words: str, size: float, width: float) -> float:
        """Return how much of the page words take, in millimetres."""
        self.pdf.set_font("paper", "", size)
        taken = self.pdf.multi_cell(width, self.step(size), self.plain(words), dry_run=True, output="HEIGHT")
        assert isinstance(taken, float)
        return max(self.step(size), taken)

    def plain(self, words: str) -> str:
        """Return words as this font can draw them."""
        from shop.documents.letters import written

        return written(words, self.known)

    def room(self, height: float) -> None:
        """Go on to the next page where this much does not fit on this one."""
        if self.pdf.get_y() + height > self.pdf.h - BOTTOM:
            self.pdf.add_page()

    def space(self, height: float) -> None:
        """Leave some of the page free."""
        self.pdf.set_y(self.pdf.get_y() + height)

    @staticmethod
    def step(size: float) -> float:
        """Return how far the lines of a size (points) are apart, in millimetres."""
        return size * 0.5


def main() -> None:
    """Draw the document that stands on the standard input, behind whatever the shop has to do."""
    with suppress(OSError):
        os.nice(NICE)
    sys.stdout.buffer.write(drawn(read(json.loads(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
