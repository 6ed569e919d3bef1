"""The list of orders: what a text finds and why, filters, and what who may not see customers cannot find out."""

from flask import Flask

from tests.admin.office import english, made


def test_the_list_finds_by_number_name_phone_and_cake_code(app: Flask, sign_in) -> None:
    placed = made(app, name="王小明", phone="13812345678")
    made(app, name="别人", phone="13900000000")
    client = sign_in(app.test_client(), "mei")
    for text in (placed.number, "王小明", "5678", "13812345678"):
        found = client.get("/admin/orders", query_string={"text": text}).text
        assert f"/admin/orders/{placed.order_id}" in found, text
    assert "/admin/orders/" not in client.get("/admin/orders/list?text=nobody-here").text.replace(
        "/admin/orders/list", ""
    )
    assert "草莓奶油 8″" in client.get("/admin/orders/list").text


def test_filters_show_only_what_they_say(app: Flask, sign_in) -> None:
    unpaid, paid = made(app, paid=False), made(app)
    client = sign_in(app.test_client(), "mei")
    text = client.get("/admin/orders/list?unpaid=1").text
    assert unpaid.number in text and paid.number not in text
    assert paid.number in client.get("/admin/orders/list?state=making").text
    assert paid.number not in client.get("/admin/orders/list?late=1").text
    app.extensions["fairslice"].clock.pass_by(hours=10)
    assert paid.number in client.get("/admin/orders/list?late=1").text


def test_the_list_says_what_the_text_met(app: Flask, sign_in) -> None:
    placed = made(app, name="王小明", phone="13812345678", inscription="妈妈生日快乐")
    client = english(sign_in(app.test_client(), "mei"))

    def why(text: str) -> str:
        found = client.get("/admin/orders/list", query_string={"text": text}).text
        return found.partition('class="o-why"')[2].partition("</small>")[0]

    assert placed.number and "Number, placed" in why(placed.number) and "today" in why(placed.number)
    assert "Cake</span>" in why("草莓") and "Strawberry cream" in why("草莓")
    assert "Writing" in why("妈妈") and "“妈妈生日快乐”" in why("妈妈")
    assert "Customer&#39;s phone" in why("5678") and "138" not in why("5678")
    assert "Customer&#39;s name" in why("王小明") and "王" not in why("王小明")
    assert 'class="o-why"' not in client.get("/admin/orders/list").text


def test_a_partner_cannot_find_out_who_ordered(app: Flask, sign_in) -> None:
    placed = made(app, name="王小明", phone="13812345678")
    client = english(sign_in(app.test_client(), "lin"))
    for text in ("王小明", "5678", "13812345678"):
        assert f"/admin/orders/{placed.order_id}" not in client.get(f"/admin/orders/list?text={text}").text
    assert f"/admin/orders/{placed.order_id}" in client.get("/admin/orders/list?text=草莓").text
    assert "Number, cake, writing, code" in client.get("/admin/orders").text


def test_nonsense_in_the_address_is_left_out_and_said(app: Flask, sign_in) -> None:
    placed = made(app)
    client = english(sign_in(app.test_client(), "mei"))
    wrong = client.get("/admin/orders?due=yesterday&before=-1&late=9").text
    assert "“yesterday” is not a day, so “Wanted on” was left out." in wrong and placed.number in wrong
    assert 'name="due" type="date" value="" aria-invalid="true"' in wrong
    assert "“x” is not a state" in client.get("/admin/orders/list?state=x").text
    assert "was left out" not in client.get("/admin/orders?due=today&state=open").text
