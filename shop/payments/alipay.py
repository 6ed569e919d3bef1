"""Alipay: the customer scans a code (当面付), through python-alipay-sdk.

What the library leaves to its caller is checked here: whose money it is, when a notify was sent, that numbers are
those we asked about. The library is imported by the first call: it costs 25 MB and 0.4 s.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

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
from shop.payments.yuan import CURRENCY, beijing, fee_of, fen, moment, yuan

GATEWAY = "https://openapi.alipay.com/gateway.do"
TIMEOUT = 5.0
"""Seconds that a call may take to connect, and between two pieces of its answer."""
FRESH = timedelta(minutes=5)
MOST = 64 * 1024 * 1024
"""Bytes of a bill."""
DONE, WAITS, REFUSED = "10000", "10003", "40004"
PAID_STATES = {"TRADE_SUCCESS", "TRADE_FINISHED"}
STATES = {"WAIT_BUYER_PAY": Said.WAITING, "TRADE_CLOSED": Said.CLOSED} | dict.fromkeys(PAID_STATES, Said.PAID)
CODES = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")
"""What a customer's Alipay shows at a counter: 16 to 24 digits."""
NO_BILL = {"isp.bill_not_exist", "isv.bill_not_exist", "isp.bill-not-exist", "isv.bill-not-exist"}
NOT_IN_WORDS = str.maketrans("/=&{}", "     ")
"""What Alipay forbids in a subject, and the braces by which the library finds the end of what was signed."""


