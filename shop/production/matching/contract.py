"""What a criterion is asked of a baker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shop.core.clock import minutes_between
from shop.production.tables import Task


@dataclass(frozen=True)
class Baker:
    """Somebody on shift, and what they have on: ``busy`` is (minutes, from when on) of each work in hand,
    ``today`` the minutes of work they did, ``stations`` where they are or were last."""

    id: int
    name: str
    skills: frozenset[str]
    levels: Mapping[str, int]
    goes_at: datetime | None
    busy: tuple[tuple[int, datetime], ...] = ()
    today: int = 0
    claims: int = 0
    offers: int = 0
    stations: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Question:
    """Work that looks for somebody, and one baker; ``least`` are the minutes of whoever worked least today, ``most``
    the claims of whoever claimed most this week."""

    task: Task
    baker: Baker
    at: datetime
    asked: frozenset[int] = frozenset()
    least: int = 0
    most: int = 0

    @property
    def free(self) -> int:
        """The minutes the baker has before this work must begin, less what they have to do until then."""
        before = max(self.at, self.task.latest_start)
        window = minutes_between(self.at, before)
        return window - sum(minutes for minutes, since in self.baker.busy if since <= before)
