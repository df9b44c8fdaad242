"""The check of documents, by every way the diagram draws."""
# ruff: noqa: D103, S101 - the project exempts tests/ from these rules

import pytest

from credit_app.models import CreditApplication
from tests.factories import make_application
from tests.processes.conftest import Desk
from workflows import Actor, InvalidAnswer


def begin(desk: Desk, limit: int = 40_000) -> CreditApplication:
    application = make_application(desk.session, desk.customer(), desk.cast.sara, limit)
    rest = desk.engine.start(desk.session, "file_check", application.id, {}, Actor(desk.cast.sara.id), "test")
    application.instance_id = rest.instance_id
    desk.session.commit()
    return application


def test_complete_documents_end_the_check(desk: Desk) -> None:
    application = begin(desk)
    assert desk.task(application).role == "credit_analyst"
    rest = desk.complete(application, Actor(desk.cast.anna.id), ("complete", ""))
    assert rest.outcome == "file_checked"
    assert desk.mails("documents_missing") == set()


def test_missing_documents_are_asked_of_the_sales_rep(desk: Desk) -> None:
    application = begin(desk, 250_000)
    with pytest.raises(InvalidAnswer, match="what is missing"):
        desk.complete(application, Actor(desk.cast.anna.id), ("incomplete", ""))
    desk.session.rollback()
    rest = desk.complete(application, Actor(desk.cast.anna.id), ("incomplete", "The signed order"))
    assert rest.outcome == "documents_requested"
    assert desk.mails("documents_missing") == {"Sara Lind"}
    assert "decided choose_depth" in desk.kinds(application)
