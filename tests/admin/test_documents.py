"""Papers for the customer at the counter: who may see them, in whose language, and as which file."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.admin.office import english
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
