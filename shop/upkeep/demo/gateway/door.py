"""The gateway as one WSGI app: both providers' addresses, the customer's phone, the control page."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shop.core.types import LOCALES
from shop.upkeep.demo.gateway import alipay, wechat
from shop.upkeep.demo.gateway.alipay import AlipayDesk
from shop.upkeep.demo.gateway.asked import Asked, Said, asked
from shop.upkeep.demo.gateway.faults import FORGED, SILENCE, Control
from shop.upkeep.demo.gateway.keyring import keyring
from shop.upkeep.demo.gateway.letters import Letters
from shop.upkeep.demo.gateway.pages import Pages, Say
from shop.upkeep.demo.gateway.post import Post
from shop.upkeep.demo.gateway.trades import Refusal, Trade, Trades
from shop.upkeep.demo.gateway.wechat import WeChatDesk

PROVIDERS = re.compile(r"/alipay/gateway\.do|/alipay/bill/.*|/v3/.*")
PHONE = re.compile(r"/(alipay|wechat)/([0-9A-Z]{16})(?:/(pay|cancel))?")
CONTROL = re.compile(r"/control/(alipay|wechat)/([0-9A-Za-z_-]{1,64})/(pay|notify)")
BILL = re.compile(r"/alipay/bill/([0-9a-f]{32})\.zip")
WALLET = re.compile(r"/wallet(?:/(alipay|wechat)/(now|ask|[0-9]{18}))?")
LOOK = re.compile(r"/look/(tokens|base|gateway)\.css")
STATUS = {200: "OK", 204: "No Content", 303: "See Other", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
          404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 503: "Service Unavailable"}  # fmt: skip
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HTML = "text/html; charset=utf-8"


class Gateway:
    """Everything of it. ``address`` is where it is reached, ``look`` the folder of the shop's style sheets,
    ``say(language, sentence)`` the shop's translations."""

    def __init__(
        self, data: Path, address: str, *, now: Callable[[], datetime], look: Path, say: Say
    ) -> None:  # fmt: skip
        keys = keyring(data)
        self.look, self.control = look, Control()
        self.trades = Trades(data / "gateway" / "trades.db", now)
        self.letters = Letters(keys, self.trades)
        self.post = Post(self.control, self.letters.write)
        self.alipay = AlipayDesk(keys, self.trades, address)
        self.wechat = WeChatDesk(keys, self.trades, address)
        self.pages = Pages(say, self.trades)

    def stop(self) -> None:
        """Send nothing more and let go of the book."""
        self.post.stop()
        self.trades.shut()

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        said = self.answer(asked(environ))
        headers = {
            "Content-Type": said.kind, "Content-Length": str(len(said.body)), "Cache-Control": "no-store",
            "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", **said.headers,
        }  # fmt: skip
        start_response(f"{said.status} {STATUS.get(said.status, '')}".strip(), list(headers.items()))
        return [said.body]

    def answer(self, request: Asked) -> Said:
        """Answer one request."""
        if PROVIDERS.fullmatch(request.path):
            return self._provider(request)
        if found := PHONE.fullmatch(request.path):
            return self._phone(request, *found.groups())
        if found := WALLET.fullmatch(request.path):
            return self._wallet(request, *found.groups())
        if found := LOOK.fullmatch(request.path):
            return Said(200, (self.look / f"{found[1]}.css").read_bytes(), "text/css; charset=utf-8")
        if request.path in ("/", "/control") or CONTROL.fullmatch(request.path):
            return self._control(request)
        return Said(404, b"not found", "text/plain")

    # -- the shop asks

    def _provider(self, request: Asked) -> Said:
        away = self.control.away()
        if away == "silent":
            self.control.woken.wait(SILENCE)
        if away in ("busy", "silent"):
            return Said(503, b"", "text/plain")
        if found := BILL.fullmatch(request.path):
            return self.alipay.bill(found[1])
        desk = self.wechat if request.path.startswith("/v3/") else self.alipay
        said = desk.answer(request)
        return Said(503, b"", "text/plain") if away == "after" else said

    # -- the customer's phone

    def _phone(self, request: Asked, method: str, code: str, doing: str | None) -> Said:
        trade = self.trades.by_code(method, code)
        if trade is None:
            return self.pages.unknown(request)
        if doing is None or request.method != "POST":
            return self.pages.phone(request, self.trades.scan(trade))
        chosen = f"?lang={request.query['lang']}" if request.query.get("lang") in LOCALES else ""
        try:
            if doing == "pay":
                self.pay(trade)
            else:
                self.trades.close(trade)
        except Refusal:
            pass  # the page says how it stands
        return Said(303, b"", headers={"Location": f"/{method}/{code}{chosen}"})

    def _wallet(self, request: Asked, method: str | None, what: str | None) -> Said:
        """The customer's phone that shows a code; once the counter has charged it, what is to be paid."""
        chosen = f"?lang={request.query['lang']}" if request.query.get("lang") in LOCALES else ""
        if not method or not what:
            return self.pages.wallet(request)
        if what in ("now", "ask"):
            if request.method != "POST":
                return self.pages.wallet(request)
            digits = self.trades.show_code(method, what == "ask")
            return Said(303, b"", headers={"Location": f"/wallet/{method}/{digits}{chosen}"})
        shown = self.trades.code_shown(method, what)
        if shown is None:
            return self.pages.unknown(request)
        if shown[1] is not None:
            return Said(303, b"", headers={"Location": f"/{method}/{shown[1].code}{chosen}"})
        return self.pages.wallet(request, method, what)

    def pay(self, trade: Trade) -> Trade:
        """The customer pays, and the shop is told. Raises `Refusal`."""
        paid = self.trades.pay(trade)
        self.post.put(paid)
        return paid

    # -- whoever tests

    def _control(self, request: Asked) -> Said:
        by_form = "form" in request.headers.get("Content-Type", "") or request.method == "GET"
        try:
            if request.method == "POST":
                self._do(request)
        except (ValueError, Refusal) as trouble:
            return Said(409, json.dumps({"error": str(trouble)}).encode())
        if request.query.get("as") == "json" or not by_form:
            return Said(200, json.dumps(self.state(), default=str).encode())
        if request.method == "POST":
            return Said(303, b"", headers={"Location": "/control"})
        return self.pages.control(request, self.control.as_json(), list(self.post.sent)[-20:])

    def _do(self, request: Asked) -> None:
        told = (
            json.loads(request.body or b"{}")
            if "json" in request.headers.get("Content-Type", "")
            else request.form
        )
        if not isinstance(told, dict):
            raise ValueError("one JSON object, please")
        found = CONTROL.fullmatch(request.path)
        if found is None:
            self.control.set({name: value for name, value in told.items() if value != ""})
            return
        trade = self.trades.by_attempt(found[1], found[2])
        forge = str(told.get("forge", ""))
        if trade is None or forge not in ("", *FORGED):
            raise ValueError("no such trade" if trade is None else "no such forgery")
        if found[3] == "pay":
            self.pay(trade)
        else:
            self.post.put_now(trade, forge)

    def state(self) -> dict[str, Any]:
        """Return everything there is, as JSON values."""
        trades = [vars(trade) | {"sent_back": self.trades.sent_back(trade)} for trade in self.trades.all()]
        return {"faults": self.control.as_json(), "trades": trades, "sent": list(self.post.sent)}


__all__ = ["Gateway", "alipay", "wechat"]
