"""The API's description of itself (OpenAPI 3.1), made from the doors and the models that check and answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.words import Problem
from web.access import ANYONE, Door

REF = "#/components/schemas/{model}"
REFUSALS = {
    401: "no key, or one that is not known",
    409: "sold out",
    422: "malformed; the fields are named",
    429: "asked too often; Retry-After says how long to wait",
    503: "the shop cannot answer right now",
}


@dataclass(frozen=True)
class Call:
    """A door of the API with what it asks and answers, and by which status it may refuse."""

    door: Door
    answers: type[BaseModel]
    asks: type[BaseModel] | None = None
    refuses: Sequence[int] = ()


def describe(calls: Sequence[Call], prefix: str) -> dict[str, Any]:
    """Return the description of these calls."""
    models = {Problem, *(call.answers for call in calls)}
    named: Any = [(model, "serialization") for model in sorted(models, key=lambda model: model.__name__)]
    _, found = models_json_schema(named, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fairslice channel API",
            "version": "1",
            "description": "Amounts are integers in the currency's smallest unit; times carry their zone.",
        },
        "servers": [{"url": prefix}],
        "paths": _paths(calls),
        "components": {
            "schemas": found["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths(calls: Sequence[Call]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.door.path, {})[call.door.method.lower()] = _operation(call)
    return paths


def _operation(call: Call) -> dict[str, Any]:
    about = (call.door.view.__doc__ or "").strip()
    statuses = sorted({401, 429, 503, *call.refuses})
    problem = {"application/problem+json": {"schema": _ref(Problem)}}
    answers: dict[str, Any] = {
        "200": {
            "description": about,
            "content": {"application/json": {"schema": _ref(call.answers)}},
        }
    }
    answers |= {str(status): {"description": REFUSALS[status], "content": problem} for status in statuses}
    return {
        "operationId": call.door.name or call.door.view.__name__,
        "summary": about,
        "parameters": _parameters(call.asks) if call.asks else [],
        "responses": answers,
        "security": [] if call.door.who == ANYONE else [{"key": []}],
    }


def _parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    found = []
    for name, given in schema["properties"].items():
        about = {k: v for k, v in given.items() if k not in ("title", "description", "default")}
        kinds = [kind for kind in about.pop("anyOf", []) if kind != {"type": "null"}]
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in needed,
                "description": given.get("description", ""),
                "schema": kinds[0] if kinds else about,
            }
        )
    return found


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}
