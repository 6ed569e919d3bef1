"""Twenty people issue the invoice of one order at once, on both databases."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.core.errors import Conflict
from shop.documents import invoice
from shop.documents.invoice import Buyer
from shop.documents.tables import Document, DocumentCounter
from tests.shop.documents.test_invoice import issued, sound
from tests.tracking.states import order_in
from web.database import reading, writing

AT_ONCE = 20


def at_once(app: Flask, order_id: int) -> list[BaseException]:
    """Twenty issue the invoice of one order behind one barrier."""
    barrier, wrong = threading.Barrier(AT_ONCE), []

    def one(n: int) -> None:
        barrier.wait(60)
        try:
            issued(app, order_id, Buyer(f"Buyer {n}"))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return wrong


def standing(session: Session) -> tuple[int, int]:
    """Return how many invoices stand, and the last number given."""
    live = session.scalar(select(func.count()).where(Document.live)) or 0
    return live, session.scalar(select(DocumentCounter.last)) or 0


@pytest.mark.xdist_group("alone")
def test_of_twenty_at_once_one_gets_the_invoice(app_both: Flask) -> None:
    placed = order_in(app_both, "confirmed")
    wrong = at_once(app_both, placed.order_id)
    assert len(wrong) == AT_ONCE - 1 and all(isinstance(error, Conflict) for error in wrong), wrong
    with app_both.app_context(), reading() as session:
        assert standing(session) == (1, 1)
    assert sound(app_both)


@pytest.mark.xdist_group("alone")
def test_that_race_has_teeth(app_both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody asking first the database still lets one pass; without its guard there would be twenty."""
    monkeypatch.setattr(invoice, "why_not", lambda session, order: "")
    wrong = at_once(app_both, order_in(app_both, "confirmed").order_id)
    assert len(wrong) == AT_ONCE - 1 and all(isinstance(error, IntegrityError) for error in wrong), wrong
    with app_both.app_context(), reading() as session:
        assert standing(session) == (1, 1)
    with app_both.app_context(), writing() as tx:
        tx.execute(text("DROP INDEX ix_document_live"))
    assert at_once(app_both, order_in(app_both, "confirmed").order_id) == []
    with app_both.app_context(), reading() as session:
        assert standing(session) == (1 + AT_ONCE, 1 + AT_ONCE)
