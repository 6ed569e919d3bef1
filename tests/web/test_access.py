"""Who may pass which door: one table for the whole house, tried with real cookies (T24).

A new door without a row here fails. Rows follow trust.md section 5.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.events import Event
from shop.core.permissions import Permission
from shop.people.shops import Shop
from shop.people.staff import Staff
from tests import cast
from tests.web import doors
from tests.web.doors import DISPLAY, KIOSK, PRINCIPALS, PROGRAM, ROLES
from web import access
from web.database import reading, writing

EVERYBODY = frozenset(PRINCIPALS)
TEAM = frozenset(ROLES)
SEES_KITCHEN = frozenset({DISPLAY, "owner", "manager", "clerk", "baker"})
WORKS = frozenset({DISPLAY, "manager", "clerk", "baker"})
REMAKES = frozenset({DISPLAY, "manager", "baker"})
SEES_ORDERS = TEAM - {"baker", "courier"}
BOSSES = frozenset({"owner", "manager"})
OWNER = frozenset({"owner"})
COUNTER = frozenset({"manager", "clerk"})
SEES_DAYS = frozenset({"manager", "partner", "auditor"})
SEES_TILLS = SEES_DAYS | {"clerk"}
CLOSES_DAYS = frozenset({"manager"})
ENTERS_ORDERS = frozenset({"owner", "partner", "manager", "clerk"})
RIDES = frozenset({"courier"})
DISPATCHES = COUNTER | OWNER
SEES_MONEY = frozenset({"owner", "partner", "manager", "clerk", "auditor"})
READS_DIARY = frozenset({"owner", "partner", "manager", "auditor"})

ROWS: list[tuple[frozenset[str], str, str]] = [
    (EVERYBODY, "doorway", "signpost sign_in_page sign_in sign_out pairing pairing_done choose_language"),
    (
        frozenset({KIOSK}),
        "kiosk",
        "attract menu customise offer choose words write preview read_back confirm",
    ),
    (
        frozenset({KIOSK}),
        "kiosk",
        "pay_with time take_time review settle pay place wait resume go_on leave speak",
    ),
    (frozenset({KIOSK}), "kiosk", "change_look call here sheet cake mine ordered delivery deliver sooner"),
    (
        SEES_KITCHEN,
        "kitchen",
        "overview overview_region station_board station_region station_list station_more",
    ),
    (SEES_KITCHEN, "kitchen", "overview_live board_live find cake card_more label"),
    (WORKS, "kitchen", "start finish recall written enveloped seen print_label claim release accept decline"),
    (WORKS, "kitchen", "look_after"),
    (WORKS - {DISPLAY}, "kitchen", "my_tasks my_tasks_part my_answer"),
    (WORKS, "kitchen", "cake_start cake_finish cake_recall cake_written cake_enveloped cake_label"),
    (COUNTER, "kitchen", "cake_hand_over"),
    (REMAKES, "kitchen", "remake_form remake"),
    (REMAKES | OWNER, "kitchen", "stop mended"),
    (EVERYBODY, "tracking", "cake"),
    (RIDES, "courier", "home home_region home_live day worker drop scanned claim decline"),
    (RIDES, "courier", "release pick_up address arrive"),
    (RIDES, "courier", "hand_over fail bring_back undo"),
    (SEES_KITCHEN - {DISPLAY}, "admin", "alarms alarms_part alarms_live acknowledge_alarm"),
    (SEES_KITCHEN - {DISPLAY}, "admin", "plan plan_part plan_live"),
    (SEES_ORDERS, "admin", "incidents"),
    (COUNTER, "admin", "report_incident close_incident"),
    (SEES_KITCHEN - {DISPLAY}, "admin", "apply_move undo_move count_alarms"),
    (DISPATCHES, "admin", "dispatch dispatch_part dispatch_live dispatch_drop assign open_again photo"),
    (COUNTER, "admin", "delivered"),
    (SEES_ORDERS, "admin", "dashboard today_part today_live orders orders_part orders_live"),
    (SEES_ORDERS, "admin", "order order_part order_actions order_live look my_orders"),
    (ENTERS_ORDERS, "admin", "comments write_comment settle_comment left_for_me"),
    (
        COUNTER,
        "admin",
        "reveal_contact pay paid till till_order change rush urgent hand_over former "
        "pay_by_code code_payment stop_paying",
    ),
    (COUNTER, "admin", "slip reprint_slip new_slip ask_refund pay_out"),
    (COUNTER | OWNER, "admin", "give_discount refuse_discount take_discount_back"),
    (COUNTER, "admin", "hide_cash give_hidden_back mark_unfetched unmark_unfetched"),
    (BOSSES, "admin", "give_up agree_discount coupons make_coupon coupon save_coupon"),
    (SEES_MONEY - {"clerk"}, "admin", "bills_page bill"),
    (SEES_MONEY - {"partner"}, "admin", "invoices journal document document_pdf"),
    (COUNTER | OWNER, "admin", "issue_invoice credit_invoice"),
    (BOSSES, "admin", "upload_bill explain_line correct_line decide_line"),
    (SEES_MONEY, "admin", "money money_part money_live refund discount receipt receipt_pdf mismatch dispute"),
    (frozenset({"owner", "partner", "manager"}), "admin", "approve retry send_back settle_elsewhere"),
    (
        frozenset({"owner", "partner", "manager"}),
        "admin",
        "new_dispute open_dispute answer_dispute win_dispute",
    ),
    (frozenset({"owner", "partner", "manager"}), "admin", "lose_dispute"),
    (ENTERS_ORDERS, "admin", "reject"),
    (SEES_TILLS, "admin", "tills drawer drawer_part drawer_live till_shift"),
    (COUNTER, "admin", "choose_till open_drawer move_till_cash take_courier_cash"),
    (COUNTER, "admin", "count_form count_till explain_count correct_count"),
    (CLOSES_DAYS, "admin", "check_count decide_correction add_till save_till save_till_rules"),
    (SEES_DAYS, "admin", "days business_day day_paper"),
    (CLOSES_DAYS, "admin", "close_business_day"),
    (COUNTER | OWNER, "admin", "cancel"),
    (BOSSES, "admin", "claims claims_part claims_live save_offers task_of assign_task"),
    (BOSSES, "admin", "cancel_started change_partner save_partner_rules save_money_rules save_seller"),
    (ENTERS_ORDERS, "admin", "desk save read_back place_order discard repeat"),
    (SEES_ORDERS - {"auditor", "partner_restricted"}, "admin", "menu"),
    (BOSSES, "admin", "create_product product save_product picture switch_product options group"),
    (BOSSES, "admin", "save_group save_option save_size save_allergen ways way save_way"),
    (BOSSES, "admin", "kitchen save_station shifts save_week save_day drop_day settings save_settings"),
    (BOSSES, "admin", "delivery_areas save_delivery save_area"),
    (READS_DIARY, "admin", "diary"),
    (BOSSES, "admin", "stop_unit unit_mended go_home stay"),
    (BOSSES, "admin", "people new_person add_person member save_person set_password sign_out_person"),
    (TEAM, "admin", "myself change_my_password renew_my_recovery"),
    (BOSSES, "admin", "devices create_device save_device renew_code remove_device"),
    (OWNER, "admin", "roles change_role"),
    (frozenset({PROGRAM}), "api", "menu promise"),
    (EVERYBODY, "api", "openapi"),
    (EVERYBODY, "pay", "notify"),
]
WITH_SLIP: list[tuple[frozenset[str], str, str]] = [
    (EVERYBODY, "tracking", "order order_region qr cancelling cancel paying pay live"),
    (EVERYBODY, "tracking", "receipt_asking receipt receipt_pdf invoice_asking invoice invoice_pdf"),
    (COUNTER, "tracking", "slip"),
]
"""Doors that open with the token of a slip; without one there is nothing, for nobody."""
PLAIN = {"static", "assets", "healthz", "readyz", "metrics"}
"""Addresses that show nothing of the shop, and those of the machine's own watchers."""


