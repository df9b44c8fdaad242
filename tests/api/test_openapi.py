"""The OpenAPI document: it holds together, names every route, and each of its examples works as it says."""

import json
import re
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.api.openapi import ROOT, document
from credit_app.api.table import OPERATIONS
from credit_app.models import Customer, open_items
from credit_app.models.dunning import DunningLetter
from tests.api.conftest import Caller
from tests.factories import TODAY

KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
# What OpenAPI 3.1 allows in the objects that are used here; anything else is a slip.
ALLOWED = {
    "root": {"openapi", "info", "servers", "security", "paths", "components"},
    "operation": {"operationId", "summary", "description", "parameters", "requestBody", "responses"},
    "parameter": {"name", "in", "required", "description", "schema", "example"},
    "response": {"description", "headers", "content", "$ref"},
    "medium": {"schema", "example"},
    "schema": {
        "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength",
        "maxLength", "pattern", "enum", "anyOf", "format", "description", "contentMediaType", "$ref",
    },
}  # fmt: skip


def checked(schema: Any, whole: dict[str, Any]) -> None:
    """The schema is one of JSON Schema 2020-12: known words, known types, required properties there, refs that lead."""
    assert set(schema) <= ALLOWED["schema"], schema
    if "$ref" in schema:
        assert resolve(schema["$ref"], whole)
        return
    types = schema.get("type", [])
    assert set([types] if isinstance(types, str) else types) <= set(KINDS)
    assert "type" in schema or "anyOf" in schema, schema
    assert set(schema.get("required", [])) <= set(schema.get("properties", {}))
    assert re.compile(schema.get("pattern", ""))
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        checked(one, whole)


def resolve(ref: str, whole: dict[str, Any]) -> Any:
    found: Any = whole
    for name in ref.removeprefix("#/").split("/"):
        found = found[name]
    return found


def fits(value: Any, schema: dict[str, Any]) -> bool:  # noqa: PLR0911 (a line for each kind)
    """Whether a value is what a schema says."""
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(
        isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in kinds
    ):
        return False
    if isinstance(value, str):
        long = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9)
        return long and re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, list):
        right = schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9)
        return right and all(fits(one, schema["items"]) for one in value)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return (
            set(schema.get("required", [])) <= set(value)
            and (schema.get("additionalProperties", True) or set(value) <= set(known))
            and all(fits(one, known[name]) for name, one in value.items() if name in known)
        )
    return True


def test_the_document_is_openapi_and_names_every_route(app: Flask, erp: Caller) -> None:
    found = erp.client.get(f"{ROOT}/openapi.json")
    whole: dict[str, Any] = found.json
    assert found.content_type == "application/json"
    assert set(whole) == ALLOWED["root"]
    assert re.fullmatch(r"3\.1\.\d", whole["openapi"])
    assert {"title", "version"} <= set(whole["info"])
    names = []
    for path, methods in whole["paths"].items():
        assert path.startswith("/")
        for method, one in methods.items():
            assert method in ("get", "post")
            assert set(one) <= ALLOWED["operation"]
            names.append(one["operationId"])
            in_path = {p["name"] for p in one["parameters"] if p["in"] == "path"}
            assert in_path == set(re.findall(r"\{(\w+)\}", path))
            for parameter in one["parameters"]:
                assert set(parameter) <= ALLOWED["parameter"]
                assert "example" not in parameter or fits(parameter["example"], parameter["schema"])
                checked(parameter["schema"], whole)
            bodies = one.get("requestBody", {}).get("content", {})
            for status, response in one["responses"].items():
                assert re.fullmatch(r"[2-5]\d\d", status)
                assert set(response) <= ALLOWED["response"]
                target = resolve(response["$ref"], whole) if "$ref" in response else response
                assert target["description"]
                bodies = bodies | {f"{status} {media}": what for media, what in target["content"].items()}
            for medium in bodies.values():
                assert set(medium) <= ALLOWED["medium"]
                checked(medium["schema"], whole)
    assert len(set(names)) == len(names)
    routes = {
        (re.sub(r"<path:(\w+)>", r"{\1}", rule.rule.removeprefix(ROOT)), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{ROOT}/") and rule.rule != f"{ROOT}/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, methods in whole["paths"].items() for method in methods}


def test_every_example_works_and_answers_as_described(erp: Caller, session: Session) -> None:
    whole = document("1")
    session.add(
        DunningLetter(
            number="DUN-2026-00017", customer_id=session.scalars(select(Customer.id)).one(), level="letter_1",
            language="en", channel="sms", status="sent", letter_on=TODAY - timedelta(days=2), pay_by=TODAY,
            sent_on=TODAY - timedelta(days=2), body="Pay", totals=[], sender=[], accounts=[],
        )
    )  # fmt: skip
    session.commit()
    for one in OPERATIONS:
        described = whole["paths"][one.path][one.method.lower()]
        path = one.path.replace(f"{{{one.place.name}}}", one.place.example) if one.place else one.path
        if one.method == "GET":
            query = {p.name: p.example for p in one.query if p.example}
            answer = erp.client.get(ROOT + path, query_string=query, headers=erp._headers())
        elif one.media:
            answer = erp.send(path, one.example.encode(), content_type="application/xml")
        else:
            assert fits(one.example, described["requestBody"]["content"]["application/json"]["schema"]), (
                one.name
            )
            answer = erp.send(path, one.example)
        assert answer.status_code == 200, (one.name, answer.text)
        if one.answer is not None:
            described_answer = described["responses"]["200"]["content"]["application/json"]["schema"]
            assert fits(answer.json, described_answer), (one.name, answer.text)
        if one.method == "POST":
            assert answer.json.get("new", 1) == len(one.example["rows"]) if one.rows else True
    refused = erp.rows("/invoices", {"external_id": "X"}, status=422)
    assert fits(refused, resolve("#/components/schemas/Problem", whole) | {"additionalProperties": True})
    customer = session.query(Customer).filter_by(external_id="10077").one()
    still = {item.number: str(item.open_amount) for item in open_items(session, [customer.id], TODAY)}
    assert still == {"R-1001": "160.00", "R-1002": "3000.00", "R-1003": "480.00"}


def test_people_read_the_same_without_a_script_or_a_sign_in(erp: Caller) -> None:
    page = erp.client.get("/api").text
    for one in OPERATIONS:
        assert f"{ROOT}{one.path}" in page
    for word in ("customer_external_id", "40%@30, 60%@90", "allocations[].item", "small_difference"):
        assert word in page
    assert not re.search(r"https?://", re.sub(r'xmlns[:\w]*="[^"]*"', "", page))
    assert (
        json.loads(erp.client.get(f"{ROOT}/openapi.json", headers={"Accept-Language": "zh"}).text)["paths"][
            "/customers"
        ]["post"]["summary"]
        == "Enter and change customers"
    )
