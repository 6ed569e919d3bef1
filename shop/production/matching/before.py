"""Nobody is asked twice."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question


def before(q: Question) -> Reason:
    """Who said no, or nothing, or gave it back is not asked again."""
    if q.baker.id in q.asked:
        return Reason(0, N_("was asked before"), never=True)
    return Reason(0, "")


def in_time(q: Question) -> Reason:
    """Who goes home before it would be done is not asked."""
    minutes = (q.baker.goes_at - q.at).total_seconds() / 60 if q.baker.goes_at is not None else q.task.minutes
    if minutes < q.task.minutes:
        return Reason(0, N_("goes home before it would be done"), never=True)
    return Reason(0, "")
