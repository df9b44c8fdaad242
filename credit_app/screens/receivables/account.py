"""A customer's account: open items, what moved, the trend of days late, and the statement as page and PDF."""

from datetime import date, timedelta
from decimal import Decimal

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from credit_app.db import db
from credit_app.domain.marks import standing
from credit_app.facts.ageing import Filter, ageing
from credit_app.facts.confirmation import running_of
from credit_app.facts.customer_figures import figures_of
from credit_app.facts.customer_items import MOST, open_items_page
from credit_app.facts.dunning_proof import letters_otherwise
from credit_app.facts.interest_statement import AccountInterest, statement_interest
from credit_app.facts.ledger_items import live_marks
from credit_app.facts.statement import Statement, statement_of
from credit_app.i18n import LANGUAGES, _, said
from credit_app.models import ItemMark, ReceivableItem, the_company, unallocated_receipts
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import letter_said, pay_to_said, statement_document
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.overview import by_month
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.receivables import blueprint
from credit_app.screens.receivables.board import day_of
from credit_app.screens.receivables.words import bucket_words
from workflows import NotFound, Refused

PERIOD = timedelta(days=90)


@blueprint.get("/customers/<number>")
@allowed("receivables.account")
def account(number: str) -> ResponseReturnValue:
    """Show what is open, by due date, with the account's figures and the trend of days late."""
    file, session = opened(number), db.session()
    day = day_of(request.args.get("as_of", ""), today())
    listing = Listing(
        {"due": Sort(ReceivableItem.due_date, date.fromisoformat)}, ReceivableItem.id, "due", MOST
    )
    rows = open_items_page(session, file.customer.id, day, listing.after, MOST + 1)
    rows = list(listing.page(rows, lambda row: (row.due_date, row.item_id)))
    figures = figures_of(session, file.customer, day)
    marks: dict[int, list[ItemMark]] = {}
    for mark in live_marks(session, [row.item_id for row in rows], day):
        marks.setdefault(mark.item_id, []).append(mark)
    stand: dict[int, Decimal] = {}
    for row in rows:
        stand |= standing(row.open_amount, ((m.id, m.kind, m.amount) for m in marks.get(row.item_id, [])))
    page = render_template(
        "receivables/account.html",
        customer=file.customer,
        day=day,
        today=today(),
        rows=rows,
        marks=marks,
        standing=stand,
        total=ageing(session, day, "total", Filter(customer_ids=[file.customer.id])).total,
        listing=listing,
        figures=figures,
        buckets=bucket_words(figures.bucket_ends),
        months=by_month(figures.ledger.months, day),
        money_rows=unallocated_receipts(session, [file.customer.id], day),
        running=running_of(session, file.customer.id),
        may_confirm=may(person(), "confirmation.start", file.customer),
        may_interest=may(person(), "interest.see", file.customer),
        may_write_off=may(person(), "write_off.start", file.customer),
        may_post=may(person(), "receivables.post", file.customer),
    )
    return seen(file, page, "view")


@blueprint.get("/customers/<number>/statement")
@allowed("receivables.account")
def statement(number: str) -> ResponseReturnValue:
    """Show the statement of account as it is sent."""
    file = opened(number)
    begins, day = period()
    found = statement_of(db.session(), file.customer.id, day, begins)
    interest, missing = interest_on(found, file)
    page = render_template(
        "receivables/statement.html",
        customer=file.customer,
        letters=[letter_said(one) for one in letters_otherwise(db.session(), file.customer.id, begins, day)],
        statement=found,
        pay_to=[pay_to_said(*one) for one in found.pay_to],
        interest=interest,
        interest_missing=missing,
        company=the_company(db.session()),
        buckets=bucket_words,
        languages=LANGUAGES,
        today=today(),
    )
    return seen(file, page, "view")


@blueprint.get("/customers/<number>/statement.<language>.pdf")
@allowed("receivables.account")
def statement_pdf(number: str, language: str) -> ResponseReturnValue:
    """Hand out the statement as PDF in one of the languages, whichever the reader's own is."""
    if language not in LANGUAGES:
        raise NotFound(_("There is no statement in this language."))
    file = opened(number)
    begins, day = period()
    found = statement_of(db.session(), file.customer.id, day, begins)
    letters = letters_otherwise(db.session(), file.customer.id, begins, day)
    with force_locale(language):
        interest, _missing = interest_on(found, file)
        company = the_company(db.session()).name
        document = statement_document(
            company, file.customer, found, language, letters=letters, interest=interest
        )
        content = pdf_of(document, now())
    name = f"{file.customer.number}-{day.isoformat()}.{language}.pdf"
    file.log("print", "account")
    db.session.commit()
    return attached(content, "application/pdf", name)


def interest_on(found: Statement, file: Opened) -> tuple[dict[str, AccountInterest], str]:
    """Late interest by account, explained; where a rate is missing none of it, and which one that is."""
    try:
        return statement_interest(db.session(), found, file.customer.country), ""
    except Refused as refused:
        return {}, said(refused)


def period() -> tuple[date, date]:
    """The first and the last day of the statement, from the address; otherwise the last three months."""
    day = day_of(request.args.get("as_of", ""), today())
    begins = day_of(request.args.get("from", ""), day - PERIOD)
    return min(begins, day), day


def seen(file: Opened, page: str, kind: str) -> str:
    """Write the look into the file's access log and keep it."""
    file.log(kind, "account")
    db.session.commit()
    return page
