"""A company and a system that calls it with a token."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from credit_app.api.access import RateLimit
from credit_app.facts.api_tokens import make_token
from credit_app.models import API_SCOPES
from tests.factories import NOW, TODAY, make_company, make_customer

ROOT = "/api/v1"


@dataclass
class Caller:
    """Another system: sends what it is told with its token, and a fresh key unless one is given."""

    client: FlaskClient
    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, status: int = 200, **query: str) -> Any:
        answer = self.client.get(ROOT + path, query_string=query or None, headers=self._headers())
        assert answer.status_code == status, answer.text
        return answer.json

    def post(self, path: str, body: Any, status: int = 200, **options: Any) -> Any:
        answer = self.send(path, body, **options)
        assert answer.status_code == status, answer.text
        return answer.json

    def send(
        self, path: str, body: Any, key: str = "", content_type: str = "application/json"
    ) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self._headers() | {"Idempotency-Key": key or uuid4().hex}
        return self.client.post(ROOT + path, data=data, content_type=content_type, headers=headers)

    def rows(self, path: str, *rows: dict[str, Any], status: int = 200, **options: Any) -> Any:
        return self.post(path, {"rows": list(rows)}, status, **options)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} | self.headers


def token_of(session: Session, *scopes: str, source: str = "erp", days: int = 30) -> str:
    """The secret of a new token, committed."""
    _token, secret = make_token(
        session, "ERP", source, scopes or API_SCOPES, TODAY + timedelta(days=days), NOW, TODAY
    )
    session.commit()
    return secret


@pytest.fixture
def erp(app: Flask, session: Session, clock: object) -> Caller:
    """A system with all scopes, in a company with one customer, K1."""
    app.extensions["api_rate_limit"] = RateLimit()
    make_company(session)
    make_customer(session, "Nordwind GmbH", external_id="K1")
    return Caller(app.test_client(), token_of(session))


def invoice(external_id: str = "R1", **changes: Any) -> dict[str, Any]:
    """A row of an invoice of K1 over 100.00."""
    given = {
        "external_id": external_id,
        "customer_external_id": "K1",
        "document_date": "2026-02-02",
        "due_date": "2026-03-04",
        "amount": "100.00",
        "currency": "EUR",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def receipt(external_id: str = "B1", amount: str = "100.00", **changes: Any) -> dict[str, Any]:
    """A row of a receipt of K1."""
    return {
        "external_id": external_id,
        "customer_external_id": "K1",
        "received_on": "2026-03-05",
        "amount": amount,
        "currency": "EUR",
    } | changes
