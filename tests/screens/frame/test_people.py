"""Administration of people, substitutes and the calendar."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import Holiday, Person, Substitution
from tests.factories import Cast
from tests.screens.frame.browsing import Browser
from workflows.tables import Outbox


@pytest.fixture
def ada(signed_in: Callable[[Any], Browser], cast: Cast) -> Browser:
    return signed_in(cast.ada)


def test_a_new_person_gets_an_invitation(ada: Browser, cast: Cast, owner_session: Session) -> None:
    answer = ada.post("/admin/people/new", {"name": "Nina Neu", "email": "Nina@Test.example", "locale": "en"})
    assert answer.status_code == 302
    nina = owner_session.scalars(select(Person).where(Person.email == "nina@test.example")).one()
    mail = owner_session.scalars(select(Outbox)).one()
    assert (mail.template, mail.recipient) == ("password_invitation", f"person:{nina.id}")


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "  ", "email": "a@b.example"}, "Please fill in this field."),
        ({"name": "Nina", "email": "nina"}, "no complete e-mail address"),
        ({"name": "Nina", "email": "sara.lind@test.example"}, "Somebody with this e-mail is here already."),
        ({"name": "Nina", "email": "n@test.example", "branch_id": "999"}, "Not a valid choice"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_at_the_field(
    ada: Browser, form: dict[str, str], sentence: str
) -> None:
    answer = ada.post("/admin/people/new", {"locale": "en", **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert form["email"] in answer.text


def test_an_email_that_is_taken_is_refused_when_it_is_changed(
    ada: Browser, cast: Cast, owner_session: Session
) -> None:
    form = {"name": "Sara Neu", "email": "anna.weiss@test.example", "locale": "en"}
    answer = ada.post(f"/admin/people/{cast.sara.id}", form)
    assert answer.status_code == 422
    assert "Somebody with this e-mail is here already." in answer.text
    owner_session.refresh(cast.sara)
    assert (cast.sara.name, cast.sara.email) == ("Sara Lind", "sara.lind@test.example")


def test_a_role_is_given_in_one_branch_and_taken_away(
    ada: Browser, cast: Cast, owner_session: Session
) -> None:
    path = f"/admin/people/{cast.sara.id}"
    ada.post(f"{path}/roles", {"role": "credit_analyst", "branch_id": str(cast.south.id)})
    owner_session.refresh(cast.sara)
    held = {(row.role, row.branch_id): row.id for row in cast.sara.roles}
    assert ("credit_analyst", cast.south.id) in held
    ada.post(f"{path}/roles/{held['credit_analyst', cast.south.id]}/remove")
    owner_session.expire_all()
    assert [row.role for row in cast.sara.roles] == ["sales_rep"]


def test_a_role_that_does_not_exist_is_refused(ada: Browser, cast: Cast) -> None:
    assert ada.post(f"/admin/people/{cast.sara.id}/roles", {"role": "emperor"}).status_code == 422


def test_the_last_administrator_stays(ada: Browser, cast: Cast, owner_session: Session) -> None:
    role = cast.ada.roles[0].id
    answer = ada.post(f"/admin/people/{cast.ada.id}/roles/{role}/remove")
    assert answer.status_code == 409
    assert "last administrator" in answer.text
    assert ada.post(f"/admin/people/{cast.ada.id}/deactivate").status_code == 422


def test_deactivating_ends_the_sessions_at_once(
    ada: Browser, signed_in: Callable[[Any], Browser], cast: Cast
) -> None:
    sara = signed_in(cast.sara)
    ada.post(f"/admin/people/{cast.sara.id}/deactivate")
    assert sara.get("/").status_code == 302
    ada.post(f"/admin/people/{cast.sara.id}/activate")
    assert sara.sign_in(cast.sara.email).status_code == 302


def test_an_auditor_reads_people_and_changes_nothing(
    signed_in: Callable[[Any], Browser], cast: Cast, owner_session: Session
) -> None:
    otto = signed_in(cast.otto)
    path = f"/admin/people/{cast.sara.id}"
    assert otto.get(path).status_code == 200
    assert otto.post(path, {"name": "Changed", "email": "x@test.example", "locale": "en"}).status_code == 403
    assert otto.post(f"{path}/roles", {"role": "cfo"}).status_code == 403
    assert otto.post(f"{path}/deactivate").status_code == 403
    owner_session.refresh(cast.sara)
    assert cast.sara.name == "Sara Lind"


def test_a_substitution_is_entered_and_ended(ada: Browser, cast: Cast, owner_session: Session) -> None:
    form = {
        "person_id": str(cast.anna.id), "substitute_id": str(cast.anton.id), "starts_on": "2026-03-09",
        "ends_on": "2026-03-20", "reason": "leave",
    }  # fmt: skip
    assert ada.post("/admin/substitutes", form).status_code == 302
    row = owner_session.scalars(select(Substitution)).one()
    ada.post(f"/admin/substitutes/{row.id}/end")
    owner_session.refresh(row)
    assert row.ends_on.isoformat() == "2026-03-09"


def test_nobody_gives_themselves_what_they_may_decide_with(
    ada: Browser, cast: Cast, owner_session: Session
) -> None:
    answer = ada.post(f"/admin/people/{cast.ada.id}/roles", {"role": "cfo"})
    assert answer.status_code == 422
    assert "Nobody gives roles to themselves." in answer.text
    form = {
        "person_id": str(cast.clara.id), "substitute_id": str(cast.ada.id), "starts_on": "2026-03-09",
        "ends_on": "2026-03-20",
    }  # fmt: skip
    answer = ada.post("/admin/substitutes", form)
    assert answer.status_code == 422
    assert "Nobody makes themselves a substitute." in answer.text
    assert owner_session.scalars(select(Substitution)).all() == []
    assert [row.role for row in cast.ada.roles] == ["admin"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_on": "2026-03-01"}, "The last day lies before the first."),
        ({"starts_on": "soon"}, "Not a valid date value"),
        ({"substitute_id": ""}, "Please fill in this field."),
    ],
)
def test_a_substitution_that_makes_no_sense_is_refused(
    ada: Browser, cast: Cast, changes: dict[str, str], sentence: str
) -> None:
    form = {
        "person_id": str(cast.anna.id), "substitute_id": str(cast.anton.id), "starts_on": "2026-03-09",
        "ends_on": "2026-03-20",
    }  # fmt: skip
    answer = ada.post("/admin/substitutes", form | changes)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_nobody_stands_in_for_themselves(ada: Browser, cast: Cast) -> None:
    me = str(cast.anna.id)
    form = {"person_id": me, "substitute_id": me, "starts_on": "2026-03-09", "ends_on": "2026-03-20"}
    assert "nobody can act for themselves" in ada.post("/admin/substitutes", form).text


def test_a_holiday_is_entered_and_taken_out(ada: Browser, owner_session: Session) -> None:
    assert ada.post("/admin/calendar", {"day": "2026-12-25", "name": "Christmas Day"}).status_code == 302
    assert "Christmas Day" in ada.get("/admin/calendar").text
    ada.post("/admin/calendar/2026-12-25/remove")
    assert owner_session.scalars(select(Holiday)).all() == []


@pytest.mark.parametrize("year", ["1999", "x", "99999", "-1", "٢٠٢٦"])
def test_a_year_outside_the_calendar_is_refused(ada: Browser, year: str) -> None:
    assert ada.get("/admin/calendar", query_string={"year": year}).status_code == 400
