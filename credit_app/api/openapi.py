"""The OpenAPI 3.1 document, made of the tables that requests are read by."""

from typing import Any

from credit_app.api.inputs import MOST_PARTS, MOST_ROWS, Input, Inputs
from credit_app.api.operations import Operation, Parameter
from credit_app.api.outputs import TAKEN_IDS, Output, Outputs
from credit_app.api.problems import PROBLEM_TYPE
from credit_app.api.table import OPERATIONS
from credit_app.models import API_SCOPES

ROOT = "/api/v1"
_AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$"
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "amounts": {"type": "array", "items": {"type": "string", "pattern": _AMOUNT}},
    "date": {"type": "string", "format": "date"},
    "amount": {"type": "string", "pattern": _AMOUNT},
    "whole": {"type": "integer"},
    "yes_no": {"type": "boolean"},
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "country": {"type": "string", "pattern": "^[A-Za-z]{2}$"},
}
_STATUSES = {
    400: "The body cannot be read, or the Idempotency-Key is missing.",
    401: "No token, or one that does not count any more.",
    403: "The token has not the scope.",
    404: "There is no such customer, item or receipt.",
    409: "The Idempotency-Key was used for another request or is being worked on, or the receipt was reversed before.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A field or parameter is not accepted; nothing was written.",
    429: "Too many requests in a minute; Retry-After says when to come again.",
    503: "The system is busy; Retry-After says when to come again.",
}
_WHEN_READING = (401, 403, 404, 422, 429, 503)


def document(version: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Credit Desk",
            "version": version,
            "description": "Customers, invoices, receipts and what is open, for other systems.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ROOT}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"A token of the page Interfaces. Scopes: {', '.join(API_SCOPES)}.",
                }
            },
            "schemas": {"Problem": _problem()},
            "responses": {
                str(status): {
                    "description": text,
                    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for status, text in _STATUSES.items()
            },
        },
    }


def _problem() -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("field", "value", "reason")}
        | {"row": {"type": "integer"}},
        "required": ["row", "field", "value", "reason"],
    }
    result = answer_schema(TAKEN_IDS["rows"].rows or {}) | {"required": ["row", "result"]}
    result["properties"] |= {"reason": {"type": "string"}}
    return {
        "type": "object",
        "description": "RFC 9457: one sentence says what was wrong and what is accepted.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": row},
            "rows": {"type": "array", "items": result},
        },
        "required": ["type", "title", "status", "detail"],
    }


def _operation(one: Operation) -> dict[str, Any]:
    parameters = [_parameter(one.place, "path")] if one.place else []
    parameters += [_parameter(parameter, "query") for parameter in one.query]
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": str(one.summary),
        "description": " ".join([f"Scope: {one.scope}.", *map(str, one.notes)]),
        "parameters": parameters,
        "responses": {"200": _answer(one)} | _problems(one),
    }
    if one.method == "POST" and not one.asks_only:
        found["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "New for each request; the same again gets the same answer and does nothing.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 100},
            }
        )
    if one.method == "POST":
        found["requestBody"] = {"required": True, "content": _content(one)}
    return found


def _problems(one: Operation) -> dict[str, Any]:
    statuses = tuple(_STATUSES) if one.method == "POST" else _WHEN_READING
    return {
        str(status): {"$ref": f"#/components/responses/{status}"}
        for status in statuses
        if status != 404 or one.place
    }


def _parameter(one: Parameter, place: str) -> dict[str, Any]:
    found = {
        "name": one.name,
        "in": place,
        "required": place == "path",
        "description": str(one.about),
        "schema": _TYPES[one.type] | ({"enum": list(one.words)} if one.words else {}),
    }
    return found | (
        {"example": int(one.example) if one.type == "whole" else one.example} if one.example else {}
    )


def _content(one: Operation) -> dict[str, Any]:
    if one.media:
        return {media: _medium(media, one.example) for media in one.media}
    schema = request_schema(one.body or {})
    if one.rows is not None:
        rows = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": request_schema(one.rows)}
        schema = {
            "type": "object",
            "properties": {"rows": rows},
            "required": ["rows"],
            "additionalProperties": False,
        }
    return {"application/json": {"schema": schema, "example": one.example}}


def _medium(media: str, example: str) -> dict[str, Any]:
    if media == "application/zip":
        return {"schema": {"type": "string", "contentMediaType": media}}
    return {"schema": {"type": "string", "contentMediaType": media}, "example": example}


def request_schema(inputs: Inputs) -> dict[str, Any]:
    """The schema of an object with these fields."""
    return {
        "type": "object",
        "properties": {name: _input(one) for name, one in inputs.items()},
        "required": [name for name, one in inputs.items() if one.field.required],
        "additionalProperties": False,
    }


def _input(one: Input) -> dict[str, Any]:
    about = {"description": str(one.about)}
    if one.rows is not None:
        rows = {"type": "array", "minItems": 1, "maxItems": MOST_PARTS, "items": request_schema(one.rows)}
        return rows | about | ({} if one.field.required else {"type": ["array", "null"]})
    if one.field.type in ("amount", "signed"):
        text = {
            "type": "string",
            "pattern": _AMOUNT if one.field.type == "signed" else _AMOUNT.replace("-?", ""),
        }
        kinds: list[dict[str, Any]] = [text, {"type": "number"}]
        return about | {"anyOf": kinds if one.field.required else [*kinds, {"type": "null"}]}
    found = dict(_TYPES[one.field.type if one.field.type != "kind" else "text"]) | about
    if one.field.longest:
        found["maxLength"] = one.field.longest
    if one.field.required and found["type"] == "string":
        found["minLength"] = 1
    if one.words:
        found["enum"] = list(one.words)
    if not one.field.required:
        found["type"] = [found["type"], "null"]
        found |= {"enum": [*one.words, None]} if one.words else {}
    return found


def _answer(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "Done."}
    if one.method == "POST" and not one.asks_only:
        described["headers"] = {
            "Idempotent-Replay": {
                "description": "true when this is the kept answer of an earlier request.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    if one.answer is None:
        return described | {"content": {media: {"schema": {"type": "string"}} for media in one.media}}
    return described | {"content": {"application/json": {"schema": answer_schema(one.answer)}}}


def answer_schema(outputs: Outputs) -> dict[str, Any]:
    """The schema of an answer with these fields."""
    return {
        "type": "object",
        "properties": {name: _output(one) for name, one in outputs.items()},
        "required": list(outputs),
        "additionalProperties": False,
    }


def _output(one: Output) -> dict[str, Any]:
    about = {"description": str(one.about)}
    if one.rows is not None:
        return about | {"type": "array", "items": answer_schema(one.rows)}
    found = dict(_TYPES[one.type]) | about
    return found | ({"type": [found["type"], "null"]} if one.none else {})
