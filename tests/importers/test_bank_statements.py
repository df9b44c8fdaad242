"""Bank statements in ISO 20022: what is read, what adds up, what is known already, and what is hostile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.importers import FileRefused, ImportReport, import_file
from credit_app.models import BankEntry, BankStatement, ImportBatch
from tests.factories import make_company
from tests.importers.camt import Line, document, statement

Take = Callable[..., ImportReport]
LINES = [
    Line("250.00", "A1", "Invoice INV-7 and INV-8", "Müller & Söhne GmbH", "DE89370400440532013000", "E2E-1"),
    Line("-12.50", "A2", "Account fee", code="PMNT/MDOP/CHRG"),
    Line("99.99", "A3", booked=False),
    Line("-250.00", "A4", "Returned", reversal=True, return_reason="AC04", payer="Müller & Söhne GmbH"),
]


@pytest.fixture
def take(session: Session, clock: object) -> Take:
    make_company(session)

    def import_it(content: bytes, **options: object) -> ImportReport:
        return import_file(session, "bank_statement", "march.xml", BytesIO(content), **options)  # type: ignore[arg-type]

    return import_it


def entries(session: Session) -> list[BankEntry]:
    return list(session.scalars(select(BankEntry).order_by(BankEntry.id)))


@pytest.mark.parametrize("version", ["02", "08"])
def test_both_versions_say_the_same(session: Session, take: Take, version: str) -> None:
    report = take(document(statement(LINES, version=version), version=version))
    assert (report.rows_total, report.rows_new, report.rows_bad, report.status) == (3, 3, 0, "done")
    assert report.made == {"bank_statement": 1, "bank_entry": 3}
    paid, fee, returned = entries(session)
    assert (paid.reference, paid.amount, paid.payer) == ("A1", Decimal("250.00"), "Müller & Söhne GmbH")
    assert (paid.payer_account, paid.end_to_end_id) == ("DE89370400440532013000", "E2E-1")
    assert (paid.booked_on, paid.value_on) == (date(2026, 3, 9), date(2026, 3, 9))
    assert paid.remittance == "Invoice INV-7 and INV-8"
    assert (fee.amount, fee.bank_code, fee.is_return) == (Decimal("-12.50"), "PMNT/MDOP/CHRG", False)
    assert (returned.is_return, returned.return_reason) == (True, "AC04")
    kept = session.scalars(select(BankStatement)).one()
    assert (kept.opening, kept.closing, kept.account) == (
        Decimal("1000.00"),
        Decimal("987.50"),
        "DE02120300000000202051",
    )


def test_what_is_missing_is_taken_from_where_banks_put_it_instead(session: Session, take: Take) -> None:
    lines = [
        Line("10.00", entry_number="X-77-K", structured="RF18539007547034"),
        Line("20.00", entry_number="3"),  # only the third entry of this statement
        Line("20.00", entry_number="4"),
    ]
    take(document(statement(lines, codes=("PRCD", "CLBD"))))
    first, second, third = entries(session)
    assert (first.reference, first.remittance, first.payer) == ("X-77-K", "RF18539007547034", "COBADEFFXXX")
    assert second.reference.startswith("sha256:")
    assert third.reference == f"{second.reference}#2"
    again = take(
        document(statement([Line("20.00", entry_number="1"), Line("20.00", entry_number="2")], number="ST-2"))
    )
    assert (again.rows_same, again.rows_new) == (2, 0)


def test_a_batch_becomes_one_entry_for_each_payment_when_the_amounts_are_given(
    session: Session, take: Take
) -> None:
    given = (("100.00", "D1", "INV-1"), ("50.00", "D2", "INV-2"))
    silent = (("", "", "INV-3"), ("", "", "INV-4"))
    lines = [Line("150.00", "B1", details=given), Line("70.00", "B2", details=silent)]
    for version, number in (("02", "ST-1"), ("08", "ST-2")):
        take(document(statement(lines, version=version, number=number), version=version))
    found = [(row.reference, row.amount, row.remittance) for row in entries(session)]
    assert found == [
        ("D1", Decimal("100.00"), "INV-1"),
        ("D2", Decimal("50.00"), "INV-2"),
        ("B2", Decimal("70.00"), "INV-3 INV-4"),
    ]


def test_the_same_file_twice_and_overlapping_statements_add_nothing_twice(
    session: Session, take: Take
) -> None:
    first, second = Line("10.00", "A1", "one"), Line("20.00", "A2", "two")
    content = document(statement([first]))
    take(content)
    same = take(content)
    assert (same.rows_same, same.rows_new, same.made) == (1, 0, {"bank_statement": 0, "bank_entry": 0})
    week = take(document(statement([first, second], number="WEEK-10")))
    assert (week.rows_same, week.rows_new, week.made) == (1, 1, {"bank_statement": 1, "bank_entry": 1})
    both = take(
        document(
            statement([first, second], number="M-3a"), statement([second], number="M-3b", opening="7.00")
        )
    )
    assert (both.rows_same, both.rows_new) == (3, 0)
    assert [row.reference for row in entries(session)] == ["A1", "A2"]


def test_a_known_number_with_another_content_is_refused(session: Session, take: Take) -> None:
    take(document(statement([Line("10.00", "A1")])))
    for other in (statement([Line("11.00", "A1")]), statement([Line("10.00", "A1", "more words")])):
        report = take(document(other))
        assert (report.status, report.rows_bad, report.rows_new) == ("refused", 1, 0)
        assert "known with another content" in report.problems[0].reason
    changed = take(document(statement([Line("12.00", "A1")], number="ST-2")))
    assert (changed.status, changed.problems[0].reason) == (
        "refused",
        "holds the entry A1, which is known with another amount or date",
    )
    assert session.scalar(select(func.count()).select_from(BankStatement)) == 1


def test_a_statement_that_does_not_add_up_is_refused_with_its_figures(session: Session, take: Take) -> None:
    wrong = statement([Line("10.00", "A1"), Line("5.00", "A2")], closing="1014.99", number="BAD")
    report = take(document(wrong, statement([Line("1.00", "A3")], number="GOOD")))
    assert (report.status, report.rows_bad, report.problems[0].value) == ("refused", 2, "BAD")
    assert report.problems[0].reason == (
        "opens with 1000.00, its entries come to 15.00, together 1015.00; but it closes with 1014.99"
    )
    assert entries(session) == []
    report = take(document(wrong, statement([Line("1.00", "A3")], number="GOOD")), mode="skip_bad_rows")
    assert (report.status, report.rows_new, report.rows_bad, report.rows_total) == ("done", 1, 2, 3)
    assert [row.reference for row in entries(session)] == ["A3"]


def test_a_dry_run_writes_no_entry_but_its_report(session: Session, take: Take) -> None:
    report = take(document(statement(LINES)), dry_run=True)
    assert (report.rows_new, report.made) == (3, {})
    assert entries(session) == []
    kept = session.scalars(select(ImportBatch)).one()
    assert (kept.kind, kept.mapping, kept.rows_new, kept.dry_run) == ("bank_statement", "camt.053", 3, True)


GOOD = document(statement([Line("10.00", "A1")]))
WIDE = GOOD.decode().replace("<Document", "<!DOCTYPE D><Document").replace("UTF-8", "UTF-16")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (statement([Line("1.00", "A1", currency="USD")]), "has entries in USD, but the account is in EUR"),
        (statement([Line("1.00", "A1", currency="XXX")], currency="XXX"), "is in XXX, which is no currency in use"),
        (statement([Line("1.005", "A1")]), "has decimals, which its currency has not"),
        (statement([Line("1.005", "A1"), Line("1.005", "A2")]), "has decimals, which its currency has not"),
        (statement([Line("1.00", "A1", on=date(1, 1, 1))]), "has a date that is none: “0001-01-01"),
        (statement([Line("1.00", "A1", on=date(2026, 3, 12))]), "is booked on 2026-03-12, which has not come yet"),
        (statement([Line("1.00", "A1")]).replace("CLBD", "ITAV"), "has no balance CLBD"),
        (statement([Line("1.00", "A1")]).replace(">CRDT<", ">BOTH<"), "says neither CRDT nor DBIT"),
        (statement([Line("1e3", "A1")]), "has no amount that can be read: “1e3”"),
        (statement([Line("1.00", "A1")]).replace("<Dt>2026-03", "<Dt>2026-13"), "has a date that is none: “2026-13"),
        (statement([Line("1.00", "A1")]).replace("IBAN>", "Other>"), "names no account (Acct)"),
        (statement([Line("1.00", "A1")]).replace("<Id>ST-1</Id>", ""), "has no number (Id) of up to 60 characters"),
    ],
)  # fmt: skip
def test_a_statement_that_does_not_fit_together_is_refused(take: Take, content: str, reason: str) -> None:
    report = take(document(content))
    assert report.status == "refused"
    assert [problem.reason.startswith(reason) for problem in report.problems] == [True]


LAUGHS = b"".join(b'<!ENTITY l%d "&l%d;&l%d;&l%d;&l%d;">' % (n, *[n - 1] * 4) for n in range(1, 15))
DTD = b'<!DOCTYPE Document [<!ENTITY l0 "ha">' + LAUGHS + b"]>"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (GOOD.replace(b"<Document", DTD + b"<Document").replace(b"A1", b"&l14;"), "DOCTYPE or entities"),
        (GOOD.replace(b"<Document", b'<!DOCTYPE D [<!ENTITY f SYSTEM "file:///etc/passwd">]><Document'), "DOCTYPE"),
        (GOOD.replace(b"<Document", b'<!DOCTYPE D SYSTEM "http://evil.example/x.dtd"><Document'), "DOCTYPE"),
        (WIDE.encode("utf-16"), "DOCTYPE"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4', "The encoding UTF-7 is not accepted"),
        (GOOD.replace(b"A1", b"&nbsp;"), "DOCTYPE or entities"),
        (GOOD.replace(b"053.001.02", b"053.001.04"), "accepted is: camt.053.001.02, camt.053.001.08."),
        (GOOD.replace(b"camt.053", b"camt.052"), "accepted is: camt.053.001.02"),
        (b'<Invoice xmlns="urn:oasis"/>', "The file is “Invoice (urn:oasis)”"),
        (GOOD[: len(GOOD) // 2], "The file is cut off after line 2; get it again."),
        (GOOD.replace(b"</Ntry>", b"</Entry>"), "no valid XML from line 2 on"),
        (document(), "The file holds no bank statement."),
        (b"date,amount\n2026-03-01,10\n", "no valid XML from line 1 on"),
        (b"PK\x03\x04" + b"\0" * 100, "no valid XML from line 1 on"),
        (b"", "The file is empty."),
        (GOOD.replace(b"<Ntry>", b"<Ntry>" + b"<x/>" * 2_000_000), "larger than 4 MB"),
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused_in_one_sentence(
    session: Session, take: Take, content: bytes, sentence: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        take(content)
    assert sentence in str(refused.value)
    assert "passwd" not in str(refused.value)
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_two_imports_at_once_take_each_entry_once(
    session: Session, database_app_url: str, clock: object
) -> None:
    make_company(session)
    session.commit()
    engine = make_engine(database_app_url)

    def load(number: int) -> int:
        lines = [Line("1.00", f"R{place}") for place in range(200)]
        with Session(engine) as own:
            content = BytesIO(document(statement(lines, number=f"ST-{number}")))
            report = import_file(own, "bank_statement", "x.xml", content)
            own.commit()
            return report.rows_new

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(load, (1, 2))) == [0, 200]
    engine.dispose()
    assert session.scalar(select(func.count()).select_from(BankEntry)) == 200
