"""What is answered on the review is looked at before it is paid: allergies, name and phone."""

from __future__ import annotations

from sqlalchemy import select

from shop.core.events import Event
from tests import cast
from tests.kiosk.customer import Customer
from web.database import reading


def to_review(customer: Customer) -> None:
    customer.choose("strawberry-cream", filling="hazelnut")
    customer.take_time()


def test_a_cake_with_the_allergen_is_not_paid_until_somebody_says_they_know(customer: Customer) -> None:
    to_review(customer)
    refused = customer.to_pay(allergies=["nuts"])
    assert refused.status_code == 422
    assert 'id="known-error"' in refused.text and 'name="known" value="nuts"' in refused.text
    assert "有人对这个蛋糕里的东西过敏" in refused.text
    assert customer.see("pay").location == "/kiosk/review"
    again = customer.see("review").text
    assert 'name="allergies" value="nuts" checked' in again, "the allergy itself is kept"
    page = customer.to_pay(allergies=["nuts"], known=["nuts"])
    assert page.status_code == 200 and "banner-bad" in page.text and "换蛋糕" in page.text
    customer.tap("place", method="cash", key=customer.key(page))
    assert customer.orders()[0].allergies == ["nuts"]
    customer.tap("place", method="card", key=customer.key(page, "card"))  # twice is once
    with customer.app.app_context(), reading() as session:
        said = session.scalars(select(Event).where(Event.kind == "allergy_accepted")).one()
        assert said.order_id == customer.orders()[0].id and said.data == {"allergens": ["nuts"]}
        assert (said.actor_kind, said.device_id is not None) == ("device", True), "who said yes: this screen"
    office = customer.app.test_client()
    cast.sign_in(office, "xu")
    for page_of in (f"/admin/orders/{said.order_id}", "/admin/diary"):
        shown = office.get(page_of).text
        assert "顾客知道蛋糕里有过敏的东西" in shown and 'tag-warn">坚果' in shown


def test_what_the_cakes_do_not_contain_needs_no_yes(customer: Customer) -> None:
    to_review(customer)
    customer.tap(
        "place", method="cash", key=customer.key(customer.to_pay(allergies=["sesame"], known=["sesame"]))
    )
    with customer.app.app_context(), reading() as session:
        assert session.scalars(select(Event).where(Event.kind == "allergy_accepted")).all() == []


def test_a_forged_order_with_the_allergen_is_refused(customer: Customer) -> None:
    to_review(customer)
    key = customer.key(customer.to_pay())
    customer.tap("review", answers=1, do="menu", allergies=["nuts"])
    refused = customer.tap("place", method="cash", key=key)
    assert refused.status_code == 422 and 'id="known-error"' in refused.text
    assert customer.orders() == []


def test_another_cake_is_asked_about_anew_and_changing_keeps_the_answers(customer: Customer) -> None:
    to_review(customer)
    customer.to_pay(allergies=["nuts"], known=["nuts"])
    changing = customer.tap("review", answers=1, do="change:0", allergies=["nuts"], name="王")
    assert 'id="choice"' in changing.text
    customer.choose("strawberry-cream", filling="hazelnut", candles=2, line=0)
    customer.take_time()
    assert customer.to_pay(allergies=["nuts"], name="王").status_code == 422


def test_a_phone_that_is_none_is_refused_beside_its_field(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    refused = customer.to_pay(name="王小明", phone="abc-999")
    assert refused.status_code == 422 and 'id="phone-error"' in refused.text
    assert 'value="abc-999"' in refused.text and 'value="王小明"' in refused.text
    assert 'id="name-error"' not in refused.text
    assert customer.to_pay(name="王小明", phone="13812345678").status_code == 200


def test_a_name_over_its_limit_says_so_and_is_not_cut(customer: Customer) -> None:
    customer.choose()
    customer.take_time()
    refused = customer.to_pay(name="王" * 41)
    assert refused.status_code == 422 and 'id="name-error"' in refused.text
    assert "王" * 41 in refused.text
    brought = customer.tap(
        "delivery", do="go", area="xuhui", address="漕溪北路 88 号", name="王" * 41, phone="13812345678"
    )
    assert brought.status_code == 422 and "40" in brought.text and "王" * 41 in brought.text
