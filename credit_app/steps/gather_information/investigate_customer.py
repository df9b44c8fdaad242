"""Investigate customer: what each channel says, who owns it, what stands against it, and the summary."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.countries import is_country
from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.assessing import analysts
from credit_app.facts.blacklist import look_alikes
from credit_app.facts.documents import file_document
from credit_app.facts.group_tree import CircleRefused, set_parent
from credit_app.facts.investigations import drop_draft, keep_draft, owed_channels, the_investigation
from credit_app.facts.ownership import legal_records_of, owners_of
from credit_app.facts.returned import returned_because
from credit_app.forms.investigation import (
    ASSESSMENT_WORDS,
    CHANNEL_WORDS,
    LEGAL_WORDS,
    NODE,
    OWNER_WORDS,
    FindingEntry,
    Investigated,
    InvestigationForm,
    LegalEntry,
    OwnerEntry,
)
from credit_app.i18n import _, said
from credit_app.models import (
    CHANNELS,
    CreditApplication,
    Customer,
    Finding,
    Investigation,
    LegalRecord,
    Owner,
)
from workflows import Action, Assignment, InvalidAnswer

Form = InvestigationForm
SHORTEST_SUMMARY = 10


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "information.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The template's channels, and what is on file about owners and legal records."""
    application, session = application_of(action), action.session
    investigation = the_investigation(session, application)
    customer_id = customer_id_of(application)
    return {
        "application": application,
        "returned": returned_because(action.session, application),
        "investigation": investigation,
        "owed": still_owed(action, investigation),
        "places": {channel: place for place, channel in enumerate(CHANNELS)},
        "channels": [(channel, CHANNEL_WORDS[channel]) for channel in CHANNELS],
        "owners": owners_of(session, customer_id, action.today),
        "legal_records": legal_records_of(session, customer_id),
        "departures": look_alikes(session, action.today, application_of(action).customer),
        "owner_words": OWNER_WORDS,
        "legal_words": LEGAL_WORDS,
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _("What is known about %(name)s?", name=application.customer.name if application.customer else "")


def save_draft(
    session: Session, application: CreditApplication, entered: Investigated, _person_id: int, _now: datetime
) -> None:
    """Keep what was typed so far; documents are handed in with the answer."""
    keep_draft(session, application, NODE, entered.texts)


def complete(action: Action, answer: Investigated) -> dict[str, Any]:
    """Record everything. Raises InvalidAnswer naming the field."""
    application, session = application_of(action), action.session
    investigation = the_investigation(session, application)
    owed = still_owed(action, investigation)
    for entry in answer.findings:
        _check_finding(entry, entry.channel in owed, action.today)
    searched = bool(answer.legal_records or answer.nothing_on_record or investigation.done_at)
    if not searched:
        raise InvalidAnswer(
            "nothing_on_record",
            _("Enter litigation and penalties, or tick that they were searched for and none was found."),
        )
    if answer.legal_records and answer.nothing_on_record:
        raise InvalidAnswer(
            "nothing_on_record", _("There are legal records above, so this cannot be ticked.")
        )
    if answer.nothing_on_record and not answer.record_source:
        raise InvalidAnswer("record_source", _("Say where litigation and penalties were searched for."))
    if len(answer.summary) < SHORTEST_SUMMARY:
        raise InvalidAnswer("summary", _("Sum up in at least a sentence what was found."))
    _keep_parent(action, customer_id_of(application), answer.parent_id)
    for owner in answer.owners:
        session.add(_owner(action, customer_id_of(application), owner))
    for record in answer.legal_records:
        session.add(_legal_record(action, customer_id_of(application), record))
    _keep_findings(action, application, investigation, answer)
    drop_draft(session, application, NODE)
    return {"investigation": "done"}


def still_owed(action: Action, investigation: Investigation) -> tuple[str, ...]:
    """The channels that the template owes and this round has no finding of yet."""
    given = {finding.channel for finding in investigation.findings}
    owed = owed_channels(action.session, investigation, action.today)
    return tuple(channel for channel in owed if channel not in given)


def _check_finding(entry: FindingEntry, is_owed: bool, today: date) -> None:
    given = (entry.source, entry.found_on, entry.finding, entry.assessment, entry.file)
    name = CHANNEL_WORDS[entry.channel]
    if not any(given):
        if is_owed:
            raise InvalidAnswer(
                f"{entry.place}-finding", _("“%(channel)s” is owed by the template.", channel=name)
            )
        return
    if not entry.source:
        raise InvalidAnswer(f"{entry.place}-source", _("Name the source of “%(channel)s”.", channel=name))
    if entry.found_on is None or entry.found_on > today:
        text = _("Enter the day of “%(channel)s”, today at the latest.", channel=name)
        raise InvalidAnswer(f"{entry.place}-found_on", text)
    if not entry.finding:
        raise InvalidAnswer(f"{entry.place}-finding", _("Write what “%(channel)s” says.", channel=name))
    if entry.assessment not in ASSESSMENT_WORDS:
        text = _("Say whether “%(channel)s” speaks for or against the customer.", channel=name)
        raise InvalidAnswer(f"{entry.place}-assessment", text)


def _keep_findings(
    action: Action, application: CreditApplication, investigation: Investigation, answer: Investigated
) -> None:
    for entry in answer.findings:
        if not entry.finding:
            continue
        kind = "site_visit" if entry.channel == "site_visit" else "reference"
        document = file_document(action, application, entry.file, kind)
        investigation.findings.append(
            Finding(
                channel=entry.channel,
                source=entry.source,
                found_on=entry.found_on or action.today,
                finding=entry.finding,
                assessment=entry.assessment,
                document_id=document.id if document else None,
                recorded_by=action.actor.person_id,
                recorded_at=action.now,
            )
        )
    if answer.nothing_on_record:
        investigation.searched = answer.record_source
    investigation.summary = answer.summary
    investigation.done_at, investigation.done_by = action.now, action.actor.person_id


def _keep_parent(action: Action, customer_id: int, parent_id: int | None) -> None:
    customer = action.session.get(Customer, customer_id)
    if customer is None or customer.parent_id == parent_id:
        return
    parent = action.session.get(Customer, parent_id) if parent_id is not None else None
    try:
        set_parent(action.session, customer, parent)
    except CircleRefused as circle:
        raise InvalidAnswer("parent", said(circle)) from None


def _owner(action: Action, customer_id: int, entry: OwnerEntry) -> Owner:
    if not entry.name:
        raise InvalidAnswer(f"{entry.place}-name", _("Name the owner."))
    if entry.kind not in OWNER_WORDS:
        raise InvalidAnswer(f"{entry.place}-kind", _("Say whether the owner is a person or a company."))
    if entry.country and not is_country(entry.country):
        raise InvalidAnswer(
            f"{entry.place}-country", _("Enter the country with two letters, for example DE.")
        )
    if entry.share is not None and entry.share == 0:
        raise InvalidAnswer(f"{entry.place}-share", _("A share is above zero."))
    if not entry.source:
        raise InvalidAnswer(f"{entry.place}-source", _("Name the source for the owner."))
    if entry.customer_id == customer_id:
        raise InvalidAnswer(f"{entry.place}-customer", _("A company does not own itself."))
    return Owner(
        customer_id=customer_id,
        kind=entry.kind,
        name=entry.name,
        country=entry.country or None,
        share=entry.share,
        owner_customer_id=entry.customer_id,
        source=entry.source,
        as_of=action.today,
        recorded_by=action.actor.person_id,
        recorded_at=action.now,
    )


def _legal_record(action: Action, customer_id: int, entry: LegalEntry) -> LegalRecord:
    if entry.kind not in LEGAL_WORDS:
        raise InvalidAnswer(f"{entry.place}-kind", _("Say what kind of legal record it is."))
    if entry.opened_on is None or entry.opened_on > action.today:
        raise InvalidAnswer(f"{entry.place}-opened_on", _("Enter since when, today at the latest."))
    if entry.closed_on is not None and entry.closed_on < entry.opened_on:
        raise InvalidAnswer(f"{entry.place}-closed_on", _("A record is not closed before it was opened."))
    if not entry.subject:
        raise InvalidAnswer(f"{entry.place}-subject", _("Say what the legal record is about."))
    if not entry.source:
        raise InvalidAnswer(f"{entry.place}-source", _("Name the source of the legal record."))
    return LegalRecord(
        customer_id=customer_id,
        kind=entry.kind,
        opened_on=entry.opened_on,
        closed_on=entry.closed_on,
        authority=entry.authority,
        subject=entry.subject,
        amount=entry.amount,
        currency=entry.currency if entry.amount is not None else None,
        source=entry.source,
        recorded_by=action.actor.person_id,
        recorded_at=action.now,
    )
