"""What can be written on a cake: what a baker's hand can pipe and what the shop's paper can print.

The words go to the kitchen letter by letter, so a sign that nobody can write is refused while the customer
can still mend it, never dropped or drawn as a box. Signs nobody sees (direction marks, joiners) are left out.
"""

import unicodedata
from functools import lru_cache

from shop.core.errors import N_, Invalid
from shop.orders.cart import INSCRIPTION_ROOM, clean, inscription_length

TOO_LONG = N_(
    "Too long for the cake by %(over)d (a Chinese character counts as 2). "
    "Please shorten it a little; your words stay here."
)
UNWRITABLE = N_(
    "We cannot write %(signs)s on a cake. Letters, Chinese characters, numbers, ♥ and ★ are fine; "
    "everything else stays here."
)
SIGNS = frozenset("♥♡★☆♪♫°©®☀✿❀♀♂")
"""Pictures that can be piped in one stroke or two, and that every Chinese font has."""
SCRIPTS = (  # Latin, Greek, Cyrillic, punctuation and numbers, kana, Hangul, Chinese: what the slip's font has of them
    (0x20, 0x103), (0x106, 0x107), (0x10A, 0x113), (0x116, 0x117), (0x11A, 0x11B), (0x120, 0x121), (0x128, 0x12B),
    (0x139, 0x13A), (0x13D, 0x13E), (0x143, 0x144), (0x147, 0x148), (0x14C, 0x14F), (0x152, 0x155), (0x158, 0x15B),
    (0x160, 0x161), (0x164, 0x165), (0x168, 0x16D), (0x179, 0x17E), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC),
    (0x300, 0x304), (0x308, 0x308), (0x30C, 0x30C), (0x1EA0, 0x1EF9), (0x386, 0x38F), (0x391, 0x3A9), (0x3AC, 0x3AF),
    (0x3B1, 0x3C9), (0x3CC, 0x3CE), (0x401, 0x401), (0x410, 0x44F), (0x451, 0x451), (0x2010, 0x2016),
    (0x2018, 0x201A), (0x201C, 0x201E), (0x2022, 0x2022), (0x2025, 0x2027), (0x2030, 0x2030), (0x2032, 0x2033),
    (0x2039, 0x203B), (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2160, 0x216B), (0x2170, 0x217B), (0x2190, 0x2193),
    (0x221A, 0x221A), (0x221E, 0x221E), (0x2460, 0x2473), (0x3000, 0x3030), (0x3041, 0x30FF), (0x3105, 0x312F),
    (0x31F0, 0x31FF), (0x3400, 0x4DB5), (0x4E00, 0x9FEF), (0xAC00, 0xD7A3), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE6),
)  # fmt: skip
SHOWN = 3


def check_words(text: str, field: str = "inscription") -> None:
    """Raise `Invalid` for words that cannot stand on a cake; ``text`` is what was typed, not cleaned."""
    signs = unwritable(text)
    if signs:
        shown = " ".join(sign if sign.isprintable() else "□" for sign in signs[:SHOWN])
        raise Invalid(UNWRITABLE, field=field, signs=shown)
    over = inscription_length(clean(text)) - INSCRIPTION_ROOM
    if over > 0:
        raise Invalid(TOO_LONG, field=field, over=over)


@lru_cache(maxsize=512)
def unwritable(text: str) -> tuple[str, ...]:
    """Return the signs of ``text`` that cannot be piped or printed, each once."""
    composed = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys(c for i, c in enumerate(composed) if not _writable(c, composed[:i])))


def _writable(character: str, before: str) -> bool:
    kind = unicodedata.category(character)
    code = ord(character)
    if kind in ("Cc", "Cf") or 0xFE00 <= code <= 0xFE0F:  # nobody sees these: `clean` leaves them out
        return True
    if kind in ("Mn", "Me") and (not before or unicodedata.combining(before[-1])):
        return False  # a mark on a mark
    known = any(first <= code <= last for first, last in SCRIPTS)
    return character in SIGNS or (known and kind not in ("So", "Co", "Cs", "Cn"))
