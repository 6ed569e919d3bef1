"""Photos that people send: never kept as they came, always read as a picture and written anew.

So nothing rides along: no place or camera (EXIF), no second file behind the picture, no script. trust.md T29.
"""

import re
import secrets
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from shop.core.errors import N_, Invalid

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
"""What is kept is shown on a phone and a desk; nobody needs more."""
QUALITY = 82
READ = ("JPEG", "PNG", "WEBP")
NAME = re.compile(r"[0-9a-f]{32}\.jpg")


@dataclass(frozen=True)
class Photo:
    """A picture written anew: JPEG bytes, pixels wide and high."""

    jpeg: bytes
    width: int
    height: int


def read_photo(sent: bytes, *, field: str = "photo") -> Photo:
    """Read what was sent as a picture and write it anew, upright, at most 1600 pixels a side.

    Raises `Invalid` naming ``field`` for nothing, too much, or anything but a JPEG, PNG or WebP picture.
    """
    from PIL import Image, ImageOps  # loaded with the first photo, not with the server

    if not sent:
        raise Invalid(N_("Please take a photo first."), field=field)
    if len(sent) > MOST_BYTES:
        raise Invalid(N_("This photo is too large: at most 8 MB."), field=field)
    try:
        with Image.open(BytesIO(sent), formats=READ) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(N_("This photo has too many pixels: at most 40 million."), field=field)
            picture.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Invalid:
        raise
    except Exception as trouble:  # whatever a broken file makes the decoder say
        raise Invalid(
            N_("This is not a photo we can read. Please send a JPEG, PNG or WebP."), field=field
        ) from trouble
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Photo(written.getvalue(), *bare.size)


def keep(folder: Path, photo: Photo) -> str:
    """Write a photo into the folder under a random name, and return the name. Whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.jpg"
    half = folder / f".{name}"
    half.write_bytes(photo.jpeg)
    half.rename(folder / name)
    return name


def find(folder: Path, name: str) -> bytes | None:
    """Return a kept photo, or None for a name that `keep` never gave."""
    if not NAME.fullmatch(name):
        return None
    file = folder / name
    return file.read_bytes() if file.is_file() else None


def drop(folder: Path, name: str) -> None:
    """Take a photo out of the folder again; a name that `keep` never gave changes nothing."""
    if NAME.fullmatch(name):
        (folder / name).unlink(missing_ok=True)