def table(rows: list[tuple[frozenset[str], str, str]]) -> dict[str, frozenset[str]]:
    """Return who may pass, by endpoint."""
    return {f"{room}.{name}": who for who, room, names in rows for name in names.split()}


MAY, MAY_WITH_SLIP = table(ROWS), table(WITH_SLIP)


def test_every_door_has_its_row(app: Flask) -> None:
    there = {rule.endpoint for rule in app.url_map.iter_rules()} - PLAIN
    assert there - set(MAY) - set(MAY_WITH_SLIP) == set(), "say who may pass these doors"
    assert (set(MAY) | set(MAY_WITH_SLIP)) - there == set(), "these doors are gone"


def test_every_address_is_a_door(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} - PLAIN <= set(access.DOORS)


@pytest.mark.parametrize("who", PRINCIPALS)
def test_each_door_opens_for_whom_it_should(app: Flask, who: str) -> None:
    placed = cast.place_order(app)
    visit, wrong = doors.visitor(app, who), []
    with doors.opened():
        for rule in doors.rules(app):
            allowed = MAY.get(rule.endpoint, MAY_WITH_SLIP.get(rule.endpoint))
            if allowed is not None:
                answer = doors.knock(visit, app, rule, token=placed.token)
                if doors.passed(answer) != (who in allowed):
                    wrong.append(f"{rule.endpoint}: {answer.status_code} for {who}")
    assert wrong == []


