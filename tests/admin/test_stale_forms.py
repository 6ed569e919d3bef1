"""Two people at the same settings form: who saves second, from an older page, undoes nothing of the first."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from admin.routes import DOORS
from shop.core.permissions import Permission
from shop.menu.tables import Allergen, Option, OptionGroup, Product, Route, Size, Station
from shop.orders.areas import Area
from shop.payments.discount_tables import Coupon
from shop.payments.till import make_till
from shop.payments.till_tables import Till
from shop.people.shops import only_shop
from shop.people.staff import Device, Staff
from tests import cast
from tests.admin.office import english
from tests.shop.payments.couponing import make as make_coupon
from web.access import Door, Once
from web.database import reading, writing
from web.formtags import STOOD, Held, held, tags_of
from web.stood import as_it_stood

GUARDED = {door.view.__name__: door for door in DOORS if door.guard is as_it_stood}

TWO_CHANGES: dict[str, tuple[tuple[str, Any], tuple[str, Any]]] = {
    # what the first changes, and what the second, who has an older page
    "save_product": (("price.6", "201"), ("price.8", "333")),
    "save_group": (("names.en", "How sweet?"), ("sort", "41")),
    "save_option": (("surcharge", "7"), ("names.en", "Plain")),
    "save_size": (("serves", "3-5"), ("trays", "2")),
    "save_allergen": (("names.en", "Cow milk"), ("sort", "41")),
    "save_way": (("minutes.bake", "77"), ("names.en", "Slow way")),
    "save_station": (("names.en", "Hot oven"), ("places", "7")),
    "save_week": (("starts.6.0", "10:10"), ("ends.6.0", "19:10")),
    "save_settings": (("phone", "021 555"), ("names.en", "Sugar")),
    "save_person": (("name", "Anna"), ("skills", ["box"])),
    "change_role": (("granted", "-shift:edit"), ("granted", "-order:change")),
    "save_device": (("name", "By the door"), ("printer", "last")),
    "save_delivery": (("handling", "11"), ("km_an_hour", "17")),
    "save_partner_rules": (("weekday.5", "last"), ("channel.kiosk", "last")),
    "save_money_rules": (("started", "40"), ("limit", "210")),
    "save_seller": (("legal_name", "Sugar Ltd"), ("rate", "6.5")),
    "save_area": (("fee", "21"), ("sort", "44")),
    "save_coupon": (("uses", "7"), ("names.en", "Spring")),
    "save_till": (("name", "Window"), ("active", "-1")),
}

NOT_FILLED = {  # a deed, a new thing, or an order, which has rules of its own; nothing to lose in these
    "reveal_contact", "pay", "change", "cancel", "cancel_started", "rush", "hand_over", "reprint_slip", "new_slip",
    "upload", "explain", "ask_refund", "issue_invoice", "credit_invoice", "approve", "reject", "pay_out", "retry",
    "mark_unfetched", "unmark_unfetched", "give_up", "pay_by_code", "stop_paying", "correct", "decide_line",
    "hide_cash", "give_hidden_back", "send_back", "settle_elsewhere",
    "open_dispute", "answer_dispute", "win_dispute", "lose_dispute",
    "make_coupon", "give_discount", "agree_discount", "refuse_discount", "take_discount_back",
    "save", "place_order", "discard", "repeat", "create_product", "switch_product", "save_day", "drop_day",
    "write_comment", "settle_comment", "add_person", "set_password", "sign_out_person", "change_my_password",
    "renew_my_recovery", "create_device", "renew_code", "remove_device",
    "acknowledge_alarm", "change_partner", "apply_move", "undo_move", "stop", "mended", "go_home", "stay",
    "assign_task", "save_offers", "report_incident", "close_incident",
    "add_till", "choose_till", "open_drawer", "move_till_cash", "take_courier_cash", "count_till", "explain_count",
    "check_count", "save_till_rules", "correct_count", "decide_correction", "close_business_day",
}  # fmt: skip


def test_every_form_of_the_office_is_guarded_or_says_why_not() -> None:
    from admin import dispatch

    of_drops = {door.view for door in dispatch.DOORS}
    writes = {d.view.__name__ for d in DOORS if d.once is Once.KEY and d.view not in of_drops}
    assert writes - NOT_FILLED == set(GUARDED), "say guard=as_it_stood at the door, or list it in NOT_FILLED"
    assert set(TWO_CHANGES) == set(GUARDED)


def places(app: Flask) -> dict[str, Any]:
    with app.app_context(), reading() as session:

        def first(column: Any, *where: Any) -> Any:
            return session.scalars(select(column).where(*where).order_by(column)).first()

        group = first(OptionGroup.id)
        return {
            "product_id": first(Product.id), "group_id": group, "option_id": first(Option.id, Option.group_id == group),
            "size_id": first(Size.id), "allergen_id": first(Allergen.id), "route_id": first(Route.id),
            "station_id": first(Station.id), "staff_id": first(Staff.id, Staff.login == "mei"), "role": "manager",
            "device_id": first(Device.id, Device.kind == "kiosk"), "area_id": first(Area.id), "till_id": first(Till.id),
            "coupon_id": first(Coupon.id),
        }  # fmt: skip


class Tab:
    """A browser's tab with one form open."""

    def __init__(self, client: FlaskClient, page: str, action: str) -> None:
        self.client, self.page, self.action = client, page, action
        self.read(client.get(page).text)

    def read(self, text: str) -> None:
        """Take the form out of a page."""
        tags = tags_of(text)
        first = next(
            n for n, t in enumerate(tags) if t.name == "form" and t.get("action") == self.action and t.get("method")
        )  # fmt: skip
        last = next(n for n in range(first, len(tags)) if tags[n].name == "/form")
        self.fields: Held = held(text, tags[first:last])
        self.hidden = {t.get("name"): t.get("value") for t in tags[first:last] if t.get("type") == "hidden"}
        self.options = [t.get("value") for t in tags[first:last] if t.name == "option"]

    def type(self, name: str, value: Any) -> None:
        """Change a field: ``+x`` and ``-x`` tick and untick, ``last`` takes the last choice."""
        was = self.fields[name]
        if isinstance(was, list) and isinstance(value, str):
            rest = [v for v in was if v != value[1:]]
            value = sorted([*rest, value[1:]]) if value[0] == "+" else rest
        value = self.options[-1] if value == "last" else value
        assert value != was, f"{name} is {was!r} already"
        self.fields[name] = value

    def save(self, **headers: str) -> TestResponse:
        """Send it as a browser would."""
        sent = self.hidden | self.fields | {"csrf_token": cast.token_of(self.client), "key": uuid.uuid4().hex}
        return self.client.post(self.action, data=sent, headers=headers)


