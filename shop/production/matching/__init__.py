"""Which baker suits a piece of work, and why. A new criterion is one file and one line in ``CRITERIA``."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shop.core.matching import Match, Reason, best_first, match_of
from shop.people.offers import asked, subject_of
from shop.people.shops import Shop
from shop.production.matching.before import before, in_time
from shop.production.matching.contract import Baker, Question
from shop.production.matching.crew import crew
from shop.production.matching.fairness import fairness
from shop.production.matching.free import free
from shop.production.matching.level import level
from shop.production.matching.load import load
from shop.production.matching.nearby import nearby, planned
from shop.production.matching.skill import skill
from shop.production.tables import Task

Criterion = Callable[[Question], Reason]
CRITERIA: tuple[Criterion, ...] = (skill, before, in_time, level, free, load, fairness, nearby, planned)
"""The registry; who is ruled out by one is not asked, the others add up their points."""


def rank(bakers: Sequence[Baker], task: Task, *, at: datetime, asked: Collection[int] = ()) -> list[Match]:
    """Return every baker for a piece of work with points and reasons, the best first; who cannot stands last."""
    least = min((baker.today for baker in bakers), default=0)
    most = max((baker.claims for baker in bakers), default=0)
    questions = [Question(task, baker, at, frozenset(asked), least, most) for baker in bakers]
    return best_first(
        match_of(q.baker.id, q.baker.name, (criterion(q) for criterion in CRITERIA)) for q in questions
    )


def matches(session: Session, shop: Shop, task: Task, *, at: datetime) -> list[Match]:
    """Return everybody on shift for a piece of work, the best first."""
    subject = subject_of("task", task.id)
    return rank(
        crew(session, shop, at=at), task, at=at, asked=asked(session, shop, [subject]).get(subject, ())
    )


__all__ = ["CRITERIA", "Baker", "Question", "crew", "matches", "rank"]
