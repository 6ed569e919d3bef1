"""The people of the demo shop, their roles, what they can do, and when they are there."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.core.permissions import Role
from shop.people.passwords import DEMO_PASSWORD

PASSWORD = DEMO_PASSWORD
"""Works for everybody of the demo shop, and nowhere else."""

ALL_STAGES = ("bake", "build", "decorate", "check", "box")
EARLY, LATE = ("07:30", "16:30"), ("12:30", "21:30")
BETWEEN, LONG = ("09:30", "18:30"), ("11:30", "21:30")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


@dataclass(frozen=True)
class Member:
    """One of the team; ``login`` is also what tests call them. ``levels``: how well, 1 to 5 (3 if not said)."""

    login: str
    name: str
    role: Role
    skills: tuple[str, ...] = ()
    levels: Mapping[str, int] | None = None


CAST = (
    Member("chen", "陈姐 Chen", Role.OWNER),
    Member("lin", "林 Lin", Role.PARTNER),
    Member("wang", "王 Wang", Role.PARTNER),
    Member("zhou", "周 Zhou", Role.PARTNER),
    Member("xu", "许 Xu", Role.MANAGER),
    Member("he", "何 He", Role.MANAGER),
    Member("mei", "小美 Mei", Role.CLERK),
    Member("jie", "阿杰 Jie", Role.CLERK),
    Member("li", "李 Li", Role.BAKER, ALL_STAGES, {"decorate": 5, "build": 4}),
    Member("zhang", "张 Zhang", Role.BAKER, ALL_STAGES, {"bake": 5, "decorate": 2}),
    Member("zhao", "赵 Zhao", Role.BAKER, ALL_STAGES, {"build": 5, "box": 4}),
    Member("sun", "孙 Sun", Role.BAKER, ("build", "decorate", "check", "box"), {"decorate": 4}),
    Member("gao", "老高 Gao", Role.COURIER),
    Member("wu", "小吴 Wu", Role.COURIER),
    Member("zheng", "郑 Zheng", Role.AUDITOR),
)

Hours = tuple[str, str]
WEEK: dict[str, dict[int, Hours]] = {
    # Two bakers early, two late, longer on the weekend. Each has a quiet day off; then one of three comes between.
    "li": {TUE: EARLY, WED: EARLY, THU: EARLY, FRI: EARLY, SAT: EARLY, SUN: EARLY},
    "zhang": {MON: EARLY, TUE: BETWEEN, THU: BETWEEN, FRI: EARLY, SAT: EARLY, SUN: EARLY},
    "zhao": {MON: BETWEEN, WED: BETWEEN, THU: LATE, FRI: LATE, SAT: LONG, SUN: LONG},
    "sun": {MON: LATE, TUE: LATE, WED: LATE, FRI: LATE, SAT: LONG, SUN: LONG},
    "xu": {day: EARLY for day in (MON, TUE, WED, THU, FRI)},
    "he": {day: LATE for day in (WED, THU, FRI, SAT, SUN)},
    "mei": {day: ("07:45", "15:30") for day in (MON, TUE, WED, FRI, SAT, SUN)},
    "jie": {day: ("14:30", "22:15") for day in (MON, TUE, THU, FRI, SAT, SUN)},
}
