"""The plan of a day: who does what where and when, what changed last, how full it is, and what is to be made."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, request
from flask_babel import gettext
from sqlalchemy import select

from admin.around import allowed, fragment
from admin.living import part, watch
from admin.saying import event_words, stage_words
from shop.core.permissions import Permission
from shop.core.types import from_minute
from shop.menu.editing import sheets
from shop.people.staff import Staff
from shop.production.plan.applying import last_run
from shop.production.plan.chart import Bar, Chart, chart
from shop.production.plan.making import making
from shop.production.plan.named import Named, named
from shop.production.plan.tables import PlanRun
from web.access import Door, staff
from web.database import reader
from web.house import now, this_shop
from web.i18n import clock, day_clock, words
from web.live import Region, region
from web.pages import page

SEE = staff(Permission.KITCHEN_SEE)
TOPICS = ("plan", "kitchen", "staff")
WIDE, LABEL, ROW, BAR = 1120, 112, 29, 24
"""Sizes of the chart in its own units."""
HOURS = 6
SMALL = 5
"""A cake that moves by so few minutes, with the same people, is not worth a look."""


def plan() -> Response:
    """The page of a day; its live part asks for itself when something has happened."""
    day, hours = asked()
    return page("admin/plan.html", region=region(_key(day, hours), lambda: draw(day, hours)), day=day, hours=hours,
                days=days(day), sheet=making(reader(), this_shop(), day), at=moment)  # fmt: skip


def plan_part() -> Response:
    """The live part alone."""
    day, hours = asked()
    return part(region(_key(day, hours), lambda: draw(day, hours)))


def plan_live(ws: Any) -> None:
    """Tells the page that the plan has changed; it then asks for the day it shows."""
    watch(ws, key=("admin-plan",), topics=TOPICS, render=lambda: Region(""))


def asked() -> tuple[date, int]:
    """Return the day, and how many hours around now are shown (0: the whole day)."""
    today = this_shop().business_date(now())
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = today
    if abs((day - today).days) > 400:
        day = today
    whole = request.args.get("hours") == "0" or day != today
    return day, 0 if whole else HOURS


def days(day: date) -> list[date]:
    """Return the days to choose from: yesterday until a week ahead, and the one that is shown."""
    today = this_shop().business_date(now())
    return sorted({day, *(today + timedelta(days=n) for n in range(-1, 7))})


def _key(day: date, hours: int) -> tuple[str, ...]:
    minute = str(int(now().timestamp()) // 60)
    return ("admin-plan", day.isoformat(), str(hours), minute, "orders" if allowed("order:see") else "")


def moment(minute: int) -> datetime:
    """Return the moment of a minute of the plan."""
    return from_minute(minute)


def draw(day: date, hours: int) -> Region:
    """Render chart, list, load, and what the last run has changed."""
    session, shop, at = reader(), this_shop(), now()
    shown = chart(session, shop, day, at=at)
    begins, ends, today = *window(shown, hours), shop.business_date(at)
    shown = shown.within(begins, ends)
    names = {s.id: s.name for s in session.scalars(select(Staff).where(Staff.shop_id == shop.id))}
    places = {s.id: s.names for s in sheets.stations(session, shop)}
    run, changed = last_run(session, shop), last_run(session, shop, changed=True)
    return Region(fragment(
        "admin/_plan.html", chart=shown, begins=begins, ends=ends, day=day, hours=hours, run=run, changed=changed,
        scale=(WIDE - LABEL) / (ends - begins), wide=WIDE, label=LABEL, row=ROW, bar_high=BAR, at=moment, people=names,
        places=places, said=said(shown, names, places), state_of=state_of, which=which,
        gap=gap_words(run) if run else "", engine=engine_said(run) if run else "", reasons=reason_said,
        changes=changes_of(changed, names, places), with_orders=allowed("order:see"),
        is_today=day == today, is_soon=today <= day <= today + timedelta(days=1),
    ))  # fmt: skip


def window(shown: Chart, hours: int) -> tuple[int, int]:
    """Return the minutes that the chart shows."""
    if not hours:
        return shown.begins, max(shown.ends, shown.begins + 60)
    begins = (shown.now - 60) // 60 * 60
    return begins, begins + hours * 60


def state_of(bar: Bar) -> str:
    """Say how a bar stands."""
    if bar.held:
        return str(gettext("not paid yet"))
    return str(
        {
            "done": gettext("done"), "now": gettext("at work"), "notyet": gettext("planned"),
            "risk": gettext("at risk"), "late": gettext("late"),
        }[bar.state]
    )  # fmt: skip


def said(shown: Chart, names: dict[int, str], places: dict[int, dict[str, str]]) -> Any:
    """Return what a bar says to whoever does not see it."""

    def of(bar: Bar) -> str:
        cakes = ", ".join(
            f"{cake.number}{which(cake)} {words(cake.names)} {cake.inch}″" for cake in bar.cakes
        )
        parts = [
            f"{clock(moment(bar.start))}–{clock(moment(bar.end))}",
            stage_words(bar.kind),
            cakes,
            state_of(bar),
        ]
        parts.append(words(places.get(bar.station_id or 0)))
        if bar.heat:
            parts.append(f"{bar.heat} °C")
        if bar.person_id is not None:
            parts.append(names.get(bar.person_id, ""))
        elif bar.by_hand:
            parts.append(str(gettext("nobody yet")))
        return " · ".join(each for each in parts if each)

    return of


def gap_words(run: PlanRun) -> str:
    """Say how good the plan is and how much better it could be at most."""
    if run.late_after == 0:
        late = gettext("No cake is planned to be late.")
    elif run.late_after <= run.bound:
        late = gettext("%(n)d minutes late in all: no plan could do better.", n=run.late_after)
    else:
        late = gettext("%(n)d minutes late in all: %(bound)d of them cannot be helped, %(rest)d perhaps can.",
                       n=run.late_after, bound=run.bound, rest=run.late_after - run.bound)  # fmt: skip
    if not run.runs_after:
        return str(late)
    if run.runs_after <= run.least_runs:
        runs = gettext("%(n)d oven runs, as few as there can be.", n=run.runs_after)
    else:
        runs = gettext(
            "%(n)d oven runs; fewer than %(least)d cannot be.", n=run.runs_after, least=run.least_runs
        )
    return f"{late} {runs}"


def engine_said(run: PlanRun) -> str:
    """Say how the plan was found."""
    known = {
        "standing": gettext("Nothing better was found, so everything stays where it was."),
        "mended": gettext("What could not stay where it was has a new place."),
        "search": gettext("Found by trying many small changes."),
        "solver": gettext("Found by the solver, which worked through the cakes that were in each other's way."),
        "asked": gettext("Somebody made room for an order."),
    }  # fmt: skip
    return str(known.get(run.engine, ""))


def reason_said(reason: str) -> str:
    """Say why the plan was thought over."""
    known = {"start": gettext("The shop started"), "work_late": gettext("Work is late"),
             "order_rushed_in": gettext("Room for an urgent order")}  # fmt: skip
    return " · ".join(str(known.get(kind) or event_words(kind)) for kind in reason.split())


def which(cake: Named) -> str:
    """Say which of an order's cakes it is, where there are several."""
    return f" {cake.nth}/{cake.of}" if cake.of > 1 else ""


