"""Papers for the customer at the counter: who may see them, in whose language, and as which file."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.admin.office import english, post
from tests.shop.documents.reading import words_of
from tests.tracking.states import order_in


def test_a_clerk_shows_the_receipt_in_the_customers_language_or_in_another(app: Flask, sign_in) -> None:
    placed = order_in(app, "confirmed")
    mei = english(sign_in(app.test_client(), "mei"))
    assert f"/admin/orders/{placed.order_id}/receipt" in mei.get(f"/admin/orders/{placed.order_id}").text
    page = mei.get(f"/admin/orders/{placed.order_id}/receipt").text
    assert "草莓奶油 8 寸" in page and "收据" in page, "the order speaks Chinese, whatever the screen speaks"
    page = mei.get(f"/admin/orders/{placed.order_id}/receipt?lang=en").text
    assert (
        "Strawberry cream 8 inch" in page and f"/admin/orders/{placed.order_id}/receipt.pdf?lang=en" in page
    )
    file = mei.get(f"/admin/orders/{placed.order_id}/receipt.pdf?lang=en")
    assert file.mimetype == "application/pdf" and "Strawberry cream 8 inch" in words_of(file.data)
    assert file.headers["Content-Security-Policy"] and file.headers["Cache-Control"] == "no-store"


def test_without_a_chinese_font_the_page_is_there_and_the_file_says_what_to_install(
    app: Flask, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order_in(app, "confirmed")
    monkeypatch.setattr("shop.documents.pdf.chinese_face", lambda language, bold=False: None)
    mei = english(sign_in(app.test_client(), "mei"))
    page = mei.get(f"/admin/orders/{placed.order_id}/receipt").text
    assert "receipt.pdf" not in page and "makes no PDF" in page and "¥496.00" in page
    refused = mei.get(f"/admin/orders/{placed.order_id}/receipt.pdf")
    assert refused.status_code == 409 and "fonts-noto-cjk" in refused.text


def issue(client: FlaskClient, order_id: int, **form: str) -> TestResponse:
    return post(client, f"/admin/orders/{order_id}/invoice", **{"buyer_name": "长宁餐饮", **form})


def test_a_clerk_issues_an_invoice_and_takes_it_back(app: Flask, sign_in) -> None:
    order_id = order_in(app, "confirmed").order_id
    mei = english(sign_in(app.test_client(), "mei"))
    assert "Issue the invoice over ¥496" in mei.get(f"/admin/orders/{order_id}/invoice").text
    made = issue(mei, order_id, tax_number="91310000MA1FL2XX3K", address="长宁路 1 号")
    assert made.status_code == 303
    paper = mei.get(f"{made.location}?lang=en").text
    assert "INV-2026-000001" in paper and "Tax number 91310000MA1FL2XX3K" in paper
    file = mei.get(f"{made.location}.pdf?lang=zh-Hans")
    assert "长宁餐饮" in words_of(file.data) and "账单" in words_of(file.data)
    assert "INV-2026-000001" in mei.get(f"/admin/orders/{order_id}").text
    assert issue(mei, order_id).status_code == 409
    page = mei.get(f"/admin/orders/{order_id}/invoice").text
    assert "has an invoice already" in page
    document = int(made.location.rsplit("/", 1)[1])
    back = post(mei, f"/admin/orders/{order_id}/invoice/{document}/credit")
    assert back.status_code == 303
    page = mei.get(f"/admin/orders/{order_id}/invoice").text
    assert "CN-2026-000001" in page and "taken back" in page and "Issue the invoice over" in page
    paper = mei.get(f"{made.location}?lang=en").text
    assert (
        "This invoice was taken back" in paper and f'href="/admin/documents/{document + 1}">CN-2026-' in paper
    )
    file = words_of(mei.get(f"{made.location}.pdf?lang=en").data)
    assert "This invoice was taken back" in file and "CN-2026-000001" in file
    assert f'href="{made.location}">INV-2026' in mei.get(f"/admin/documents/{document + 1}?lang=en").text


def test_a_tax_number_is_one_and_a_long_name_is_refused_not_cut(app: Flask, sign_in) -> None:
    order_id = order_in(app, "confirmed").order_id
    mei = english(sign_in(app.test_client(), "mei"))
    page = mei.get(f"/admin/orders/{order_id}/invoice").text
    assert (
        "for {buyer_name}, tax number {tax_number}, address {address}. Nothing of it can be changed" in page
    )
    refused = issue(mei, order_id, tax_number="!!!not a tax <b>number</b>")
    assert refused.status_code == 422 and "it has 15 to 20 letters and digits" in refused.text
    refused = issue(mei, order_id, buyer_name="糖" * 121)
    assert refused.status_code == 422 and "Please keep this under 120 characters." in refused.text
    assert 'maxlength="120"' not in page, "what is pasted is never cut without a word"
    assert issue(mei, order_id, buyer_name="糖" * 120, tax_number="9131 0000 MA1F L2XX 3K").status_code == 303


def test_a_form_that_comes_twice_issues_one(app: Flask, sign_in) -> None:
    order_id = order_in(app, "confirmed").order_id
    mei = english(sign_in(app.test_client(), "mei"))
    first, second = (issue(mei, order_id, key="a" * 32) for _ in range(2))
    assert first.location == second.location and second.headers["Idempotent-Replayed"] == "true"


def test_a_cancelled_order_asks_for_its_credit_note_in_one_tap(app: Flask, sign_in) -> None:
    order_id = order_in(app, "confirmed").order_id
    mei = english(sign_in(app.test_client(), "mei"))
    document = int((issue(mei, order_id).location or "").rsplit("/", 1)[1])
    assert "is due" not in mei.get(f"/admin/orders/{order_id}").text
    assert needs_somebody(mei) == 0
    post(mei, f"/admin/orders/{order_id}/cancellation", reason="customer")
    assert "A credit note over ¥496 is due" in mei.get(f"/admin/orders/{order_id}").text
    assert "Credit notes that are due" in mei.get("/admin/money").text
    assert needs_somebody(mei) == 2, "the credit note, and the cash that goes back by hand"
    done = post(mei, f"/admin/orders/{order_id}/invoice/{document}/credit", due="1")
    assert done.status_code == 303
    assert "is due" not in mei.get(f"/admin/orders/{order_id}").text
    assert "Credit notes that are due" not in mei.get("/admin/money").text
    assert needs_somebody(mei) == 1
    assert post(mei, "/admin/refunds/1/payment").status_code == 303 and needs_somebody(mei) == 0


def needs_somebody(client: FlaskClient) -> int:
    """Return what the money page counts as waiting for a person."""
    found = re.search(r"Needs somebody</span><b[^>]*>(\d+)<", client.get("/admin/money").text)
    assert found is not None
    return int(found[1])


def test_an_auditor_reads_and_issues_nothing_and_a_partner_sees_no_buyer(app: Flask, sign_in) -> None:
    order_id = order_in(app, "confirmed").order_id
    made = issue(english(sign_in(app.test_client(), "mei")), order_id).location
    zheng = english(sign_in(app.test_client(), "zheng"))
    assert "长宁餐饮" in zheng.get(made).text
    page = zheng.get(f"/admin/orders/{order_id}/invoice").text
    assert "Take the invoice back" not in page and "Issue" not in page.split("<main", 1)[1].replace(
        "Issued", ""
    )
    assert issue(zheng, order_id).status_code == 403
    partner = english(sign_in(app.test_client(), "lin"))
    assert partner.get(made).status_code == 403
    assert "INV-2026" not in partner.get(f"/admin/orders/{order_id}").text


def test_a_credit_note_belongs_to_the_order_in_the_address(app: Flask, sign_in) -> None:
    one, other = (order_in(app, "confirmed").order_id for _ in range(2))
    mei = english(sign_in(app.test_client(), "mei"))
    document = int((issue(mei, one).location or "").rsplit("/", 1)[1])
    assert post(mei, f"/admin/orders/{other}/invoice/{document}/credit").status_code == 404


def test_the_owner_says_who_sells_and_at_which_rate(app: Flask, sign_in) -> None:
    chen = english(sign_in(app.test_client(), "chen"))
    form = {
        "legal_name": "上海糖间食品有限公司",
        "tax_number": "9131",
        "legal_address": "",
        "bank": "",
        "rate": "13",
    }
    assert post(chen, "/admin/shop/seller", **form).status_code == 303
    page = chen.get("/admin/shop").text
    assert "上海糖间食品有限公司" in page and 'value="13"' in page
    order_id = order_in(app, "confirmed").order_id
    paper = chen.get(f"/admin/orders/{order_id}/receipt?lang=en").text
    assert "of which tax 13%" in paper and "¥57.06" in paper and "Tax number 9131" in paper
    refused = post(chen, "/admin/shop/seller", **{**form, "rate": "a lot"})
    assert refused.status_code == 422 and "such as 13 or 6.5" in refused.text
    assert post(sign_in(app.test_client(), "mei"), "/admin/shop/seller", **form).status_code == 403
