"""A document as it is read: what a page and a PDF show alike, ready in one language."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RowKind(StrEnum):
    """How a row stands on the paper: an article, something about it, a sum, the total, a fact without an amount."""

    ITEM = "item"
    PART = "part"
    SUM = "sum"
    TOTAL = "total"


@dataclass(frozen=True)
class Row:
    """Some words and, at the right edge, an amount as it is written; "" where there is none."""

    words: str
    amount: str = ""
    kind: RowKind = RowKind.ITEM


@dataclass(frozen=True)
class Part:
    """Rows that stand together, under a line."""

    rows: tuple[Row, ...]
    name: str = ""


@dataclass(frozen=True)
class Paper:
    """One document. ``seller`` begins with the shop's name; ``facts`` are (what, which), ``made_at`` is its time.

    The same facts make the same paper, so that its PDF has the same bytes each time.
    """

    language: str
    title: str
    number: str
    made_at: datetime
    seller: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    buyer: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What its PDF is called when it is kept."""
        return f"{self.number}-{self.language}.pdf"
