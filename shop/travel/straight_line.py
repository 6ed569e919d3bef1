"""Travel times from the straight line: distance, a share for the bends of the streets, and a speed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from shop.core.types import Words
from shop.travel.contract import Place, metres

DETOUR_PERCENT = 135
"""Streets are about a third longer than the straight line in dense cities (Boscoe et al., Prof. Geogr. 64, 2012)."""
KM_AN_HOUR = 18
"""An electric bicycle in traffic."""


@dataclass(frozen=True)
class StraightLine:
    """``settings``: "detour_percent" and "km_an_hour" where a shop knows its streets better."""

    key: str
    names: Words

    def table(self, places: Sequence[Place], settings: Mapping[str, Any]) -> list[list[int]]:
        """Return minutes rounded up; a way to another place takes at least one."""
        bends = int(settings.get("detour_percent", DETOUR_PERCENT)) / 100
        metres_a_minute = max(1, int(settings.get("km_an_hour", KM_AN_HOUR))) * 1000 / 60
        return [[_minutes(metres(a, b) * bends / metres_a_minute) for b in places] for a in places]


def _minutes(raw: float) -> int:
    return ceil(raw - 1e-9)


STRAIGHT_LINE = StraightLine(
    "straight_line", {"en": "Straight line", "zh_Hans": "直线估算", "zh_Hant": "直線估算"}
)
