"""What the shop decides about money: deposits, the ladder of cancelling, the limit of refunds."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.errors import Invalid
from shop.ledger.tables import Entry, Posting
from shop.orders import progress
from shop.orders.tables import Order
from shop.payments.counter import take
from shop.payments.rules import Step, Terms, change_rules, deposit_for, share
from shop.upkeep.invariants import breaches
from tests import cast, counter
from tests.admin.office import english, post
from web.database import reading, writing
from web.house import now

RULES = {
    "above": "500", "percent": "30", "fixed": "", "step.0.hours": "24", "step.0.back": "100", "step.1.hours": "0",
    "step.1.back": "50", "started": "0", "limit": "200", "cap.clerk": "10", "cap.manager": "40",
    "balance_hours": "24", "no_show_minutes": "120",
}  # fmt: skip
"""The form of the rules, filled in."""
LADDER = Terms((Step(24, 100), Step(4, 80), Step(0, 50)), 0)


def test_a_percentage_is_rounded_half_up() -> None:
    assert [share(amount, 50) for amount in (0, 1, 2, 3, 26801)] == [0, 1, 1, 2, 13401]


@pytest.mark.parametrize(
    ("rule", "total", "ahead"),
    [
        (None, 50000, 50000),
        ({"above": 30000, "percent": 30}, 30000, 30000),
        ({"above": 30000, "percent": 30}, 30001, 9000),
        ({"above": 30000, "fixed": 10000}, 50000, 10000),
    ],
)
def test_how_much_is_paid_ahead(app: Flask, rule: dict[str, int] | None, total: int, ahead: int) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        change_rules(tx, shop, deposit=rule, terms=Terms(), limit=30000, by=cast.by(tx, "chen"), at=now())
        assert deposit_for(shop, total) == ahead


def test_a_deposit_confirms_and_the_rest_is_due_before_the_cake_is_handed_over(app_both: Flask) -> None:
    with app_both.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        rule = {"above": 20000, "percent": 30}
        change_rules(tx, shop, deposit=rule, terms=LADDER, limit=0, by=cast.by(tx, "chen"), at=now())
        placed = counter.order(tx, paid=False)
        order, mei = tx.get_one(Order, placed.order_id), cast.by(tx, "mei")
        assert (order.total, order.deposit) == (26800, 8040)
        take(tx, shop, order, "cash", amount=8000, tendered=8000, by=mei, at=now())
        assert order.state == "placed", "forty cents are missing"
        take(tx, shop, order, "cash", amount=40, tendered=100, by=mei, at=now())
        assert (order.state, order.balance) == ("confirmed", 18760)
        counter.make(tx, order.id)
        with pytest.raises(Exception, match="fully paid"):
            progress.hand_over(tx, shop, order, by=mei, at=now(), pin=order.pin)
        take(tx, shop, order, "card", amount=18760, reference="T12345", by=mei, at=now())
        progress.hand_over(tx, shop, order, by=mei, at=now(), pin=order.pin)
        assert order.state == "handed_over"


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms((Step(24, 80), Step(0, 90)), 0), "step.1"),
        (Terms((Step(24, 101), Step(0, 90)), 0), "step.0.back"),
        (Terms((Step(0, 50), Step(-7, 20)), 0), "step.1.hours"),
        (Terms((Step(24, 100),), 0), "step.0"),
        (Terms((Step(0, 100), Step(0, 50)), 0), "step.0"),
        (Terms((Step(0, 50),), 60), "started"),
    ],
)
def test_a_ladder_leads_down(app: Flask, terms: Terms, field: str) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        with pytest.raises(Invalid) as refused:
            change_rules(tx, shop, deposit=None, terms=terms, limit=0, by=cast.by(tx, "chen"), at=now())
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"above": ""}, "above", "Please write above which amount only a part is paid ahead."),
        ({"percent": ""}, "percent", "Please write how much is paid ahead"),
        ({"fixed": "100"}, "fixed", "Please write a percentage or an amount, not both."),
        ({"percent": "", "fixed": "0"}, "fixed", "Please enter an amount."),
        ({"percent": "-7"}, "percent", "Please write a percentage from 1 to 99."),
        ({"above": "", "percent": "-7"}, "above", "Please write above which amount"),
        ({"step.1.hours": ""}, "step.1.hours", "Please fill in the whole row"),
        ({"step.2.back": "40"}, "step.2.hours", "Please fill in the whole row"),
        ({"step.2.hours": "12"}, "step.2.back", "Please fill in the whole row"),
        ({"step.1.hours": "-7"}, "step.1.hours", "Please enter a number from 0 to 1440."),
        ({"started": ""}, "started", "Please enter a whole number."),
        ({"limit": ""}, "limit", "With 0 a second person always has to agree."),
        ({"cap.clerk": ""}, "cap.clerk", "Please enter a whole number."),
        ({"cap.clerk": "50", "cap.manager": "20"}, "cap.clerk", "A clerk takes off no more alone than a manager."),
        ({"balance_hours": ""}, "balance_hours", "Please enter a whole number."),
    ],
)  # fmt: skip
def test_a_rule_half_filled_in_is_refused_beside_what_is_missing(
    app: Flask, sign_in, changed: dict[str, str], field: str, sentence: str
) -> None:
    chen = english(sign_in(app.test_client(), "chen"))
    refused = post(chen, "/admin/shop/money", **RULES | changed)
    assert refused.status_code == 422 and sentence in refused.text
    assert re.search(rf'name="{re.escape(field)}"[^>]*aria-invalid="true"', refused.text)
    with app.app_context(), reading() as session:
        assert "deposit" not in counter.shop_and_card(session)[0].settings


def test_the_owner_decides_on_the_settings_page_and_the_books_know(app: Flask, sign_in) -> None:
    chen = sign_in(app.test_client(), "chen")
    post(chen, "/admin/shop/money", **RULES)
    with app.app_context(), reading() as session:
        shop, _ = counter.shop_and_card(session)
        assert shop.settings["deposit"] == {"above": 50000, "percent": 30}
        assert shop.settings["cancelling"] == {"steps": [[24, 100], [0, 50]], "started": 0}
        assert shop.settings["refund_limit"] == 20000
        entry = session.scalars(select(Entry).where(Entry.kind == "money_rules_changed")).one()
        assert entry.rules_hash is not None and len(entry.rules_hash) == 64
    assert 'value="500"' in chen.get("/admin/shop").text


def test_what_a_platform_was_paid_goes_back_there(app_both: Flask) -> None:
    """The platform pays its customer back: the shop gets so much less from it, and has earned only what it keeps."""
    with app_both.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            placed = counter.order(tx, channel="sales", prepaid=True)
            order = tx.get_one(Order, placed.order_id)
            order.terms = Terms((Step(0, 80),), 0).as_json()
            progress.cancel(tx, shop, order, by=cast.by(tx, "xu"), at=now(), reason="sick")
        with reading() as session:
            owed = {
                name: session.scalar(select(func.sum(Posting.amount)).where(Posting.account == name))
                for name in ("receivable:sales", "deposits", "forfeit")
            }
            assert owed == {"receivable:sales": 5360, "deposits": 0, "forfeit": -5360}
            assert breaches(session) == []
