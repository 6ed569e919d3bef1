"""Comments on orders: written, handed over, done, erased with their customer; and who else looks at an order."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shop.core.actors import CUSTOMER
from shop.core.errors import Denied, Invalid, Missing
from shop.core.events import Event
from shop.core.permissions import Permission, Role
from shop.orders.cart import Cart, CartLine
from shop.orders.comments import Said, colleagues, comment, comments_on, settle, waiting_for
from shop.orders.onlookers import PATIENCE, look_away, look_on, others_at
from shop.orders.tables import Comment, Order
from shop.people.persons import erase
from shop.people.rights import grant
from shop.people.staff import Person
from tests import cast, counter
from web.database import reading, writing
from web.house import keys, now

WORDS = "王太太说蜡烛要金色的"


def ordered(app: Flask, **who: Any) -> int:
    with app.app_context(), writing() as tx:
        return counter.order(tx, Cart(lines=[CartLine("oreo", 8)], **who)).order_id


def write(app: Flask, order_id: int, words: str = WORDS, by: str = "mei", to: str = "") -> int:
    with app.app_context(), writing() as tx:
        for_id = cast.person(tx, to).id if to else None
        order = tx.get_one(Order, order_id)
        shop = cast.the_shop(app)
        return comment(tx, keys(), shop, order, words, by=cast.by(tx, by), at=now(), for_id=for_id).id


def read(app: Flask, order_id: int) -> list[Said]:
    with app.app_context(), reading() as session:
        return comments_on(session, keys(), session.get_one(Order, order_id))


def waits(app: Flask, login: str) -> list[str]:
    with app.app_context(), reading() as session:
        mine = waiting_for(session, keys(), cast.the_shop(app), cast.person(session, login))
        return [said.text for said in mine]


def test_a_comment_is_read_by_the_team_and_the_diary_knows_only_that_it_was_written(app_both: Flask) -> None:
    order_id = ordered(app_both)
    number = write(app_both, order_id)
    (said,) = read(app_both, order_id)
    assert (said.text, said.by, said.to, said.done_at) == (WORDS, "小美 Mei", "", None)
    with app_both.app_context(), reading() as session:
        (event,) = session.scalars(select(Event).where(Event.kind == "order_commented"))
        assert event.order_id == order_id and event.data == {"comment": number, "to": None}
        assert f"order:{order_id}" in event.topics.split()
        box = session.get_one(Comment, number).box
        assert WORDS.encode() not in box and "王".encode() not in box


def test_a_comment_for_somebody_is_theirs_until_it_is_done(app_both: Flask) -> None:
    order_id = ordered(app_both)
    number = write(app_both, order_id, to="jie")
    assert waits(app_both, "jie") == [WORDS] and waits(app_both, "mei") == waits(app_both, "xu") == []
    with app_both.app_context(), writing() as tx, pytest.raises(Denied):
        settle(tx, cast.the_shop(app_both), number, by=cast.by(tx, "xu"), at=now())
    for _ in range(2):
        with app_both.app_context(), writing() as tx:
            settle(tx, cast.the_shop(app_both), number, by=cast.by(tx, "jie"), at=now())
    assert waits(app_both, "jie") == [] and read(app_both, order_id)[0].done_at is not None
    with app_both.app_context(), reading() as session:
        assert len(list(session.scalars(select(Event).where(Event.kind == "comment_settled")))) == 1


@pytest.mark.parametrize(
    ("words", "to", "field"), [("  ", "", "text"), ("x" * 501, "", "text"), ("x", "li", "for_id")]
)
def test_a_comment_that_cannot_be_is_refused_by_name(app: Flask, words: str, to: str, field: str) -> None:
    order_id = ordered(app)
    with pytest.raises(Invalid) as refused:
        write(app, order_id, words, to=to)
    assert refused.value.field == field and read(app, order_id) == []


def test_only_the_team_comments_and_only_what_is_for_somebody_can_be_done(app: Flask) -> None:
    order_id = ordered(app)
    number = write(app, order_id)
    with app.app_context(), writing() as tx:
        shop, order = cast.the_shop(app), tx.get_one(Order, order_id)
        with pytest.raises(Denied):
            comment(tx, keys(), shop, order, "hello", by=CUSTOMER, at=now())
        for unknown in (number, 999):
            with pytest.raises(Missing):
                settle(tx, shop, unknown, by=cast.by(tx, "mei"), at=now())


def test_a_role_that_loses_the_right_is_no_colleague_any_more(app: Flask) -> None:
    def logins(tx: Session) -> set[str]:
        return {person.login for person in colleagues(tx, cast.the_shop(app))}

    with app.app_context(), writing() as tx:
        assert {"chen", "lin", "xu", "mei", "jie"} <= logins(tx) and not {
            "li",
            "gao",
            "zheng",
            "zhou",
        } & logins(tx)
        grant(
            tx,
            cast.the_shop(app),
            Role.PARTNER,
            Permission.ORDER_COMMENT,
            False,
            by=cast.by(tx, "chen"),
            at=now(),
        )
        assert "lin" not in logins(tx)


def test_erasing_a_customer_erases_what_was_written_about_them(app: Flask) -> None:
    order_id, other = ordered(app, name="王小明", phone="13812345678"), ordered(app)
    write(app, order_id)
    write(app, other, "no customer here")
    with app.app_context(), writing() as tx:
        person = tx.get_one(Person, tx.get_one(Order, order_id).person_id)
        erase(tx, person, by=cast.by(tx, "chen"), at=now())
    assert [said.text for said in read(app, order_id)] == [""]
    assert [said.text for said in read(app, other)] == ["no customer here"]
    write(app, order_id, "after that")
    assert [said.text for said in read(app, order_id)] == ["", "after that"]


def test_no_file_of_the_shop_holds_a_comment_in_the_clear(app: Flask) -> None:
    order_id = ordered(app)
    write(app, order_id, "canary-7f3a of mine")
    with app.app_context(), writing() as tx:
        tx.execute(text("SELECT 1"))
        data = keys() and app.extensions["fairslice"].settings.data
    files = [path for path in data.rglob("*") if path.is_file()]
    assert any(path.name.startswith("shop.db") for path in files)
    assert [path.name for path in files if b"canary-7f3a" in path.read_bytes()] == []


def test_others_at_an_order_are_seen_and_silence_ends_it(app_both: Flask) -> None:
    order_id, elsewhere = ordered(app_both), ordered(app_both)

    def beside(login: str, after: float = 0) -> list[tuple[str, bool]]:
        with app_both.app_context(), reading() as session:
            order, at = session.get_one(Order, order_id), now() + timedelta(seconds=after)
            return others_at(session, order, cast.person(session, login), at=at)

    def look(login: str, *, working: bool = False, where: int = order_id) -> None:
        with app_both.app_context(), writing() as tx:
            look_on(tx, tx.get_one(Order, where), cast.person(tx, login), at=now(), working=working)

    look("mei")
    look("xu", where=elsewhere)
    assert beside("jie") == [("小美 Mei", False)] and beside("mei") == []
    look("jie", working=True)
    look("jie", working=True)
    assert [working for _, working in beside("xu")] == [True, False], "who works stands first"
    assert beside("xu", PATIENCE.total_seconds()) and beside("xu", PATIENCE.total_seconds() + 1) == []
    with app_both.app_context(), writing() as tx:
        look_away(tx, tx.get_one(Order, order_id), cast.person(tx, "jie"))
    assert beside("xu") == [("小美 Mei", False)]
