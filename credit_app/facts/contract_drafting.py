"""Drafting a version of a contract: terms and text as they were entered, and the checklist of its clauses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.contract_text import GAP, has_gap, holds_quote
from credit_app.domain.contracts import (
    CLAUSE_STATES,
    FIRST_DAY,
    LAST_DAY,
    Clause,
    EndsBeforeStart,
    changed_terms,
    check_dates,
    found_clause,
)
from credit_app.domain.errors import DomainError
from credit_app.domain.payment_terms import instalments
from credit_app.facts.contract_cases import locked, version_of
from credit_app.facts.contract_review import (
    LEAST_WORDS,
    before_of,
    begins_from,
    differs_in_text,
    owed,
    to_take_up,
)
from credit_app.facts.contract_texts import fill, texts_for
from credit_app.facts.contracts import Origin, draft_version, note_event, policy_of
from credit_app.facts.customer_documents import Handed
from credit_app.i18n import _, in_chinese, said
from credit_app.models import MissingRate
from credit_app.models.contract import LANGUAGES, ContractClause, ContractVersion
from credit_app.models.contract_review import ContractReview
from workflows import Action, Conflict, InvalidAnswer

SOURCES = ("template", "typed", "upload", "keep")
LONGEST_TEXT, LONGEST_TYPED = (
    400_000,
    150_000,
)  # characters that are kept of a document, and that can be typed
LONGEST_QUOTE = 500
SENTENCE_ENDS = (".", "。", ";", "；", "!", "！")
READER = "credit_app.documents_text"
ANY_AMOUNT = Decimal(1_000_000)  # what instalments are tried with where no value is agreed


@dataclass(frozen=True, slots=True)
class Drafted:
    """A version as it was entered: `terms` by their names, where its text comes from, and what changed."""

    terms: Mapping[str, Any]
    source: str
    template: str
    language: str
    text: str
    document: Handed | None
    note: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A line of the checklist as it was answered; `place` is the name of its row on the page."""

    place: str
    clause: str
    state: str
    quoted: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A clause of the policy with what the text says of it: the state it seems to have, the line found, the reason
    given for it before."""

    clause: Clause
    state: str
    quoted: str
    reason: str = ""


def text_in(content: bytes, content_type: str) -> str:
    """The text of a document; empty where there is nothing to read, as on a scan."""
    if find_spec(READER) is None:
        return ""
    found: str = import_module(READER).text_of(content, content_type)
    return found.replace("\x00", "")[:LONGEST_TEXT]


# --- a version -----------------------------------------------------------------------------------------------------


def draft(action: Action, answer: Drafted) -> ContractReview:
    """Make the version. Raises InvalidAnswer naming the field, Conflict when another one is under review."""
    session = action.session
    review = locked(action, "drafting")
    _check_terms(answer.terms, action.today)
    before = begins_from(session, review)
    text, language, document, template = _text_of(action, review, answer, before)
    if review.kind != "new" or before is not None:
        owed("note", answer.note, _("Say in a few words what changed."))
    try:
        version = draft_version(
            session, review.contract, answer.terms, action.today, action.actor.person_id, note=answer.note,
            text=text, language=language, document=document, template=template,
        )  # fmt: skip
    except EndsBeforeStart as error:
        raise InvalidAnswer("ends_on", said(error.sentence)) from None
    except MissingRate as error:
        raise InvalidAnswer("currency", said(error)) from None
    review.version_id, review.status = version.id, "checking"
    review.amount, review.currency = version.amount, version.currency
    session.flush()
    session.refresh(review, ["reviewed"])
    _refuse_sameness(session, review, version)
    return review


def _check_terms(terms: Mapping[str, Any], day: date) -> None:
    for name in ("delivery_on", "starts_on", "ends_on"):
        if terms[name] is not None and not FIRST_DAY <= terms[name] <= LAST_DAY:
            raise InvalidAnswer(name, _("Please give a day between 2000 and 2100."))
    try:
        check_dates(terms["starts_on"], terms["ends_on"])
        if terms["payment_terms"]:
            instalments(terms["payment_terms"], day, terms["amount"] or ANY_AMOUNT)
    except EndsBeforeStart as error:
        raise InvalidAnswer("ends_on", said(error.sentence)) from None
    except DomainError as error:
        raise InvalidAnswer("payment_terms", said(error.sentence)) from None
    if not terms["goods"]:
        raise InvalidAnswer("goods", _("Say what is delivered or done."))
    if terms["renewal"] != "none" and terms["ends_on"] is None:
        raise InvalidAnswer("ends_on", _("A contract that is renewed has an end; give its day."))
    if terms["liability_cap"] is not None and not terms["currency"]:
        raise InvalidAnswer("currency", _("Choose the currency of the amounts."))


def _text_of(
    action: Action, review: ContractReview, answer: Drafted, before: ContractVersion | None
) -> tuple[str, str, Handed | None, Origin | None]:
    """Text, language and document of the version, and the template that its text began from."""
    if answer.source not in SOURCES:
        raise InvalidAnswer("source", _("Choose where the text comes from."))
    if answer.language not in LANGUAGES:
        raise InvalidAnswer("language", _("Choose the language of the text."))
    if answer.source == "keep":
        if before is None:
            raise InvalidAnswer("source", _("There is no version before this one whose text could be kept."))
        return before.text, before.language, _KeptDocument.of(before), _origin(before)
    if answer.source == "upload":
        if answer.document is None:
            raise InvalidAnswer("file", _("Choose the document."))
        return (
            text_in(answer.document.content, answer.document.content_type), answer.language, answer.document, None,
        )  # fmt: skip
    if answer.source == "typed":
        if not answer.text:
            raise InvalidAnswer("text", _("Write the text of the contract."))
        # The page gives the text of the version before to be written on.
        return answer.text, answer.language, None, _origin(before)
    texts = texts_for(action.session, review.contract.side)
    text = next((one for one in texts if one.key == answer.template), None)
    if text is None:
        gone = _("This template is not in use; choose another one.")
        raise InvalidAnswer("template", gone if answer.template else _("Choose a template."))
    filled = fill(action.session, text, review.contract, answer.terms, action.today)
    return filled, text.language, None, (text.key, text.version)


def _origin(version: ContractVersion | None) -> Origin | None:
    if version is None or version.template is None or version.template_version is None:
        return None
    return version.template, version.template_version


@dataclass(frozen=True, slots=True)
class _KeptDocument:
    """The document of an earlier version, once more."""

    filename: str
    content_type: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, version: ContractVersion) -> "Handed | None":
        if version.content is None:
            return None
        return cls(version.filename or "", version.content_type or "", version.content, version.sha256 or "")


def _refuse_sameness(session: Session, review: ContractReview, version: ContractVersion) -> None:
    """A change changes something, and a version that was asked for says something else than the one before."""
    before = before_of(session, review, version)
    if before is None or changed_terms(before, version) or differs_in_text(before, version):
        return
    if review.kind != "new" or to_take_up(session, review, before):
        raise InvalidAnswer(
            "note", _("This says the same as version %(no)s; change a term or the text.", no=before.no)
        )


# --- its checklist --------------------------------------------------------------------------------------------------


def suggestions(action: Action, review: ContractReview) -> list[Suggestion]:
    """Each clause that policy asks for, with what the text seems to say of it.

    A deviation that was named before and still stands word by word is a deviation again.
    """
    version = version_of(review)
    known = {row.clause: row for row in version.clauses}
    before = before_of(action.session, review, version)
    earlier = {row.clause: row for row in before.clauses} if before is not None else {}
    clauses = policy_of(action.session, action.today).clauses_for(review.contract.side)
    return [
        _suggested(clause, version, known.get(clause.code) or earlier.get(clause.code)) for clause in clauses
    ]


def _suggested(clause: Clause, version: ContractVersion, earlier: ContractClause | None) -> Suggestion:
    if earlier is not None and earlier.state != "present":
        stands = bool(earlier.quoted) and holds_quote(version.text, earlier.quoted)
        gone = not earlier.quoted and not found_clause(clause, version.text)
        if stands or gone:
            return Suggestion(clause, earlier.state, earlier.quoted, earlier.reason)
    line = found_clause(clause, version.text)
    if line:
        quoted = with_what_follows(version.text, line)
        if quoted.splitlines()[1:] == [GAP]:  # a heading, and nothing under it
            return Suggestion(clause, "missing", "")
        return Suggestion(clause, "" if has_gap(quoted) else "present", quoted)
    return Suggestion(clause, "missing" if version.text else "", "")


def with_what_follows(text: str, line: str) -> str:
    """The line, and the one after it where it is only a heading: a heading says nothing of what was agreed."""
    if line.endswith(SENTENCE_ENDS):
        return line
    rest = text[text.index(line) + len(line) :].splitlines()
    following = next((found for one in rest if (found := one.strip())), "")
    return f"{line}\n{following}"[:LONGEST_QUOTE].strip()


def check_clauses(action: Action, answer: Sequence[Checked], seen: str) -> ContractReview:
    """Write the checklist down. Raises InvalidAnswer naming the field, Conflict."""
    review = locked(action, "checking")
    version = version_of(review)
    if seen != str(version.id):
        raise Conflict(_("Another version was drafted meanwhile; look at that one."))
    given = {row.clause: row for row in answer}
    clauses = policy_of(action.session, action.today).clauses_for(review.contract.side)
    version.clauses.clear()
    action.session.flush()
    language = version.language if version.language in LANGUAGES else "en"
    for place, clause in enumerate(clauses):
        row = given.get(clause.code)
        if row is None:
            raise Conflict(_("The clauses of the policy have changed meanwhile; look at the list again."))
        _check_line(clause, row, version)
        version.clauses.append(
            ContractClause(
                place=place, clause=clause.code, title=clause.title[language], area=clause.area, state=row.state,
                quoted=row.quoted, policy_text=clause.text[language], reason=row.reason,
                checked_by=action.actor.person_id,
            )
        )  # fmt: skip
    action.session.flush()
    departing = sum(row.state in ("deviating", "missing") for row in version.clauses)
    note_event(
        action.session, review.contract, "clauses_checked", action.today, str(departing), action.actor.person_id,
        version.id,
    )  # fmt: skip
    return review


def _check_line(clause: Clause, row: Checked, version: ContractVersion) -> None:
    title = clause.title["zh" if in_chinese() else "en"]
    if row.state not in CLAUSE_STATES:
        raise InvalidAnswer(
            f"{row.place}-state", _("%(clause)s: choose what the text says of it.", clause=title)
        )
    if row.quoted and version.text and not holds_quote(version.text, row.quoted):
        raise InvalidAnswer(
            f"{row.place}-quoted",
            _("%(clause)s: the text does not say this; quote it word by word.", clause=title),
        )
    if row.state == "present" and version.text and not row.quoted:
        raise InvalidAnswer(
            f"{row.place}-quoted", _("%(clause)s: quote where the text has it.", clause=title)
        )
    if row.state == "present" and has_gap(row.quoted):
        raise InvalidAnswer(
            f"{row.place}-state",
            _("%(clause)s: the text leaves a gap here; say that it deviates, and why.", clause=title),
        )
    owes_reason = row.state in ("deviating", "not_applicable") or (row.state == "missing" and clause.required)
    if owes_reason and len(row.reason) < LEAST_WORDS:
        raise InvalidAnswer(f"{row.place}-reason", _("%(clause)s: say in a few words why.", clause=title))
