"""Reading what a program asks: checked by a model, refused field by field in plain words."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError

from shop.core.errors import N_, Invalid
from web.errors import Malformed

Asked = TypeVar("Asked", bound=BaseModel)
WORDS = {
    "missing": N_("This is missing."),
    "int_parsing": N_("This must be a whole number."),
    "int_from_float": N_("This must be a whole number."),
    "greater_than_equal": N_("This must be at least %(least)s."),
    "less_than_equal": N_("This must be at most %(most)s."),
    "literal_error": N_("This must be one of: %(choices)s."),
    "string_pattern_mismatch": N_("This is a short name from the menu: small letters, digits and hyphens."),
    "date_from_datetime_parsing": N_("This must be a day, such as 2026-11-22."),
    "date_parsing": N_("This must be a day, such as 2026-11-22."),
}


def asked(model: type[Asked]) -> Asked:
    """Return what the address asks for; raises `Malformed` naming every field that cannot be used."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as trouble:
        raise Malformed([fault(error) for error in trouble.errors()]) from None


def fault(error: Mapping[str, Any]) -> Invalid:
    """Say in our own words what a model did not like."""
    told, limits = WORDS.get(error["type"]), error.get("ctx", {})
    values = {"least": limits.get("ge"), "most": limits.get("le"), "choices": limits.get("expected")}
    field = ".".join(map(str, error["loc"]))
    return Invalid(told, field=field, **{k: v for k, v in values.items() if told and f"%({k})s" in told})


def answer(model: BaseModel, tag: str = "") -> Response:
    """Answer with a model; a ``tag`` lets a program that has it already be told so."""
    response = Response(model.model_dump_json(), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache" if tag else "no-store"
    if tag:
        response.set_etag(tag)
        response.make_conditional(request.environ)
    return response
