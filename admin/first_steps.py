"""The first steps of a new shop: what its owner does before the first order, each with its way there."""

from flask import url_for
from flask_babel import gettext

from admin.around import allowed
from shop.upkeep.opening import steps_done
from web.database import reader
from web.house import this_shop

Step = tuple[bool, str, str, str]


def first_steps() -> list[Step]:
    """Return the steps as (done, name, what for, way there); none once an order exists, or for who only works here."""
    if not allowed("station:edit"):
        return []
    done = steps_done(reader(), this_shop())
    if done["order"]:
        return []
    words = {
        "shop": (gettext("The shop"), gettext("Its telephone, address and hours stand on every slip."), "settings"),
        "menu": (gettext("Cakes and prices"),
                 gettext("Twelve cakes are here to start from: set your prices, take off what you do not make."),
                 "menu"),
        "team": (gettext("Team"), gettext("A clerk takes the money, bakers tap at the boards."), "people"),
        "shifts": (gettext("Shifts"), gettext("Promises count with who is here; without shifts with two people."),
                   "shifts"),
        "screens": (gettext("Devices"), gettext("Pair the kiosk and a screen for the kitchen by a short code."),
                    "devices"),
        "order": (gettext("The first order"), gettext("Enter one at the desk and follow it through the kitchen."),
                  "desk"),
    }  # fmt: skip
    return [
        (done[key], name, what_for, url_for(f"admin.{endpoint}"))
        for key, (name, what_for, endpoint) in words.items()
    ]
