"""How China's providers write money and time: yuan with two decimals, Beijing's clock."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CURRENCY = "CNY"
BEIJING = ZoneInfo("Asia/Shanghai")
WRITTEN = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?")


def yuan(fen: int) -> str:
    """Return minor units as the provider writes them: 26800 is ``268.00``."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen(written: str) -> int:
    """Read yuan into minor units, never through a float; raises `ValueError`."""
    found = WRITTEN.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"not an amount of yuan: {written!r}")
    sign, whole, part = found.groups()
    return (-1 if sign else 1) * (int(whole) * 100 + int((part or "").ljust(2, "0")))


def fee_of(written: str) -> int:
    """Read a fee, which a bill may round to 0.01 yuan but write with more places; raises `ValueError`."""
    return fen(re.sub(r"(\.[0-9]{2})0+$", r"\1", written.strip() or "0"))


def beijing(moment: datetime) -> str:
    """Return a moment as ``2026-11-22 15:00:00`` by Beijing's clock."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def moment(written: str) -> datetime:
    """Read what `beijing` writes, in UTC; raises `ValueError`."""
    read = datetime.strptime(written.strip(), "%Y-%m-%d %H:%M:%S")
    return read.replace(tzinfo=BEIJING).astimezone(UTC)