def tabs(app: Flask, sign_in: Any, door: Door) -> tuple[Tab, Tab]:
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        make_till(tx, shop, "1", by=cast.by(tx, "xu"), at=cast.SATURDAY)
        make_coupon(tx)
    values = places(app)
    with app.test_request_context():
        wanted = {n: v for n, v in values.items() if f":{n}>" in door.path or f"<{n}>" in door.path}
        action = url_for(f"admin.{door.view.__name__}", **wanted)
        assert door.form is not None
        view = "group" if door.view.__name__ == "save_group" else door.form.__name__
        page = url_for(f"admin.{view}", **wanted)
    who = "xu" if door.who.permission is Permission.DAY_CLOSE else "chen"
    one, two = (english(sign_in(app.test_client(), who)) for _ in range(2))
    return Tab(one, page, action), Tab(two, page, action)


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_the_second_undoes_nothing_and_loses_nothing(app: Flask, sign_in, name: str) -> None:
    one, two = tabs(app, sign_in, GUARDED[name])
    (field, value), (other, theirs) = TWO_CHANGES[name]
    before = dict(one.fields)
    one.type(field, value)
    two.type(other, theirs)
    assert one.save().status_code == 303
    stood = Tab(one.client, one.page, one.action)
    assert stood.fields == one.fields != before

    refused = two.save()
    assert refused.status_code == 409 and "Somebody else has changed this meanwhile" in refused.text
    assert refused.text.index("Somebody else has changed this") < refused.text.index(f'action="{one.action}"')
    assert "hanged meanwhile" in refused.text.partition('id="screen"')[2].replace("changed this", "")
    stood = Tab(one.client, one.page, one.action)
    assert stood.fields == one.fields, "nothing of the second is saved yet"

    mine = two.fields
    two.read(refused.text)
    both = dict(one.fields)
    both[other] = mine[other]
    if field == other:  # both ticked something of the same list
        both[field] = sorted(set(one.fields[field]) - (set(before[field]) - set(mine[other])))
    assert two.fields == both
    assert two.save().status_code == 303
    end = Tab(two.client, two.page, two.action).fields
    assert end == both != stood.fields


