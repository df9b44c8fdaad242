"""The collector's day through the screens: worklist, call page, team, and who may do what."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from credit_app import jobs
from credit_app.models import CollectionCase, CollectionContact, Contact, Customer, Person
from credit_app.models.worklist import CollectionScore, WatchTag
from tests.factories import (
    TODAY,
    make_customer,
    make_invoice,
    make_person,
    make_policy,
    make_rating,
    make_receipt,
)
from tests.screens.desk import Desk
from tests.screens.pages import Page
from workflows import clock
from workflows.tables import OpenTask

MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 7, tzinfo=UTC)


@pytest.fixture
def morning(desk: Desk) -> Iterator[Desk]:
    """Cole has three cases since this morning, Late & Sons with a call to make; one more is in the south."""
    make_policy(desk.session, "ledger.key_customers", 0)
    north, south = desk.cast.north.id, desk.cast.south.id
    owing = (
        ("Late & Sons", 4_000, 20, north, "CCC"),
        ("Small Ltd", 300, 20, north, "AAA"),
        ("Large AG", 250_000, 100, north, None),
        ("South GmbH", 8_000, 9, south, None),
    )
    for name, amount, days, branch, grade in owing:
        made = make_customer(
            desk.session, name, branch_id=branch, country="CN" if name == "Small Ltd" else "DE"
        )
        make_invoice(desk.session, made, amount, TODAY - timedelta(days=days))
        if grade:
            make_rating(desk.session, made, grade)
        desk.session.add(Contact(customer_id=made.id, name="Ada Post", phone="+49 40 123"))
    desk.session.commit()
    with clock.at(MORNING):
        worker(desk)
        yield desk


def worker(desk: Desk) -> None:
    jobs.run_collection(desk.app)
    jobs.move_cases(desk.app)


def case_of(desk: Desk, name: str) -> CollectionCase:
    desk.fresh()
    query = select(CollectionCase).join(Customer, Customer.id == CollectionCase.customer_id)
    return desk.session.scalars(query.where(Customer.name == name)).one()


def names(page: Page) -> list[str]:
    return [one.text_content() for one in page.all("//tbody[@data-rows]//a[@class='cd-rowlink']")]


def collector(desk: Desk, name: str, **values: object) -> Person:
    made = make_person(desk.session, "collector", name=name, **values)
    desk.session.commit()
    desk.names[made.id], desk.emails[made.id] = made.name, made.email
    return made


def test_a_collector_works_down_the_list(morning: Desk) -> None:
    desk, cole = morning, morning.cast.cole
    page = desk.get(cole, "/collection/")
    assert names(page) == ["Large AG", "Late & Sons", "South GmbH", "Small Ltd"]
