"""WeChat Pay's side: API v3 with its Authorization header, signed answers, the bill."""

import gzip
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from shop.payments.yuan import BEIJING
from shop.upkeep.demo.gateway.asked import Asked, Said
from shop.upkeep.demo.gateway.bills import wechat_bill
from shop.upkeep.demo.gateway.keyring import APP_WECHAT, MERCHANT, PUBLIC_KEY_ID, SERIAL, Keyring
from shop.upkeep.demo.gateway.signing import holds, sign
from shop.upkeep.demo.gateway.trades import CODE_LIVES, Refusal, SentBack, State, Trade, Trades

METHOD = "wechat"
STATUS = {State.ASKED: "NOTPAY", State.SCANNED: "NOTPAY", State.PAID: "SUCCESS", State.CLOSED: "CLOSED"}
LATEST = 300
"""Seconds that a request may be old."""
PART = re.compile(r'(\w+)="([^"]*)"')
Answer = tuple[int, dict[str, Any] | bytes | None]


class Wrong(Exception):
    """The call is refused with this status and code."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(code)


class WeChatDesk:
    """Answers what the shop asks of WeChat Pay."""

    def __init__(self, keys: Keyring, trades: Trades, address: str) -> None:
        self.keys, self.trades, self.address = keys, trades, address
        self._bills: dict[str, bytes] = {}
        number = r"([0-9A-Za-z_\-|*]{1,64})"
        self._calls: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("POST", re.compile(r"/v3/pay/transactions/native"), self._native),
            ("POST", re.compile(r"/v3/pay/transactions/codepay"), self._codepay),
            ("POST", re.compile(rf"/v3/pay/transactions/out-trade-no/{number}/reverse"), self._reverse),
            ("GET", re.compile(rf"/v3/pay/transactions/out-trade-no/{number}"), self._query),
            ("POST", re.compile(rf"/v3/pay/transactions/out-trade-no/{number}/close"), self._close),
            ("POST", re.compile(r"/v3/refund/domestic/refunds"), self._refund),
            ("GET", re.compile(rf"/v3/refund/domestic/refunds/{number}"), self._refund_query),
            ("GET", re.compile(r"/v3/bill/tradebill"), self._bill),
            ("GET", re.compile(r"/v3/billdownload/file"), self._file),
        ]

    def answer(self, asked: Asked) -> Said:
        """Answer one call, signed, refusals too."""
        try:
            self._known(asked)
            status, said = self._do(asked)
        except Wrong as wrong:
            status, said = wrong.status, {"code": wrong.code, "message": wrong.code}
        if isinstance(said, bytes):
            return Said(status, said, "application/octet-stream")  # a bill has its digest instead
        body = "" if said is None else json.dumps(said, ensure_ascii=False)
        return Said(status, body.encode(), headers=signed(self.keys, body, self.trades.now()))

    def _known(self, asked: Asked) -> None:
        kind, _, rest = asked.headers.get("Authorization", "").partition(" ")
        told = dict(PART.findall(rest))
        stamp, nonce = told.get("timestamp", ""), told.get("nonce_str", "")
        # The library writes this machine's own time, also in a shop whose demo clock is elsewhere.
        fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= LATEST
        text = f"{asked.method}\n{asked.target}\n{stamp}\n{nonce}\n{asked.body.decode(errors='replace')}\n"
        ours = (told.get("mchid"), told.get("serial_no")) == (MERCHANT, SERIAL)
        if kind != "WECHATPAY2-SHA256-RSA2048" or not fresh or not ours:
            raise Wrong(401, "SIGN_ERROR")
        if not holds(self.keys.shop_wechat, text, told.get("signature", "")):
            raise Wrong(401, "SIGN_ERROR")

    def _do(self, asked: Asked) -> Answer:
        for method, path, call in self._calls:
            found = path.fullmatch(asked.path)
            if found and method == asked.method:
                try:
                    content = dict(json.loads(asked.body)) if asked.body else dict(asked.query)
                    return call(content, *found.groups())
                except (KeyError, ValueError, TypeError) as trouble:
                    raise Wrong(400, "PARAM_ERROR") from trouble
        raise Wrong(404, "NOT_FOUND")

    def _codepay(self, content: dict[str, Any]) -> Answer:
        """Charge a code that a counter has scanned; refused as USERPAYING while its customer has not agreed."""
        if not content["scene_info"]["store_info"]["id"]:
            raise Wrong(400, "PARAM_ERROR")
        trade = self._asked(content, self.trades.now() + CODE_LIVES)
        try:
            trade = self.trades.charge(content["payer"]["auth_code"], trade)
        except Refusal as refusal:
            raise Wrong(403, "AUTH_CODE_INVALID") from refusal
        if trade.state != State.PAID:
            raise Wrong(400, "USERPAYING")
        return 200, payment(trade, self.trades)

    def _reverse(self, content: dict[str, Any], attempt: str) -> Answer:
        """Close what nobody paid, send back what somebody did."""
        trade = self._there(content, attempt)
        if trade.state != State.PAID:
            self.trades.close(trade)
        elif left := trade.amount - self.trades.sent_back(trade):
            self.trades.send_back(METHOD, attempt, f"reverse-{attempt}", left)
        return 204, None

    def _native(self, content: dict[str, Any]) -> Answer:
        trade = self._asked(content, datetime.fromisoformat(content["time_expire"]))
        return 200, {"code_url": f"{self.address}/wechat/{trade.code}"}

    def _asked(self, content: dict[str, Any], until: datetime) -> Trade:
        if (content["mchid"], content["appid"]) != (MERCHANT, APP_WECHAT):
            raise Wrong(400, "APPID_MCHID_NOT_MATCH")
        amount = content["amount"]
        if type(amount["total"]) is not int or amount["total"] <= 0 or amount["currency"] != "CNY":
            raise Wrong(400, "PARAM_ERROR")
        try:
            return self.trades.ask(
                METHOD, content["out_trade_no"], amount["total"], amount["currency"], content["description"],
                content.get("notify_url", ""), until,
            )  # fmt: skip
        except Refusal as refusal:
            codes = {State.PAID: (400, "ORDERPAID"), State.CLOSED: (400, "ORDER_CLOSED")}
            known = refusal.why in (State.PAID, State.CLOSED)
            raise Wrong(*(codes[State(refusal.why)] if known else (403, "OUT_TRADE_NO_USED"))) from refusal

    def _there(self, content: dict[str, Any], attempt: str) -> Trade:
        if content["mchid"] != MERCHANT:
            raise Wrong(400, "PARAM_ERROR")
        trade = self.trades.by_attempt(METHOD, attempt)
        if trade is None:
            raise Wrong(404, "ORDER_NOT_EXIST")
        return trade

    def _query(self, content: dict[str, Any], attempt: str) -> Answer:
        return 200, payment(self._there(content, attempt), self.trades)

    def _close(self, content: dict[str, Any], attempt: str) -> Answer:
        try:
            self.trades.close(self._there(content, attempt))
        except Refusal as refusal:
            raise Wrong(400, "ORDERPAID") from refusal
        return 204, None

    def _refund(self, content: dict[str, Any]) -> Answer:
        attempt, amount = content["out_trade_no"], content["amount"]
        trade = self.trades.by_attempt(METHOD, attempt)
        if trade is None:
            raise Wrong(404, "RESOURCE_NOT_EXISTS")
        if type(amount["refund"]) is not int or (amount["total"], amount["currency"]) != (
            trade.amount,
            trade.currency,
        ):
            raise Wrong(400, "PARAM_ERROR")
        try:
            back, _ = self.trades.send_back(METHOD, attempt, content["out_refund_no"], amount["refund"])
        except Refusal as refusal:
            raise Wrong(400, "INVALID_REQUEST") from refusal
        return 200, refunded(trade, back)

    def _refund_query(self, content: dict[str, Any], number: str) -> Answer:
        back = self.trades.refund(METHOD, number)
        trade = self.trades.by_attempt(METHOD, back.attempt) if back else None
        if back is None or trade is None:
            raise Wrong(404, "RESOURCE_NOT_EXISTS")
        return 200, refunded(trade, back)

    def _bill(self, content: dict[str, Any]) -> Answer:
        day = date.fromisoformat(content["bill_date"])
        begin = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        paid, back = self.trades.between(METHOD, begin, begin + timedelta(days=1))
        if not paid and not back:
            raise Wrong(400, "NO_STATEMENT_EXIST")
        first = {each.attempt: self.trades.by_attempt(METHOD, each.attempt) for each in back}
        plain = wechat_bill(APP_WECHAT, MERCHANT, paid, [(each, first[each.attempt]) for each in back])
        name = secrets.token_hex(16)
        self._bills = {name: gzip.compress(plain)}
        address = f"{self.address}/v3/billdownload/file?token={name}"
        return 200, {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(plain).hexdigest(),
            "download_url": address,
        }

    def _file(self, content: dict[str, Any]) -> Answer:
        file = self._bills.get(content.get("token", ""))
        if file is None:
            raise Wrong(400, "INVALID_REQUEST")
        return 200, file


def payment(trade: Trade, trades: Trades) -> dict[str, Any]:
    """Return a payment as a query and a notify tell of it."""
    state = "REFUND" if trades.sent_back(trade) else STATUS[trade.state]
    said: dict[str, Any] = {
        "mchid": MERCHANT, "appid": APP_WECHAT, "out_trade_no": trade.attempt, "trade_state": state,
        "trade_state_desc": state, "attach": "",
        "amount": {"total": trade.amount, "payer_total": trade.amount, "currency": trade.currency,
                   "payer_currency": trade.currency},
    }  # fmt: skip
    if trade.paid_at:
        said |= {
            "transaction_id": trade.trade_no, "trade_type": "NATIVE", "bank_type": "OTHERS",
            "success_time": trade.paid_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            "payer": {"openid": "oFa1cDemoCustomer0000000001"},
        }  # fmt: skip
    return said


def refunded(trade: Trade, back: SentBack) -> dict[str, Any]:
    """Return a refund as the provider tells of it."""
    at = back.at.astimezone(BEIJING).isoformat(timespec="seconds")
    return {
        "refund_id": f"503{back.trade_no}", "out_refund_no": back.refund, "transaction_id": trade.trade_no,
        "out_trade_no": trade.attempt, "channel": "ORIGINAL", "user_received_account": "OTHERS", "success_time": at,
        "create_time": at, "status": "SUCCESS",
        "amount": {"total": trade.amount, "refund": back.amount, "payer_total": trade.amount,
                   "payer_refund": back.amount, "currency": trade.currency},
    }  # fmt: skip


def signed(keys: Keyring, body: str, at: datetime) -> dict[str, str]:
    """Return the headers that sign an answer or a notify."""
    stamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
    return {
        "Wechatpay-Serial": PUBLIC_KEY_ID, "Wechatpay-Timestamp": stamp, "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(keys.wechat, f"{stamp}\n{nonce}\n{body}\n"),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048", "Request-ID": secrets.token_hex(16),
    }  # fmt: skip
