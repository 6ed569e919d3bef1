"""Who stands there already need not change places, and the plan may have somebody in mind."""

from shop.core.errors import N_
from shop.core.matching import Reason
from shop.production.matching.contract import Question


def nearby(q: Question) -> Reason:
    """They are at this station, or were last."""
    if q.task.station_id in q.baker.stations:
        return Reason(8, N_("is at this station"))
    return Reason(0, "")


def planned(q: Question) -> Reason:
    """The plan has them for it."""
    if q.task.planned_for == q.baker.id:
        return Reason(15, N_("the plan has them for it"))
    return Reason(0, "")
