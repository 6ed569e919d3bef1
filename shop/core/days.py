"""The shop's own days: moments are UTC inside, days and clock times are the shop's outside."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo


@cache
def zone(name: str) -> ZoneInfo:
    """Return the time zone, read from the machine once."""
    return ZoneInfo(name)


def business_date(at: datetime, timezone: str) -> date:
    """Return the shop's calendar day of a moment."""
    return at.astimezone(zone(timezone)).date()


def moment(day: date, clock: str, timezone: str) -> datetime:
    """Return the moment, in UTC, of ``clock`` ("HH:MM", "24:00" is the next midnight) on the shop's ``day``."""
    hours, minutes = map(int, clock.split(":"))
    if hours == 24:
        day, hours = day + timedelta(days=1), 0
    return datetime.combine(day, time(hours, minutes), zone(timezone)).astimezone(UTC)
