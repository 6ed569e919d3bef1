"""Alipay's side: one address for every call (gateway.do), the code that is scanned, the bill."""

import json
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from shop.payments.yuan import BEIJING, beijing, fen, moment, yuan
from shop.upkeep.demo.gateway.asked import Asked, Said
from shop.upkeep.demo.gateway.bills import alipay_bill
from shop.upkeep.demo.gateway.keyring import APP_ALIPAY, SELLER, Keyring
from shop.upkeep.demo.gateway.signing import holds, in_order, sign
from shop.upkeep.demo.gateway.trades import OPEN, Refusal, State, Trade, Trades

METHOD = "alipay"
STATUS = {State.SCANNED: "WAIT_BUYER_PAY", State.PAID: "TRADE_SUCCESS", State.CLOSED: "TRADE_CLOSED"}
WORDS = {State.PAID: "ACQ.TRADE_HAS_SUCCESS", State.CLOSED: "ACQ.TRADE_HAS_CLOSE"}
LATEST = timedelta(minutes=15)
"""A request whose time is further away is refused."""
Content = dict[str, Any]


class Wrong(Exception):
    """The call is refused with this ``sub_code``; ``code`` 40002 is unsigned, as Alipay's own."""

    def __init__(self, sub: str, code: str = "40004") -> None:
        self.sub, self.code = sub, code
        super().__init__(sub)


