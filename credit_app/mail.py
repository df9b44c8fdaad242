"""Mail leaves through the outbox: rendered in the reader's language when it is sent, over SMTP."""

import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from credit_app import sms, starting
from credit_app.config import Config
from credit_app.domain.dates import day_in_zone
from credit_app.domain.dunning import REMINDER
from credit_app.domain.dunning_text import with_items
from credit_app.domain.notices import AT_ONCE, waits_for_digest
from credit_app.facts import contract_warnings, dunning_sending
from credit_app.facts.digest import digest_of
from credit_app.facts.legal_dates import warned_of
from credit_app.facts.statement_snapshot import thawed
from credit_app.facts.subjects import CUSTOMER_CASES
from credit_app.models import (
    BalanceConfirmation,
    BankEntry,
    CollectionCase,
    Comment,
    Company,
    Contact,
    CreditApplication,
    CreditLimit,
    Person,
    the_company,
)
from credit_app.models.contract_review import ContractReview
from credit_app.models.dunning import DunningLetter
from credit_app.models.holds import CustomerHold
from credit_app.models.legal import LegalCase
from credit_app.models.orders import OrderRelease, SalesOrder
from credit_app.models.performance import ContractRenewal
from credit_app.models.visits import SiteVisit
from credit_app.models.write_off import WriteOff
from credit_app.reports.dunning import file_name, item_lines, letter_pdf
from credit_app.reports.hold_notice import notice_document
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import statement_document
from workflows import clock
from workflows.outbox import Delivered, Posted

TIMEOUT_SECONDS = 20
MOST_BYTES = (
    5 * 1024 * 1024
)  # of an attachment; in a mail it weighs a third more, and many servers stop at ten MB
WITH_STATEMENT = frozenset({"balance_confirmation", "balance_confirmation_reminder"})
# What a mail names by its id, as its template knows it.
ROWS: Mapping[str, tuple[str, type[Any]]] = {
    "comment_id": ("comment", Comment),
    "entry_id": ("entry", BankEntry),
    "write_off_id": ("write_off", WriteOff),
    "hold_id": ("hold", CustomerHold),
    "visit_id": ("visit", SiteVisit),
    "review_id": ("review", ContractReview),
    "order_id": ("order", SalesOrder),
    "renewal_id": ("renewal", ContractRenewal),
    "release_id": ("release", OrderRelease),
}
log = logging.getLogger(__name__)
# A one-time link is a password for an hour: what was sent is kept without it.
SECRET = re.compile(r"(/set-password/)\S+")


class CannotSend(Exception):
    """The row cannot be delivered; the text says why."""


def deliverer(app: Flask, config: Config) -> Callable[[Session, Posted], Delivered]:
    """What the outbox calls for each row. What waits for a digest is kept; without SMTP_URL all is."""

    def deliver(session: Session, posted: Posted) -> Delivered:
        if posted.channel == starting.CHANNEL:
            with app.test_request_context():
                return starting.start(session, app.extensions["engine"], posted)
        if posted.channel == sms.CHANNEL:
            with app.test_request_context():
                return deliver_sms(session, config, posted)
        person = addressee(session, posted)
        with app.test_request_context(base_url=config.base_url or f"http://localhost:{config.port}"):
            papers = attachments(session, posted, person)
            subject, body = render(session, posted, person, attached=bool(papers))
        words = "\n\n".join([f"{subject}\n\n{body}", *(f"[{paper.name}]" for paper in papers)])
        if waits_for_digest(posted.template, person.notices):
            return Delivered(person.email, words, "digest")
        if not config.smtp_url:
            note_letter(session, posted, held=True)
            return Delivered(person.email, words, "held")
        mail = message(config, posted, person, subject, body)
        for paper in papers:
            mail.add_attachment(paper.content, maintype="application", subtype="pdf", filename=paper.name)
        charge_letter(session, posted)
        send(config, mail)
        note_letter(session, posted, held=False)
        return Delivered(person.email, SECRET.sub(r"\1…", words))

    return deliver


