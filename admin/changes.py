"""What changed, old and new, in the words of this request: for timelines and the diary."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext

from admin.right_words import right_words
from admin.saying import stage_words
from shop.core.errors import N_
from shop.core.types import LOCALES, say
from web.i18n import OWN_NAMES, language, money
from web.signin import role_words

Names = Mapping[Any, Any]
Line = tuple[str, str, str]


def differences(data: Mapping[str, Any], known: Mapping[str, Names] | None = None) -> list[Line]:
    """Return what changed as (field, old, new). ``known`` names rows by number: ``route``, ``station``, ``printer``."""
    lines = [(str(c.get("field", "")), c.get("was"), c.get("now")) for c in data.get("changes") or []]
    was, now = data.get("was"), data.get("now")
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        lines += [(name, was.get(name), now.get(name)) for name in now]
    found = [
        (field_words(field, data.get("of", "")), *old_and_new(field, old, new, known or {}))
        for field, old, new in lines
    ]
    if data.get("permission"):
        found.append(
            (right_words(data["permission"]), *yes_or_no(not data.get("allowed"), data.get("allowed")))
        )
    return found


def yes_or_no(*values: Any) -> Iterator[str]:
    """Say each as yes or no."""
    return (str(gettext("yes") if value else gettext("no")) for value in values)


def old_and_new(field: str, old: Any, new: Any, known: Mapping[str, Names]) -> tuple[str, str]:
    """Return both values in words; of words in three languages only those that differ."""
    if all(value is None or is_words(value) for value in (old, new)) and (old or new):
        before, after = old or {}, new or {}
        codes = [code for code in LOCALES if before.get(code, "") != after.get(code, "")]
        was, is_now = (
            "; ".join(f"{OWN_NAMES[c]}: {side[c]}" for c in codes if side.get(c)) or "–"
            for side in (before, after)
        )
        return was, is_now
    return value_words(field, old, known), value_words(field, new, known)


def is_words(value: Any) -> bool:
    """Return whether this is a catalogue word: a text in some of the three languages."""
    return isinstance(value, Mapping) and bool(value) and set(value) <= set(LOCALES)


ACTIVE = {
    "coupon": N_("May be used"),
    "product": N_("For sale"), "station": N_("In use"), "option": N_("Offered"),
    "option_group": N_("Customers are asked this"), "area": N_("In use"),
}  # fmt: skip
"""What ``active`` means where it is not about a person."""
FIELDS = {
    "inscription": N_("Writing"), "candles": N_("Candles"), "options": N_("Choices"),
    "names": N_("Its name"), "about": N_("About"), "allergens": N_("Allergens"),
    "price": N_("Price"), "size": N_("Size offered"), "off_on": N_("Off for today"),
    "sort": N_("Place"),
    "begins": N_("Valid from"), "ends": N_("Valid until"), "uses": N_("Times in all"),
    "uses_each": N_("Times for one phone number"), "budget": N_("Money in all"),
    "look": N_("Picture"), "route": N_("Way through the kitchen"), "minutes": N_("Minutes"),
    "station": N_("Station"), "station_name": N_("Station"), "surcharge": N_("Surcharge"),
    "places": N_("Places"), "units": N_("Parts"), "gates": N_("Hours kept for an allergen"),
    "celsius": N_("Degrees °C"), "keeps": N_("May wait, minutes"),
    "shelves": N_("Finished cakes that fit"), "levels": N_("How well"),
    "week": N_("Week"), "opens": N_("Customers from"),
    "closes": N_("until"), "kitchen_opens": N_("The kitchen from"), "name": N_("Name"),
    "role": N_("Role"), "skills": N_("Can do in the kitchen"), "language": N_("Language"),
    "offers": N_("Work is offered to bakers"),
    "min_inch": N_("From size"), "is_default": N_("The usual answer"), "stage": N_("Stage"),
    "needs_person": N_("A person works on it"), "products": N_("Cakes it is asked for"),
    "pounds": N_("Pounds"), "serves": N_("Serves"), "minutes_percent": N_("Minutes %%"),
    "fee": N_("Fee"), "place": N_("Where it is"), "handling_minutes": N_("Handling, minutes"),
    "provider": N_("Minutes come from"), "km_an_hour": N_("Kilometres an hour"),
    "detour_percent": N_("Streets in percent of the straight line"),
    "trays": N_("Oven trays"), "phone": N_("Telephone"), "address": N_("Address"),
    "currency": N_("Currency"), "timezone": N_("Time zone"), "printer": N_("Prints slips on"),
    "targets": N_("How fast we want to answer"), "host": N_("Network address"), "port": N_("Port"),
}  # fmt: skip


def field_words(field: str, of: str = "") -> str:
    """Return the name of a changed field; ``of`` is what it belongs to."""
    if field.endswith(".is_default"):
        return f"{gettext('The usual answer')} ({field.removesuffix('.is_default')})"
    name, _, rest = field.partition(".")
    if name == "active":
        said = gettext(ACTIVE.get(of, N_("Works here and may sign in")))
    else:
        said = gettext(FIELDS[name]) % {} if name in FIELDS else name
    more = f" {rest}″" if rest.isdecimal() else f" {stage_words(rest) or rest}" if rest else ""
    return str(said) + more


def value_words(field: str, value: Any, known: Mapping[str, Names]) -> str:
    """Return an old or new value as people write it."""
    name = field.partition(".")[0]
    row = known.get(name, {}).get(value) or known.get(name, {}).get(str(value)) if _hashable(value) else None
    if row:
        return say(row, language()) if isinstance(row, Mapping) else str(row)
    if value is None or value == "" or value == {} or value == []:
        return "–"
    if isinstance(value, bool):
        return "".join(yes_or_no(value))
    if isinstance(value, int) and name in ("price", "surcharge", "amount", "fee", "budget"):
        return money(value)
    if name == "role":
        return str(role_words(value))
    if name == "language":
        return OWN_NAMES.get(value, str(value))
    if name == "levels" and isinstance(value, Mapping):
        return ", ".join(f"{stage_words(skill)} {level}" for skill, level in value.items())
    if name == "gates" and isinstance(value, Mapping):
        return ", ".join(f"{slug} {starts}–{ends}" for slug, spans in value.items() for starts, ends in spans)
    if isinstance(value, Mapping):
        return say(value, language()) or ", ".join(value_words(field, v, known) for v in value.values())
    if isinstance(value, list | tuple):
        return _several(name, value, known)
    return str(value)


def _several(name: str, values: list[Any] | tuple[Any, ...], known: Mapping[str, Names]) -> str:
    """Return hours as 09:00–18:00, stages in words, anything else one after the other."""
    if name == "week":
        return ", ".join(f"{weekday_words()[day]} {starts}–{ends}" for day, starts, ends in values)
    if len(values) == 2 and all(isinstance(v, str) for v in values) and name[:2] == "20":
        return f"{values[0]}–{values[1]}" if values[0] else str(gettext("day off"))
    if name == "skills":
        return ", ".join(stage_words(v) for v in values)
    return ", ".join(value_words(name, v, known) for v in values)


def _hashable(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def weekday_words() -> list[str]:
    """Return the seven weekdays, Monday first, in the words of this request."""
    return [
        gettext("Mon"), gettext("Tue"), gettext("Wed"), gettext("Thu"), gettext("Fri"), gettext("Sat"), gettext("Sun"),
    ]  # fmt: skip
