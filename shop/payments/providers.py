"""The registry of online methods, and the providers that this shop has an account with.

An account is a file in the data folder, ``payments/<method>.json``, mode 0600, its keys as PEM files beside it
(docs/operations.md). No file: the method is not offered.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shop.core.types import Words
from shop.payments import METHODS, alipay, wechat
from shop.payments.alipay import Alipay
from shop.payments.contract import BillLine, Provider
from shop.payments.wechat import WeChat
from shop.payments.yuan import CURRENCY

Now = Callable[[], datetime]
Settings = Mapping[str, str]
"""An account's settings; the values of the names in ``Online.keys`` are what stands in those files."""


@dataclass(frozen=True)
class Online:
    """An online method: what it is called, the money it knows, the settings it needs, and what it is made by.

    ``keys`` are settings that name a file beside the account's own; ``make`` receives what stands in them.
    ``needs`` are the others; ``may`` those that can be left out. ``read`` reads a daily bill that a person has got as
    a file; it raises `ValueError` or `KeyError`. ``codes`` are what its customers' phones show at a counter, where it
    takes those (`shop.payments.contract.TakesCodes`).
    """

    key: str
    names: Words
    currency: str
    needs: tuple[str, ...]
    keys: tuple[str, ...]
    make: Callable[[Settings, Now], Provider]
    read: Callable[[bytes], list[BillLine]]
    may: tuple[str, ...] = ("gateway",)
    codes: re.Pattern[str] | None = None


def _alipay(settings: Settings, now: Now) -> Provider:
    return Alipay(**settings, now=now)


def _wechat(settings: Settings, now: Now) -> Provider:
    return WeChat(**settings)


ALIPAY = Online(
    "alipay", {"en": "Alipay", "zh_Hans": "支付宝", "zh_Hant": "支付寶"}, CURRENCY,
    ("app_id", "seller_id"), ("private_key", "public_key"), _alipay, alipay.read_file,
    codes=alipay.CODES,
)  # fmt: skip
WECHAT = Online(
    "wechat", {"en": "WeChat Pay", "zh_Hans": "微信支付", "zh_Hant": "微信支付"}, CURRENCY,
    ("app_id", "merchant_id", "private_key_serial", "public_key_id", "api_key"), ("private_key", "public_key"), _wechat,
    wechat.read_file, codes=wechat.CODES,
)  # fmt: skip
ONLINE: dict[str, Online] = {method.key: method for method in (ALIPAY, WECHAT)}


def names_of(method: str) -> Words:
    """Return the names of a way to pay, at the counter or online; its key where the shop knows it no more."""
    known = METHODS.get(method) or ONLINE.get(method)
    return known.names if known else {"en": method}


class Providers:
    """The accounts that stand in a folder. Read again when a file has changed; cheap to ask."""

    def __init__(self, folder: Path, now: Now) -> None:
        self.folder, self.now = folder, now
        self._kept: dict[str, tuple[int, Provider]] = {}

    def offered(self, currency: str) -> list[Online]:
        """Return the methods that this shop can take ``currency`` with, in their order."""
        return [
            method for method in ONLINE.values() if method.currency == currency and self._usable(method.key)
        ]

    def of_code(self, code: str, currency: str) -> Online | None:
        """Return the method whose customers' phones show such a code, None for any other text."""
        return next((way for way in self.offered(currency) if way.codes and way.codes.fullmatch(code)), None)

    def _usable(self, key: str) -> bool:
        """Whether there is an account that can be used; `bin/shop doctor` says what is wrong with one that cannot."""
        try:
            return self.get(key) is not None
        except ValueError:
            return False

    def get(self, key: str) -> Provider | None:
        """Return the provider of a method, None where there is no account. Raises `ValueError` naming the file."""
        stamp = self._stamp(key) if key in ONLINE else 0
        if not stamp:
            return None
        kept = self._kept.get(key)
        if kept is None or kept[0] != stamp:
            kept = self._kept[key] = stamp, make(ONLINE[key], self.folder, self.now)
        return kept[1]

    def _stamp(self, key: str) -> int:
        try:
            return (self.folder / f"{key}.json").stat().st_mtime_ns
        except OSError:
            return 0


def make(method: Online, folder: Path, now: Now) -> Provider:
    """Make a provider of its files; raises `ValueError` that says which file is wrong and why."""
    file = folder / f"{method.key}.json"
    _only_ours(file)
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as trouble:
        raise ValueError(f"{file.name} cannot be read: {trouble}") from trouble
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise ValueError(f"{file.name} must be one JSON object of strings")
    missing = [name for name in (*method.needs, *method.keys) if not said.get(name)]
    if missing:
        raise ValueError(f"{file.name} lacks {', '.join(missing)}")
    settings = {name: said[name] for name in (*method.needs, *method.may) if said.get(name)}
    for name in method.keys:
        settings[name] = _key(folder, said[name], file.name)
    return method.make(settings, now)


def _key(folder: Path, name: str, said_by: str) -> str:
    if Path(name).name != name:
        raise ValueError(f"{said_by} must name a file beside it, not {name!r}")
    _only_ours(folder / name)
    try:
        return (folder / name).read_text("ascii")
    except (OSError, ValueError) as trouble:
        raise ValueError(f"{name} cannot be read: {trouble}") from trouble


def _only_ours(file: Path) -> None:
    if file.exists() and file.stat().st_mode & 0o077:
        raise ValueError(f"{file.name} can be read by others; run: chmod 600 {file.name}")


__all__ = ["ONLINE", "Online", "Providers", "make", "names_of"]
