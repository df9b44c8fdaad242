"""A real ledger through the import screen, then a limit for one of its customers: figures equal the file's own."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from credit_app.models import Customer, InternalRecord, Rating, ReceivableItem
from tests.factories import make_rate
from tests.screens.desk import Desk, File, Page, snapshot

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "ibm_accounts_receivable.csv"
MAPPING = "invoices/ibm_accounts_receivable"


def hand_in(desk: Desk, file: File, mode: str = "all_or_nothing", dry_run: bool = False) -> Page:
    """Rita gives a file to the import screen."""
    form = desk.get(desk.cast.rita, "/imports").form("/imports")
    form.fill(mapping=MAPPING, mode=mode).attach("file", file)
    if dry_run:
        form.fill(dry_run="y")
    return form.send()


@pytest.mark.skipif(not FILE.exists(), reason=f"the sample file is not at {FILE}")
def test_customer_of_a_real_ledger_gets_a_limit_on_its_own_lateness(desk: Desk) -> None:
    make_rate(desk.session, "USD", "EUR", "0.92")
    desk.session.commit()
    report = hand_in(desk, File(FILE.name, FILE.read_bytes(), "text/csv"))
    assert report.messages == ["Imported."]
    assert report.facts()["Rows"] == "2,466"
    assert report.facts()["To repair"] == "0"
    assert desk.count("customer") == 100
    assert desk.count("receivable_item") == 2466

    with FILE.open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    external = max(
        {row["customerID"] for row in rows}, key=lambda one: sum(r["customerID"] == one for r in rows)
    )
    own = [row for row in rows if row["customerID"] == external]
    late = [int(row["DaysLate"]) for row in own]
    customer = desk.session.scalars(select(Customer).where(Customer.external_id == external)).one()

    application = desk.in_approval(customer, "2 000", currency="USD", yearly_purchases="20 000")
    record = desk.session.scalars(
        select(InternalRecord.payload).where(InternalRecord.application_id == application.id)
    ).one()
    paid = record["payment_record"]
    assert record["currency"] == "USD"
    assert paid["paid_count"] == len(own)
    assert paid["late_count"] == sum(days > 0 for days in late)
    assert paid["worst_days_late"] == max(late)
    assert Decimal(paid["average_days_late"]) == (Decimal(sum(late)) / len(late)).quantize(Decimal("0.01"))
    assert Decimal(paid["paid_amount"]) == sum(Decimal(row["InvoiceAmount"]) for row in own)
    assert paid["disputed_count"] == sum(row["Disputed"] == "Yes" for row in own)
    rating = desk.session.scalars(select(Rating).where(Rating.application_id == application.id)).one()
    assert rating.confidence < Decimal("0.60")  # the file ends years ago

    approvers = {
        "credit_analyst": desk.cast.anna, "credit_manager": desk.cast.carla,
        "finance_director": desk.cast.felix, "cfo": desk.cast.clara,
    }  # fmt: skip
    first = next(iter(level for level, person in approvers.items() if desk.sees(person, application)))
    shown = desk.open_task(approvers[first], application).text
    assert f"{sum(days > 0 for days in late)} of {len(own)}" in shown
    for person in approvers.values():
        if desk.sees(person, application):
            desk.decide(person, application, "approve")
    application = desk.again(application)
    assert application.status == "granted"
    (limit,) = desk.limits(application)
    assert (limit.amount, limit.currency) == (Decimal("2000.00"), "USD")
    assert desk.trail(application)[-1].startswith("ended")

    again = hand_in(desk, File(FILE.name, FILE.read_bytes(), "text/csv"))
    assert again.facts()["Known already"] == "2,466"
    assert desk.session.scalar(select(func.count()).select_from(ReceivableItem)) == 2466


HEADER = (
    b"countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,"
    b"PaperlessBill,DaysToSettle,DaysLate\n"
)
GOOD = b"391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0\n"
BAD = b"391,0379-NEVHP,4/6/2013,0000611366,1/2/2013,2/31/2013,55.94,No,1/15/2013,Paper,13,0\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n  \n"),
        ("other.csv", b"name,colour\nAnna,red\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        ("broken.xlsx", b"PK\x03\x04" + b"\x00" * 200),
        ("hostile\u202efdp.exe", b"MZ" + b"\x00" * 500),
    ],
)
def test_file_that_cannot_be_read_is_refused_at_its_field(desk: Desk, name: str, content: bytes) -> None:
    desk.session.commit()
    before = snapshot(desk.session)
    page = hand_in(desk, File(name, content))
    assert page.status == 422
    assert page.error_at("file")
    assert snapshot(desk.session) == before


def test_bad_row_stops_the_whole_import_or_is_left_out_by_choice(desk: Desk) -> None:
    page = hand_in(desk, File("march.csv", HEADER + GOOD + BAD))
    assert page.messages == ["Nothing was imported: 1 row needs repair first."]
    assert desk.count("receivable_item") == 0
    row = page.text.partition("Rows to repair")[2]
    assert "DueDate" in row
    assert "2/31/2013" in row
    page = hand_in(desk, File("march.csv", HEADER + GOOD + BAD), "skip_bad_rows", dry_run=True)
    assert page.messages == ["Only checked, nothing was written."]
    assert desk.count("receivable_item") == 0
    page = hand_in(desk, File("march.csv", HEADER + GOOD + BAD), "skip_bad_rows")
    assert page.messages == ["Imported without the 1 row that needs repair."]
    assert desk.count("receivable_item") == 1


def test_import_is_for_those_who_keep_the_books(desk: Desk) -> None:
    form = desk.get(desk.cast.rita, "/imports").form("/imports")
    form.fill(mapping=MAPPING, mode="all_or_nothing").attach("file", File("march.csv", HEADER + GOOD))
    for person in (desk.cast.sara, desk.cast.anna, desk.cast.otto):
        page = desk.browser(person).get("/imports")
        assert page.status == (200 if person is desk.cast.otto else 403)
        token = desk.get(person, "/help").all("//meta[@name='csrf-token']/@content")[0]
        answer = desk.browser(person).post("/imports", {"csrf_token": token, "mapping": MAPPING})
        assert answer.status == 403
    assert desk.count("import_batch") == 0
