"""How far and how long: the registry of travel-time providers.

A provider is one file and one line here. The shop's ``settings["travel"]`` names one and sets its numbers; without
a word it is the straight line, which asks nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shop.travel.contract import Place, TravelTimes, metres
from shop.travel.straight_line import STRAIGHT_LINE

PROVIDERS: dict[str, TravelTimes] = {provider.key: provider for provider in (STRAIGHT_LINE,)}


def minutes_between_all(places: Sequence[Place], settings: Mapping[str, Any]) -> list[list[int]]:
    """Return whole minutes from each place to each, by the provider that ``settings`` ("provider": key) names."""
    provider = PROVIDERS.get(str(settings.get("provider", "")), STRAIGHT_LINE)
    return provider.table(places, settings)


def minutes_to(start: Place, end: Place, settings: Mapping[str, Any]) -> int:
    """Return whole minutes of one way."""
    return minutes_between_all((start, end), settings)[0][1]


__all__ = ["PROVIDERS", "Place", "TravelTimes", "metres", "minutes_between_all", "minutes_to"]
