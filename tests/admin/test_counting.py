"""Counting in the back office: never by an empty form, never twice, and put right by two people."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from shop.payments.till_tables import TillDay, TillShift
from tests.admin.drawers import expected, people, pieces
from tests.admin.office import english, post
from web.database import reading


def test_an_empty_form_is_no_count_and_a_zero_is_one(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="100")
    for form in ({}, {"piece__10000": " ", "piece__5000": ""}):
        refused = post(mei, "/admin/tills/1/count", **form)
        assert refused.status_code == 422 and "For an empty drawer please write a 0." in refused.text
    assert (
        'data-count-question="You have counted {counted}. Is this all' in mei.get("/admin/tills/1/count").text
    )
    taken = post(mei, "/admin/tills/1/count", piece__10000="0")
    assert taken.status_code == 303 and "¥100 short" in mei.get(taken.location).text


def test_a_slip_of_the_keys_does_not_get_into_the_drawer(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    refused = post(mei, "/admin/tills/1/opening", float="50000.01")
    assert (
        refused.status_code == 422
        and "50,000 is the most at a time. Please check the digits." in refused.text
    )
    assert post(mei, "/admin/tills/1/opening", float="50000").status_code == 303
    refused = post(mei, "/admin/tills/1/cash", kind="paid_in", amount="999,999", reason="coins")
    assert refused.status_code == 422 and "50,000 is the most at a time" in refused.text
    assert 'data-confirm="{kind}: {amount}?"' in mei.get("/admin/tills/1").text
    assert (
        post(mei, "/admin/tills/1/cash", kind="paid_in", amount="50,000", reason="coins").status_code == 303
    )
    assert expected(app) == 100_000_00


def test_however_much_a_count_is_off_it_can_be_put_right(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="0")
    report = post(mei, "/admin/tills/1/count", piece__10000="9999", piece__5000="9999").location
    assert "1,499,850 over" in mei.get(report).text
    path = "/admin/tills/shifts/1/corrections"
    far = post(mei, path, way="less", amount="1499850.01", correction_reason="the keys slipped")
    assert far.status_code == 422 and "1,499,850 is the most" in far.text
    right = post(mei, path, way="less", amount="1499850", correction_reason="the keys slipped")
    assert right.status_code == 303 and "1,499,850 short" in mei.get(report).text


def test_a_correction_asked_by_one_is_decided_by_another(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="100")
    post(mei, "/admin/tills/1/count", **pieces(90_00))
    asked = post(
        mei, "/admin/tills/shifts/1/corrections", way="more", amount="10", correction_reason="under the tray"
    )
    assert asked.status_code == 303
    page = xu.get("/admin/tills/shifts/1").text
    seal = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert seal and "Agree to ¥10" in page and "Agree to" not in mei.get("/admin/tills/shifts/1").text
    path = "/admin/tills/shifts/1/corrections/1"
    assert post(mei, path, agreed="1", seen=seal[1]).status_code == 403
    assert post(xu, path, agreed="1", seen="0" * 64).status_code == 409
    assert post(xu, path, agreed="1", seen=seal[1]).status_code == 303
    assert "corrected by" in mei.get("/admin/tills/shifts/1").text


def test_no_second_form_counts_again(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="100")
    key = "a" * 32
    first = post(mei, "/admin/tills/1/count", key=key, **pieces(100_00))
    again = post(mei, "/admin/tills/1/count", key=key, **pieces(100_00))
    assert (first.status_code, again.status_code) == (303, 303) and again.headers[
        "Idempotent-Replayed"
    ] == "true"
    assert post(mei, "/admin/tills/1/count", **pieces(100_00)).status_code == 409
    with app.app_context(), reading() as session:
        assert session.scalars(select(TillShift.counted)).all() == [100_00]
        assert session.scalars(select(TillDay)).all() == []


def test_a_till_that_is_counted_leads_to_its_reports_and_no_auditor_takes_money(app: Flask, sign_in) -> None:
    mei, xu = people(app, sign_in)
    zheng = english(sign_in(app.test_client(), "zheng"))
    post(xu, "/admin/tills", name="1")
    post(mei, "/admin/tills/1/opening", float="265")
    for path in ("/admin/tills", "/admin/tills/1"):
        assert "You take money here." in mei.get(path).text
        assert "You take money here." not in zheng.get(path).text, "an auditor takes none"
    report = mei.get(post(mei, "/admin/tills/1/count", **pieces(265_00)).location).text
    assert re.findall(r'<dt class="num">(¥\d+)</dt>', report) == ["¥100", "¥50", "¥10", "¥5"]
    closed = mei.get("/admin/tills/1/count")
    assert closed.status_code == 303 and closed.location.endswith("/admin/tills/1")
    assert "This till is closed." in mei.get("/admin/tills/1").text