class Alipay:
    """One merchant's account. ``private_key`` is our application's, ``public_key`` Alipay's; both PEM."""

    def __init__(
        self, *, app_id: str, seller_id: str, private_key: str, public_key: str, now: Callable[[], datetime],
        gateway: str = GATEWAY,
    ) -> None:  # fmt: skip
        self.account, self.app_id, self.now, self.gateway = seller_id, app_id, now, gateway
        self._keys = private_key, public_key

    @cached_property
    def _sdk(self) -> Any:
        from alipay import AliPay
        from alipay.utils import AliPayConfig

        ours, theirs = self._keys
        sdk = AliPay(
            appid=self.app_id, app_private_key_string=ours, alipay_public_key_string=theirs, sign_type="RSA2",
            config=AliPayConfig(timeout=TIMEOUT),
        )  # fmt: skip
        sdk._gateway = self.gateway
        return sdk

    def _ask(self, method: str, content: dict[str, str], **more: str) -> dict[str, Any]:
        """Return the signed answer's content, with its ``code`` and ``sub_code``; raises `ProviderAway`."""
        from alipay.exceptions import AliPayException, AliPayValidationError

        try:
            # The library would write the machine's own clock, wherever in the world that stands.
            said = self._sdk.server_api(method, content, timestamp=beijing(self.now()), **more)
        except (AliPayException, AliPayValidationError) as trouble:
            raise ProviderAway(f"alipay: no signed answer ({trouble})") from trouble
        except (OSError, HTTPException, ValueError, KeyError, AttributeError) as trouble:
            raise ProviderAway(f"alipay: {type(trouble).__name__}") from trouble
        if not isinstance(said, dict) or said.get("code") == "20000" or "SYSTEM_ERROR" in why(said):
            raise ProviderAway(f"alipay: {why(said) if isinstance(said, dict) else 'unreadable'}")
        return said

    # -- payments

    def create(self, charge: Charge) -> Answer:
        """Ask for a code (alipay.trade.precreate). Until it is scanned, Alipay knows of no trade."""
        if charge.currency != CURRENCY:
            return Answer(Said.FAILED)
        content = {
            "out_trade_no": charge.attempt, "total_amount": yuan(charge.amount),
            "subject": charge.words.translate(NOT_IN_WORDS)[:200], "time_expire": beijing(charge.expires_at),
        }  # fmt: skip
        said = self._ask("alipay.trade.precreate", content, notify_url=charge.notify_url)
        if said["code"] == DONE and said.get("qr_code"):
            return Answer(Said.WAITING, qr=str(said["qr_code"]))
        if why(said) in ("ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"):
            return self.query(charge.attempt)
        return Answer(Said.FAILED)

    def query(self, attempt: str) -> Answer:
        """Ask how it stands (alipay.trade.query). A trade that is not there yet waits for the scan."""
        said = self._ask("alipay.trade.query", {"out_trade_no": attempt})
        if why(said) == "ACQ.TRADE_NOT_EXIST":
            return Answer(Said.WAITING)
        try:
            if said["code"] != DONE or said["out_trade_no"] != attempt:
                raise ValueError(why(said))
            state = STATES[said["trade_status"]]
            paid_at = moment(said["send_pay_date"]) if state is Said.PAID else None
            return Answer(state, said["trade_no"], fen(said["total_amount"]), currency_of(said), paid_at)
        except (KeyError, ValueError) as trouble:
            raise ProviderAway(f"alipay: an answer that cannot be read ({trouble})") from trouble

    def close(self, attempt: str) -> Answer:
        """End it. A trade is closed; a code that nobody scanned is cancelled, so that a later scan finds nothing.

        If it is paid in the moment between, Alipay's cancel gives the money back by itself: closed as well.
        """
        said = self._ask("alipay.trade.close", {"out_trade_no": attempt})
        if why(said) == "ACQ.TRADE_NOT_EXIST":
            return self.reverse(attempt)
        if said["code"] == DONE:
            return Answer(Said.CLOSED, str(said.get("trade_no", "")))
        return self.query(attempt)

    def charge_code(self, charge: Charge, code: str) -> Answer:
        """Charge the phone that shows ``code`` (alipay.trade.pay); 10003 says that the customer has to agree."""
        if charge.currency != CURRENCY:
            return Answer(Said.FAILED)
        content = {
            "out_trade_no": charge.attempt, "scene": "bar_code", "auth_code": code, "total_amount": yuan(charge.amount),
            "subject": charge.words.translate(NOT_IN_WORDS)[:200], "time_expire": beijing(charge.expires_at),
        }  # fmt: skip
        said = self._ask("alipay.trade.pay", content, notify_url=charge.notify_url)
        if said["code"] == WAITS:
            return Answer(Said.WAITING)
        if said["code"] != DONE and why(said) not in ("ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_CLOSE"):
            return Answer(Said.FAILED)
        return self.query(charge.attempt)

    def reverse(self, attempt: str) -> Answer:
        """End it for good (alipay.trade.cancel): an open one is closed, a paid one goes back."""
        said = self._ask("alipay.trade.cancel", {"out_trade_no": attempt})
        if said["code"] != DONE or said.get("retry_flag") == "Y":
            raise ProviderAway(f"alipay: not cancelled ({why(said)})")
        return Answer(Said.CLOSED)

    # -- refunds

    def refund(self, back: Back) -> BackSaid:
        """Send money back (alipay.trade.refund); the same number again changes nothing, so it is asked about."""
        content = {
            "out_trade_no": back.attempt, "refund_amount": yuan(back.amount), "out_request_no": back.refund,
            "refund_reason": back.reason.translate(NOT_IN_WORDS)[:200],
        }  # fmt: skip
        said = self._ask("alipay.trade.refund", content)
        if said["code"] != DONE:
            return BackSaid(Said.FAILED)
        return BackSaid(Said.PAID) if said.get("fund_change") == "Y" else self.query_refund(back)

    def query_refund(self, back: Back) -> BackSaid:
        """Ask how it stands (alipay.trade.fastpay.refund.query); no status means: it never arrived."""
        content = {"out_trade_no": back.attempt, "out_request_no": back.refund}
        said = self._ask("alipay.trade.fastpay.refund.query", content)
        if why(said) == "ACQ.TRADE_NOT_EXIST" or (said["code"] == DONE and not said.get("refund_status")):
            return BackSaid(Said.NOT_FOUND)
        try:
            if said["refund_status"] != "REFUND_SUCCESS" or fen(said["refund_amount"]) != back.amount:
                raise ValueError(said["refund_status"])
        except (KeyError, ValueError) as trouble:
            raise ProviderAway(f"alipay: a refund that cannot be read ({trouble})") from trouble
        return BackSaid(Said.PAID)

    # -- notifies

    def notice(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """Check a notify: RSA2 over what came, our application and account, sent within five minutes of ``at``."""
        said = self._signed(body)
        if said.get("app_id") != self.app_id:
            raise BadNotice("app")
        if said.get("seller_id") != self.account:
            raise BadNotice("seller")
        try:
            if abs(at - moment(said["notify_time"])) > FRESH:
                raise BadNotice("time")
            notice = Notice(
                said["notify_id"], said["out_trade_no"], fen(said["total_amount"]), currency_of(said)
            )
            state = said["trade_status"]
        except (KeyError, ValueError) as trouble:
            raise BadNotice("unreadable") from trouble
        if state not in STATES or not notice.key or not notice.attempt:
            raise BadNotice("unreadable")
        return notice

    def _signed(self, body: bytes) -> dict[str, str]:
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
                              max_num_fields=100)  # fmt: skip
        except ValueError as trouble:
            raise BadNotice("unreadable") from trouble
        said = dict(pairs)
        signature, kind = said.pop("sign", ""), said.pop("sign_type", "")
        if len(said) + 2 != len(pairs) or kind != "RSA2" or not signature:
            raise BadNotice("signature")  # unsigned, another algorithm, or a name that stands there twice
        try:
            genuine = self._sdk.verify(dict(said), signature)
        except Exception as trouble:  # whatever the library stumbles over was not signed by Alipay
            raise BadNotice("signature") from trouble
        if not genuine:
            raise BadNotice("signature")
        return said

    def thanks(self) -> tuple[int, str, bytes]:
        """Return the one word that Alipay waits for."""
        return 200, "text/plain; charset=utf-8", b"success"

    # -- the daily bill

    def bill(self, day: date) -> tuple[bytes, list[BillLine]]:
        """Fetch the bill of trades of a day in Beijing's zone: a zip of CSV files in GB18030."""
        said = self._ask(
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": day.isoformat()},
        )
        if why(said) in NO_BILL:
            return b"", []
        address = str(said.get("bill_download_url", ""))
        if said["code"] != DONE or not self._may_fetch(address):
            raise ProviderAway(f"alipay: no bill ({why(said)})")
        try:
            with urlopen(address, timeout=TIMEOUT) as answer:
                file: bytes = answer.read(MOST + 1)
            return file, bill_lines(file)
        except (OSError, HTTPException, ValueError, KeyError, zipfile.BadZipFile) as trouble:
            raise ProviderAway(f"alipay: the bill cannot be read ({type(trouble).__name__})") from trouble

    def _may_fetch(self, address: str) -> bool:
        """Whether a bill may lie there: on the gateway's own host, or anywhere by https."""
        asked, home = urlsplit(address), urlsplit(self.gateway)
        return asked.scheme == "https" or (asked.scheme, asked.netloc) == (home.scheme, home.netloc)


