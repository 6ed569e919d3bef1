"""What a courier's phone sends is read as a picture and written anew; anything else is refused by name."""

import zlib
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PIL import Image

from shop import photos
from shop.core.errors import Invalid

RED = (200, 20, 40)


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **how: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, RED).save(out, kind, **how)
    return out.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SpyCam"
    exif[0x0112] = 6  # held upright: a quarter turn
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_out_as_a_picture_of_the_same_thing(kind: str) -> None:
    kept = photos.read_photo(picture(kind))
    again = Image.open(BytesIO(kept.jpeg))
    assert again.format == "JPEG" and again.size == (kept.width, kept.height) == (320, 240)
    r, g, b = again.convert("RGB").getpixel((160, 120))
    assert abs(r - RED[0]) < 12 and abs(g - RED[1]) < 12 and abs(b - RED[2]) < 12


def test_place_and_camera_stay_behind_and_the_photo_stands_upright() -> None:
    kept = photos.read_photo(with_place())
    assert (kept.width, kept.height) == (240, 320)
    assert not Image.open(BytesIO(kept.jpeg)).getexif()
    assert b"SpyCam" not in kept.jpeg and b"Exif" not in kept.jpeg


def test_what_rides_behind_a_picture_is_left_behind() -> None:
    for tail in (b"<script>alert(1)</script>", b"PK\x03\x04evil.zip", b"<?php system($_GET['c']);"):
        assert tail not in photos.read_photo(picture() + tail).jpeg
    comment = photos.read_photo(picture(comment=b"<svg onload=alert(1)>"))
    assert b"onload" not in comment.jpeg


def test_a_large_photo_is_made_smaller() -> None:
    kept = photos.read_photo(picture(size=(4000, 3000)))
    assert (kept.width, kept.height) == (1600, 1200)


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7\n",
        b"BM" + b"\0" * 100,
        picture()[:200],
        bomb(30_000, 30_000),
        bomb(8_000, 8_000),
        b"\xff\xd8\xff" + b"\0" * (photos.MOST_BYTES + 1),
    ],
    ids=["nothing", "text", "svg", "gif", "pdf", "bmp", "cut off", "bomb", "too many pixels", "too large"],
)
def test_anything_else_is_refused_by_name(sent: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        photos.read_photo(sent, field="proof")
    assert refused.value.field == "proof"


@pytest.mark.filterwarnings("ignore::UserWarning")  # the decoder's own words about broken files
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.data())
def test_two_hundred_hostile_files_break_nothing_and_leave_nothing(data: some.DataObject) -> None:
    """Parts of a real picture turned, cut and mixed: a clean picture comes out, or the refusal by name."""
    raw = bytearray(data.draw(some.sampled_from([picture(), picture("PNG"), picture("WEBP"), with_place()])))
    for _ in range(data.draw(some.integers(1, 12))):
        raw[data.draw(some.integers(0, len(raw) - 1))] = data.draw(some.integers(0, 255))
    sent = bytes(raw[: data.draw(some.integers(len(raw) // 2, len(raw)))]) + data.draw(
        some.binary(max_size=64)
    )
    try:
        kept = photos.read_photo(sent)
    except Invalid as refused:
        assert refused.field == "photo"
    else:
        assert kept.jpeg != sent and not Image.open(BytesIO(kept.jpeg)).getexif()


def test_a_kept_photo_is_found_by_its_name_and_nothing_else_is(tmp_path: Path) -> None:
    photo = photos.read_photo(picture())
    name = photos.keep(tmp_path / "photos", photo)
    assert photos.find(tmp_path / "photos", name) == photo.jpeg
    (tmp_path / "secret.key").write_bytes(b"key")
    for wrong in (
        "../secret.key",
        "secret.key",
        name[:-4],
        f"../photos/{name}",
        "0" * 32 + ".jpg",
        "",
        f".{name}",
    ):
        assert photos.find(tmp_path / "photos", wrong) is None
    assert photos.keep(tmp_path / "photos", photo) != name
