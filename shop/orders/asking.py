"""What is asked of the kitchen: the stages of each cake, and the minutes between its work and the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from sqlalchemy.orm import Session

from shop.menu.tables import StageKind
from shop.orders.bases import bases_of, left_to_do
from shop.orders.cart import PricedLine, Work
from shop.orders.planned import SPARE_MINUTES
from shop.people.shops import Shop
from shop.planning.simulation.spread import minutes_at
from shop.production.durations import Past, past_of

LEAST_SPARE, MOST_SPARE = 5, 30
SURE = 0.85
"""The promised time is what this share of the shop's own stages would have kept."""

Cakes = Sequence[Sequence[Work]]


@dataclass(frozen=True)
class Asked:
    """``cakes`` as their stages. ``spare`` is kept between the planned end and the promised time; ``way`` is what a
    delivery takes in minutes (`shop.orders.areas.Way.minutes`): its time is the arrival."""

    cakes: Cakes
    spare: int
    way: int = 0


def asked(session: Session, shop: Shop, lines: Sequence[PricedLine], way: int = 0) -> Asked:
    """Return what these lines ask of the kitchen, with what lies ready and by what stages really take here."""
    bases, cakes = bases_of(session, shop), list[tuple[Work, ...]]()
    for line in lines:
        of = line.line
        cakes += left_to_do(line.stages, bases, of.product, of.inch, of.quantity)
    return Asked(cakes, spare_of(past_of(session, shop), cakes), way)


def spare_of(past: Past, cakes: Cakes) -> int:
    """Return the minutes to keep free behind these cakes: from what 85 of 100 stages of each kind stayed within,
    or 10 where too few were measured."""
    return max((_spare(past, works) for works in cakes), default=SPARE_MINUTES)


def _spare(past: Past, works: Sequence[Work]) -> int:
    """Stages that take longer and shorter make up for each other: their spreads add as squares."""
    longer, squares = 0.0, 0.0
    for work in works:
        if work.station_id is None:
            continue  # cooling takes its time
        share = past.shares.get((work.kind.value, "", 0))
        if share is None:
            if work.kind is StageKind.BAKE or work.needs_person:
                return SPARE_MINUTES
            continue
        usual = minutes_at(share, 0.5)
        longer += work.minutes * (usual - 1)
        squares += (work.minutes * (minutes_at(share, SURE) - usual)) ** 2
    return min(MOST_SPARE, max(LEAST_SPARE, round(longer + sqrt(squares))))