def deliver_sms(session: Session, config: Config, posted: Posted) -> Delivered:
    """Send a letter's short message. Without SMS_URL it is kept. Raises SmsRefused."""
    # Held from here on: a report of delivery that is quicker than this transaction waits for it.
    letter = dunning_sending.held_letter(session, int(posted.params["letter_id"]))
    if not config.sms_url:
        note_letter(session, posted, held=True)
        return Delivered(letter.address, letter.body, "held")
    charge_letter(session, posted)
    sms.send(config, letter.address, letter.body, letter.number, posted.key)
    note_letter(session, posted, held=False)
    return Delivered(letter.address, letter.body)


def charge_letter(session: Session, posted: Posted) -> None:
    """Book what a letter claims besides its debts, before it leaves."""
    if posted.template in (dunning_sending.MAIL, dunning_sending.SMS):
        today = day_in_zone(clock.now(), the_company(session).time_zone)
        dunning_sending.charge(session, int(posted.params["letter_id"]), today)


def note_letter(session: Session, posted: Posted, *, held: bool) -> None:
    """Write down at a letter that it was handed over, or is kept here."""
    if posted.template in (dunning_sending.MAIL, dunning_sending.SMS):
        today = day_in_zone(clock.now(), the_company(session).time_zone)
        dunning_sending.handed_over(session, int(posted.params["letter_id"]), today, held=held)


def given_up(session: Session, posted: Posted) -> None:
    """Write down at a letter that it did not get through, until somebody has it tried again."""
    if posted.template in (dunning_sending.MAIL, dunning_sending.SMS):
        dunning_sending.not_handed_over(session, int(posted.params["letter_id"]))


@dataclass(frozen=True, slots=True)
class AtCustomer:
    """Somebody at a customer: what a mail needs to know of its reader. There is no digest for them."""

    name: str
    email: str
    locale: str
    notices: str = AT_ONCE


def addressee(session: Session, posted: Posted) -> Person | AtCustomer:
    """The person a row is for, ours or a customer's contact. Raises CannotSend."""
    kind, _, number = posted.recipient.partition(":")
    if kind == "contact" and number.isdigit():
        return at_customer(session, int(number))
    person = session.get(Person, int(number)) if kind == "person" and number.isdigit() else None
    if posted.channel != "mail" or person is None:
        raise CannotSend(
            f"Nothing is known of the channel {posted.channel!r} or the recipient {posted.recipient!r}."
        )
    return person


def at_customer(session: Session, contact_id: int) -> AtCustomer:
    """A contact, in the language of the customer's country. Raises CannotSend."""
    contact = session.get(Contact, contact_id)
    if contact is None or not contact.email:
        raise CannotSend(f"The contact {contact_id} is gone, or has no e-mail address any more.")
    return AtCustomer(contact.name, contact.email, "zh_Hans_CN" if contact.customer.country == "CN" else "en")


