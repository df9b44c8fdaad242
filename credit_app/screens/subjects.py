"""What a case is about, in words: an application for a limit, a review, a temporary limit, an entry of a bank
statement, a balance confirmation, or one of the cases about a customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import current_app, url_for
from flask_babel import LazyString
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.facts.application import get_application
from credit_app.facts.confirmation import balances_of, get_confirmation
from credit_app.facts.customer_access import log_access
from credit_app.facts.review_reading import trigger_word
from credit_app.facts.subjects import (
    APPLICATION,
    BANK_ENTRY,
    COLLECTION,
    CONFIRMATION,
    CONTRACT_RENEWAL,
    CONTRACT_REVIEW,
    CUSTOMER_CASES,
    DISPUTE,
    EXTENSION,
    HOLD,
    LEGAL,
    PLACEMENT,
    PLAN,
    PROMISE,
    RELEASE,
    VISIT,
    WRITE_OFF,
    application_ids_in,
    kind_of,
)
from credit_app.i18n import _, _l
from credit_app.models import BalanceConfirmation, BankEntry, CreditApplication
from credit_app.screens import visible
from credit_app.screens.access import person
from credit_app.screens.acting import may
from credit_app.screens.applications import customer_name
from credit_app.screens.clock import now
from credit_app.screens.present import moment_tag
from credit_app.screens.words import APPLICATION_KIND_WORDS
from workflows import NotFound

Key = tuple[str, int]  # kind, id


@dataclass(frozen=True)
class CasePage:
    """A kind of case about a customer: what one is called, its area, its page (by `number`), and who may see it."""

    title: LazyString
    area: LazyString
    endpoint: str
    action: str


CASE_PAGES = {
    COLLECTION: CasePage(_l("Collection case"), _l("Collection"), "collection.case", "collection.see"),
    WRITE_OFF: CasePage(_l("Write-off"), _l("Collection"), "collection.write_off", "write_off.see"),
    PROMISE: CasePage(_l("Promise to pay"), _l("Collection"), "collection.promise", "promise.see"),
    PLAN: CasePage(_l("Payment plan"), _l("Collection"), "collection.plan", "plan.see"),
    EXTENSION: CasePage(_l("Payment extension"), _l("Collection"), "collection.extension", "extension.see"),
    LEGAL: CasePage(_l("Legal case"), _l("Legal action"), "legal.case", "legal.see"),
    HOLD: CasePage(_l("Hold"), _l("Collection"), "collection.hold", "collection.see"),
    VISIT: CasePage(_l("Site visit"), _l("Collection"), "collection.visit", "collection.see"),
    PLACEMENT: CasePage(_l("Placement"), _l("Collection"), "collection.placement", "collection.see"),
    CONTRACT_REVIEW: CasePage(
        _l("Contract review"), _l("Contract review"), "contracts.review", "contract.see"
    ),
    CONTRACT_RENEWAL: CasePage(
        _l("Contract renewal"), _l("Contract renewal"), "contracts.renewal", "contract.see"
    ),
    DISPUTE: CasePage(_l("Dispute"), _l("Collection"), "collection.dispute", "dispute.see"),
    RELEASE: CasePage(_l("Release of an order"), _l("Orders"), "orders.release", "order.see"),
}


@dataclass(frozen=True)
class Subject:
    """A case's subject as lists and pages show it. `row` is the credit row that a step's form is shown;
    `application` the same row where it is one. `url` is its page for whoever is signed in, None where it is closed."""

    kind: str
    row: Any
    number: str
    name: str
    status: str
    amount: Decimal | None
    currency: str | None
    asked_by: str
    label: str
    url: str | None

    @property
    def is_customer_case(self) -> bool:
        """Whether it is one of the cases about a customer, which all have the same form."""
        return self.kind in CUSTOMER_CASES

    @property
    def application(self) -> CreditApplication | None:
        """The credit application, where it is one."""
        return self.row if self.kind == APPLICATION else None


def of_application(row: CreditApplication) -> Subject:
    """An application; its amount as a level changed it, else as proposed, else as asked for."""
    figures = (row.approved_limit, row.proposed_limit, row.requested_limit)
    amount = next((figure for figure in figures if figure is not None), None)
    url = url_for("applications.show", number=row.number) if may(person(), "application.list") else None
    return Subject(
        APPLICATION, row, row.number, customer_name(row), row.status, amount, row.currency, row.requester.name,
        _("Application"), url,
    )  # fmt: skip


def of_bank_entry(row: BankEntry) -> Subject:
    """An entry of a bank statement."""
    url = url_for("bank.index", entry=row.id) if may(person(), "bank.see") else None
    return Subject(
        BANK_ENTRY, row, row.reference, row.payer or _("unknown payer"), f"bank_{row.status}", row.amount, row.currency,
        _("Bank"), _("Bank statement"), url,
    )  # fmt: skip


def of_confirmation(row: BalanceConfirmation, balances: Sequence[tuple[Decimal, str]]) -> Subject:
    """A balance confirmation; its amount is the balance in the first currency of the statement."""
    number = f"{row.customer.number}, {row.as_of.isoformat()}"
    url = (
        url_for("receivables.confirmation", confirmation_id=row.id)
        if may(person(), "confirmation.see")
        else None
    )
    amount, currency = balances[0] if balances else (None, None)
    return Subject(
        CONFIRMATION, row, number, row.customer.name, f"confirmation_{row.status}", amount, currency,
        _("Receivables"), _("Balance confirmation"), url,
    )  # fmt: skip


def of_customer_case(kind: str, row: Any) -> Subject:
    """A case about a customer."""
    page = CASE_PAGES[kind]
    url = None
    if page.endpoint in current_app.view_functions and may(person(), page.action):
        url = url_for(page.endpoint, number=row.number)
    return Subject(
        kind, row, row.number, row.other_side.name, f"{kind}_{row.status}", row.amount, row.currency,
        str(page.title), str(page.area), url,
    )  # fmt: skip


def subject_of(session: Session, process: str, subject_id: int) -> Subject:
    """The subject of a case of this process. Raises NotFound."""
    if kind_of(process) == APPLICATION:
        return of_application(get_application(session, subject_id))
    if kind_of(process) == CONFIRMATION:
        return of_confirmation(
            get_confirmation(session, subject_id), balances_of(session, [subject_id]).get(subject_id, [])
        )
    if kind_of(process) in CUSTOMER_CASES:
        case = session.get(CUSTOMER_CASES[kind_of(process)], subject_id)
        if case is None:
            raise NotFound(_("There is no such case, or it is not yours to see."))
        return of_customer_case(kind_of(process), case)
    row = session.get(BankEntry, subject_id)
    if row is None:
        raise NotFound(_("There is no such entry of a bank statement."))
    return of_bank_entry(row)


def log_look(session: Session, process: str, subject_id: int) -> None:
    """Note in the customer's file that a task's page has shown its account; the caller commits.

    Only balance confirmations: pages of applications are not in that log, an entry of the bank is nobody's yet.
    """
    if kind_of(process) == CONFIRMATION:
        customer_id = get_confirmation(session, subject_id).customer_id
        log_access(session, customer_id, person().id, "view", "account", now())


def subjects_of(session: Session, rows: Iterable[Any]) -> dict[Key, Subject]:
    """The subjects behind tasks (rows with `process` and `subject_id`), by kind and id."""
    rows = list(rows)
    found: dict[Key, Subject] = {}
    applications = application_ids_in(rows)
    if applications:
        query = (
            select(CreditApplication)
            .where(CreditApplication.id.in_(applications))
            .options(*visible.WITH_NAMES)
        )
        found |= {(APPLICATION, one.id): of_application(one) for one in session.scalars(query)}
    entries = {row.subject_id for row in rows if kind_of(row.process) == BANK_ENTRY}
    if entries:
        query_entries = select(BankEntry).where(BankEntry.id.in_(entries))
        found |= {(BANK_ENTRY, one.id): of_bank_entry(one) for one in session.scalars(query_entries)}
    confirmations = {row.subject_id for row in rows if kind_of(row.process) == CONFIRMATION}
    if confirmations:
        asked = select(BalanceConfirmation).where(BalanceConfirmation.id.in_(confirmations))
        asked = asked.options(joinedload(BalanceConfirmation.customer))
        sent = balances_of(session, confirmations)
        found |= {
            (CONFIRMATION, one.id): of_confirmation(one, sent.get(one.id, []))
            for one in session.scalars(asked)
        }
    return found | _cases_of(session, rows)


def _cases_of(session: Session, rows: Sequence[Any]) -> dict[Key, Subject]:
    found: dict[Key, Subject] = {}
    for kind, model in CUSTOMER_CASES.items():
        ids = {row.subject_id for row in rows if kind_of(row.process) == kind}
        if ids:
            table: Any = model
            query = select(table).where(table.id.in_(ids)).options(joinedload(table.customer))
            found |= {(kind, one.id): of_customer_case(kind, one) for one in session.scalars(query)}
    return found


def key_of(row: Any) -> Key:
    """The key of a task's subject."""
    return kind_of(row.process), row.subject_id


