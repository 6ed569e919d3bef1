"""Three languages: which one a request speaks, and how money and times are written in it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from flask import Flask, g, has_request_context, request
from flask.globals import _cv_app
from flask_babel import Babel, gettext

from shop.core.days import zone
from shop.core.money import SYMBOLS
from shop.core.types import LOCALES, say
from web.config import ROOT
from web.house import NoShop, now, this_shop

COOKIE = "fs_language"
HTML_LANG = {"en": "en", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant"}
OWN_NAMES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
babel = Babel()


def install(app: Flask) -> None:
    """Set up translations and the filters that templates use."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "translations")
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    babel.init_app(app, locale_selector=language)
    app.jinja_env.filters.update(
        words=words, money=money, clock=clock, day=day, day_clock=day_clock, duration=duration
    )
    app.jinja_env.globals.update(
        html_lang=lambda: HTML_LANG[language()], language=language, own_names=OWN_NAMES
    )


def known(code: str | None) -> str | None:
    """Return our name of a language that a browser or a form names, or None."""
    tag = (code or "").replace("-", "_").lower()
    if tag in ("zh_hant", "zh_tw", "zh_hk", "zh_mo"):
        return "zh_Hant"
    if tag.startswith("zh"):
        return "zh_Hans"
    return "en" if tag.startswith("en") else None


def language() -> str:
    """Return the language of this request: asked for, chosen before, the person's, the browser's, the shop's."""
    here = _cv_app.get(None)  # a page asks some twenty times: see `web.house`
    chosen: str | None = here.g.get("language") if here is not None else None
    if chosen is None:
        if not has_request_context():
            return "en"
        chosen = g.language = (
            known(request.args.get("lang")) or known(request.cookies.get(COOKIE)) or _browser() or _shops()
        )
    return chosen


def _shops() -> str:
    try:
        return this_shop().language
    except NoShop:
        return "zh_Hans"


def _browser() -> str | None:
    if request.path.startswith(("/kiosk", "/kitchen")):
        return None  # a machine in the shop speaks the shop's language until somebody chooses
    for code in request.accept_languages.values():
        if known(code):
            return known(code)
    return None


def words(names: Mapping[str, str] | None) -> str:
    """Say catalogue words in the language of this request."""
    return say(names, language())


def money(amount: int, currency: str | None = None) -> str:
    """Write minor units as a price: 26800 -> ¥268, 26850 -> ¥268.50, -500 -> −¥5."""
    code = currency or this_shop().currency
    sign = "−" if amount < 0 else ""
    whole, cents = divmod(abs(amount), 100)
    return f"{sign}{SYMBOLS.get(code, code + ' ')}{whole:,}" + (f".{cents:02d}" if cents else "")


def clock(at: datetime | None) -> str:
    """Write a moment as the shop's clock time, 24 hours: 15:40."""
    return _clock(at, this_shop().timezone) if at else ""


@lru_cache(maxsize=2000)
def _clock(at: datetime, timezone: str) -> str:
    return at.astimezone(zone(timezone)).strftime("%H:%M")


def day(at: datetime | date | None) -> str:
    """Write a day the way people say it: today, tomorrow, or the date with its weekday."""
    if at is None:
        return ""
    shop = this_shop()
    when = shop.business_date(at) if isinstance(at, datetime) else at
    today = shop.business_date(now())
    if when == today:
        return str(gettext("today"))
    if when == today + timedelta(days=1):
        return str(gettext("tomorrow"))
    return _date(when, language())


@lru_cache(maxsize=500)
def _date(when: date, tongue: str) -> str:
    return format_date(when, "EEE d MMM" if tongue == "en" else "M月d日 EEE", locale=tongue)


def day_clock(at: datetime | None) -> str:
    """Write a moment as day and clock time: today 15:40."""
    return f"{day(at)} {clock(at)}" if at else ""


def duration(minutes: Any) -> str:
    """Write minutes as people say them: 18 min, 1 h 20."""
    total = abs(int(minutes))
    hours, rest = divmod(total, 60)
    if not hours:
        return str(gettext("%(n)d min", n=rest))
    return str(gettext("%(h)d h %(m)02d", h=hours, m=rest) if rest else gettext("%(h)d h", h=hours))


__all__ = [
    "COOKIE",
    "LOCALES",
    "clock",
    "day",
    "day_clock",
    "duration",
    "install",
    "known",
    "language",
    "money",
]
