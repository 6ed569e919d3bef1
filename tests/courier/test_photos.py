"""A photo at the door (trust.md T29): read as a picture and written anew, or refused; never kept as it came."""

from __future__ import annotations

import uuid
from io import BytesIO
from pathlib import Path
from random import Random

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.delivery.tables import Drop
from tests import cast
from tests.courier.phone import a_drop, again, phone
from tests.shop.delivery import rounds
from tests.shop.photos.test_photos import bomb, picture, with_place
from web.database import reading


def send(client: FlaskClient, it: Drop, body: bytes, name: str = "door.jpg", **fields: str) -> TestResponse:
    form = {
        "csrf_token": cast.token_of(client),
        "key": uuid.uuid4().hex,
        **fields,
        "photo": (BytesIO(body), name),
    }
    return client.post(f"/courier/drop/{it.id}/hand-over", data=form, content_type="multipart/form-data")


def folder(app: Flask) -> Path:
    there: Path = app.extensions["fairslice"].settings.data / "photos"
    return there


def kept(app: Flask) -> list[bytes]:
    return [file.read_bytes() for file in folder(app).iterdir()] if folder(app).exists() else []


def test_a_photo_is_proof_and_only_the_new_picture_is_kept(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door)
    sent = with_place()
    assert send(gao, it, sent).status_code == 303
    proof = again(app, it).proof
    assert len(kept(app)) == 1 and (folder(app) / proof).exists()
    assert kept(app)[0] != sent and b"SpyCam" not in kept(app)[0]
    photo = cast.sign_in(app.test_client(), "xu").get(f"/admin/dispatch/photo/{proof}")
    assert photo.data == kept(app)[0] and photo.mimetype == "image/jpeg"
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in photo.headers["Content-Security-Policy"]
    for nothing in ("../secret.key", "0" * 32 + ".jpg", proof + ".jpg"):
        assert (
            cast.sign_in(app.test_client(), "xu").get(f"/admin/dispatch/photo/{nothing}").status_code == 404
        )
    assert gao.get(f"/admin/dispatch/photo/{proof}").status_code == 403


def test_a_refused_hand_over_keeps_no_photo(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door, paid=False)
    assert send(gao, it, picture()).status_code == 422, "the cash is missing"
    with app.app_context(), reading() as session:
        from shop.orders.tables import Order

        wrong = f"{(int(session.scalars(select(Order.pin).where(Order.id == it.order_id)).one()) + 1) % 10_000:04d}"
    assert send(gao, it, picture(), pin=wrong, tendered="999").status_code == 422
    assert kept(app) == [] and again(app, it).state == "arrived"


def test_the_body_may_be_large_here_and_nowhere_else(app: Flask) -> None:
    gao, it = phone(app), a_drop(app, rounds.at_the_door)
    noisy = BytesIO()
    Image.frombytes("RGB", (1500, 1500), Random(1).randbytes(1500 * 1500 * 3)).save(noisy, "JPEG", quality=95)
    assert 2_000_000 < len(noisy.getvalue()) < 8_000_000
    elsewhere = gao.post(
        f"/courier/drop/{it.id}/arrive",
        data={
            "csrf_token": cast.token_of(gao),
            "key": "x" * 20,
            "photo": (BytesIO(noisy.getvalue()), "a.jpg"),
        },
        content_type="multipart/form-data",
    )
    assert elsewhere.status_code == 413
    too_much = send(gao, it, b"\xff\xd8\xff" + b"\0" * (9 * 1024 * 1024))
    assert too_much.status_code == 413 and "8 MB" in too_much.get_data(as_text=True)
    assert send(gao, it, noisy.getvalue()).status_code == 303


def hostile(rng: Random) -> bytes:
    """One hostile file: a broken picture, another kind of file, a bomb, or two files in one."""
    kind = rng.randrange(8)
    if kind == 0:
        return bomb(30_000, 30_000)
    if kind == 1:
        return b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" + rng.randbytes(
            rng.randrange(50)
        )
    if kind == 2:
        return b"PK\x03\x04" + rng.randbytes(200)
    if kind == 3:
        return rng.choice(
            (b"GIF89a", b"%PDF-1.7", b"BM", b"\x00\x00\x01\x00", b"#!/bin/sh\n")
        ) + rng.randbytes(300)
    raw = bytearray(rng.choice((picture(), picture("PNG"), picture("WEBP"), with_place())))
    if kind == 4:
        return bytes(raw) + b"<script>alert(1)</script>"
    for _ in range(rng.randrange(1, 30)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw[: rng.randrange(len(raw) // 2, len(raw) + 1)])


def test_two_hundred_hostile_files_break_nothing_and_none_is_kept(app: Flask) -> None:
    gao, it, rng = phone(app), a_drop(app, rounds.at_the_door, paid=False), Random(29)
    names = ("a.jpg", "../../x.jpg", "x.php", "生日.jpg", "a" * 200 + ".jpg", "con", ".htaccess")
    answers = [send(gao, it, hostile(rng), rng.choice(names)).status_code for _ in range(200)]
    assert set(answers) == {422} and kept(app) == []  # unpaid: also a good picture hands nothing over
    assert again(app, it).state == "arrived"


def test_what_was_sent_never_stands_in_the_folder(app: Flask) -> None:
    gao, rng = phone(app), Random(30)
    for _ in range(6):
        sent = picture() + rng.randbytes(40)
        send(gao, a_drop(app, rounds.at_the_door), sent)
        assert sent not in kept(app)
    assert len(kept(app)) == 6
