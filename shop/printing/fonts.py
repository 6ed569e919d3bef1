"""A font with Chinese letters on this machine; a slip without one would print boxes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

# Face numbers inside the collections: the same letters are drawn in the Chinese or the Taiwanese way.
NOTO = {"zh_Hans": 2, "zh_Hant": 3, "en": 2}
FOLDERS = (
    "/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts/google-noto-cjk",
    "/usr/share/fonts/truetype/noto", "/usr/share/fonts/truetype/wqy", "/usr/share/fonts/wenquanyi/wqy-microhei",
    "/usr/share/fonts/truetype/droid", "/usr/share/fonts", "/usr/local/share/fonts",
    "/System/Library/Fonts", "/System/Library/Fonts/Supplemental", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
REGULAR = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "SourceHanSansSC-Regular.otf",
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "PingFang.ttc", "Hiragino Sans GB.ttc",
    "STHeiti Medium.ttc", "msyh.ttc", "simhei.ttf",
)  # fmt: skip
BOLD = (
    "NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold.otf", "NotoSansSC-Bold.otf", "SourceHanSansSC-Bold.otf",
    "msyhbd.ttc",
)  # fmt: skip
MISSING = "no font with Chinese letters was found, so slips use the printer's own"
HOW_TO_MEND = "install one, for example: apt-get install fonts-noto-cjk"


@dataclass(frozen=True)
class Face:
    """A font file and the face inside it."""

    path: str
    index: int

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the face at ``size`` pixels."""
        return _load(self.path, self.index, size)


@cache
def _load(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index)


@cache
def chinese_face(language: str, bold: bool = False) -> Face | None:
    """Return the best face for ``language``, or None where this machine has no Chinese font."""
    for name in BOLD + REGULAR if bold else REGULAR:
        for folder in FOLDERS:
            path = Path(folder) / name
            if path.is_file():
                return Face(str(path), NOTO[language] if name.startswith("NotoSansCJK-") else 0)
    return None


@cache
def can_draw(face: Face, character: str) -> bool:
    """Whether the face has this character; what it lacks would come out as an empty box."""
    font = face.at(24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffe"))
