"""Who has worked less today comes first."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question


def load(q: Question) -> Reason:
    """A point less for each ten minutes of work more than whoever has worked least today."""
    return Reason(-((q.baker.today - q.least) // 10), N_("%(n)s min of work today"), {"n": q.baker.today})
