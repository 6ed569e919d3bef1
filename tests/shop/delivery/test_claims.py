"""Who gets a drop: fifty at once and one wins, offers go round, a person may decide, and each match says why."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.errors import Conflict, Invalid
from shop.core.events import Event
from shop.delivery import drops
from shop.delivery.claims import AHEAD, assign, claim, decline, offer_due, release
from shop.delivery.drops import D, find
from shop.delivery.matching import matches
from shop.orders.tables import Order
from tests import cast, counter
from tests.shop.delivery import rounds
from tests.shop.orders.test_races import all_at_once
from web.database import reading, writing
from web.house import now

ROUNDS = 5


def winners(app: Flask) -> int:
    """Let fifty claim one drop at once; returns how many were told that it is theirs."""
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, gao, wu = rounds.drop(tx, ready=False), cast.by(tx, "gao"), cast.by(tx, "wu")
    won: list[int] = []

    def take(n: int) -> None:
        with writing() as tx:
            row = stale if stale.version else find(tx, shop, it.id)
            claim(tx, shop, row.id, row.version, by=(gao, wu)[n % 2], at=now())
        won.append(n)

    stale = it
    lost = all_at_once(app, take)
    assert all(isinstance(error, Conflict) for error in lost), lost[:3]
    assert len(won) + len(lost) == 50
    with app.app_context(), reading() as session:
        told = select(func.count()).where(Event.kind == "drop_claimed", Event.order_id == it.order_id)
        assert session.scalar(told) == len(won)
    return len(won)


def test_of_fifty_one_wins(app_both: Flask) -> None:
    assert [winners(app_both) for _ in range(ROUNDS)] == [1] * ROUNDS


@pytest.mark.postgres
def test_the_race_has_teeth(app_postgres: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the compare-and-set several are told that it is theirs."""
    monkeypatch.setattr(drops, "guard", lambda drop: ())
    assert any(winners(app_postgres) > 1 for _ in range(ROUNDS))


def test_an_offer_goes_to_the_best_then_to_the_next_then_it_alarms(app: Flask) -> None:
    with app.app_context():
        with writing() as tx:
            shop, _ = counter.shop_and_card(tx)
            rounds.at_work(tx, "gao", "wu")
            it = rounds.drop(tx)
            order = tx.get_one(Order, it.order_id)
            cast.clock_of(app).at = order.ready_by
            rounds.at_work(tx, "gao", "wu")
            assert offer_due(tx, shop, at=now()) == 1
            assert offer_due(tx, shop, at=now()) == 0, "asked once"
            gao, wu = cast.by(tx, "gao"), cast.by(tx, "wu")
            assert (find(tx, shop, it.id).state, it.offered_to) == (D.OFFERED, gao.id)
            with pytest.raises(Conflict, match="offered to somebody else"):
                claim(tx, shop, it.id, it.version, by=wu, at=now())
            decline(tx, shop, it.id, by=gao, at=now())
            assert offer_due(tx, shop, at=now()) == 1 and find(tx, shop, it.id).offered_to == wu.id
            cast.clock_of(app).pass_by(minutes=2)
            assert offer_due(tx, shop, at=now()) == 0
            assert offer_due(tx, shop, at=now()) == 0
            assert find(tx, shop, it.id).state == D.OPEN and it.alarmed_at == now()
        with reading() as session:
            assert rounds.kinds(session, it.order_id) == [
                "drop_made", "drop_offered", "drop_declined", "drop_offered", "drop_lapsed", "drop_unanswered",
            ]  # fmt: skip


def test_what_is_not_due_to_leave_is_not_offered(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        rounds.at_work(tx, "gao")
        it = rounds.drop(tx)
        assert tx.get_one(Order, it.order_id).ready_by > now() + AHEAD
        assert offer_due(tx, shop, at=now()) == 0


def test_a_released_drop_is_open_and_not_offered_to_them_again(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, gao = rounds.claimed(tx), cast.by(tx, "gao")
        release(tx, shop, it.id, by=gao, at=now())
        cast.clock_of(app).at = tx.get_one(Order, it.order_id).ready_by
        rounds.at_work(tx, "gao", "wu")
        offer_due(tx, shop, at=now())
        assert find(tx, shop, it.id).offered_to == cast.by(tx, "wu").id


def test_a_dispatcher_decides_with_a_reason(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        it, xu, wu = rounds.claimed(tx), cast.by(tx, "xu"), cast.by(tx, "wu")
        for courier, reason, field in (
            (wu.id, " ", "reason"),
            (cast.by(tx, "li").id, "x", "courier"),
            (0, "x", "courier"),
        ):
            with pytest.raises(Invalid) as wrong:
                assign(tx, shop, it.id, courier or 0, it.version, by=xu, at=now(), reason=reason)
            assert wrong.value.field == field
        with pytest.raises(Conflict):
            assign(tx, shop, it.id, wu.id or 0, it.version - 1, by=xu, at=now(), reason="late")
        assign(tx, shop, it.id, wu.id or 0, it.version, by=xu, at=now(), reason="gao has a flat tyre")
        assert (it.courier_id, it.state) == (wu.id, D.CLAIMED)


def test_a_match_explains_itself(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        gao, wu = cast.person(tx, "gao"), cast.person(tx, "wu")
        gao.courier, wu.courier = {"box": 2, "cold": True}, {"box": 1, "areas": ["jingan"]}
        it = rounds.drop(tx, product="mango-mousse")
        order = tx.get_one(Order, it.order_id)
        rounds.at_work(tx, "gao")
        first, second = matches(tx, shop, it, order, at=now())
        assert (first.staff_id, second.staff_id, second.never) == (gao.id, wu.id, True)
        assert "has a cold box" in [reason.sentence for reason in first.reasons]
        assert "phone not heard for half an hour" in [reason.sentence for reason in second.reasons]
        rounds.at_work(tx, "wu")
        assert not any(match.never for match in matches(tx, shop, it, order, at=now()))


def test_a_full_box_takes_no_more(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, _ = counter.shop_and_card(tx)
        cast.person(tx, "gao").courier = {"box": 1}
        rounds.at_work(tx, "gao")
        rounds.claimed(tx)
        it = rounds.drop(tx)
        gao = next(
            m for m in matches(tx, shop, it, tx.get_one(Order, it.order_id), at=now()) if "Gao" in m.name
        )
        assert gao.never and [r.sentence for r in gao.reasons if r.never] == ["the box is full"]
        cast.person(tx, "gao").courier = {"box": 2}
        found = matches(tx, shop, it, tx.get_one(Order, it.order_id), at=now())
        assert "fits into the box, which is full then" in [r.sentence for r in found[0].reasons]
