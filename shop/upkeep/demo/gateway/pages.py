"""The pages of the gateway: what a customer's phone shows, and where faults are set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from shop.core.errors import N_
from shop.core.money import SYMBOLS
from shop.core.types import LOCALES, say
from shop.payments.yuan import beijing, yuan
from shop.printing.qr import qr_svg
from shop.upkeep.demo.gateway.asked import Asked, Said
from shop.upkeep.demo.gateway.faults import AWAY, FORGED
from shop.upkeep.demo.gateway.trades import OPEN, State, Trade, Trades

Say = Callable[[str, str], str]
HTML = "text/html; charset=utf-8"
OWN_NAMES = {"zh_Hans": "简体", "zh_Hant": "繁體", "en": "English"}
NAMES = {
    "alipay": {"en": "Alipay", "zh_Hans": "支付宝", "zh_Hant": "支付寶"},
    "wechat": {"en": "WeChat Pay", "zh_Hans": "微信支付", "zh_Hant": "微信支付"},
}
STANDS = {
    State.ASKED: N_("Waiting for the scan"), State.SCANNED: N_("Scanned, not paid"), State.PAID: N_("Paid"),
    State.CLOSED: N_("Closed"),
}  # fmt: skip
TITLE, PAYMENTS, SENT = N_("Payment gateway of the demo"), N_("Payments"), N_("Notifies sent")
A_PHONE, YOUR_CODE = N_("A customer’s phone"), N_("Your payment code")
SCAN_IT = N_("The shop scans or types this code. It works once, and for a minute.")
AT_ONCE, ASKS = N_("show a code"), N_("show a code, and ask before paying")
USE, NONE = N_("Use these"), N_("None yet.")
TOLD = N_("You can put your phone away: the shop has been told.")
TOO_LATE, ONLY_A_DEMO = N_("This code cannot be paid any more."), N_("This is a demo: no real money moves.")
FAULTS: tuple[tuple[str, str, str], ...] = (
    ("drop", "checkbox", N_("Send no notify")), ("delay", "number", N_("Seconds later")),
    ("repeat", "number", N_("Times each")), ("shuffle", "number", N_("In a random order within so many seconds")),
    ("forge", "select", N_("A false one first")), ("away", "select", N_("The gateway is away")),
    ("away_for", "number", N_("for so many seconds (0: until changed)")),
)  # fmt: skip


class Pages:
    """Writes them in the language that was chosen or that the browser asks for."""

    def __init__(self, say: Say, trades: Trades) -> None:
        self.say, self.trades = say, trades

    def phone(self, request: Asked, trade: Trade) -> Said:
        """The page that the QR leads to: how much, to whom, one button."""
        language = language_of(request)
        _ = self._in(language)
        name = say(NAMES[trade.method], language)
        lines = [
            f'<p class="g-name">{escape(name)}</p>',
            f"<h1>{escape(trade.words)}</h1>",
            f'<p class="g-amount num">{escape(amount_of(trade))}</p>',
        ]
        if trade.state in OPEN:
            lines += [
                button(f"/{trade.method}/{trade.code}/pay", _(N_("Pay now")), "btn-primary", language),
                button(f"/{trade.method}/{trade.code}/cancel", _(N_("Do not pay")), "btn-quiet", language),
            ]
        elif trade.state == State.PAID:
            lines += [
                f'<p class="g-done" role="status">{escape(_(STANDS[trade.state]))}</p>',
                f"<p>{escape(_(TOLD))}</p>",
            ]
            if back := self.trades.sent_back(trade):
                went = _(N_("Sent back to you: %(amount)s")) % {"amount": mark(trade) + yuan(back)}
                lines.append(f'<p class="tag tag-info">{escape(went)}</p>')
        else:
            lines.append(f'<p class="g-closed" role="status">{escape(_(TOO_LATE))}</p>')
        lines.append(f'<p class="muted">{escape(_(ONLY_A_DEMO))}</p>')
        return self._page(request, language, f"{name} {amount_of(trade)}", lines, trade.method)

    def wallet(self, request: Asked, method: str = "", digits: str = "") -> Said:
        """The customer's phone that shows a code to be scanned at the counter; without a code, a choice of them."""
        language = language_of(request)
        _ = self._in(language)
        lines = [f"<h1>{escape(_(YOUR_CODE if digits else A_PHONE))}</h1>"]
        if digits:
            parts = " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))
            lines = [f'<p class="g-name">{escape(say(NAMES[method], language))}</p>', *lines,
                     f'<div class="g-code">{qr_svg(digits, digits)}</div>', f'<p class="g-digits num">{parts}</p>',
                     f"<p>{escape(_(SCAN_IT))}</p>"]  # fmt: skip
        for key, names in NAMES.items() if not digits else ():
            for asks, words in ((False, AT_ONCE), (True, ASKS)):
                said = f"{say(names, language)}: {_(words)}"
                action = f"/wallet/{key}/{'ask' if asks else 'now'}"
                lines.append(button(action, said, "btn-quiet" if asks else "btn-primary", language))
        lines.append(f'<p class="muted">{escape(_(ONLY_A_DEMO))}</p>')
        page = self._page(request, language, _(YOUR_CODE if digits else A_PHONE), lines, method)
        return replace(page, headers={**page.headers, "Refresh": "2"}) if digits else page

    def unknown(self, request: Asked) -> Said:
        """A code that nobody gave out."""
        language = language_of(request)
        words = self._in(language)(N_("Nobody asked for this payment. Please scan the code again."))
        return self._page(request, language, words, [f"<h1>{escape(words)}</h1>"], "", 404)

    def control(self, request: Asked, faults: Mapping[str, Any], sent: Sequence[Mapping[str, Any]]) -> Said:
        """The page where faults are set and the newest trades stand."""
        language = language_of(request)
        _ = self._in(language)
        fields = "".join(field(name, kind, _(words), faults[name]) for name, kind, words in FAULTS)
        lines = [
            f"<h1>{escape(_(TITLE))}</h1>",
            f'<form class="g-faults" method="post" action="/control">{fields}'
            f'<button class="btn btn-primary">{escape(_(USE))}</button></form>',
            f'<p><a class="btn" href="/wallet?lang={language}">{escape(_(A_PHONE))}</a></p>',
            f"<h2>{escape(_(PAYMENTS))}</h2>",
            *([self._trades(_, language)] if self.trades.all(1) else [f"<p>{escape(_(NONE))}</p>"]),
            f"<h2>{escape(_(SENT))}</h2>",
            '<ul class="g-sent">' + "".join(f"<li>{escape(line_of(each))}</li>" for each in reversed(sent)) + "</ul>"
            if sent else f"<p>{escape(_(NONE))}</p>",
        ]  # fmt: skip
        return self._page(request, language, _(TITLE), lines, "control")

    def _trades(self, _: Callable[[str], str], language: str) -> str:
        heads = (N_("Method"), N_("Amount"), N_("State"), N_("Asked at"), N_("Number"))
        rows = []
        for trade in self.trades.all(50):
            values = (
                say(NAMES[trade.method], language),
                amount_of(trade),
                _(STANDS[trade.state]),
                beijing(trade.made_at),
            )
            cells = "".join(f"<td>{escape(value)}</td>" for value in values)
            code = f'<a href="/{trade.method}/{trade.code}">{escape(trade.attempt)}</a>'
            rows.append(f"<tr>{cells}<td>{code}</td></tr>")
        head = "".join(f'<th scope="col">{escape(_(words))}</th>' for words in heads)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        label = escape(_(PAYMENTS))
        return f'<div class="g-table" role="region" aria-label="{label}" tabindex="0">{table}</div>'

    def _in(self, language: str) -> Callable[[str], str]:
        return lambda sentence: self.say(language, sentence)

    def _page(
        self, request: Asked, language: str, title: str, lines: Sequence[str], kind: str, status: int = 200
    ) -> Said:
        langs = "".join(
            f'<a href="{escape(request.path)}?lang={code}" lang="{tag(code)}"'
            f"{' aria-current=true' * (code == language)}>{name}</a>"
            for code, name in OWN_NAMES.items()
        )
        sheets = "".join(
            f'<link rel="stylesheet" href="/look/{name}.css">' for name in ("tokens", "base", "gateway")
        )
        page = (
            f'<!doctype html><html lang="{tag(language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{sheets}</head>'
            f'<body class="g-{kind or "unknown"}"><header><nav class="g-langs">{langs}</nav></header>'
            f"<main>{''.join(lines)}</main></body></html>"
        )
        return Said(
            status, page.encode(), HTML, {"Vary": "Accept-Language", "Content-Language": tag(language)}
        )


