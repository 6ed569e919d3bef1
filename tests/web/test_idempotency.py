"""A write that comes twice: every door says how, and keeps its word (T5, T6)."""

from __future__ import annotations

import io
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shop.core import idempotency
from shop.core.actors import SYSTEM
from shop.core.events import Event, record
from shop.core.idempotency import DoneOnce
from shop.core.permissions import Permission
from shop.people.staff import Device
from tests import cast
from tests.kiosk.customer import SWAP, Customer
from tests.web import doors
from tests.web.doors import ADDRESS, Visitor, visitor
from web import access
from web.access import DOORS, Once
from web.database import reading
from web.house import now, this_shop

AT_ONCE = 50
FRESH = re.compile(r'name="(?:csrf_token|key)" value="[^"]*"|<meta name="csrf"[^>]*>')
"""What a page makes anew each time it is shown: the token and key of its next form."""


def keyed(app: Flask) -> list[Rule]:
    """Return the addresses whose writes carry a key."""
    return [rule for rule in doors.writes(app) if DOORS[rule.endpoint].once is Once.KEY]


def everybody_needed(app: Flask) -> Callable[[Rule], Visitor]:
    """Open a browser for each kind of person, and return who of them may pass a door."""
    known = {name: visitor(app, name) for name in ("owner", "manager", "courier", "kiosk", "display")}

    def who_for(rule: Rule) -> Visitor:
        who = DOORS[rule.endpoint].who
        if who.device and not who.permission:
            return known[who.device.value]  # no display-only door writes yet
        if who.permission is Permission.DELIVERY_RIDE:
            return known["courier"]
        return known["owner" if who.permission in (None, Permission.ROLE_MANAGE) else "manager"]

    return who_for


def note(tx: Session, **args: Any) -> dict[str, Any]:
    """Do something that can be counted, and make something different each time."""
    record(tx, this_shop().id, "effect", by=SYSTEM, at=now(), topics=("staff",))
    return {"made": uuid.uuid4().hex}


def effects(app: Flask) -> int:
    """Count what was done."""
    with app.app_context(), reading() as session:
        return session.scalar(select(func.count()).where(Event.kind == "effect")) or 0


def test_every_write_says_what_happens_when_it_comes_twice(app: Flask) -> None:
    found = doors.writes(app)
    assert len(found) > 20
    assert [rule.endpoint for rule in found if DOORS[rule.endpoint].once is None] == []
    # Both ways exist, and money, orders and kitchen work carry keys.
    must = {"kiosk.place", "kitchen.start", "kitchen.finish", "kitchen.remake"}
    assert must <= {rule.endpoint for rule in keyed(app)}


def test_a_door_without_a_word_about_it_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="comes twice"):
        access.Door("POST", "/x", note, access.ANYONE)


def test_a_missing_key_is_refused_everywhere(app: Flask) -> None:
    someone_for = everybody_needed(app)
    with doors.opened(note):
        for rule in keyed(app):
            visit = someone_for(rule)
            form = {"csrf_token": visit.csrf}
            answer = visit.client.post(doors.fill(app, rule), base_url=ADDRESS, data=form)
            assert answer.status_code == 400, (rule.endpoint, answer.status_code)
    assert effects(app) == 0


def test_the_same_key_answers_the_same_and_does_it_once(app: Flask) -> None:
    someone_for = everybody_needed(app)
    with doors.opened(note):
        for count, rule in enumerate(keyed(app), start=1):
            visit, key = someone_for(rule), uuid.uuid4().hex
            first = doors.knock(visit, app, rule, key=key)
            again = doors.knock(visit, app, rule, key=key)
            assert first.status_code == again.status_code == 200, rule.endpoint
            assert first.data == again.data
            assert "Idempotent-Replayed" not in first.headers
            assert again.headers["Idempotent-Replayed"] == "true"
            assert effects(app) == count


def test_the_same_key_with_another_body_is_refused_everywhere(app: Flask) -> None:
    someone_for = everybody_needed(app)
    with doors.opened(note):
        for rule in keyed(app):
            visit, key = someone_for(rule), uuid.uuid4().hex
            assert doors.knock(visit, app, rule, key=key).status_code == 200
            form = {"csrf_token": visit.csrf, "key": key, "more": "another body"}
            other = visit.client.post(doors.fill(app, rule), base_url=ADDRESS, data=form)
            assert other.status_code == 422, rule.endpoint


def test_another_file_is_another_body_everywhere(app: Flask) -> None:
    """A file counts by what is in it: its name and the fields beside it may be the same."""
    someone_for = everybody_needed(app)

    def note_and_read(tx: Session, **args: Any) -> dict[str, Any]:
        sent = request.files["photo"].read()
        return {"read": sent.decode(), **note(tx)}

    with doors.opened(note_and_read):
        for rule in keyed(app):
            visit, key = someone_for(rule), uuid.uuid4().hex
            answers = []
            for name, body in (("a.jpg", b"one"), ("b.jpg", b"one"), ("a.jpg", b"other")):
                form = {"csrf_token": visit.csrf, "key": key, "photo": (io.BytesIO(body), name)}
                answers.append(visit.client.post(doors.fill(app, rule), base_url=ADDRESS, data=form))
            assert [answer.status_code for answer in answers] == [200, 200, 422], rule.endpoint
            assert answers[0].data == answers[1].data and b"one" in answers[0].data


