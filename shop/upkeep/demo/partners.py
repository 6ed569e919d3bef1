"""Who answers for the orders of the demo shop: three partners with a weekday each, the other days in turn."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from shop.people.shops import Shop
from shop.people.staff import Staff

DUTY = {"0": "lin", "2": "wang", "4": "zhou"}
"""Monday, Wednesday, Friday."""


def share_out(shop: Shop, team: Mapping[str, Staff]) -> None:
    """Give the partners their days."""
    weekdays = {day: team[login].id for day, login in DUTY.items()}
    chosen = {"rules": ["taker", "weekday", "turn"], "weekdays": weekdays, "channels": {}}
    shop.settings = {**(shop.settings or {}), "partner": chosen}


class Partners:
    """Who answered for each order of the past, by the same rules."""

    def __init__(self, shop: Shop, people: Mapping[int, Staff]) -> None:
        logins = {person.login: person.id for person in people.values()}
        self.duty = {int(day): logins[login] for day, login in DUTY.items() if login in logins}
        self.ids = sorted(set(logins[login] for login in DUTY.values() if login in logins))
        self.had: Counter[tuple[date, int]] = Counter()

    def of(self, day: date) -> tuple[int | None, str]:
        """Return who answers for the next order of a day, and by which rule; (None, "") without partners."""
        if not self.ids:
            return None, ""
        chosen = self.duty.get(day.weekday())
        rule = "weekday" if chosen else "turn"
        chosen = chosen or min(self.ids, key=lambda staff_id: (self.had[day, staff_id], staff_id))
        self.had[day, chosen] += 1
        return chosen, rule
