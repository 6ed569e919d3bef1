"""Column types that refuse what a shop must never store: naive times and nameless words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

Words = dict[str, str]
"""Catalogue words: ``{"en": ..., "zh_Hans": ..., "zh_Hant": ...}``; any of them may be missing."""

LOCALES = ("zh_Hans", "zh_Hant", "en")
FALLBACK: Mapping[str, tuple[str, ...]] = {
    "en": ("en", "zh_Hans", "zh_Hant"),
    "zh_Hans": ("zh_Hans", "zh_Hant", "en"),
    "zh_Hant": ("zh_Hant", "zh_Hans", "en"),
}

Json = JSON().with_variant(JSONB(), "postgresql")


def say(words: Mapping[str, str] | None, locale: str) -> str:
    """Return the catalogue words in ``locale``, or in the nearest language the shop has written."""
    for key in FALLBACK.get(locale, FALLBACK["en"]):
        if words and words.get(key):
            return words[key]
    return ""


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Naive datetimes are refused on the way in; aware ones come out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: the shop stores moments, pass an aware datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_minute(at: datetime) -> int:
    """Return whole minutes since 1970, rounded down: the grid that the kitchen is planned on."""
    return int((at - EPOCH) // timedelta(minutes=1))


def from_minute(minute: int) -> datetime:
    """Return the moment of a minute since 1970."""
    return EPOCH + timedelta(minutes=minute)


class MinuteTime(TypeDecorator[datetime]):
    """A moment on the planning grid, stored as whole minutes since 1970: quick to read by the hundred."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: the shop stores moments, pass an aware datetime")
        return None if value is None else to_minute(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_minute(value)
