"""Moves in words: what is suggested, what it would win, and what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from admin.saying import stage_words
from shop.production.moves.suggesting import GAIN
from web.i18n import clock, duration

Suggestion = Mapping[str, Any]


def move_words(
    key: str, facts: Mapping[str, Any], people: Mapping[int, str], numbers: Mapping[int, str]
) -> str:
    """Say what a move does, as the button that does it."""
    person, order = people.get(facts.get("person", 0), ""), numbers.get(facts.get("order", 0), "")
    if key == "start_now" and person:
        return str(gettext("%(name)s starts %(stage)s now", name=person, stage=stage_words(facts["stage"])))
    if key == "start_now":
        return str(gettext("Start %(stage)s now", stage=stage_words(facts["stage"])))
    if key == "reassign":
        return str(gettext("%(name)s does %(stage)s next", name=person, stage=stage_words(facts["stage"])))
    if key == "swap":
        return str(gettext("Before %(number)s: the two change places", number=order))
    if key == "let_wait":
        return str(gettext("%(number)s waits %(time)s", number=order, time=duration(facts["minutes"])))
    if key == "other_oven":
        return str(gettext("%(number)s goes into oven %(n)s", number=order, n=facts["unit"]))
    if key == "add_person":
        if facts.get("back"):
            return str(gettext("%(name)s comes back, %(starts)s to %(ends)s", **_hours(person, facts)))
        return str(gettext("%(name)s works %(starts)s to %(ends)s today", **_hours(person, facts)))
    if key == "give_on":
        drops = ngettext(
            "%(name)s takes the delivery", "%(name)s takes %(num)s deliveries", facts["n"], name=person
        )
        return str(drops)
    if key == "reached":
        return str(gettext("Called: %(name)s is all right", name=person))
    told = clock(datetime.fromisoformat(facts["time"]))
    return str(gettext("Tell the customer: about %(time)s", time=told))


def _hours(person: str, facts: Mapping[str, Any]) -> dict[str, str]:
    return {"name": person, "starts": facts["starts"], "ends": facts["ends"]}


def gain_words(suggestion: Suggestion) -> str:
    """Say what a move would win."""
    before, after = suggestion["before"], suggestion["after"]
    if suggestion["key"] == "tell_customer":
        return str(gettext("the page of the slip says so"))
    if suggestion["key"] == "give_on":
        return str(gettext("what has not left the shop yet; the most suitable courier"))
    if suggestion["key"] == "reached":
        return str(gettext("this warning rests until the phone is silent for ten more minutes"))
    if suggestion["key"] == "other_oven":
        return str(gettext("this warning is over then"))
    if before - after < GAIN and suggestion.get("sooner"):
        return str(gettext("about %(time)s less late", time=duration(suggestion["sooner"])))
    if suggestion["key"] == "start_now":
        minutes = suggestion["facts"]["minutes"]
        return str(
            gettext(
                "late with %(after)s%%; with %(before)s%% in %(n)s minutes",
                after=after,
                before=before,
                n=minutes,
            )
        )
    return str(
        gettext("the chance of being late falls from %(before)s%% to %(after)s%%", before=before, after=after)
    )
