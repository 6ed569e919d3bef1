"""Out of order, from a station's own menu: a baker who sees that the oven fails says so, and when it works again."""

from datetime import timedelta

from flask import request
from sqlalchemy.orm import Session

from kitchen.boards import known_station
from kitchen.down import MINUTES
from kitchen.rights import tapper
from kitchen.taps import row_number
from shop.core.errors import Invalid
from shop.production.outages import back_in_order, stop_unit
from web.access import Made
from web.house import menu_card, now, this_shop


def stop(tx: Session, station: str) -> Made:
    """Take a part of this station out of order for so many minutes ("1.60": the second part, an hour)."""
    known_station(station)
    unit, _, minutes = request.form.get("stop", "").partition(".")
    if not (unit.isdecimal() and minutes.isdecimal() and len(unit) < 4) or int(minutes[:6]) not in MINUTES:
        raise Invalid(field="stop")
    here = menu_card().stations_by_slug[station]
    until = now() + timedelta(minutes=int(minutes))
    stop_unit(tx, this_shop(), here.id, int(unit), until, by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "stop", "number": ""}


def mended(tx: Session, station: str) -> Made:
    """It works again."""
    known_station(station)
    back_in_order(tx, this_shop(), row_number("outage"), by=tapper(tx), at=now())
    return {"go": f"/kitchen/{station}", "did": "mended", "number": ""}
