"""Names and phones of customers: how they are read, indexed to be searched blind, and masked."""

import os
import re
import unicodedata

import phonenumbers

# Names are not phrases: without its dictionary of phrases pypinyin takes 43 MB and a third of a second less.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
from shop.core.errors import N_, Invalid
from shop.people.shops import Shop

REGIONS = {
    "Asia/Shanghai": "CN", "Asia/Urumqi": "CN", "Asia/Taipei": "TW", "Asia/Hong_Kong": "HK", "Asia/Macau": "MO",
    "Asia/Singapore": "SG", "Europe/London": "GB", "America/New_York": "US", "America/Los_Angeles": "US",
}  # fmt: skip
REGIONS_BY_CURRENCY = {"CNY": "CN", "TWD": "TW", "HKD": "HK", "GBP": "GB", "USD": "US", "EUR": "DE"}
CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
LATIN = re.compile(r"[^\W\d_]+", re.UNICODE)
WRONG_PHONE = N_("This phone number cannot be right. Please check its digits.")


def region(shop: Shop) -> str:
    """Return the country whose phone numbers need no prefix in this shop."""
    return REGIONS.get(shop.timezone) or REGIONS_BY_CURRENCY.get(shop.currency, "CN")


def holds_phone(shop: Shop, text: str) -> bool:
    """Whether somebody can be called by what is written here."""
    return phonenumbers.PhoneNumberMatcher(unicodedata.normalize("NFKC", text), region(shop)).has_next()


def phone_e164(shop: Shop, phone: str) -> str:
    """Return a phone number as +8613812345678; raises `Invalid` (field ``phone``) for an impossible one."""
    try:
        number = phonenumbers.parse(phone, region(shop))
    except phonenumbers.NumberParseException:
        raise Invalid(WRONG_PHONE, field="phone") from None
    if not phonenumbers.is_valid_number(number):
        raise Invalid(WRONG_PHONE, field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def plain(text: str) -> str:
    """Return text as it is compared: one form of each character, no case, no blanks around."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def pinyin(text: str) -> list[str]:
    """Return the reading of each Chinese character, and other text as it is."""
    from pypinyin import lazy_pinyin  # 12 MB that a shop which has heard no Chinese name yet does not need

    return list(lazy_pinyin(text))


def _initials(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    return list(lazy_pinyin(text, style=Style.FIRST_LETTER))


def name_words(name: str) -> set[str]:
    """Return what a name is found by: its Chinese characters and pairs, Latin words, and pinyin initials."""
    name = plain(name)
    runs = CJK.findall(name)
    words = {run[i : i + n] for run in runs for n in (1, 2) for i in range(len(run) - n + 1)}
    words |= {word for word in LATIN.findall(CJK.sub(" ", name)) if word}
    if runs:
        words.add("".join(_initials("".join(runs))).lower())
    return words


def asked_words(text: str) -> set[str]:
    """Return the words that a person found by ``text`` must all have."""
    text = plain(text)
    runs = CJK.findall(text)
    pairs = {run[i : i + 2] for run in runs for i in range(max(1, len(run) - 1))}
    return pairs | set(LATIN.findall(CJK.sub(" ", text)))


def mask_name(name: str) -> str:
    """Show a name so that its owner knows it and nobody else: 王*士, J*** S****."""
    name = name.strip()
    if CJK.search(name) and " " not in name:
        return name[:1] + "*" * max(1, len(name) - 2) + (name[-1:] if len(name) > 2 else "")
    return " ".join(word[:1] + "*" * max(1, len(word) - 1) for word in name.split())


def mask_phone(phone: str) -> str:
    """Show the start and the last four digits of an E.164 number: +86 138****5678."""
    if not phone:
        return ""
    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return "****" + phone[-2:]
    national = str(number.national_number)
    start = national[:3] if len(national) >= 9 else ""
    return f"+{number.country_code} {start}****{national[-4:]}"
