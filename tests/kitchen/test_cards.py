"""A card: what else can be done with its cake, how its writing fits, and where a sound rings."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from kitchen.live import tell
from kitchen.words import fit
from shop.orders.finding import token_of
from shop.orders.tables import Cake, Order
from shop.people.staff import Device
from shop.printing.tables import PrintJob
from shop.production.tables import TaskState
from tests import cast
from tests.kitchen.tapping import HTMX, name, ordered, person, tap, the_task, told
from web.database import reading, writing
from web.house import keys
from web.live.hub import Line


def test_every_card_leads_to_what_else_can_be_done(
    app: Flask, display_client: FlaskClient, client: FlaskClient
) -> None:
    task = the_task(app, ordered(app, inscription="Congratulations!"), "bake")
    more = f"/kitchen/oven/card/{task.cake_id}"
    for station in ("oven", "decorating"):
        board = display_client.get(f"/kitchen/{station}/region").get_data(as_text=True)
        assert board.count("data-card=") == board.count(f"/kitchen/{station}/card/{task.cake_id}") == 1
    dialog = display_client.get(more, headers=HTMX).get_data(as_text=True)
    assert dialog.lstrip().startswith("<dialog") and "Congratulations!" in dialog
    assert f"/kitchen/oven/remake/{task.cake_id}" in dialog and "/kitchen/oven/recall" not in dialog
    cast.sign_in(client, "mei")
    for_a_clerk = client.get(more).get_data(as_text=True)
    assert "/oven/label/" in for_a_clerk and "/remake/" not in for_a_clerk, "a clerk makes no cake again"


@pytest.mark.parametrize("page", ["remake", "card"])
def test_a_start_is_taken_back_from_a_page_of_its_own(
    app: Flask, display_client: FlaskClient, page: str
) -> None:
    task, who = the_task(app, ordered(app), "bake"), person(app, "li")
    tap(display_client, "oven/start", task=name(task), person=who)
    shown = display_client.get(f"/kitchen/oven/{page}/{task.cake_id}?task={task.id}").get_data(as_text=True)
    form = shown[shown.index("<form") : shown.index("</form>")]
    button = next(b for b in form.split("<button")[1:] if "/oven/recall" in b)
    assert "form=" not in button.replace("formaction=", "").partition(">")[0], (
        "it belongs to the form around it"
    )
    assert page == "card" or "formnovalidate" in button, "nothing else must be chosen first"
    value = button.partition('value="')[2].partition('"')[0]
    back = tap(display_client, "oven/recall", htmx=False, task=value, person=who)
    assert (back.status_code, back.location) == (303, "/kitchen/oven")
    assert the_task(app, task.order_id, "bake").state == TaskState.READY


def test_a_label_is_printed_at_the_packing_table(app: Flask, display_client: FlaskClient) -> None:
    task, who = the_task(app, ordered(app), "bake"), person(app, "li")
    with app.app_context(), writing() as tx:
        tx.execute(delete(PrintJob))
        for printer in tx.scalars(select(Device).where(Device.kind == "printer")):
            printer.revoked_at = cast.SATURDAY
    address = f"packing/label/{task.cake_id}"
    nowhere = tap(display_client, address, person=who)
    assert nowhere.headers["HX-Redirect"] == f"/kitchen/{address}", "no printer: the page to print opens"
    paper = display_client.get(f"/kitchen/{address}").get_data(as_text=True)
    with app.app_context(), writing() as tx:
        order = tx.get_one(Order, task.order_id)
        assert tx.get_one(Cake, task.cake_id).code in paper and "slip-label" in paper
        words = re.sub(r"<[^>]*>", " ", paper).split()  # its code and its square have digits of their own
        assert token_of(keys(), order) not in paper and order.pin not in words, (
            "the wall never learns the token"
        )
        tx.add(Device(shop_id=order.shop_id, kind="printer", name="P", settings={"host": "127.0.0.1"}))
    assert told(tap(display_client, address, person=who))["did"] == "label"
    assert tap(display_client, address).status_code == 422, "somebody says so"
    with app.app_context(), reading() as session:
        assert [job.kind for job in session.scalars(select(PrintJob))] == ["labels"]


def test_a_card_says_that_this_very_cake_contains_it(app: Flask, display_client: FlaskClient) -> None:
    harmless, milky = ordered(app, inscription="Anna"), ordered(app, inscription="Bert")
    with app.app_context(), writing() as tx:
        tx.get_one(Order, harmless).allergies = ["nuts"]
        tx.get_one(Order, milky).allergies = ["nuts", "milk"]
        code = tx.scalars(select(Cake.code).where(Cake.order_id == milky)).one()
    task = the_task(app, milky, "bake")
    board = display_client.get("/kitchen/oven/region?lang=en").get_data(as_text=True)
    cards = {
        words: next(card for card in board.split("<article")[1:] if words in card)
        for words in ("Anna", "Bert")
    }
    assert "Allergy: Nuts" in cards["Anna"] and "contains" not in cards["Anna"]
    assert "Allergy: Nuts, Milk" in cards["Bert"] and "it contains Milk<" in cards["Bert"]
    for path in (f"oven/card/{task.cake_id}", f"cake/{code}"):
        page = display_client.get(f"/kitchen/{path}?lang=en").get_data(as_text=True)
        assert "Allergy: Nuts, Milk" in page and "this cake contains Milk<" in page, path


def test_a_sound_rings_where_something_is_to_be_done() -> None:
    new = {"sound": "new", "stations": [3]}
    line = Line(1, "order_confirmed", frozenset(), cast.SATURDAY, 1, None, None, None, new)
    assert tell(line, 3)["sound"] == tell(line)["sound"] == "new", "at the oven and at the overview"
    assert "sound" not in tell(line, 4)


@pytest.mark.parametrize(
    ("words", "class_"),
    [("生日快乐", ""), ("爸爸妈妈金婚快乐百年好合", "is-long"), ("Lily 30", ""), ("Congratulations", "is-long"),
     ("Happy Birthday, Mum", "is-long"), ("Supercalifragilistic", "is-longest"), ("生日ABC快乐", "")],
)  # fmt: skip
def test_long_words_are_given_room(words: str, class_: str) -> None:
    assert fit(words) == class_
