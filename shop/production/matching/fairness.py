"""Who has claimed less this week comes first."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question

MOST = 10


def fairness(q: Question) -> Reason:
    """A point for each claim less than whoever claimed most this week."""
    fewer = min(MOST, q.most - q.baker.claims)
    return Reason(fewer, N_("%(n)s claims this week"), {"n": q.baker.claims})
