"""The example of a third method: one file and one line, and the shop offers it, asks it, and hears its notifies."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import pytest
from flask import Flask

from shop.core.keys import new_code
from shop.payments import providers
from shop.payments.contract import Answer, Back, BackSaid, ProviderAway, Said
from shop.payments.tables import Payment, PaymentState
from shop.people.shops import only_shop
from shop.upkeep.demo.gateway.serving import Quiet, Server
from shop.upkeep.demo.gateway.trades import OPEN, Refusal, Trade, Trades
from tests import cast
from tests.cast import SATURDAY
from tests.gateway import asked, charge
from tests.shop.payments.online.example import POSTPAY, PostPay, signature
from web.database import reading, writing
from web.house import house

SECRET = "a secret of thirty-two characters"


class Desk:
    """PostPay's own computer."""

    def __init__(self, trades: Trades) -> None:
        self.trades, self.away = trades, False

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        assert environ["HTTP_X_SIGNATURE"] == signature(SECRET, body)
        if self.away:
            start("503 Service Unavailable", [])
            return [b""]
        said = json.dumps(getattr(self, environ["PATH_INFO"][1:])(json.loads(body))).encode()
        start("200 OK", [("X-Signature", signature(SECRET, said))])
        return [said]

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        until = datetime.fromisoformat(told["expires_at"])
        facts = [told[name] for name in ("attempt", "amount", "currency", "words", "notify_url")]
        trade = self.trades.ask("postpay", *facts, until)
        return self.stands(trade) | {"qr": f"https://postpay.example/{trade.code}"}

    def query(self, told: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.by_attempt("postpay", told["attempt"])
        return self.stands(trade) if trade else {"said": "not_found"}

    def close(self, told: dict[str, Any]) -> dict[str, Any]:
        trade = self.trades.by_attempt("postpay", told["attempt"])
        if trade and trade.state in OPEN:
            self.trades.close(trade)
        return self.query(told)

    def refund(self, told: dict[str, Any]) -> dict[str, Any]:
        try:
            self.trades.send_back("postpay", told["attempt"], told["refund"], told["amount"])
        except Refusal:
            return {"said": "failed"}
        return {"said": "paid"}

    def query_refund(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"said": "paid" if self.trades.refund("postpay", told["refund"]) else "not_found"}

    def stands(self, trade: Trade) -> dict[str, Any]:
        said = {"closed": "closed", "paid": "paid"}.get(trade.state, "waiting")
        paid_at = trade.paid_at.isoformat() if trade.paid_at else ""
        return {
            "said": said, "trade_no": trade.trade_no, "amount": trade.amount, "currency": trade.currency,
            "paid_at": paid_at,
        }  # fmt: skip


@pytest.fixture
def desk(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The shop with an account at PostPay, whose computer listens on this machine."""
    trades = Trades(tmp_path / "postpay.db", lambda: SATURDAY)
    desk = Desk(trades)
    server = make_server("127.0.0.1", 0, desk, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    folder = app.extensions["fairslice"].settings.data / "payments"
    folder.mkdir()
    account = {"merchant": "42", "gateway": f"http://127.0.0.1:{server.server_port}", "secret": "postpay.key"}
    for name, text in (("postpay.json", json.dumps(account)), ("postpay.key", SECRET)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    monkeypatch.setitem(providers.ONLINE, "postpay", POSTPAY)
    yield desk
    server.shutdown()
    server.server_close()
    trades.shut()


@pytest.fixture
def postpay(app: Flask, desk: Desk) -> PostPay:
    with app.app_context():
        assert [method.key for method in house().providers.offered("CNY")] == ["postpay"]
        found = house().providers.get("postpay")
    assert isinstance(found, PostPay)
    return found


def test_it_does_what_the_contract_asks(desk: Desk, postpay: PostPay) -> None:
    wanted = charge(SATURDAY)
    assert postpay.query(wanted.attempt) == Answer(Said.NOT_FOUND)
    first = postpay.create(wanted)
    assert first.said is Said.WAITING and first.qr and postpay.create(wanted) == first
    trade = desk.trades.by_attempt("postpay", wanted.attempt)
    assert trade is not None
    desk.trades.pay(trade)
    told = postpay.query(wanted.attempt)
    assert (told.said, told.amount, told.currency, told.paid_at) == (Said.PAID, 26800, "CNY", SATURDAY)
    assert postpay.close(wanted.attempt) == told
    back = Back(new_code(24), wanted.attempt, told.trade_no, 10000, 26800, "CNY", "late")
    assert postpay.query_refund(back) == BackSaid(Said.NOT_FOUND)
    assert postpay.refund(back) == postpay.refund(back) == postpay.query_refund(back) == BackSaid(Said.PAID)
    assert desk.trades.sent_back(trade) == 10000
    assert postpay.close(asked(postpay, SATURDAY).attempt).said is Said.CLOSED
    desk.away = True
    with pytest.raises(ProviderAway):
        postpay.query(wanted.attempt)


def test_its_notifies_come_to_the_same_door(app: Flask, desk: Desk, postpay: PostPay) -> None:
    order = cast.place_order(app, prepaid=False).order_id
    wanted = asked(postpay, SATURDAY)
    with app.app_context(), writing() as tx:
        shop = only_shop(tx)
        assert shop is not None
        tx.add(Payment(
            shop_id=shop.id, order_id=order, method="postpay", state=PaymentState.PENDING, amount=26800, currency="CNY",
            made_at=SATURDAY, attempt=wanted.attempt, account="psp:postpay:42",
        ))  # fmt: skip
    told = {"id": "7", "merchant": "42", "attempt": wanted.attempt, "amount": 26800, "currency": "CNY"}
    told["at"] = SATURDAY.isoformat()

    def send(**changed: object) -> tuple[int, bytes]:
        body = json.dumps(told | changed).encode()
        headers = {"X-Signature": signature(str(changed.pop("secret", SECRET)), body)}
        answer = app.test_client().post("/pay/postpay/notify", data=body, headers=headers)
        return answer.status_code, answer.data

    old = (SATURDAY - timedelta(minutes=6)).isoformat()
    for wrong in ({"secret": "another"}, {"merchant": "43"}, {"at": old}, {"amount": 1}, {"currency": "USD"}):
        assert send(**wrong)[0] == 422, wrong
    assert send() == send() == (200, b"thanks")
    with app.app_context(), reading() as session:
        assert session.query(Payment).one().ask_at == SATURDAY
