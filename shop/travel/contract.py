"""A place on the map, and what a provider of travel times must say of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any, Protocol

from shop.core.errors import N_, Invalid
from shop.core.types import Words

EARTH_METRES = 6_371_009


@dataclass(frozen=True)
class Place:
    """Degrees north and east (WGS 84)."""

    lat: float
    lng: float

    @classmethod
    def read(cls, text: str, field: str = "place") -> "Place":
        """Read "31.2304, 121.4737" (a full-width comma or a blank will do); raises `Invalid` naming ``field``."""
        parts = text.replace("，", ",").replace(",", " ").split()
        try:
            lat, lng = (float(part) for part in parts)
        except ValueError:
            raise Invalid(
                N_("Please write the place as two numbers, such as 31.2304, 121.4737."), field=field
            ) from None
        if not (-90 <= lat <= 90 and -180 <= lng <= 180):
            raise Invalid(
                N_("This place is not on the map: north is -90 to 90, east is -180 to 180."), field=field
            )
        return cls(round(lat, 6), round(lng, 6))

    def __str__(self) -> str:
        return f"{self.lat:.6f}, {self.lng:.6f}"


def metres(a: Place, b: Place) -> float:
    """Return the great-circle distance (the haversine formula: Sinnott, Sky and Telescope 68, 1984)."""
    north, east = radians(b.lat - a.lat), radians(b.lng - a.lng)
    h = sin(north / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(east / 2) ** 2
    return 2 * EARTH_METRES * asin(sqrt(min(1.0, h)))


class TravelTimes(Protocol):
    """A source of travel times. ``key`` names it in the shop's settings.

    ``table`` gives whole minutes from each place to each; it is called while a customer waits, so one that asks
    over the network keeps what it learned and answers from that.
    """

    @property
    def key(self) -> str: ...
    @property
    def names(self) -> Words: ...
    def table(self, places: Sequence[Place], settings: Mapping[str, Any]) -> list[list[int]]: ...
