"""Several people at one order in the back office: comments, what is left for somebody, who else is here."""

from flask import Flask

from shop.people.staff import Staff
from tests import cast
from tests.admin.office import english, events, made, post
from web.database import reading


def id_of(app: Flask, login: str) -> int:
    with app.app_context(), reading() as session:
        person: Staff = cast.person(session, login)
        return person.id


def test_a_comment_for_a_colleague_waits_on_their_page_until_it_is_done(app: Flask, sign_in) -> None:
    placed = made(app)
    mei, jie = (english(sign_in(app.test_client(), login)) for login in ("mei", "jie"))
    path = f"/admin/orders/{placed.order_id}"
    answer = post(mei, f"{path}/comments", text="Gold candles, please", for_id=str(id_of(app, "jie")))
    assert answer.status_code == 303 and answer.location.endswith("#comments")
    thread = jie.get(f"{path}/comments").text
    assert "Gold candles, please" in thread and "for 阿杰 Jie" in thread and "小美 Mei" in thread
    today = jie.get("/admin/").text
    assert "Left for you" in today and "Gold candles, please" in today and placed.number in today
    assert "Left for you" not in mei.get("/admin/").text
    line = mei.get(f"{path}/part").text
    assert "Comment written" in line and "for 阿杰 Jie" in line and "Gold candles" not in line
    (event,) = events(app, "order_commented")
    done = post(jie, f"/admin/comments/{event.data['comment']}/done", **{"from": "today"})
    assert done.status_code == 303 and done.location == "/admin/"
    assert "Left for you" not in jie.get("/admin/").text and "Done today" in mei.get(path).text


def test_the_same_comment_twice_is_one_comment(app: Flask, sign_in) -> None:
    placed = made(app)
    mei = english(sign_in(app.test_client(), "mei"))
    path = f"/admin/orders/{placed.order_id}/comments"
    first = post(mei, path, key="c" * 32, text="Once")
    again = post(mei, path, key="c" * 32, text="Once")
    assert first.location == again.location and again.headers["Idempotent-Replayed"] == "true"
    assert mei.get(path).text.count("Once") == 1


def test_a_comment_that_cannot_be_is_refused(app: Flask, sign_in) -> None:
    placed = made(app)
    mei = sign_in(app.test_client(), "mei")
    path = f"/admin/orders/{placed.order_id}/comments"
    assert post(mei, path, text="").status_code == 422
    assert post(mei, path, text="x", for_id="nobody").status_code == 422
    assert post(mei, path, text="x", for_id=str(id_of(app, "li"))).status_code == 422
    assert post(mei, "/admin/orders/999/comments", text="x").status_code == 404
    assert events(app, "order_commented") == []


def test_who_does_not_read_comments_sees_no_trace_of_their_words(app: Flask, sign_in) -> None:
    placed = made(app)
    post(
        sign_in(app.test_client(), "mei"),
        f"/admin/orders/{placed.order_id}/comments",
        text="Only for the team",
    )
    for login in ("zheng", "zhou"):
        client = sign_in(app.test_client(), login)
        path = f"/admin/orders/{placed.order_id}"
        assert "Only for the team" not in client.get(path).text + client.get(f"{path}/part").text
        assert client.get(f"{path}/comments").status_code == 403
        assert client.get("/admin/").status_code == 200
    assert "Only for the team" in sign_in(app.test_client(), "lin").get(path).text


def test_words_are_shown_as_words(app: Flask, sign_in) -> None:
    placed = made(app)
    mei = sign_in(app.test_client(), "mei")
    post(mei, f"/admin/orders/{placed.order_id}/comments", text="<b>bold</b>\nand more")
    page = mei.get(f"/admin/orders/{placed.order_id}").text
    assert "&lt;b&gt;bold&lt;/b&gt;\nand more" in page and "<b>bold</b>" not in page


def test_a_comment_is_in_no_log(app: Flask, sign_in, capfd) -> None:
    placed = made(app)
    post(sign_in(app.test_client(), "mei"), f"/admin/orders/{placed.order_id}/comments", text="canary-91bd")
    out, err = capfd.readouterr()
    assert "admin.write_comment" in out + err and "canary-91bd" not in out + err


def test_one_sees_who_else_is_at_an_order(app: Flask, sign_in) -> None:
    placed, other = made(app), made(app)
    mei, lin = (english(sign_in(app.test_client(), login)) for login in ("mei", "lin"))
    look = f"/admin/orders/{placed.order_id}/look"
    assert "Mei" not in post(mei, look).text
    assert "小美 Mei is looking at this too" in post(lin, look).text
    assert "林 Lin is looking at this too" in mei.get(f"/admin/orders/{placed.order_id}").text
    post(mei, look, working="1")
    assert "小美 Mei is working on this" in post(lin, look).text
    assert "Mei" not in post(lin, f"/admin/orders/{other.order_id}/look").text
    post(mei, look, leave="1")
    assert "Mei" not in post(lin, look).text
    post(mei, look)
    app.extensions["fairslice"].clock.pass_by(seconds=26)
    assert "Mei" not in post(lin, look).text, "silence ends it"
    assert events(app, "order_looked") == [] and post(mei, "/admin/orders/999/look").status_code == 404


def test_a_phone_number_in_a_comment_is_asked_about_once(app: Flask, sign_in) -> None:
    placed = made(app)
    mei = english(sign_in(app.test_client(), "mei"))
    path = f"/admin/orders/{placed.order_id}"
    for number in ("13812345678", "+86 138 1234 5678", "１３８１２３４５６７８"):
        words = f"Call {number} first"
        asked = post(mei, f"{path}/comments", text=words)
        assert asked.status_code == 422 and "looks like a phone number. Keep it?" in asked.text, number
        assert words in asked.text and words not in mei.get(f"{path}/comments").text
        other = post(mei, f"{path}/comments", text=f"{words}, or 13912345678")
        assert other.status_code == 422, "another text is asked about anew"
        assert post(mei, f"{path}/comments", text=words).status_code == 422
        assert post(mei, f"{path}/comments", text=words).status_code == 303
        assert words in mei.get(f"{path}/comments").text
    for harmless in (f"{placed.number}: 2 candles, 10:30", "Y198 paid, 3 of 12", "2026-11-22"):
        assert post(mei, f"{path}/comments", text=harmless).status_code == 303, harmless
