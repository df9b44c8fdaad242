"""Tokens of other systems: made and revoked on record, the secret shown once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from credit_app.facts.api_tokens import digest, make_token
from credit_app.models import ApiToken
from tests.factories import NOW, TODAY
from tests.screens.desk import Desk, Page
from workflows import Refused

TOKENS = "/admin/tokens"


def make(desk: Desk, **changes: str | None) -> Page:
    values: dict[str, str | None] = {
        "name": "ERP of the north",
        "source": "erp_north",
        "ledger_write": "y",
        "ledger_read": "y",
        "expires_on": (TODAY + timedelta(days=90)).isoformat(),
    }
    return desk.get(desk.cast.ada, TOKENS).form(TOKENS).fill(**values | changes).send()


def test_a_secret_is_shown_once_and_kept_nowhere(desk: Desk) -> None:
    page = make(desk)
    [secret] = page.all("//pre[@data-secret]/text()")
    assert page.response.headers["Cache-Control"] == "no-store"
    desk.fresh()
    [token] = desk.session.scalars(select(ApiToken))
    assert token.token_hash == digest(str(secret))
    assert (token.name, token.source, token.scopes) == (
        "ERP of the north",
        "erp_north",
        ["ledger.read", "ledger.write"],
    )
    assert (token.made_by, token.created_at) == (desk.cast.ada.id, NOW)
    listed = desk.get(desk.cast.otto, TOKENS)
    assert str(secret) not in listed.raw.decode()
    assert token.token_hash not in listed.raw.decode()
    assert "made by Ada Larsen" in listed.text
    assert not listed.has_form(TOKENS)  # auditors see, and make none
    client = desk.app.test_client()
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/customers/K/open-items", headers=headers).status_code == 404
    revoked = desk.get(desk.cast.ada, TOKENS).form("/revoke").send()
    assert "opens nothing any more" in " ".join(revoked.messages)
    assert client.get("/api/v1/customers/K/open-items", headers=headers).status_code == 401
    desk.fresh()
    [token] = desk.session.scalars(select(ApiToken))
    assert (token.revoked_by, token.revoked_at) == (desk.cast.ada.id, NOW)
    again = desk.browser(desk.cast.ada).post(
        f"{TOKENS}/{token.id}/revoke", {"csrf_token": revoked.all("//meta[@name='csrf-token']/@content")[0]}
    )
    assert again.status == 409


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "fill in"),
        ({"source": "ERP North"}, "small letters, digits"),
        ({"source": "x" * 61}, "At most 60 characters"),
        ({"ledger_write": None, "ledger_read": None}, "Choose at least one of ledger.read"),
        ({"expires_on": TODAY.isoformat()}, "A token ends after today"),
        ({"expires_on": "2029-01-01"}, "A token ends after today and by"),
        ({"expires_on": ""}, "Please give a date"),
    ],
)
def test_a_token_that_cannot_be_made_is_said_and_what_was_typed_stays(
    desk: Desk, changes: dict[str, str | None], says: str
) -> None:
    page = make(desk, **changes)
    assert page.status == 422
    assert says in page.text
    assert page.form(TOKENS).value("source") == changes.get("source", "erp_north")
    assert desk.session.scalars(select(ApiToken)).all() == []


def test_nobody_but_administrators_makes_or_revokes(desk: Desk) -> None:
    make(desk)
    desk.fresh()
    [token] = desk.session.scalars(select(ApiToken))
    for one in (desk.cast.otto, desk.cast.rita, desk.cast.carla):
        csrf = desk.get(one, "/help").all("//meta[@name='csrf-token']/@content")[0]
        for path in (TOKENS, f"{TOKENS}/{token.id}/revoke"):
            assert desk.browser(one).post(path, {"csrf_token": csrf}).status == 403
    desk.fresh()
    assert desk.session.scalars(select(ApiToken.revoked_at)).one() is None


def test_a_scope_that_does_not_exist_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="Choose at least one"):
        make_token(desk.session, "X", "x", ["ledger.erase"], TODAY + timedelta(days=1), NOW, TODAY)
