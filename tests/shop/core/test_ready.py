"""A statement made ready says, refuses and reports what SQLAlchemy would have."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from shop.core.idempotency import DoneOnce
from shop.core.ready import Ready
from shop.orders.tables import Draft
from web.database import db, reading, writing
from web.house import this_shop

AT = datetime(2026, 11, 21, 1, 30, 15, 250_000, UTC)
_D: Any = Draft.__table__
_T: Any = DoneOnce.__table__
NEW = Ready(insert(_D))
NEW_WITH_ID = Ready(insert(_D).returning(_D.c.id))
FIND = select(_D.c.code, _D.c.box, _D.c.version, _D.c.until, _D.c.device_id).where(
    _D.c.code == bindparam("draft")
)
REMEMBER = Ready(insert(_T))
SEEN = select(_T.c.made, _T.c.at).where(_T.c.key == bindparam("under"))


def a_draft(code: str) -> dict[str, Any]:
    return {
        "shop_id": this_shop().id, "code": code, "device_id": None, "staff_id": 1, "box": b"\x00cake",
        "saved_at": AT, "until": AT,
    }  # fmt: skip


def test_values_pass_through_the_same_types_both_ways(app_both: Flask) -> None:
    with app_both.app_context():
        made = {"order": 7, "words": "生日快乐"}
        with writing() as tx:
            NEW.run(tx, a_draft("AAAAAA"))
            REMEMBER.run(tx, {"scope": "s", "key": "under-it", "fingerprint": "f", "made": made, "at": AT})
        with reading() as session:
            rows = Ready(FIND).run(session, {"draft": "AAAAAA"})
            assert rows == [("AAAAAA", b"\x00cake", 1, AT, None)]
            assert rows == [tuple(row) for row in session.execute(FIND, {"draft": "AAAAAA"})]
            assert Ready(SEEN).first(session, {"under": "under-it"}) == (made, AT)
            assert Ready(SEEN).first(session, {"under": "another"}) is None


def test_what_a_write_gives_back_and_changes(app_both: Flask) -> None:
    change = Ready(
        update(_D)
        .where(_D.c.code == bindparam("draft"))
        .values(version=_D.c.version + 1)
        .returning(_D.c.version)
    )
    with app_both.app_context(), writing() as tx:
        ((first,),) = NEW_WITH_ID.run(tx, a_draft("AAAAAA"))
        ((second,),) = NEW_WITH_ID.run(tx, a_draft("BBBBBB") | {"version": 5})
        assert second > first
        assert change.run(tx, {"draft": "BBBBBB"}) == [(6,)]
        assert change.run(tx, {"draft": "CCCCCC"}) == []


def test_an_error_is_the_same_and_is_told_to_who_listens(app_both: Flask) -> None:
    heard: list[Any] = []
    with app_both.app_context():
        event.listen(db.engines["write"], "handle_error", lambda context: heard.append(context))
        with pytest.raises(IntegrityError) as refused, writing() as tx:
            NEW.run(tx, a_draft("AAAAAA"))
            NEW.run(tx, a_draft("AAAAAA"))
        assert "cake" not in str(refused.value), "an error's text goes into the log: it hides what was bound"
        assert [type(each.sqlalchemy_exception) for each in heard] == [IntegrityError]
        with reading() as session:
            assert Ready(FIND).run(session, {"draft": "AAAAAA"}) == []


def test_a_value_that_is_missing_is_no_null(app_both: Flask) -> None:
    with app_both.app_context(), reading() as session, pytest.raises(KeyError):
        Ready(FIND).run(session, {"code": "AAAAAA"})
