"""Who cannot do it is not asked."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question


def skill(q: Question) -> Reason:
    """They must have learned this kind of work."""
    if q.task.kind not in q.baker.skills:
        return Reason(0, N_("has not learned this"), never=True)
    return Reason(0, "")
