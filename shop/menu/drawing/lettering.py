"""The inscription: cleaned, measured, broken into at most two lines, sized to the cake."""

import unicodedata
from dataclasses import dataclass

NOMINAL = 30.0  # one piped character is about an inch (2.5 cm) on the real cake
LEAST = 11.5
_NARROW, _WIDE = frozenset("ijlI.,:;'!|()[]"), frozenset("mwMW@%&")


def clean(words: str) -> str:
    """One line without control, direction or broken characters; XML can hold the rest."""
    kept: list[str] = []
    marks = 0
    for char in words[:400]:
        kind = unicodedata.category(char)
        if kind in {"Mn", "Me"}:
            marks += 1
            if marks > 2 or not kept:
                continue
        else:
            marks = 0
        if kind in {"Cc", "Zl", "Zp", "Zs"}:
            char = " "
        elif kind in {"Cs", "Cn", "Co"} or (kind == "Cf" and char != "\u200d"):
            continue
        kept.append(char)
    return " ".join("".join(kept).split())[:60]


def measure(words: str) -> float:
    """Length in em: Chinese 1, Latin 0.55 (thin letters less, broad ones more), marks 0."""
    total = 0.0
    for char in words:
        kind = unicodedata.category(char)
        if kind in {"Mn", "Me", "Cf"}:
            continue
        if unicodedata.east_asian_width(char) in {"W", "F"}:
            total += 1.3 if kind == "So" else 1.0
        elif char in _NARROW:
            total += 0.32
        elif char in _WIDE:
            total += 0.92
        elif char.isupper():
            total += 0.68
        elif char == " ":
            total += 0.28
        else:
            total += 0.55
    return total


@dataclass(frozen=True)
class Lettering:
    """Lines and their size in picture units."""

    lines: tuple[str, ...]
    size: float

    @property
    def width(self) -> float:
        """The longest line in picture units."""
        return max((measure(line) for line in self.lines), default=0.0) * self.size

    @property
    def height(self) -> float:
        """All lines together in picture units."""
        return len(self.lines) * self.size * 1.16


def _halves(words: str) -> tuple[str, str]:
    """The break that makes the longer line shortest: between words, else anywhere fair."""
    spaces = [i for i, char in enumerate(words) if char == " "]
    soft = [i + 1 for i, char in enumerate(words[:-1]) if char in "，。！、,!·"]
    fair = [i for i in range(1, len(words)) if not _clings(words, i, latin=True)]
    hard = [i for i in range(1, len(words)) if not _clings(words, i, latin=False)]

    def worst(i: int) -> float:
        return max(measure(words[:i].strip()), measure(words[i:].strip()))

    best = len(words)
    for choices, gain in ((spaces + soft, 1.0), (fair, 0.74), (hard, 0.66)):
        found = min(choices, key=worst, default=best)
        if worst(found) < worst(best) * gain:
            best = found
    return words[:best].strip(), words[best:].strip()


def _clings(words: str, i: int, *, latin: bool) -> bool:
    here, before = words[i], words[i - 1]
    loose = unicodedata.category(here) in {"Mn", "Me", "Cf", "Po", "Pe", "Sk"}
    return loose or before == "\u200d" or (latin and here.isascii() and before.isascii())


def fit(words: str, width: float, height: float) -> Lettering:
    """The largest lettering that stays inside ``width`` x ``height`` (picture units)."""
    words = clean(words)
    if not words:
        return Lettering((), 0)
    one = min(NOMINAL, width / max(measure(words), 0.01), height / 1.16)
    if one >= NOMINAL * 0.8:
        return Lettering((words,), one)
    while True:
        lines = tuple(line for line in _halves(words) if line)
        longest = max(measure(line) for line in lines)
        size = min(NOMINAL, width / max(longest, 0.01), height / (1.16 * len(lines)))
        if size <= one:
            lines, size = (words,), one
        if size >= LEAST or len(words) < 4:
            return Lettering(lines, size)
        words = words.rstrip("…")[:-2].rstrip() + "…"
        one = min(NOMINAL, width / measure(words), height / 1.16)
