"""A third online method, as small as one can be: JSON with an HMAC. Copy it to ``shop/payments/<key>.py``, change it.

What each hook must answer stands in `shop.payments.contract`; docs/recipes.md says which lines make it known.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

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
from shop.payments.providers import Online

FRESH = timedelta(minutes=5)


class PostPay:
    """One merchant's account: its number, and the secret that both sides sign with."""

    def __init__(self, *, merchant: str, secret: str, gateway: str, now: Callable[[], datetime]) -> None:
        self.account, self.secret, self.gateway, self.now = merchant, secret.strip(), gateway, now

    def _ask(self, call: str, **content: object) -> dict[str, Any]:
        """Ask and check the answer's signature; whatever proves nothing is `ProviderAway`."""
        body = json.dumps({"merchant": self.account, "at": self.now().isoformat(), **content}).encode()
        try:
            request = Request(f"{self.gateway}/{call}", body, {"X-Signature": signature(self.secret, body)})
            with urlopen(request, timeout=5) as answer:
                said, signed = answer.read(1 << 20), answer.headers.get("X-Signature", "")
            if not hmac.compare_digest(signed, signature(self.secret, said)):
                raise ValueError("signature")
            return dict(json.loads(said))
        except (OSError, HTTPException, ValueError) as trouble:
            raise ProviderAway(f"postpay: {type(trouble).__name__}") from trouble

    def _answer(self, said: dict[str, Any]) -> Answer:
        paid_at = datetime.fromisoformat(said["paid_at"]) if said.get("paid_at") else None
        return Answer(
            Said(said["said"]), said.get("trade_no", ""), said.get("amount", 0), said.get("currency", ""), paid_at,
            said.get("qr", ""),
        )  # fmt: skip

    def create(self, charge: Charge) -> Answer:
        return self._answer(
            self._ask(
                "create", attempt=charge.attempt, amount=charge.amount, currency=charge.currency, words=charge.words,
                expires_at=charge.expires_at.isoformat(), notify_url=charge.notify_url,
            )
        )  # fmt: skip

    def query(self, attempt: str) -> Answer:
        return self._answer(self._ask("query", attempt=attempt))

    def close(self, attempt: str) -> Answer:
        return self._answer(self._ask("close", attempt=attempt))

    def refund(self, back: Back) -> BackSaid:
        return BackSaid(
            Said(self._ask("refund", attempt=back.attempt, refund=back.refund, amount=back.amount)["said"])
        )

    def query_refund(self, back: Back) -> BackSaid:
        return BackSaid(Said(self._ask("query_refund", refund=back.refund)["said"]))

    def notice(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """Signature over the raw body first, then age and merchant, then the content."""
        if not hmac.compare_digest(
            headers.get("X-Signature", "").encode(), signature(self.secret, body).encode()
        ):
            raise BadNotice("signature")
        try:
            said = json.loads(body)
            if abs(at - datetime.fromisoformat(said["at"])) > FRESH:
                raise BadNotice("time")
            if said["merchant"] != self.account:
                raise BadNotice("seller")
            return Notice(str(said["id"]), str(said["attempt"]), int(said["amount"]), str(said["currency"]))
        except (KeyError, ValueError, TypeError) as trouble:
            raise BadNotice("unreadable") from trouble

    def thanks(self) -> tuple[int, str, bytes]:
        return 200, "text/plain; charset=utf-8", b"thanks"

    def bill(self, day: date) -> tuple[bytes, list[BillLine]]:
        said = self._ask("bill", day=day.isoformat())
        return b"", _lines(said)


def read_file(file: bytes) -> list[BillLine]:
    """Read a bill that a person has got as a file."""
    return _lines(json.loads(file))


def _lines(said: dict[str, Any]) -> list[BillLine]:
    return [BillLine(**line | {"at": datetime.fromisoformat(line["at"])}) for line in said["lines"]]


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


POSTPAY = Online(
    "postpay", {"en": "PostPay", "zh_Hans": "邮政支付", "zh_Hant": "郵政支付"}, "CNY", ("merchant", "gateway"),
    ("secret",), lambda settings, now: PostPay(**settings, now=now), read_file, may=(),
)  # fmt: skip
"""The line for ``ONLINE`` in shop/payments/providers.py."""