def test_somebody_elses_key_opens_nothing(app: Flask) -> None:
    """The same key from two people is two things: an answer is never handed to another person."""
    one, two = visitor(app, "manager"), visitor(app, "baker")
    rule = next(rule for rule in keyed(app) if rule.endpoint == "kitchen.start")
    with doors.opened(note):
        first = doors.knock(one, app, rule, key="shared-key-0001")
        other = doors.knock(two, app, rule, key="shared-key-0001")
    assert first.data != other.data and effects(app) == 2


def crowd(n: int, do: Callable[[int], Any]) -> list[Any]:
    """Do something ``n`` times at the same moment."""
    barrier, answers = threading.Barrier(n), [None] * n

    def one(place: int) -> None:
        barrier.wait()
        answers[place] = do(place)

    threads = [threading.Thread(target=one, args=(place,)) for place in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def browsers(app: Flask, like: Visitor, n: int) -> list[Visitor]:
    """Open the same browser ``n`` times: the same cookies, as tabs have."""
    found = []
    for _ in range(n):
        client = app.test_client()
        client._cookies = dict(like.client._cookies or {})
        found.append(Visitor(like.who, client, like.csrf))
    return found


def test_fifty_at_once_are_one(app_both: Flask) -> None:
    visit = visitor(app_both, "manager")
    rule = next(rule for rule in keyed(app_both) if rule.endpoint == "kitchen.start")
    tabs = browsers(app_both, visit, AT_ONCE)
    with doors.opened(note):
        answers = crowd(AT_ONCE, lambda n: doors.knock(tabs[n], app_both, rule, key="one-key-for-all"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert effects(app_both) == 1


def test_fifty_at_once_add_one_device(app_both: Flask) -> None:
    """The same with a real door: identical pages, one device, one code."""
    visit = visitor(app_both, "manager")
    tabs = browsers(app_both, visit, AT_ONCE)
    form = {"csrf_token": visit.csrf, "key": "one-key-for-all", "kind": "kiosk", "name": "by the window"}

    def add(n: int) -> Any:
        return tabs[n].client.post("/admin/devices/", base_url=ADDRESS, data=form)

    answers = crowd(AT_ONCE, add)
    codes = {answer.get_data(as_text=True).split('a-secret">', 1)[1].split("<", 1)[0] for answer in answers}
    assert len(codes) == 1
    with app_both.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(Device.name == "by the window")) == 1


def test_the_guard_has_teeth(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the table of what was done, the second tap does it again."""
    monkeypatch.setattr(idempotency, "seen", lambda *args: None)
    monkeypatch.setattr(idempotency, "remember", lambda *args: None)
    visit = visitor(app, "manager")
    rule = next(rule for rule in keyed(app) if rule.endpoint == "kitchen.start")
    with doors.opened(note):
        doors.knock(visit, app, rule, key="twice-the-same")
        doors.knock(visit, app, rule, key="twice-the-same")
    assert effects(app) == 2


def test_a_refused_try_does_not_use_up_its_key(app: Flask) -> None:
    visit = visitor(app, "manager")
    form = {"csrf_token": visit.csrf, "key": "first-wrong-then-right", "kind": "kiosk", "name": ""}
    wrong = visit.client.post("/admin/devices/", base_url=ADDRESS, data=form)
    assert wrong.status_code == 422
    right = visit.client.post("/admin/devices/", base_url=ADDRESS, data={**form, "name": "by the door"})
    assert right.status_code == 200


def test_what_is_kept_of_a_body_cannot_be_guessed(app: Flask) -> None:
    """A body may hold a password: its fingerprint is keyed, and the codes made are locked."""
    import hashlib

    visit = visitor(app, "owner")
    form = {"key": "to-look-at-later", "present": cast.DEMO_PASSWORD, "csrf_token": visit.csrf}
    page = visit.client.post("/admin/me/recovery", base_url=ADDRESS, data=form).get_data(as_text=True)
    code = page.split('a-secret">', 1)[1].split("<", 1)[0]
    with app.app_context(), reading() as session:
        row = session.scalars(select(DoneOnce).where(DoneOnce.key == "to-look-at-later")).one()
        guess = repr(sorted({"present": cast.DEMO_PASSWORD}.items())).encode()
        assert row.fingerprint != hashlib.sha256(guess).hexdigest()
        assert code not in repr(row.made) and len(code) == 23


def test_fifty_taps_on_order_are_one_order(app_both: Flask) -> None:
    """The door that matters most, with everything real behind it."""
    customer = Customer(app_both)
    customer.choose()
    customer.take_time()
    key = customer.key(customer.to_pay())
    form = {"csrf_token": customer.token, "method": "cash", "key": key}
    tabs = browsers(app_both, Visitor("kiosk", customer.client, customer.token), AT_ONCE)

    def place(n: int) -> Any:
        return tabs[n].client.post("/kiosk/place", data=form, headers=SWAP)

    answers = crowd(AT_ONCE, place)
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/kiosk/wait")}
    assert len({FRESH.sub("", answer.text) for answer in answers}) == 1
    assert len(customer.orders()) == 1
    other = customer.client.post("/kiosk/place", data={**form, "method": "card"}, headers=SWAP)
    assert other.status_code == 422 and len(customer.orders()) == 1
