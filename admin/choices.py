"""Choices and surcharges, sizes, allergens, and the ways cakes take through the kitchen."""

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries
from shop.core.types import say
from shop.menu.editing import (
    StageEntry,
    keep_allergen,
    keep_group,
    keep_option,
    keep_route,
    keep_size,
    sheets,
)
from shop.menu.stages import STAGE_WORDS
from shop.menu.tables import StageKind
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.i18n import language
from web.pages import page


def options() -> Response:
    """All questions about a cake with their answers; sizes and allergens below."""
    shop, session = this_shop(), reader()
    return page(
        "admin/options.html",
        groups=sheets.groups(session, shop),
        sizes=sheets.sizes(session, shop),
        allergens=sheets.allergens(session, shop),
    )


def group(group_id: int) -> Response:
    """The page of one question: its words, the cakes it is asked for, its answers."""
    shop, session = this_shop(), reader()
    sheet = sheets.group(session, shop, group_id)
    return page(
        "admin/group.html",
        sheet=sheet,
        g=sheet.group,
        cakes=[(s.product.slug, say(s.product.names, language())) for s in sheets.products(session, shop)],
        allergen_choices=[(a.slug, say(a.names, language())) for a in sheets.allergens(session, shop)],
        sizes=sheets.sizes(session, shop),
    )


def form_of(group_id: int) -> Response:
    """The page where a question is changed: its own, or the list for a new one."""
    return group(group_id) if group_id else options()


def save_group(tx: Session, group_id: int) -> Made:
    """Change a question; group 0 is a new one."""
    row = keep_group(
        tx, this_shop(), group_id or None, slug=entries.text("slug"), names=entries.words("names"),
        products=request.form.getlist("products"), sort=entries.number("sort", 0),
        active=entries.ticked("active"), by=actor(), at=now(),
    )  # fmt: skip
    tx.flush()
    return entries.done(url_for("admin.group", group_id=row.id))


def save_option(tx: Session, group_id: int, option_id: int) -> Made:
    """Change an answer; option 0 is a new one."""
    keep_option(
        tx, this_shop(), group_id, option_id or None,
        slug=entries.text("slug"),
        names=entries.words("names"),
        surcharge=entries.amount("surcharge", gettext("Surcharge")) or 0,
        minutes=entries.number("minutes", 0),
        min_inch=entries.number("min_inch", 0),
        allergens=request.form.getlist("allergens"),
        look={"icing": request.form.get("icing", "")} if entries.ticked("coloured") else {},
        is_default=entries.ticked("is_default"),
        sort=entries.number("sort", 0),
        active=entries.ticked("active"),
        by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.group", group_id=group_id))


def save_size(tx: Session, size_id: int) -> Made:
    """Change a size; size 0 is a new one."""
    keep_size(
        tx, this_shop(), size_id or None, inch=entries.number("inch", 0),
        pounds=entries.number("pounds"), serves=entries.text("serves", 12),
        minutes_percent=entries.number("minutes_percent"), trays=entries.number("trays"),
        by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.options") + "#sizes")


def save_allergen(tx: Session, allergen_id: int) -> Made:
    """Change an allergen; allergen 0 is a new one."""
    keep_allergen(
        tx, this_shop(), allergen_id or None, slug=entries.text("slug"), names=entries.words("names"),
        sort=entries.number("sort", 0), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.options") + "#allergens")


def ways() -> Response:
    """All ways through the kitchen."""
    shop, session = this_shop(), reader()
    return page(
        "admin/ways.html",
        routes=sheets.routes(session, shop),
        stations={s.id: s for s in sheets.stations(session, shop)},
        stage_words=STAGE_WORDS,
    )


def way(route_id: int) -> Response:
    """The page of one way; way 0 is an empty one."""
    shop, session = this_shop(), reader()
    return page(
        "admin/way.html",
        sheet=sheets.route(session, shop, route_id) if route_id else None,
        stations=sheets.stations(session, shop),
        stage_words=STAGE_WORDS,
    )


def save_way(tx: Session, route_id: int) -> Made:
    """Change a way through the kitchen."""
    stages = [
        StageEntry(
            kind,
            entries.number(f"minutes.{kind}"),
            entries.number(f"station.{kind}", 0) or None,
            entries.ticked(f"needs_person.{kind}"),
            entries.number(f"celsius.{kind}", 0),
            entries.number(f"keeps.{kind}") if entries.text(f"keeps.{kind}") else None,
        )
        for kind in StageKind
        if entries.ticked(f"stage.{kind}")
    ]
    keep_route(
        tx, this_shop(), route_id or None, slug=entries.text("slug"), names=entries.words("names"),
        stages=stages, by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.ways"))
