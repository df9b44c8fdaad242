"""Provisions through the screens and the monthly job: run once, in order, and every movement ties."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from credit_app import jobs
from credit_app.domain.provision import total_of
from credit_app.facts import provision
from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.ledger_items import adjust_item
from credit_app.models import Customer
from credit_app.models.provision import ProvisionMovement, ProvisionRun
from tests.factories import make_customer, make_invoice, make_rate, make_rating, make_receipt
from tests.screens.desk import Desk
from workflows import clock

END = date(2026, 2, 28)


def books(desk: Desk) -> tuple[Customer, Customer]:
    """A customer of low risk and one unrated, with debts of 1,000 and 2,000 (500 dollars) at the end of February."""
    session = desk.session
    safe = make_customer(session, "Safe SA", branch_id=desk.cast.north.id, country="FR")
    make_rating(session, safe, "AA", rated_at=datetime(2025, 1, 1, tzinfo=UTC))
    plain = make_customer(session, "Plain AG", branch_id=desk.cast.north.id, country="DE")
    make_invoice(session, safe, 1000, END + timedelta(days=10), number="S-1")
    make_invoice(session, plain, 2000, END - timedelta(days=40), number="P-1")
    make_invoice(session, plain, 500, END - timedelta(days=100), number="P-2", currency="USD")
    make_rate(session, "USD", "EUR", "0.80", date(2026, 2, 27))
    session.commit()
    return safe, plain


def runs(desk: Desk) -> list[ProvisionRun]:
    desk.fresh()
    return list(desk.session.scalars(select(ProvisionRun).order_by(ProvisionRun.month_end)))


def moves(run: ProvisionRun) -> dict[str, tuple[Decimal, ...]]:
    return {
        row.segment: (row.opening, row.charge, row.reversal, row.write_off, row.recovery, row.fx, row.closing)
        for row in run.movements
    }


def test_a_month_is_run_once_and_its_movement_ties(desk: Desk) -> None:
    cast, session = desk.cast, desk.session
    _safe, plain = books(desk)
    page = desk.get(cast.felix, "/receivables/provisions")
    assert "No provision was run" in page.text

    def run(month: str) -> Any:
        page = desk.get(cast.felix, "/receivables/provisions")
        return page.form("/run").fill(**{"run-month": month}).send()

    assert "27 Feb 2026 is not the last day of a month" in run("2026-02-27").text
    assert (
        "has not passed yet; the latest month that can be run ends on 28 Feb 2026" in run("2026-03-31").text
    )
    assert run("2026-02-28").messages == ["The provision of 1 month is run."]
    assert "was run already" in run("2026-02-28").text
    (first,) = runs(desk)
    lines = [
        (row.segment, row.bucket, row.currency, row.balance, row.amount, row.base_amount)
        for row in first.lines
    ]
    assert lines == [
        ("low", 0, "EUR", Decimal(1000), Decimal(1), Decimal(1)),
        # 31 to 60 days: 6.67 %; 91 to 180 days: 30 %, 150 dollars at 0.80
        ("other", 2, "EUR", Decimal(2000), Decimal("133.40"), Decimal("133.40")),
        ("other", 4, "USD", Decimal(500), Decimal(150), Decimal(120)),
    ]
    zero = Decimal(0)
    assert moves(first) == {
        "low": (zero, Decimal(1), zero, zero, zero, zero, Decimal(1)),
        "other": (zero, Decimal("253.40"), zero, zero, zero, zero, Decimal("253.40")),
    }
    # March: half of P-1 is written off, 100 recovered; the dollar rises; P-2 is looked at by itself.
    items = {item.number: item for item in session.scalars(select(provision.ReceivableItem))}
    march = date(2026, 3, 20)
    with clock.at(datetime(2026, 3, 20, 9, tzinfo=UTC)):
        adjust_item(session, items["P-1"], Decimal(-1000), march, "written_off", "x", march)
        adjust_item(session, items["P-1"], Decimal(100), march, "recovered", "x", march)
        receipt = make_receipt(session, plain, 100, march)
        allocate_chosen(session, receipt, {items["P-1"].id: Decimal(100)}, march, march)
        make_rate(session, "USD", "EUR", "0.90", march)
        session.commit()
        desk.browsers.clear()
        page = desk.get(cast.carla, "/receivables/provisions")
        given = {"reserve-number": "P-2", "reserve-amount": "400", "reserve-reason": "Insolvency asked for"}
        assert "is none" in page.form("/reserve").fill(**given | {"reserve-number": "X"}).send().text
        page = desk.get(cast.carla, "/receivables/provisions")
        assert (
            "reserve that or less"
            in page.form("/reserve").fill(**given | {"reserve-amount": "501"}).send().text
        )
        page = desk.get(cast.carla, "/receivables/provisions")
        assert "Enter the amount" in page.form("/reserve").fill(**given | {"reserve-amount": ""}).send().text
        page = desk.get(cast.carla, "/receivables/provisions")
        assert page.form("/reserve").fill(**given).send().messages == ["The reserve is kept."]
        assert not page.has_form("/run")
    with clock.at(datetime(2026, 5, 2, 9, tzinfo=UTC)):
        # April's rate is missing by policy (older than seven days): the job runs March and stops there, twice the same.
        make_rate(session, "USD", "EUR", "0.90", date(2026, 3, 30))
        session.commit()
        assert jobs.run_provisions(desk.app) == 1
        assert jobs.run_provisions(desk.app) == 0
        make_rate(session, "USD", "EUR", "0.90", date(2026, 4, 29))
        session.commit()
        assert jobs.run_provisions(desk.app) == 1
        assert jobs.run_provisions(desk.app) == 0
    _february, second, third = runs(desk)
    assert [run.month_end for run in (second, third)] == [date(2026, 3, 31), date(2026, 4, 30)]
    # P-1: 1,000 at 71 days, 20 %; P-2: 400 dollars at 0.90.
    reserved = [row for row in second.lines if row.bucket is None]
    assert [(row.item.number, row.amount, row.base_amount) for row in reserved if row.item] == [
        ("P-2", Decimal(400), Decimal(360)),
    ]  # fmt: skip
    assert moves(second)["other"] == (
        Decimal("253.40"), Decimal("1191.60"), zero, Decimal(1000), Decimal(100), Decimal(15), Decimal(560),
    )  # fmt: skip
    assert all(total_of(run.movements).ties for run in (second, third))
    assert [total_of(run.movements).opening for run in (second, third)] == [
        total_of(first.movements).closing, total_of(second.movements).closing,
    ]  # fmt: skip
    nothing = dict.fromkeys(("charge", "reversal", "write_off", "recovery", "fx", "closing"), 0)
    session.add(ProvisionMovement(run_id=first.id, segment="x", opening=1, **nothing))
    with pytest.raises(DBAPIError, match="movement_ties"):
        session.flush()
    session.rollback()


def test_who_sees_provisions_and_their_export(desk: Desk) -> None:
    cast = desk.cast
    books(desk)
    assert jobs.run_provisions(desk.app) == 1
    for person in (cast.sara, cast.cole, cast.ada):
        desk.get(person, "/receivables/provisions", 403)
    page = desk.get(cast.otto, "/receivables/provisions?month=2026-02-28")
    assert not page.has_form("/run")
    assert page.form("/sign-out").send(to="/receivables/provisions/run").status == 403
    page = desk.get(cast.rita, "/receivables/provisions")
    assert page.form("/sign-out").send(to="/receivables/provisions/reserve").status == 403
    desk.get(cast.otto, "/receivables/provisions?month=2026-01-31", 404)
    (asked,) = page.links("history=1")
    assert "No history yet" in desk.get(cast.otto, asked).text
    csv = (
        desk.browser(cast.otto)
        .client.get("/receivables/provisions/2026-02-28/movement.csv")
        .get_data(as_text=True)
    )
    assert "Opening" in csv
    assert "253.4" in csv
    xlsx = desk.browser(cast.otto).client.get("/receivables/provisions/2026-02-28/matrix.xlsx").data
    assert xlsx[:2] == b"PK"
    make_rate(desk.session, "USD", "EUR", "0.80", date(2027, 6, 29))
    history = provision.history_of(desk.session, date(2027, 6, 30))
    # The year before last of June 2027 holds the three invoices: nothing was ever paid.
    assert (history.unpaid[0], history.unpaid[-1], history.loss) == (Decimal(3400), Decimal(3400), Decimal(0))