def of_instance(session: Session, process: str, instance_id: int) -> Subject | None:
    """The subject of an instance, when the signed-in person may see it."""
    if kind_of(process) == BANK_ENTRY:
        entry = session.scalar(select(BankEntry).where(BankEntry.instance_id == instance_id))
        return of_bank_entry(entry) if entry is not None and may(person(), "bank.see") else None
    if kind_of(process) == CONFIRMATION:
        asked = select(BalanceConfirmation).where(BalanceConfirmation.instance_id == instance_id)
        row = session.scalar(asked)
        if row is None or not may(person(), "confirmation.see"):
            return None
        return of_confirmation(row, balances_of(session, [row.id]).get(row.id, []))
    kind = kind_of(process)
    if kind in CUSTOMER_CASES:
        table: Any = CUSTOMER_CASES[kind]
        case = session.scalar(select(table).where(table.instance_id == instance_id))
        seen = case is not None and may(person(), CASE_PAGES[kind].action)
        return of_customer_case(kind, case) if seen else None
    query = select(CreditApplication).where(
        CreditApplication.instance_id == instance_id, visible.applications(person())
    )
    application = session.scalar(query.options(*visible.WITH_NAMES, joinedload(CreditApplication.customer)))
    return of_application(application) if application is not None else None


def kind_word(application: CreditApplication) -> str:
    """Return what kind of case it is."""
    return str(APPLICATION_KIND_WORDS[application.kind])


def lead(subject: Subject, since: datetime) -> Markup:
    """Return who asks, or why the case began, and since when it waits; one's own draft only says its number."""
    application = subject.application
    if subject.kind == CONFIRMATION:
        words = _("Balance confirmation %(number)s", number=subject.number)
    elif subject.kind in CASE_PAGES:
        title = str(CASE_PAGES[subject.kind].title)
        words = _("%(case)s %(number)s", case=title, number=subject.number)
    elif application is None:
        words = _("Entry %(number)s of the bank statement", number=subject.number)
    elif application.kind == "review":
        words = _(
            "%(number)s, limit review: %(why)s",
            number=application.number,
            why=trigger_word(application.review_trigger),
        )
    elif application.requested_by == person().id:
        return escape(application.number)
    else:
        words = _(
            "%(number)s, asked for by %(name)s", number=application.number, name=application.requester.name
        )
    return escape(words) + _(", ") + escape(_("waiting since")) + " " + moment_tag(since)
