"""Mail leaves through the outbox: rendered in the reader's language when it is sent, over SMTP."""

import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from flask import Flask, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from credit_app import starting
from credit_app.config import Config
from credit_app.domain.notices import AT_ONCE, waits_for_digest
from credit_app.facts.digest import digest_of
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
from credit_app.reports.pdf import pdf_of
from credit_app.reports.statement import statement_document
from workflows import clock
from workflows.outbox import Delivered, Posted

TIMEOUT_SECONDS = 20
MOST_BYTES = (
    5 * 1024 * 1024
)  # of an attachment; in a mail it weighs a third more, and many servers stop at ten MB
WITH_STATEMENT = frozenset({"balance_confirmation", "balance_confirmation_reminder"})
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
        person = addressee(session, posted)
        with app.test_request_context(base_url=config.base_url or f"http://localhost:{config.port}"):
            papers = attachments(session, posted, person)
            subject, body = render(session, posted, person, attached=bool(papers))
        words = "\n\n".join([f"{subject}\n\n{body}", *(f"[{paper.name}]" for paper in papers)])
        if waits_for_digest(posted.template, person.notices):
            return Delivered(person.email, words, "digest")
        if not config.smtp_url:
            return Delivered(person.email, words, "held")
        mail = message(config, posted, person, subject, body)
        for paper in papers:
            mail.add_attachment(paper.content, maintype="application", subtype="pdf", filename=paper.name)
        send(config, mail)
        return Delivered(person.email, SECRET.sub(r"\1…", words))

    return deliver


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
    if "application_id" in facts:
        facts["application"] = session.get(CreditApplication, int(facts["application_id"]))
    if "comment_id" in facts:
        facts["comment"] = session.get(Comment, int(facts["comment_id"]))
    if "entry_id" in facts:
        facts["entry"] = session.get(BankEntry, int(facts["entry_id"]))
    if "confirmation_id" in facts:
        confirmation = session.get_one(BalanceConfirmation, int(facts["confirmation_id"]))
        facts |= {"confirmation": confirmation, "statement": thawed(confirmation.statement)}
    if "case_kind" in facts:
        facts["case"] = session.get_one(CUSTOMER_CASES[facts["case_kind"]], int(facts["case_id"]))
    elif "case_id" in facts:
        facts["case"] = session.get_one(CollectionCase, int(facts["case_id"]))
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
    """The statement to sign with the mails of a balance confirmation, as it was taken; with others nothing.

    The same at every attempt. One that is larger than mail servers take is left out: the mail has the balances anyway.
    """
    if posted.template not in WITH_STATEMENT:
        return []
    found = session.get_one(BalanceConfirmation, int(posted.params["confirmation_id"]))
    with force_locale(person.locale):
        document = statement_document(
            the_company(session).name,
            found.customer,
            thawed(found.statement),
            person.locale,
            found.answer_by or found.as_of,
        )
        content = pdf_of(document, found.sent_at or found.created_at)
    if len(content) > MOST_BYTES:
        log.warning(
            "The statement of confirmation %s is too large for a mail: %s bytes.", found.id, len(content)
        )
        return []
    return [Paper(f"{found.customer.number}-{found.as_of.isoformat()}-confirmation.pdf", content)]


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