def language_of(request: Asked) -> str:
    """Return the language of a page: chosen, or the first that the browser names and we speak."""
    chosen = request.query.get("lang", "")
    if chosen in LOCALES:
        return chosen
    for part in request.headers.get("Accept-Language", "").split(","):
        name = part.split(";")[0].strip().lower()
        if name.startswith("zh"):
            return "zh_Hant" if any(mark in name for mark in ("hant", "tw", "hk", "mo")) else "zh_Hans"
        if name.startswith("en"):
            return "en"
    return "zh_Hans"


def tag(language: str) -> str:
    return language.replace("_", "-")


def mark(trade: Trade) -> str:
    return SYMBOLS.get(trade.currency, trade.currency + " ")


def amount_of(trade: Trade) -> str:
    """Return the amount as people read it."""
    return mark(trade) + yuan(trade.amount)


def line_of(told: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={value}" for name, value in told.items() if value != "")


def button(action: str, words: str, look: str, language: str) -> str:
    """Return a form of one button."""
    return (
        f'<form method="post" action="{escape(action)}?lang={language}">'
        f'<button class="btn btn-wide {look}">{escape(words)}</button></form>'
    )


def field(name: str, kind: str, words: str, value: Any) -> str:
    """Return one field of the form of faults."""
    if kind == "checkbox":
        checked = " checked" * bool(value)
        return f'<label><input type="checkbox" name="{name}" value="1"{checked}> {escape(words)}</label>'
    if kind == "select":
        known = ("", *FORGED) if name == "forge" else AWAY
        options = "".join(f"<option{' selected' * (each == value)}>{each}</option>" for each in known)
        return f'<label>{escape(words)} <select name="{name}">{options}</select></label>'
    return f'<label>{escape(words)} <input type="number" name="{name}" min="0" step="any" value="{value:g}"></label>'
