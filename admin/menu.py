"""Cakes and prices: the list with its switches, and the page of one cake."""

from flask import Response, request, url_for
from flask_babel import gettext

from admin import entries
from admin.look_words import look_words
from shop.core.types import Words, say
from shop.menu.drawing import CakeLook, draw
from shop.menu.drawing.looks import resolve
from shop.menu.editing import add_product, change_product, look_choices, set_prices, sheets, switch
from shop.menu.editing.products import COLOURS, clean_look
from web.access import Made, Session, actor
from web.database import reader
from web.house import now, this_shop
from web.i18n import language
from web.pages import page


def menu() -> Response:
    """Every cake with its prices and switches."""
    shop, session = this_shop(), reader()
    return page(
        "admin/menu.html",
        sheets=sheets.products(session, shop),
        sizes=sheets.sizes(session, shop),
        routes=sheets.routes(session, shop),
        today=shop.business_date(now()),
    )


def product(product_id: int) -> Response:
    """The page of one cake."""
    shop, session = this_shop(), reader()
    sheet = sheets.product(session, shop, product_id)
    return page(
        "admin/product.html",
        sheet=sheet,
        p=sheet.product,
        sizes=sheets.sizes(session, shop),
        allergen_choices=[(a.slug, say(a.names, language())) for a in sheets.allergens(session, shop)],
        routes=sheets.routes(session, shop),
        look=resolve(sheet.product.slug, sheet.product.look),
        choices=look_choices(),
        colours=COLOURS,
        look_words=look_words(),
    )


def create_product(tx: Session) -> Made:
    """Add a cake; it is not for sale before it has a price."""
    row = add_product(
        tx, this_shop(), slug=entries.text("slug"), names=entries.words("names"),
        route_id=entries.number("route", 0), by=actor(), at=now(),
    )  # fmt: skip
    return entries.done(url_for("admin.product", product_id=row.id))


def save_product(tx: Session, product_id: int) -> Made:
    """Change a cake and its prices together."""
    shop, who, at = this_shop(), actor(), now()
    set_prices(tx, shop, product_id, typed_prices(tx), by=who, at=at,
               given_up=[int(inch) for inch in request.form.getlist("given_up") if inch.isdecimal()])  # fmt: skip
    change_product(
        tx, shop, product_id,
        names=entries.words("names"),
        about=entries.words("about"),
        allergens=request.form.getlist("allergens"),
        route_id=entries.number("route", 0),
        look=own_look(sheets.product(tx, shop, product_id).product.slug),
        sort=entries.number("sort", 0),
        active=entries.ticked("active"),
        by=who, at=at,
    )  # fmt: skip
    return entries.done(url_for("admin.menu"))


def typed_prices(tx: Session) -> dict[int, int | None]:
    """Return the prices of the form by inch, None for an empty one."""
    inches = [size.inch for size in sheets.sizes(tx, this_shop())]
    return {inch: entries.amount(f"price.{inch}", gettext("Price of %(n)s inch", n=inch)) for inch in inches}


def own_look(slug: str) -> dict[str, str]:
    """Return what the form changes about the drawing, beside the product's own picture."""
    plain = resolve(slug, None)
    typed = {key: request.form.get(f"look.{key}", "").strip().lower() for key in plain}
    if entries.ticked("no_drip"):
        typed["drip"] = "none"
    return {key: value for key, value in typed.items() if value and value != plain[key]}


def picture(product_id: int) -> Response:
    """The drawing while its parts are being chosen; tries nothing that cannot be drawn."""
    slug = sheets.product(reader(), this_shop(), product_id).product.slug
    typed = {key: request.args.get(f"look.{key}", "") for key in resolve(slug, None)}
    if request.args.get("no_drip") == "1":
        typed["drip"] = "none"
    look = CakeLook(slug, 8, base=clean_look(typed))
    return Response(draw(look), mimetype="text/html")


def switch_product(tx: Session, product_id: int) -> Made:
    """Switch a cake, or one size of it, off for today or on again."""
    on = request.form.get("on") == "1"
    inch = entries.number("inch", 0) or None
    names: Words = switch(tx, this_shop(), product_id, on=on, inch=inch, by=actor(), at=now())
    name = say(names, language()) + (f" {inch}″" if inch else "")
    said = gettext("%(cake)s is for sale again.", cake=name)
    return entries.done(
        url_for("admin.menu"), said if on else gettext("%(cake)s is off for today.", cake=name)
    )
