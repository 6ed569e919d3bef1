"""Notifies as both providers write them, and as somebody would write them who wants a cake for nothing."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from shop.payments.yuan import beijing, yuan
from shop.upkeep.demo.gateway import alipay, wechat
from shop.upkeep.demo.gateway.keyring import APP_ALIPAY, APP_WECHAT, MERCHANT, PUBLIC_KEY_ID, SELLER, Keyring
from shop.upkeep.demo.gateway.signing import in_order, sign, wrapped
from shop.upkeep.demo.gateway.trades import Trade, Trades

OLD = timedelta(minutes=6)


@dataclass(frozen=True)
class Letter:
    """A notify, ready to be posted."""

    url: str
    headers: dict[str, str]
    body: bytes


class Letters:
    """Writes them. ``forge`` is one of `faults.FORGED`, empty for a genuine one."""

    def __init__(self, keys: Keyring, trades: Trades) -> None:
        self.keys, self.trades = keys, trades

    @cached_property
    def stranger(self) -> RSAPrivateKey:
        """The key of somebody else."""
        return generate_private_key(public_exponent=65537, key_size=2048)

    def write(self, trade: Trade, forge: str = "") -> Letter:
        """Write the notify of a trade as it stands now."""
        at = self.trades.now() - (OLD if forge == "old" else timedelta())
        letter = (self._alipay if trade.method == alipay.METHOD else self._wechat)(trade, at, forge)
        body = letter.body[: len(letter.body) * 2 // 3] if forge == "truncated" else letter.body
        return Letter(letter.url, letter.headers, body)

    def _alipay(self, trade: Trade, at: datetime, forge: str) -> Letter:
        back = self.trades.sent_back(trade)
        state = "TRADE_CLOSED" if back == trade.amount else alipay.STATUS[trade.state]
        paid = yuan(trade.amount + (1 if forge == "amount" else 0))
        number = hashlib.sha256(f"{trade.code}:{state}:{back}".encode()).hexdigest()[:22]
        values = {
            "notify_time": beijing(at), "notify_type": "trade_status_sync",
            "notify_id": f"{trade.made_at:%Y%m%d}{number}",
            "charset": "utf-8", "version": "1.0",
            "app_id": APP_ALIPAY[:-1] + "9" if forge == "app" else APP_ALIPAY, "auth_app_id": APP_ALIPAY,
            "seller_id": SELLER[:-1] + "9" if forge == "seller" else SELLER, "trade_no": trade.trade_no,
            "out_trade_no": trade.attempt, "trade_status": state, "subject": trade.words, "total_amount": paid,
            "receipt_amount": paid, "buyer_pay_amount": paid, "buyer_id": "2088102000000009",
            "buyer_logon_id": "185******00", "gmt_create": beijing(trade.made_at),
            "fund_bill_list": json.dumps([{"amount": paid, "fundChannel": "ALIPAYACCOUNT"}]),
        }  # fmt: skip
        values |= {"gmt_payment": beijing(trade.paid_at)} if trade.paid_at else {}
        values |= {"refund_fee": yuan(back)} if back else {}
        values |= {"trans_currency": "USD"} if forge == "currency" else {}
        signature = sign(self._key(self.keys.alipay, forge), in_order(values))
        if forge != "unsigned":
            values |= {"sign_type": "RSA2", "sign": spoilt(signature, forge)}
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Letter(trade.notify_url, kind, urlencode(values).encode())

    def _wechat(self, trade: Trade, at: datetime, forge: str) -> Letter:
        told: dict[str, Any] = wechat.payment(trade, self.trades)
        told["trade_state"] = wechat.STATUS[trade.state]
        told["amount"]["total"] += 1 if forge == "amount" else 0
        told |= {"mchid": MERCHANT[:-1] + "9"} if forge == "seller" else {}
        told |= {"appid": APP_WECHAT[:-1] + "9"} if forge == "app" else {}
        told["amount"] |= {"currency": "USD"} if forge == "currency" else {}
        body = json.dumps({
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{trade.code}:{trade.state}")),
            "create_time": at.isoformat(timespec="seconds"), "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
            "resource": wrapped(self.keys.api_key, json.dumps(told, ensure_ascii=False), "transaction"),
        }, ensure_ascii=False)  # fmt: skip
        headers = {**wechat.signed(self.keys, body, at), "Content-Type": "application/json"}
        if forge == "other_key":
            text = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n{body}\n"
            headers["Wechatpay-Signature"] = sign(self.stranger, text)
        headers["Wechatpay-Signature"] = spoilt(headers["Wechatpay-Signature"], forge)
        if forge == "unsigned":
            headers = {name: value for name, value in headers.items() if not name.startswith("Wechatpay-S")}
        assert forge == "unsigned" or headers["Wechatpay-Serial"] == PUBLIC_KEY_ID
        return Letter(trade.notify_url, headers, body.encode())

    def _key(self, key: RSAPrivateKey, forge: str) -> RSAPrivateKey:
        return self.stranger if forge == "other_key" else key


def spoilt(signature: str, forge: str) -> str:
    """Return a signature, with one of its characters changed where that is asked for."""
    if forge != "signature":
        return signature
    return ("B" if signature[40] == "A" else "A").join((signature[:40], signature[41:]))
