"""Mappings: what they can say, and that a wrong one names its mistake."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.importers import MappingRefused, load_mapping, mappings
from credit_app.importers.errors import BadValue
from credit_app.importers.fields import Field, Format, converter
from credit_app.models import Customer, ReceivableItem
from tests.importers.conftest import Import

GERMAN = """
title = "Old books"
kind = "invoices"
date_format = "DD.MM.YYYY"
decimal_mark = ","
grouping_mark = "."
creates_customers = true
yes = ["ja"]
no = ["nein"]
[fields]
external_id = "Beleg"
customer_external_id = "Konto"
customer_name = { template = "Customer {Konto} ({Ort})" }
customer_country = { constant = "DE" }
kind = { column = "Art", values = { RE = "invoice", GS = "credit_note" } }
document_date = "Datum"
due_date = "Fällig"
amount = "Betrag"
currency = { constant = "EUR" }
disputed = "Strittig"
settled_on = { column = "Ausgleich", optional = true }
"""


def test_a_mapping_derives_translates_and_fills_in(session: Session, run: Import, folder: Path) -> None:
    (folder / "old.toml").write_text(GERMAN, "utf-8")
    text = (
        "Beleg;Konto;Ort;Art;Datum;Fällig;Betrag;Strittig\n"
        "R1;10001;Köln;RE;05.01.2026;04.02.2026;1.234.567,89;ja\n"
        "G1;10001;Köln;GS;05.01.2026;05.01.2026;12,00;nein\n"
    )
    report = run("invoices", text.encode("cp1252"), "old", folders=[folder])
    assert report.problems == []
    [customer] = session.scalars(select(Customer))
    assert (customer.name, customer.country, customer.external_id) == ("Customer 10001 (Köln)", "DE", "10001")
    invoice, credit = session.scalars(select(ReceivableItem).order_by(ReceivableItem.id))
    assert (invoice.amount, invoice.disputed, invoice.source) == (Decimal("1234567.89"), True, "old")
    assert (credit.kind, credit.document_date) == ("credit_note", date(2026, 1, 5))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "invoices"', 'kind = "orders"', "“kind” is none of customers, invoices, receipts"),
        ('title = "Old books"', "colour = 1", "it does not know “colour”"),
        ('title = "Old books"', "title = 1", "“title” must be text"),
        ('"DD.MM.YYYY"', '"dd.mm.yy"', "date_format “dd.mm.yy” is not made of"),
        ('"DD.MM.YYYY"', '"DD.DD.YYYY"', "date_format “DD.DD.YYYY” is not made of"),
        ('decimal_mark = ","', 'decimal_mark = "x"', "decimal_mark must be"),
        ('grouping_mark = "."', 'grouping_mark = ","', "are the same"),
        ('yes = ["ja"]', 'yes = "ja"', "“yes” must be a list of words"),
        ("creates_customers = true", "creates_customers = 1", "must be true or false"),
        ('due_date = "Fällig"', "", "the field “due_date” is missing"),
        (
            'due_date = "Fällig"',
            'due_date = ""',
            "the field “due_date” needs one of column, template or constant",
        ),
        ('due_date = "Fällig"', 'due_date = { column = "a", constant = "b" }', "“due_date” needs one of"),
        ('due_date = "Fällig"', 'due_date = "a"\nproduct = "b"', "invoices have no field “product”"),
        (
            "customer_name = { template",
            "number = { template",
            "needs kind invoices and a field customer_name",
        ),
        ("[fields]", "[columns]", "it does not know “columns”"),
        ('title = "Old books"', 'encoding = "klingon"', "“klingon” is no encoding"),
        ('title = "Old books"', "title = [", "The mapping old.toml cannot be used"),
    ],
)
def test_a_wrong_mapping_names_its_mistake(folder: Path, old: str, new: str, problem: str) -> None:
    assert old in GERMAN
    (folder / "old.toml").write_text(GERMAN.replace(old, new), "utf-8")
    with pytest.raises(MappingRefused) as refused:
        load_mapping("old", [folder])
    assert problem in refused.value.sentence


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "", "x" * 100, "none", "a.toml", "customers\n"]
)
def test_a_mapping_is_named_not_reached_by_a_path(name: str) -> None:
    with pytest.raises(MappingRefused, match="there are: customers, ibm_accounts_receivable"):
        load_mapping(name)


def test_a_mapping_serves_its_kind_only(run: Import) -> None:
    with pytest.raises(MappingRefused, match="The mapping customers is for customers"):
        run("invoices", "x", "customers")


def test_mappings_are_listed_by_kind_and_broken_ones_left_out(folder: Path) -> None:
    (folder / "old.toml").write_text(GERMAN, "utf-8")
    (folder / "broken.toml").write_text("[", "utf-8")
    names = [mapping.name for mapping in mappings("invoices", [folder])]
    assert names == ["invoices", "ibm_accounts_receivable", "old"]


amounts = st.decimals("0.01", "9999999999999.99", places=2)


@given(amount=amounts, marks=st.sampled_from([(".", ","), (",", "."), (".", " "), (",", "'"), (".", "")]))
def test_an_amount_is_read_as_it_was_written(amount: Decimal, marks: tuple[str, str]) -> None:
    mark, group = marks
    written = f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", group)
    convert = converter(Field("amount"), Format(decimal_mark=mark, grouping_mark=group), frozenset())
    assert convert(written) == amount
    assert convert(f"{amount:.2f}".replace(".", mark)) == amount
    assert convert(f" {written} ") == amount


@given(st.text(max_size=12))
def test_no_text_is_read_as_an_amount_by_guessing(text: str) -> None:
    convert = converter(Field("amount"), Format(), frozenset())
    try:
        found = convert(text)
    except BadValue:
        return
    assert (
        found is None
        or f"{found:f}".rstrip("0").rstrip(".") == text.strip().lstrip("0").rstrip("0").rstrip(".")
        or Decimal(text.strip()) == found
    )


@given(st.floats(min_value=0.01, max_value=1e12).map(lambda value: round(value, 2)))
def test_a_number_of_a_workbook_keeps_its_cents(value: float) -> None:
    convert = converter(Field("amount"), Format(), frozenset())
    assert convert(value) == Decimal(str(value)).quantize(Decimal("0.01"))


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)))
def test_a_date_is_read_as_declared(day: date) -> None:
    written = {
        "YYYY-MM-DD": f"{day:%Y-%m-%d}",
        "DD.MM.YYYY": f"{day:%d.%m.%Y}",
        "M/D/YYYY": f"{day.month}/{day.day}/{day.year}",
        "YYYYMMDD": f"{day:%Y%m%d}",
    }
    for form, text in written.items():
        assert converter(Field("date"), Format(date=form), frozenset())(text) == day
