"""WeChat Pay: the customer scans a code (Native, API v3), through wechatpayv3, with WeChat Pay's public key.

The library believes a signed notify of any age and of any merchant, and fetches certificates from the network when
it meets a serial that it does not know: all that is refused here first. It is imported by the first call.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from shop.payments.contract import (
    Answer,
    Back,
    BackSaid,
    BadNotice,
    BillLine,
    Charge,
    Notice,
    ProviderAway,
    Said,
)
from shop.payments.yuan import BEIJING, fee_of, fen, moment

GATEWAY = "https://api.mch.weixin.qq.com"
TIMEOUT = 5.0
"""Seconds that a call may take to connect, and between two pieces of its answer."""
FRESH = timedelta(minutes=5)
MOST = 64 * 1024 * 1024
"""Bytes of a bill, unpacked."""
GZIP = b"\x1f\x8b"
STATES = {
    "SUCCESS": Said.PAID, "REFUND": Said.PAID, "NOTPAY": Said.WAITING, "USERPAYING": Said.WAITING,
    "CLOSED": Said.CLOSED, "REVOKED": Said.CLOSED, "PAYERROR": Said.FAILED,
}  # fmt: skip
BACK_STATES = {
    "SUCCESS": Said.PAID,
    "PROCESSING": Said.WAITING,
    "CLOSED": Said.FAILED,
    "ABNORMAL": Said.FAILED,
}
NOT_THERE = {"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS"}
PAID_ALREADY = {"ORDERPAID", "ORDER_PAID"}
CLOSED_ALREADY = {"ORDER_CLOSED", "ORDERCLOSED"}
CODES = re.compile(r"1[0-5][0-9]{16}")
"""What a customer's WeChat shows at a counter: 18 digits."""
STORE = "1"
"""The shop's own number of itself, which a payment by such a code must name."""
SIGNED_WITH = ("Serial", "Timestamp", "Nonce", "Signature", "Signature-Type")


