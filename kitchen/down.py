"""What is out of order at a station: what its board shows, and what its menu offers."""

from datetime import timedelta

from shop.core.types import Words
from shop.menu.tables import Station
from shop.production.outages import Down, unit_words, units_down
from web.database import reader
from web.house import now, this_shop

MINUTES = (30, 60, 120, 240)
SOON = timedelta(minutes=30)


def downs_of(station_id: int) -> list[Down]:
    """Return what is out of order at a station now or within half an hour."""
    return [
        down
        for down in units_down(reader(), this_shop(), now(), now() + SOON)
        if down.station_id == station_id
    ]


def parts_of(station_id: int) -> list[tuple[int, Words]]:
    """Return the parts of a station that work, by number, as they are called."""
    row = reader().get_one(Station, station_id)
    down = {each.unit for each in downs_of(station_id)}
    return [(unit, unit_words(row, unit)) for unit in range(max(1, row.units)) if unit not in down]