class AlipayDesk:
    """Answers what the shop asks of Alipay."""

    def __init__(self, keys: Keyring, trades: Trades, address: str) -> None:
        self.keys, self.trades, self.address = keys, trades, address
        self._bills: dict[str, bytes] = {}

    def answer(self, asked: Asked) -> Said:
        """Answer one call; what is signed is the text of the content itself."""
        values = {**asked.query, **(asked.form if asked.method == "POST" else {})}
        method = values.get("method", "")
        name = method.replace(".", "_") + "_response"
        try:
            content = self._known(values)
            said = {"code": "10000", "msg": "Success", **self._do(method, content, values)}
        except Wrong as wrong:
            said = {"code": wrong.code, "msg": "Business Failed", "sub_code": wrong.sub, "sub_msg": wrong.sub}
            if wrong.code == "40002":
                return Said(200, json.dumps({name: said | {"msg": "Invalid Arguments"}}).encode())
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return Said(200, f'{{"{name}":{text},"sign":"{sign(self.keys.alipay, text)}"}}'.encode())

    def _known(self, values: dict[str, str]) -> Content:
        signature = values.pop("sign", "")
        if values.get("app_id") != APP_ALIPAY:
            raise Wrong("isv.invalid-app-id", "40002")
        if values.get("sign_type") != "RSA2" or not holds(self.keys.shop_alipay, in_order(values), signature):
            raise Wrong("isv.invalid-signature", "40002")
        try:
            if abs(moment(values["timestamp"]) - self.trades.now()) > LATEST:
                raise ValueError
            content = json.loads(values["biz_content"])
            return {str(name): value for name, value in content.items()}
        except (KeyError, ValueError, AttributeError) as trouble:
            raise Wrong("isv.invalid-parameter", "40002") from trouble

    def _do(self, method: str, content: Content, values: dict[str, str]) -> Content:
        calls = {
            "alipay.trade.precreate": self._precreate, "alipay.trade.pay": self._pay, "alipay.trade.query": self._query,
            "alipay.trade.close": self._close, "alipay.trade.cancel": self._cancel,
            "alipay.trade.refund": self._refund, "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.data.dataservice.bill.downloadurl.query": self._bill,
        }  # fmt: skip
        if method not in calls:
            raise Wrong("isv.invalid-method", "40002")
        try:
            return calls[method](content | {"notify_url": values.get("notify_url", "")})
        except (KeyError, ValueError, TypeError) as trouble:
            raise Wrong("ACQ.INVALID_PARAMETER") from trouble

    def _pay(self, content: Content) -> Content:
        """Charge a code that a counter has scanned; 10003 while its customer has not agreed."""
        until, attempt = moment(content["time_expire"]), content["out_trade_no"]
        if content["scene"] != "bar_code":
            raise Wrong("ACQ.INVALID_PARAMETER")
        try:
            trade = self.trades.ask(
                METHOD, attempt, fen(content["total_amount"]), "CNY", content["subject"], content["notify_url"], until
            )  # fmt: skip
            trade = self.trades.charge(content["auth_code"], trade)
        except Refusal as refusal:
            sub = WORDS[State(refusal.why)] if refusal.why in WORDS else "ACQ.PAYMENT_AUTH_CODE_INVALID"
            raise Wrong(sub) from refusal
        said = {"out_trade_no": attempt, "trade_no": trade.trade_no, "total_amount": yuan(trade.amount)}
        if trade.state != State.PAID:
            return said | {"code": "10003", "msg": "order success pay inprocess"}
        return said | {"gmt_payment": beijing(trade.paid_at or self.trades.now())}

    def _precreate(self, content: Content) -> Content:
        try:
            until = moment(content["time_expire"])
            trade = self.trades.ask(
                METHOD, content["out_trade_no"], fen(content["total_amount"]), "CNY", content["subject"],
                content["notify_url"], until,
            )  # fmt: skip
        except Refusal as refusal:
            sub = WORDS[State(refusal.why)] if refusal.why in WORDS else "ACQ.CONTEXT_INCONSISTENT"
            raise Wrong(sub) from refusal
        return {"out_trade_no": trade.attempt, "qr_code": f"{self.address}/alipay/{trade.code}"}

    def _there(self, content: Content) -> Trade:
        """Return the trade; before the scan there is none. Raises `Wrong`."""
        trade = self.trades.by_attempt(METHOD, content["out_trade_no"])
        if trade is None or not trade.trade_no:
            raise Wrong("ACQ.TRADE_NOT_EXIST")
        return trade

    def _query(self, content: Content) -> Content:
        trade = self._there(content)
        back = self.trades.sent_back(trade)
        said = {
            "out_trade_no": trade.attempt, "trade_no": trade.trade_no, "total_amount": yuan(trade.amount),
            "buyer_logon_id": "185******00", "buyer_user_id": "2088102000000009",
            "trade_status": "TRADE_CLOSED" if back == trade.amount else STATUS[trade.state],
        }  # fmt: skip
        return said | ({"send_pay_date": beijing(trade.paid_at)} if trade.paid_at else {})

    def _close(self, content: Content) -> Content:
        trade = self._there(content)
        if trade.state not in OPEN:
            raise Wrong("ACQ.TRADE_STATUS_ERROR")
        trade = self.trades.close(trade)
        return {"out_trade_no": trade.attempt, "trade_no": trade.trade_no}

    def _cancel(self, content: Content) -> Content:
        """Close what nobody paid, send back what somebody did; a code that was never scanned dies too."""
        attempt = content["out_trade_no"]
        trade = self.trades.by_attempt(METHOD, attempt)
        said = {"out_trade_no": attempt, "retry_flag": "N"}
        if trade is None:
            return said
        if trade.state == State.PAID:
            if left := trade.amount - self.trades.sent_back(trade):
                self.trades.send_back(METHOD, attempt, f"cancel-{attempt}", left)
            return said | {"trade_no": trade.trade_no, "action": "refund"}
        self.trades.close(trade)
        return said | {"trade_no": trade.trade_no, "action": "close"}

    def _refund(self, content: Content) -> Content:
        trade = self._there(content)
        amount = fen(content["refund_amount"])
        number = content.get("out_request_no") or trade.attempt
        try:
            _, new = self.trades.send_back(METHOD, trade.attempt, number, amount)
        except Refusal as refusal:
            subs = {"amount": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "other": "ACQ.DISCORDANT_REPEAT_REQUEST"}
            raise Wrong(subs.get(refusal.why, "ACQ.TRADE_STATUS_ERROR")) from refusal
        return {
            "out_trade_no": trade.attempt, "trade_no": trade.trade_no, "fund_change": "Y" if new else "N",
            "refund_fee": yuan(self.trades.sent_back(trade)), "buyer_logon_id": "185******00",
        }  # fmt: skip

    def _refund_query(self, content: Content) -> Content:
        trade = self._there(content)
        back = self.trades.refund(METHOD, content["out_request_no"])
        if back is None or back.attempt != trade.attempt:
            return {}
        return {
            "out_trade_no": trade.attempt, "trade_no": trade.trade_no, "out_request_no": back.refund,
            "refund_status": "REFUND_SUCCESS", "refund_amount": yuan(back.amount), "total_amount": yuan(trade.amount),
        }  # fmt: skip

    def _bill(self, content: Content) -> Content:
        day = date.fromisoformat(content["bill_date"])
        begin = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        paid, back = self.trades.between(METHOD, begin, begin + timedelta(days=1))
        if not paid and not back:
            raise Wrong("isp.bill_not_exist")
        name = secrets.token_hex(16)
        self._bills = {name: alipay_bill(SELLER, day, paid, back)}  # the newest one; it is fetched at once
        return {"bill_download_url": f"{self.address}/alipay/bill/{name}.zip"}

    def bill(self, name: str) -> Said:
        """Hand out a bill under the address that was given for it."""
        file = self._bills.get(name)
        return (
            Said(404, b"", "text/plain")
            if file is None
            else Said(200, file, "application/octet-stream;charset=utf-8")
        )
