"""Writing the templates of contracts: a draft of the next version, publishing it, and taking a template out of use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.contract_text import check_signs, check_template, filled
from credit_app.domain.contracts import SIDES, TERMS
from credit_app.domain.dates import add_months
from credit_app.domain.errors import DomainError
from credit_app.facts.contract_drafting import LONGEST_TYPED
from credit_app.facts.contract_review import LEAST_WORDS
from credit_app.facts.contract_texts import FIELDS, LOCALES, TemplateText, all_texts, shipped, values_of
from credit_app.i18n import _, force_locale, said
from credit_app.models import Customer, the_company
from credit_app.models.contract import LANGUAGES, Contract, ContractTemplate, ContractTemplateDraft
from workflows import Conflict, InvalidAnswer, NotFound

LONGEST_BODY = LONGEST_TYPED  # what is drafted from it can be written on
_TURN = 0x6374  # keeps these advisory locks apart from others


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of a template's next version: `note` says what changed and why."""

    title: str
    body: str
    note: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page showed: the version that ruled (0: shipped or none) and that of the draft (0: none)."""

    version: int
    draft: int


def text_of(session: Session, code: str, language: str) -> TemplateText | None:
    """The newest version of a template, None where nothing was published and nothing is shipped."""
    return _named(all_texts(session), code, language)


def draft_of(session: Session, code: str, language: str) -> ContractTemplateDraft | None:
    """The draft of the next version."""
    query = select(ContractTemplateDraft).where(
        ContractTemplateDraft.code == code, ContractTemplateDraft.language == language
    )
    return session.scalar(query.options(joinedload(ContractTemplateDraft.saver)))


def drafts(session: Session) -> Sequence[ContractTemplateDraft]:
    """Every draft, by title."""
    query = select(ContractTemplateDraft).order_by(ContractTemplateDraft.title, ContractTemplateDraft.id)
    return session.scalars(query.options(joinedload(ContractTemplateDraft.saver))).all()


def is_shipped(code: str, language: str) -> bool:
    """Whether the program comes with a text of this name."""
    return _named(shipped(), code, language) is not None


def version_of(session: Session, code: str, language: str, version: int) -> TemplateText | ContractTemplate:
    """A version as it was published; version 0 is the shipped text. Raises NotFound."""
    if version == 0:
        found: TemplateText | ContractTemplate | None = _named(shipped(), code, language)
    else:
        found = session.scalar(versions_query(code, language).where(ContractTemplate.version == version))
    if found is None:
        raise NotFound(_("There is no such version of this template."))
    return found


def versions_query(code: str, language: str) -> Any:
    """The published versions of a template, the newest first."""
    return (
        select(ContractTemplate)
        .where(ContractTemplate.code == code, ContractTemplate.language == language)
        .options(joinedload(ContractTemplate.maker))
        .order_by(ContractTemplate.version.desc())
    )


def begin(
    session: Session, code: str, language: str, side: str, typed: Typed, by: int, now: datetime
) -> ContractTemplateDraft:
    """Begin a template that there is not yet in this language. Flushed. Raises InvalidAnswer naming the field."""
    if side not in SIDES:
        raise InvalidAnswer("side", _("Choose the sales or the purchase side."))
    if language not in LANGUAGES:
        raise InvalidAnswer("language", _("Choose the language of the text."))
    check(typed)
    _take_turns(session, code)
    texts = [one for one in all_texts(session) if one.code == code]
    begun = session.scalars(select(ContractTemplateDraft).where(ContractTemplateDraft.code == code))
    known: list[TemplateText | ContractTemplateDraft] = [*texts, *begun]
    if any(one.language == language for one in known):
        raise InvalidAnswer("code", _("There is a template of this name in this language; change that one."))
    if any(one.side != side for one in known):
        raise InvalidAnswer(
            "side", _("The template of this name is for the other side in its other language.")
        )
    row = ContractTemplateDraft(code=code, side=side, language=language, **_fields(typed, by, now))
    session.add(row)
    session.flush()
    return row


def save(
    session: Session, code: str, language: str, typed: Typed, seen: Seen, by: int, now: datetime
) -> ContractTemplateDraft:
    """Keep what was typed as the draft. Flushed. Raises InvalidAnswer naming the field, Conflict."""
    check(typed)
    text, row = _as_seen(session, code, language, seen)
    if row is None:
        if text is None:
            raise NotFound(_("There is no such template."))
        row = ContractTemplateDraft(code=code, side=text.side, language=language)
        session.add(row)
    for name, value in _fields(typed, by, now).items():
        setattr(row, name, value)
    session.flush()
    return row


def publish(
    session: Session, code: str, language: str, typed: Typed, seen: Seen, by: int, now: datetime
) -> ContractTemplate:
    """Publish what was typed as the next version; the draft is gone. Flushed. Raises InvalidAnswer, Conflict."""
    check(typed)
    text, row = _as_seen(session, code, language, seen)
    if text is None and row is None:
        raise NotFound(_("There is no such template."))
    if text is not None and not text.withdrawn and (text.title, text.body) == (typed.title, typed.body):
        raise InvalidAnswer("body", _("Nothing is changed: this text is in force already."))
    if len(typed.note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say in a few words what changed, and why."))
    side = text.side if text is not None else row.side if row is not None else ""
    made = ContractTemplate(
        code=code, side=side, language=language, version=(text.version if text is not None else 0) + 1,
        title=typed.title, body=typed.body, note=typed.note, made_by=by, created_at=now,
    )  # fmt: skip
    session.add(made)
    if row is not None:
        session.delete(row)
    session.flush()
    return made


def withdraw(
    session: Session, code: str, language: str, reason: str, seen: Seen, by: int, now: datetime
) -> ContractTemplate:
    """Take a template out of use: a version that says so, with the text that was in force. Drafts of contracts that
    began from it stay. Flushed. Raises InvalidAnswer, Conflict."""
    text, _row = _as_seen(session, code, language, seen)
    if text is None or text.withdrawn:
        raise Conflict(_("This template is not in use."))
    if len(reason) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    made = ContractTemplate(
        code=code, side=text.side, language=language, version=text.version + 1, title=text.title, body=text.body,
        note=reason, withdrawn=True, made_by=by, created_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def discard(session: Session, code: str, language: str, seen: Seen) -> None:
    """Throw the draft away; what is in force stays. Raises Conflict."""
    _text, row = _as_seen(session, code, language, seen)
    if row is not None:
        session.delete(row)
        session.flush()


def check(typed: Typed) -> None:
    """Raises InvalidAnswer that names the field and says what is accepted."""
    if set(typed.title) & set("{}"):
        raise InvalidAnswer("title", _("A title holds no braces: nothing in it is filled."))
    field = "title"
    try:
        check_signs(typed.title)
        field = "body"
        check_template(typed.body, FIELDS)
    except DomainError as error:
        raise InvalidAnswer(field, said(error.sentence)) from None


# --- what it looks like -------------------------------------------------------------------------------------------


def preview(
    session: Session, typed: Typed, language: str, side: str, day: date, contract: Contract | None
) -> str:
    """The text filled from `contract`, or from one that is made up. Raises InvalidAnswer."""
    check(typed)
    if contract is None:
        contract, terms = example(session, language, side, day)
    else:
        terms = {name: getattr(contract.current, name, None) for name in TERMS}
    return filled(typed.body, values_of(session, contract, terms, day, language))


def example(session: Session, language: str, side: str, day: date) -> tuple[Contract, Mapping[str, Any]]:
    """A contract that is made up, with its terms; no row of the database."""
    with force_locale(LOCALES[language]):
        words: Sequence[str] = (
            _("Example Ltd"),
            _("Works road 1"),
            _("Hamburg"),
            _("Pumps for the new plant"),
        )
        name, address, city, title = (str(one) for one in words)
        goods, quality, unit = str(_("Twelve pumps, type K")), "ISO 9906", str(_("pieces"))
        liability = str(_("Half a per cent of the value for each week of delay"))
        security = str(_("Bank guarantee of ten per cent"))
    other = Customer(number="C-000123", name=name, address=address, city=city, country="DE")
    contract = Contract(number=f"CTR-{day.year}-00123", side=side, title=title)
    contract.customer = other
    terms = {
        "goods": goods, "specification": goods, "quantity": Decimal(12), "unit": unit, "quality": quality,
        "delivery_terms": "DAP", "delivery_place": city, "delivery_on": add_months(day, 3),
        "amount": Decimal(120_000), "currency": the_company(session).base_currency, "payment_days": 30,
        "payment_method": "open_account", "payment_terms": "40%@30, 60%@90", "retention_share": Decimal("0.05"),
        "retention_days": 360, "retention_from": "acceptance", "warranty_months": 24, "breach_liability": liability,
        "liability_cap": Decimal(120_000), "security": security, "governing_law": "DE", "forum": city,
        "starts_on": day, "ends_on": add_months(day, 12), "renewal": "by_agreement", "renewal_notice_days": 90,
        "special": "",
    }  # fmt: skip
    return contract, terms


# --- inside -------------------------------------------------------------------------------------------------------


def _named(texts: Iterable[TemplateText], code: str, language: str) -> TemplateText | None:
    return next((one for one in texts if (one.code, one.language) == (code, language)), None)


def _take_turns(session: Session, code: str) -> None:
    """Two who write the same template at the same moment do so one after the other."""
    session.execute(select(func.pg_advisory_xact_lock(_TURN, func.hashtext(code))))


def _as_seen(
    session: Session, code: str, language: str, seen: Seen
) -> tuple[TemplateText | None, ContractTemplateDraft | None]:
    """The text in force and the draft, when they are those that the page showed. Raises Conflict."""
    _take_turns(session, code)
    text, row = text_of(session, code, language), draft_of(session, code, language)
    if (text.version if text is not None else 0) != seen.version:
        raise Conflict(
            _("Somebody has published a newer version of this template meanwhile; look at it first.")
        )
    if (row.version if row is not None else 0) != seen.draft:
        raise Conflict(
            _("Somebody has saved or ended the draft of this template meanwhile; look at it first.")
        )
    return text, row


def _fields(typed: Typed, by: int, now: datetime) -> dict[str, Any]:
    return {"title": typed.title, "body": typed.body, "note": typed.note, "saved_by": by, "saved_at": now}