def test_without_its_token_a_slip_shows_nothing_to_anybody(app: Flask) -> None:
    for who in ("nobody", "owner", "kiosk"):
        visit = doors.visitor(app, who)
        for rule in doors.rules(app):
            if rule.endpoint in MAY_WITH_SLIP:
                answer = doors.knock(visit, app, rule, token="A" * 22)
                assert answer.status_code in (404, 401), rule.endpoint


def test_the_table_has_teeth(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the guard off, a baker stands among the devices."""
    monkeypatch.setattr(access.Who, "enter", lambda self: access.CUSTOMER)
    baker = doors.visitor(app, "baker")
    found = [rule for rule in doors.rules(app) if rule.endpoint == "admin.devices"]
    with doors.opened():
        assert all(doors.passed(doors.knock(baker, app, rule)) for rule in found) and found


def test_a_denied_try_is_in_the_diary(app: Flask) -> None:
    baker = doors.visitor(app, "baker")
    assert baker.client.get("/admin/devices/", base_url=doors.ADDRESS).status_code == 403
    with app.app_context(), reading() as session:
        line = session.scalars(select(Event).where(Event.kind == "access_denied")).one()
        assert line.data == {"door": "admin.devices"}
        assert line.actor_id == cast.person(session, "li").id


def test_strangers_cannot_fill_the_diary(app: Flask) -> None:
    for _ in range(5):
        app.test_client().get("/admin/devices/", base_url=doors.ADDRESS)
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "access_denied")) == 0


def test_a_revoked_device_is_out_at_once(app: Flask) -> None:
    from shop.people.devices import revoke
    from shop.people.staff import Device

    screen = doors.visitor(app, DISPLAY)
    with doors.opened():
        assert screen.client.get("/kitchen/", base_url=doors.ADDRESS).status_code == 200
        with app.app_context(), writing() as tx:
            for device in tx.scalars(select(Device).where(Device.secret_hash.is_not(None))):
                revoke(tx, device, by=cast.by(tx, "chen"), at=cast.SATURDAY)
        assert screen.client.get("/kitchen/", base_url=doors.ADDRESS).location == "/pair?next=/kitchen/"


def test_an_ended_session_is_out_at_once(app: Flask) -> None:
    from shop.people.signing_in import end_sessions

    mei = doors.visitor(app, "clerk")
    with doors.opened():
        assert mei.client.get("/kitchen/", base_url=doors.ADDRESS).status_code == 200
        with app.app_context(), writing() as tx:
            end_sessions(tx, cast.person(tx, "mei"), by=cast.by(tx, "chen"), at=cast.SATURDAY)
        assert mei.client.get("/kitchen/", base_url=doors.ADDRESS).status_code == 303
        again = mei.client.get("/admin/me", base_url=doors.ADDRESS)
        assert again.location == "/sign-in?next=/admin/me"


def test_a_changed_grant_works_with_the_next_request(app: Flask) -> None:
    from shop.core.permissions import Role
    from shop.people.rights import grant

    mei = doors.visitor(app, "clerk")
    with doors.opened():
        assert mei.client.get("/admin/devices/", base_url=doors.ADDRESS).status_code == 403
        with app.app_context(), writing() as tx:
            shop, chen = tx.scalars(select(Shop)).one(), cast.by(tx, "chen")
            grant(tx, shop, Role.CLERK, Permission.DEVICE_MANAGE, True, by=chen, at=cast.SATURDAY)
        assert mei.client.get("/admin/devices/", base_url=doors.ADDRESS).status_code == 200


def test_a_kiosk_reaches_nothing_of_the_staff(app: Flask) -> None:
    """Also in a browser where somebody else's cookies are wrong, old, or of another kind."""
    kiosk = doors.visitor(app, KIOSK)
    secret = kiosk.client.get_cookie("fs_kiosk", domain="shop.test")
    assert secret is not None
    kiosk.client.set_cookie("fs_kitchen", secret.value, domain="shop.test")
    assert kiosk.client.get("/kitchen/", base_url=doors.ADDRESS).location == "/pair?next=/kitchen/"


def test_somebody_of_another_shop_is_nobody_here(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        here = tx.scalars(select(Shop)).one()
        there = Shop(slug="elsewhere", names={"en": "Elsewhere"}, is_demo=True)
        tx.add(there)
        tx.flush()
        stranger = Staff(shop_id=there.id, login="mallory", name="Mallory", role="owner")
        stranger.password_hash = cast.person(tx, "chen").password_hash
        tx.add(stranger)
        tx.flush()
        assert here.id != there.id
        number = stranger.session_id()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["since"] = number, 4_000_000_000
    assert client.get("/admin/me").location == "/sign-in?next=/admin/me"
