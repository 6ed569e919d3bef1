"""Who has time before it must begin comes first."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question

MOST = 30


def free(q: Question) -> Reason:
    """A point for each free minute, and one less for each minute too few, up to half an hour."""
    if q.free < 0:
        return Reason(max(-MOST, q.free), N_("%(n)s min of other work first"), {"n": -q.free})
    return Reason(min(MOST, q.free), N_("%(n)s min free"), {"n": q.free})