def changes_of(
    run: PlanRun | None, names: dict[int, str], places: dict[int, dict[str, str]]
) -> list[dict[str, Any]]:
    """Return what a run has moved by cake, as people read it: times and persons, the cakes that move most first."""
    if run is None:
        return []
    cakes = named(reader(), {row["cake"] for row in run.moved})
    found: dict[int, dict[str, Any]] = {}
    for row in run.moved:
        (was, _, who), (then, _, by) = row["was"], row["now"]
        if row["station"] is None or (was == then and who == by) or row["cake"] not in cakes:
            continue
        cake = cakes[row["cake"]]
        one = found.setdefault(
            row["cake"], {"cake": cake, "which": which(cake), "stages": [], "minutes": 0, "swap": False}
        )
        one["minutes"] = max(one["minutes"], abs(then - was))
        one["swap"] = one["swap"] or who != by
        one["stages"].append({
            "stage": stage_words(row["kind"]), "place": words(places.get(row["station"])), "at": then,
            "was": day_clock(moment(was)), "now": day_clock(moment(then)), "moved": was != then, "swap": who != by,
            "from": names.get(who, "") if who else "", "to": names.get(by, "") if by else "",
        })  # fmt: skip
    for one in found.values():
        one["stages"].sort(key=lambda each: each["at"])
        one["small"] = one["minutes"] <= SMALL and not one["swap"]
    return sorted(found.values(), key=lambda one: (one["small"], -one["minutes"], one["cake"].number))


DOORS = [
    Door("GET", "/plan", plan, SEE),
    Door("GET", "/plan/part", plan_part, SEE),
]
