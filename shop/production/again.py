"""One cake whole: what a baker must know before taking work back or making it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.errors import Missing
from shop.orders.tables import Cake, Line, Order
from shop.people.shops import Shop
from shop.production.tables import Task, TaskState


@dataclass(frozen=True)
class CakeAgain:
    """A cake, one of ``of`` in its order, with the kinds of its stages in order; ``running`` is its work at the
    asking station, if any, and ``cooling`` its cooling; ``begin_by`` is when the next open stage must begin, None
    when all is done."""

    cake: Cake
    line: Line
    order: Order
    kinds: Sequence[str]
    running: Task | None
    cooling: Task | None
    begin_by: datetime | None
    of: int

    @property
    def cools_until(self) -> datetime | None:
        """When its cooling is over, if it cools."""
        begun = self.cooling.started_at if self.cooling else None
        return begun + timedelta(minutes=self.cooling.minutes) if self.cooling and begun else None


def cake_again(session: Session, shop: Shop, cake_id: int, station_id: int) -> CakeAgain:
    """Return the cake as one station sees it; raises `Missing`."""
    query = (
        select(Cake, Line, Order)
        .join(Line, Line.id == Cake.line_id)
        .join(Order, Order.id == Cake.order_id)
        .where(Cake.id == cake_id, Order.shop_id == shop.id)
    )
    found = session.execute(query).first()
    if found is None:
        raise Missing(field="cake")
    live = select(Task).where(Task.cake_id == cake_id, Task.state != TaskState.VOID).order_by(Task.sort)
    tasks = list(session.scalars(live))
    here = [t for t in tasks if t.state == TaskState.RUNNING and t.station_id == station_id]
    cooling = next((t for t in tasks if t.state == TaskState.RUNNING and t.station_id is None), None)
    begin_by = next((t.latest_start for t in tasks if t.state != TaskState.DONE), None)
    kinds = [t.kind for t in tasks]
    of = session.scalar(select(func.count()).select_from(Cake).where(Cake.order_id == found.Order.id)) or 1
    return CakeAgain(*found, kinds=kinds, running=here[0] if here else None, cooling=cooling,
                     begin_by=begin_by, of=of)  # fmt: skip