def why(said: Mapping[str, Any]) -> str:
    """Return the provider's own short reason, empty when all is well."""
    return str(said.get("sub_code") or ("" if said.get("code") == DONE else said.get("code", "")))


def currency_of(said: Mapping[str, str]) -> str:
    """Return the currency of a trade: yuan, where Alipay names none."""
    return said.get("trans_currency") or said.get("settle_currency") or CURRENCY


def bill_lines(file: bytes) -> list[BillLine]:
    """Read a zipped bill: the file of details, without its comments. Raises `ValueError` and `KeyError`."""
    with zipfile.ZipFile(io.BytesIO(file)) as box:
        if len(file) > MOST or sum(entry.file_size for entry in box.infolist()) > MOST:
            raise ValueError("too large")
        # The other file counts them together.
        texts = [box.read(entry).decode("gb18030") for entry in box.infolist()]
    return [line for text in texts if "商户订单号" in text for line in _details(text)]


def read_file(file: bytes) -> list[BillLine]:
    """Read a bill as a person has it: the zip, or the file of details out of it. Raises `ValueError` and `KeyError`."""
    if zipfile.is_zipfile(io.BytesIO(file)):
        try:
            return bill_lines(file)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as trouble:
            raise ValueError("not a whole zip") from trouble
    return _details(file.decode("gb18030"))


def _details(text: str) -> list[BillLine]:
    return [_line(row) for row in csv.DictReader(_without_comments(text))]


def _without_comments(text: str) -> list[str]:
    return [line.replace("\t", "") for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _line(row: Mapping[str, str]) -> BillLine:
    back = row["业务类型"].strip() == "退款"
    fee = abs(fee_of(row["服务费（元）"]))
    return BillLine(
        trade_no=row["支付宝交易号"].strip(), attempt=row["商户订单号"].strip(),
        refund=row["退款批次号/请求号"].strip() if back else "", kind="refund" if back else "payment",
        amount=abs(fen(row["订单金额（元）"])), fee=-fee if back else fee, currency=CURRENCY,
        at=moment(row["完成时间"]),
    )  # fmt: skip