class WeChat:
    """One merchant's account. ``private_key`` is ours, ``public_key`` WeChat Pay's (both PEM), with their numbers."""

    def __init__(
        self, *, app_id: str, merchant_id: str, private_key: str, private_key_serial: str, public_key: str,
        public_key_id: str, api_key: str, gateway: str = GATEWAY,
    ) -> None:  # fmt: skip
        self.account, self.app_id, self.gateway, self.public_key_id = (
            merchant_id,
            app_id,
            gateway,
            public_key_id,
        )
        self._keys = {
            "private_key": private_key, "cert_serial_no": private_key_serial, "public_key": public_key,
            "public_key_id": public_key_id, "apiv3_key": api_key,
        }  # fmt: skip

    @cached_property
    def _sdk(self) -> Any:
        from wechatpayv3 import WeChatPay, WeChatPayType

        kind = WeChatPayType.NATIVE
        sdk = WeChatPay(kind, mchid=self.account, appid=self.app_id, timeout=TIMEOUT, **self._keys)
        sdk._core._gate_way = self.gateway
        return sdk

    def _ask(self, call: str, *arguments: Any, **more: Any) -> tuple[dict[str, Any], str]:
        """Return the answer's content and, where it is a refusal, its code; raises `ProviderAway`."""
        status, text = self._call(call, *arguments, **more)
        try:
            said = json.loads(text) if text else {}
            if not isinstance(said, dict):
                raise ValueError("not an object")
            if 200 <= status < 300:
                return said, ""
            if status < 400 or status >= 500 or status == 429 or not said["code"]:
                raise ValueError(str(status))
            return said, str(said["code"])
        except (ValueError, KeyError, TypeError) as trouble:
            raise ProviderAway(f"wechat: {status} ({trouble})") from trouble

    def _call(self, call: str, *arguments: Any, **more: Any) -> tuple[int, Any]:
        try:
            status, content = getattr(self._sdk, call)(*arguments, **more)
        except Exception as trouble:  # the library raises plain Exception when a signature is wrong
            raise ProviderAway(f"wechat: {type(trouble).__name__}") from trouble
        return int(status), content

    # -- payments

    def create(self, charge: Charge) -> Answer:
        """Ask for a code (/v3/pay/transactions/native)."""
        said, refused = self._ask(
            "pay",
            description=charge.words[:40],  # 127 bytes at the most
            out_trade_no=charge.attempt,
            amount={"total": charge.amount, "currency": charge.currency},
            time_expire=charge.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            notify_url=charge.notify_url,
        )
        if said.get("code_url") and not refused:
            return Answer(Said.WAITING, qr=str(said["code_url"]))
        if refused in PAID_ALREADY | CLOSED_ALREADY:
            return self.query(charge.attempt)
        return Answer(Said.FAILED)

    def query(self, attempt: str) -> Answer:
        """Ask how it stands."""
        said, refused = self._ask("query", out_trade_no=attempt)
        if refused in NOT_THERE:
            return Answer(Said.NOT_FOUND)
        try:
            if (said["mchid"], said["appid"], said["out_trade_no"]) != (self.account, self.app_id, attempt):
                raise ValueError(refused or "another payment")
            state = STATES[said["trade_state"]]
            if state is not Said.PAID:
                return Answer(state)
            paid_at = datetime.fromisoformat(said["success_time"]).astimezone(UTC)
            total, currency = money(said["amount"], "total")
            return Answer(state, str(said["transaction_id"]), total, currency, paid_at)
        except (KeyError, ValueError, TypeError) as trouble:
            raise ProviderAway(f"wechat: an answer that cannot be read ({trouble})") from trouble

    def close(self, attempt: str) -> Answer:
        """End it, if it has not been paid meanwhile."""
        _, refused = self._ask("close", out_trade_no=attempt)
        if not refused or refused in NOT_THERE | CLOSED_ALREADY:
            return Answer(Said.CLOSED)
        return self.query(attempt)

    def charge_code(self, charge: Charge, code: str) -> Answer:
        """Charge the phone that shows ``code`` (/v3/pay/transactions/codepay); the customer may have to agree."""
        from wechatpayv3 import WeChatPayType

        said, refused = self._ask(
            "pay", description=charge.words[:40], out_trade_no=charge.attempt, payer={"auth_code": code},
            amount={"total": charge.amount, "currency": charge.currency}, pay_type=WeChatPayType.CODEPAY,
            scene_info={"store_info": {"id": STORE}},
        )  # fmt: skip
        refused = refused or str(said.get("code", ""))
        if refused == "USERPAYING":
            return Answer(Said.WAITING)
        if refused and refused not in PAID_ALREADY | CLOSED_ALREADY:
            return Answer(Said.FAILED)
        return self.query(charge.attempt)

    def reverse(self, attempt: str) -> Answer:
        """End it for good (/reverse): an open one is closed, a paid one goes back."""
        _, refused = self._ask("codepay_reverse", attempt)
        if refused and refused not in NOT_THERE | CLOSED_ALREADY:
            raise ProviderAway(f"wechat: not reversed ({refused})")
        return Answer(Said.CLOSED)

    # -- refunds

    def refund(self, back: Back) -> BackSaid:
        """Send money back; the same number again answers how the first one stands."""
        said, refused = self._ask(
            "refund",
            out_refund_no=back.refund,
            out_trade_no=back.attempt,
            amount={"refund": back.amount, "total": back.paid, "currency": back.currency},
            reason=back.reason[:26] or None,  # 80 bytes at the most
        )
        return BackSaid(Said.FAILED) if refused else self._back(said, back)

    def query_refund(self, back: Back) -> BackSaid:
        """Ask how it stands."""
        said, refused = self._ask("query_refund", back.refund)
        return BackSaid(Said.NOT_FOUND) if refused in NOT_THERE else self._back(said, back)

    def _back(self, said: Mapping[str, Any], back: Back) -> BackSaid:
        try:
            whose = said["out_refund_no"], said["out_trade_no"], *money(said["amount"], "refund")
            if whose != (back.refund, back.attempt, back.amount, back.currency):
                raise ValueError("another refund")
            return BackSaid(BACK_STATES[said["status"]])
        except (KeyError, ValueError, TypeError) as trouble:
            raise ProviderAway(f"wechat: a refund that cannot be read ({trouble})") from trouble

    # -- notifies

    def notice(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """Check a notify: signature over the raw body by the key we know, sent within five minutes of ``at``,
        decrypted with our own key, about our merchant and application."""
        signed = {name: headers.get(f"Wechatpay-{name}", "") for name in SIGNED_WITH}
        if not all(signed.values()):
            raise BadNotice("signature")
        if signed["Serial"] != self.public_key_id:
            raise BadNotice("serial")
        if not signed["Timestamp"].isascii() or not signed["Timestamp"].isdigit():
            raise BadNotice("time")
        if abs(at.timestamp() - int(signed["Timestamp"][:15])) > FRESH.total_seconds():
            raise BadNotice("time")
        try:
            said = self._sdk.callback(
                {f"Wechatpay-{name}": value for name, value in signed.items()}, body.decode()
            )
        except Exception as trouble:  # whatever the library stumbles over was not signed by WeChat Pay
            raise BadNotice("unreadable") from trouble
        if not said:
            raise BadNotice("signature")
        return self._read(said)

    def _read(self, said: Mapping[str, Any]) -> Notice:
        try:
            paid = said["resource"]
            if paid["mchid"] != self.account:
                raise BadNotice("seller")
            if paid["appid"] != self.app_id:
                raise BadNotice("app")
            if said["event_type"] != "TRANSACTION.SUCCESS" or paid["trade_state"] not in STATES:
                raise BadNotice("unreadable")
            return Notice(str(said["id"]), str(paid["out_trade_no"]), *money(paid["amount"], "total"))
        except (KeyError, ValueError, TypeError) as trouble:
            raise BadNotice("unreadable") from trouble

    def thanks(self) -> tuple[int, str, bytes]:
        """Return what WeChat Pay waits for."""
        return 200, "application/json", b'{"code":"SUCCESS","message":"OK"}'

    # -- the daily bill

    def bill(self, day: date) -> tuple[bytes, list[BillLine]]:
        """Fetch the bill of trades of a day in Beijing's zone: a gzipped CSV with its own digest beside it."""
        said, refused = self._ask("trade_bill", bill_date=day.isoformat())
        if refused == "NO_STATEMENT_EXIST":
            return b"", []
        if refused or not str(said.get("download_url", "")).startswith(self.gateway + "/"):
            raise ProviderAway(f"wechat: no bill ({refused or 'it lies elsewhere'})")
        status, file = self._call("download_bill", said["download_url"])
        try:
            if status != 200 or not isinstance(file, bytes):
                raise ValueError(str(status))
            plain = _unpacked(file)
            if hashlib.sha1(plain).hexdigest() != str(said["hash_value"]).lower():
                raise ValueError("not what was announced")
            return file, bill_lines(plain.decode("utf-8-sig"))
        except (OSError, EOFError, ValueError, KeyError) as trouble:
            raise ProviderAway(f"wechat: the bill cannot be read ({trouble})") from trouble


def money(amount: Mapping[str, Any], name: str) -> tuple[int, str]:
    """Return an amount of fen and its currency; raises `ValueError` for anything but a whole number."""
    fen_, currency = amount[name], amount["currency"]
    if type(fen_) is not int or fen_ < 0 or not isinstance(currency, str):
        raise ValueError(f"not an amount: {fen_!r}")
    return fen_, currency


def bill_lines(text: str) -> list[BillLine]:
    """Read a bill up to its totals; a backtick stands before each value. Raises `ValueError` and `KeyError`."""
    details = text.split("总交易单数")[0].replace("`", "")
    return [_line(row) for row in csv.DictReader(io.StringIO(details)) if row.get("交易状态")]


def read_file(file: bytes) -> list[BillLine]:
    """Read a bill as a person has it, packed or plain. Raises `ValueError` and `KeyError`."""
    try:
        return bill_lines((_unpacked(file) if file[:2] == GZIP else file).decode("utf-8-sig"))
    except (OSError, EOFError, zlib.error) as trouble:
        raise ValueError("not a whole file") from trouble


def _unpacked(file: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(file)) as packed:
        plain = packed.read(MOST + 1)
    if len(plain) > MOST:
        raise ValueError("too large")
    return plain


def _line(row: Mapping[str, str]) -> BillLine:
    back = row["交易状态"] == "REFUND"
    fee = abs(fee_of(row["手续费"]))
    return BillLine(
        trade_no=row["微信订单号"], attempt=row["商户订单号"], refund=row["商户退款单号"] if back else "",
        kind="refund" if back else "payment", amount=fen(row["申请退款金额" if back else "订单金额"]),
        fee=-fee if back else fee, currency=row["货币种类"], at=moment(row["交易时间"]),
    )  # fmt: skip