def render(
    session: Session, posted: Posted, person: Person | AtCustomer, *, attached: bool = False
) -> tuple[str, str]:
    """Subject and body in the person's language; the template's first line is the subject."""
    facts = dict(posted.params) | {"attached": attached}
    for key, (name, model) in ROWS.items():
        if key in facts:
            facts[name] = session.get(model, int(facts[key]))
    if "application_id" in facts:
        facts["application"] = session.get(CreditApplication, int(facts["application_id"]))
    if "agreed_kind" in facts:
        facts["agreed"] = session.get_one(CUSTOMER_CASES[facts["agreed_kind"]], int(facts["agreed_id"]))
    if "confirmation_id" in facts:
        confirmation = session.get_one(BalanceConfirmation, int(facts["confirmation_id"]))
        facts |= {"confirmation": confirmation, "statement": thawed(confirmation.statement)}
    if "letter_id" in facts:
        letter = session.get_one(DunningLetter, int(facts["letter_id"]))
        facts |= {"letter": letter, "letter_text": item_lines(letter.items, person.locale)}
        if posted.template == dunning_sending.MAIL:
            facts["letter_text"] = with_items(letter.body, item_lines(letter.items, letter.language))
    if "case_kind" in facts:
        facts["case"] = session.get_one(CUSTOMER_CASES[facts["case_kind"]], int(facts["case_id"]))
    elif "case_id" in facts:
        facts["case"] = session.get_one(CollectionCase, int(facts["case_id"]))
    facts |= of_legal_case(session, facts) | of_contracts(session, facts)
    if facts.get("asked_by"):
        facts["asker"] = session.get(Person, int(facts["asked_by"]))
    if facts.get("limit_id"):
        facts["limit"] = session.get(CreditLimit, int(facts["limit_id"]))
    if "digest_day" in facts and isinstance(person, Person):
        day, since = date.fromisoformat(facts["digest_day"]), datetime.fromisoformat(facts["digest_since"])
        facts |= {"now": clock.now(), "digest": digest_of(session, person, day, since, clock.now())}
    with force_locale(person.locale):
        text = render_template(
            f"mail/{posted.template}.txt", person=person, company=session.get(Company, 1), **facts
        )
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF that goes with a mail."""

    name: str
    content: bytes


def attachments(session: Session, posted: Posted, person: Person | AtCustomer) -> list[Paper]:
    """The PDF of a letter that demands something, the statement of a balance confirmation, the notice of a hold.

    The same at every attempt. One that is larger than mail servers take is left out: the mail says it all anyway.
    """
    papers = []
    if posted.template == dunning_sending.MAIL:
        letter = session.get_one(DunningLetter, int(posted.params["letter_id"]))
        if letter.level != REMINDER:
            papers.append(Paper(file_name(letter), letter_pdf(letter, the_company(session).name)))
    elif posted.template == "hold_notice":
        papers.append(notice_of(session, int(posted.params["hold_id"]), person.locale))
    elif posted.template in WITH_STATEMENT:
        papers.append(statement_paper(session, int(posted.params["confirmation_id"]), person.locale))
    small = [paper for paper in papers if len(paper.content) <= MOST_BYTES]
    for paper in papers:
        if paper not in small:
            log.warning("%s is too large for a mail: %s bytes.", paper.name, len(paper.content))
    return small


def statement_paper(session: Session, confirmation_id: int, language: str) -> Paper:
    """The statement of a balance confirmation as it was taken, with a place to sign."""
    found = session.get_one(BalanceConfirmation, confirmation_id)
    with force_locale(language):
        document = statement_document(
            the_company(session).name,
            found.customer,
            thawed(found.statement),
            language,
            found.answer_by or found.as_of,
        )
        content = pdf_of(document, found.sent_at or found.created_at)
    return Paper(f"{found.customer.number}-{found.as_of.isoformat()}-confirmation.pdf", content)


def of_legal_case(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """What a mail about a legal case or legal dates shows besides."""
    if "legal_notices" in facts:
        return {"notices": warned_of(session, facts["legal_notices"])}
    if "legal_case_id" not in facts:
        return {}
    due_on = date.fromisoformat(facts["due_on"]) if facts.get("due_on") else None
    return {"legal_case": session.get_one(LegalCase, int(facts["legal_case_id"])), "due_on": due_on}


def of_contracts(session: Session, facts: dict[str, Any]) -> dict[str, Any]:
    """The milestones that a mail warns of."""
    if "milestone_ids" not in facts:
        return {}
    rows = contract_warnings.warned_of(session, facts["milestone_ids"])
    return {"milestones": rows, "day": date.fromisoformat(facts["day"])}


def notice_of(session: Session, hold_id: int, locale: str) -> Paper:
    """The letter that announces a hold, in the reader's language."""
    hold = session.get_one(CustomerHold, hold_id)
    with force_locale(locale):
        content = pdf_of(notice_document(the_company(session).name, hold, locale), hold.created_at)
    return Paper(f"{hold.number}.pdf", content)


def message(
    config: Config, posted: Posted, person: Person | AtCustomer, subject: str, body: str
) -> EmailMessage:
    """The mail; its Message-ID is the same at every attempt, so that a repetition can be told."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, config.mail_from, person.email
    mail["Date"] = formatdate(localtime=False)
    domain = make_msgid(domain="credit-desk.invalid").partition("@")[2].rstrip(">")
    mail["Message-ID"] = f"<outbox-{posted.id}-{posted.key.replace(':', '.')}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail


def send(config: Config, mail: EmailMessage) -> None:
    """Hand the mail to the SMTP server of SMTP_URL (smtp://, smtp+starttls:// or smtps://)."""
    parts = urlsplit(config.smtp_url)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT_SECONDS)
    with server:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)