def test_both_changed_the_same_field(app: Flask, sign_in) -> None:
    one, two = tabs(app, sign_in, GUARDED["save_product"])
    one.type("price.6", "201")
    two.type("price.6", "205")
    assert one.save().status_code == 303
    answer = two.save()
    assert answer.status_code == 409 and "Somebody else wrote: 201" in answer.text
    two.read(answer.text)
    assert two.fields["price.6"] == "205", "what was typed is not lost"
    assert two.save().status_code == 303
    assert Tab(one.client, one.page, one.action).fields["price.6"] == "205"


def test_both_saved_the_same(app: Flask, sign_in) -> None:
    one, two = tabs(app, sign_in, GUARDED["save_area"])
    one.type("fee", "21")
    two.type("fee", "21")
    assert one.save().status_code == 303 and two.save().status_code == 303


def test_a_form_refused_for_another_reason_still_stands_where_it_was_opened(app: Flask, sign_in) -> None:
    one, two = tabs(app, sign_in, GUARDED["save_area"])
    one.type("fee", "21")
    two.type("sort", "many")
    assert one.save().status_code == 303
    two.hidden[STOOD] = html.unescape(two.hidden[STOOD])
    first = two.save()
    assert first.status_code == 409  # the older page comes first
    two.read(first.text)
    wrong = two.save()
    assert wrong.status_code == 422
    one.type("fee", "22")
    three = Tab(one.client, one.page, one.action)
    three.type("fee", "22")
    assert three.save().status_code == 303
    two.read(wrong.text)
    two.fields["sort"] = "45"
    assert two.save().status_code == 409


def test_a_script_gets_the_page_in_its_place(app: Flask, sign_in) -> None:
    one, two = tabs(app, sign_in, GUARDED["save_size"])
    one.type("serves", "3-5")
    two.type("trays", "2")
    assert one.save().status_code == 303
    answer = two.save(**{"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#screen" == answer.headers["HX-Reselect"]
    assert 'id="screen"' in answer.text and "3-5" in answer.text


def test_the_same_key_again_is_answered_as_before(app: Flask, sign_in) -> None:
    one, _ = tabs(app, sign_in, GUARDED["save_size"])
    one.type("serves", "3-5")
    sent = one.hidden | one.fields | {"csrf_token": cast.token_of(one.client), "key": "s" * 32}
    assert one.client.post(one.action, data=sent).status_code == 303
    again = one.client.post(one.action, data=sent)
    assert again.status_code == 303 and again.headers["Idempotent-Replayed"] == "true"


def test_an_older_page_undoes_nothing_on_both_databases(app_both: Flask, sign_in) -> None:
    one, two = tabs(app_both, sign_in, GUARDED["save_product"])
    one.type("price.6", "201")
    two.type("price.8", "333")
    assert one.save().status_code == 303 and two.save().status_code == 409
    assert Tab(one.client, one.page, one.action).fields == one.fields
