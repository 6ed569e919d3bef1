"""The letters that one document needs, taken out of a Chinese font of sixty thousand.

Only the process that draws comes here: the library that reads fonts is large.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from shop.printing.fonts import Face

MISSING = "\u25a1"
"""Stands where a font has no letter."""
_NOT_NEEDED = ["vmtx", "vhea", "VORG", "GSUB", "GPOS", "GDEF", "BASE", "DSIG", "kern", "STAT"]


def written(words: str, known: Iterable[int]) -> str:
    """Return words as they can be drawn; what steers a printer or turns the text around is left out."""
    return "".join(c if ord(c) in known else MISSING for c in words if c.isprintable())


def taken_out(face: Face, words: Iterable[str], into: Path) -> frozenset[int]:
    """Write a font with just the letters of ``words`` to ``into``; return their code points.

    The same letters make the same file: it carries no time of its own.
    """
    font = TTFont(face.path, fontNumber=face.index, lazy=True, recalcTimestamp=False)
    has = font.getBestCmap() or {}
    wanted = {ord(c) for text in words for c in text} | {ord(MISSING), ord(" ")}
    options = Options(layout_features=[], hinting=False, desubroutinize=True, notdef_outline=True)
    options.drop_tables += _NOT_NEEDED
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(wanted & has.keys()))
    subsetter.subset(font)
    file = BytesIO()
    font.save(file)
    into.write_bytes(file.getvalue())
    return frozenset(wanted & has.keys())
