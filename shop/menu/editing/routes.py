"""Ways through the kitchen: which stages, where, for how long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import N_, Invalid
from shop.menu.editing.pen import Changes, clean_number, clean_slug, clean_words, mine, note
from shop.menu.tables import Route, RouteStage, StageKind, Station
from shop.people.shops import Shop


@dataclass(frozen=True)
class StageEntry:
    """One stage as entered: ``minutes`` of an 8-inch cake; no station takes no place (cooling).

    ``celsius`` and ``keeps`` as in `shop.menu.tables.RouteStage`.
    """

    kind: StageKind
    minutes: int
    station_id: int | None
    needs_person: bool = True
    celsius: int = 0
    keeps: int | None = None


def keep_route(
    tx: Session,
    shop: Shop,
    row_id: int | None,
    *,
    slug: str = "",
    names: Mapping[str, str],
    stages: Sequence[StageEntry],
    by: Actor,
    at: datetime,
) -> Route:
    """Change a way through the kitchen, or add one. Stages keep the fixed order of their kinds.

    Cakes whose tasks exist already keep their minutes; new orders take the new ones.
    """
    changes = Changes()
    if row_id is None:
        row = Route(shop_id=shop.id, slug=clean_slug(tx, shop, Route, slug), names={})
        tx.add(row)
    else:
        row = mine(tx, shop, Route, row_id)
    changes.put(row, "names", clean_words(names, field="names"))
    tx.flush()
    _check(tx, shop, stages)
    _put_stages(tx, row, stages, changes)
    note(tx, shop, changes, of="route", slug=row.slug, by=by, at=at)
    return row


def _check(tx: Session, shop: Shop, stages: Sequence[StageEntry]) -> None:
    if not stages:
        raise Invalid(N_("A cake needs at least one stage."), field="stages")
    if len({stage.kind for stage in stages}) != len(stages):
        raise Invalid(N_("Each stage can come only once."), field="stages")
    places = set(tx.scalars(select(Station.id).where(Station.shop_id == shop.id)))
    for stage in stages:
        clean_number(stage.minutes, 1, 1440, field=f"minutes.{stage.kind}")
        clean_number(stage.celsius, 0, 400, field=f"celsius.{stage.kind}")
        clean_number(stage.keeps or 0, 0, 10_080, field=f"keeps.{stage.kind}")
        if stage.station_id is not None and stage.station_id not in places:
            raise Invalid(N_("Please choose a station of this shop."), field=f"station.{stage.kind}")
        if stage.needs_person and stage.station_id is None:
            raise Invalid(
                N_("Work by a person needs a station, so that a board can show it."),
                field=f"station.{stage.kind}",
            )


def _put_stages(tx: Session, route: Route, stages: Sequence[StageEntry], changes: Changes) -> None:
    rows = {r.kind: r for r in tx.scalars(select(RouteStage).where(RouteStage.route_id == route.id))}
    order = list(StageKind)
    wanted = {str(stage.kind): stage for stage in sorted(stages, key=lambda s: order.index(s.kind))}
    for kind, old in rows.items():
        if kind not in wanted:
            tx.delete(old)
            changes.lines.append({"field": f"stage.{kind}", "was": old.minutes, "now": None})
    for kind, stage in wanted.items():
        row = rows.get(kind)
        if row is None:
            row = RouteStage(route_id=route.id, kind=kind, sort=0, minutes=0, needs_person=True, celsius=0)
            tx.add(row)
        row.sort = order.index(stage.kind)
        changes.put(row, "minutes", stage.minutes, f"minutes.{kind}")
        changes.put(row, "station_id", stage.station_id, f"station.{kind}")
        changes.put(row, "needs_person", stage.needs_person, f"needs_person.{kind}")
        changes.put(row, "celsius", stage.celsius, f"celsius.{kind}")
        changes.put(row, "keeps", stage.keeps, f"keeps.{kind}")
