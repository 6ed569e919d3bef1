"""Who does it well comes first: levels 1 to 5, 3 where nothing is said."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question

USUAL, EACH = 3, 10


def level(q: Question) -> Reason:
    """How well they do this kind of work."""
    known = q.baker.levels.get(q.task.kind, USUAL)
    return Reason((known - USUAL) * EACH, N_("%(stage)s %(level)s/5"), {"stage": q.task.kind, "level": known})
