"""Contracts: recording the need, drafting versions that stand once they are reviewed, and the timeline."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session, object_session

from credit_app.documents_text import words_of
from credit_app.domain.contracts import (
    CONTRACT_KINDS,
    REVIEW_RUNNING,
    SIDES,
    TERMS,
    ContractPolicy,
    check_dates,
)
from credit_app.domain.money import format_amount
from credit_app.domain.policy_values import decimal_of
from credit_app.facts.customer_documents import Handed
from credit_app.i18n import _
from credit_app.models import Customer, convert, next_case_number, policy_values, the_company
from credit_app.models.contract import Contract, ContractDocument, ContractEvent, ContractVersion
from credit_app.models.contract_review import ContractReview
from credit_app.models.party import Party
from workflows import Conflict, InvalidAnswer, NotFound, clock

LEAST_NEED = 10
LARGEST = "contract.largest_amount"
Origin = tuple[str, int]  # a template (code:language) with its version
# What the register shows of the version in force.
SHOWN = ("amount", "currency", "starts_on", "ends_on")


def policy_of(session: Session, day: date) -> ContractPolicy:
    """The policy of `day`."""
    return ContractPolicy.from_policy(policy_values(session, day))


def record_need(
    session: Session,
    other: Customer | Party,
    owner_id: int,
    day: date,
    *,
    side: str,
    kind: str,
    title: str,
    need: str,
    need_by: date | None = None,
    why_us: str = "",
    parent: Contract | None = None,
) -> Contract:
    """Open a contract with what is wanted, by when and why of us; nothing is drafted yet. Flushed.

    Raises InvalidAnswer naming the field: a need in too few words, a day that is over, a frame of somebody else's.
    """
    if side not in SIDES:
        raise InvalidAnswer("side", _("Choose the sales or the purchase side."))
    if kind not in CONTRACT_KINDS:
        raise InvalidAnswer("kind", _("Choose what the contract is about."))
    if side == "sales" and not isinstance(other, Customer):
        raise InvalidAnswer("other_side", _("A contract of the sales side is with a customer."))
    if not title:
        raise InvalidAnswer("title", _("Give the contract a title."))
    if len(need) < LEAST_NEED:
        raise InvalidAnswer("need", _("Say in a sentence what is wanted."))
    if need_by is not None and need_by < day:
        raise InvalidAnswer("need_by", _("That day is over; give a later one."))
    mine = {"customer_id": other.id} if isinstance(other, Customer) else {"party_id": other.id}
    if parent is not None and (parent.kind != "framework" or parent.other_side is not other):
        raise InvalidAnswer(
            "parent", _("Only a framework contract with the same company can be above this one.")
        )
    row = Contract(
        number=next_case_number(session, "contract", day.year), side=side, kind=kind, title=title[:300], **mine,
        parent_id=parent.id if parent is not None else None, branch_id=other.branch_id, owner_id=owner_id,
        status="need", need=need[:4000], need_by=need_by, why_us=why_us[:2000], made_by=owner_id,
        created_at=clock.now(),
    )  # fmt: skip
    row.words = words_of(f"{row.number} {row.title} {other.number} {other.name}")
    session.add(row)
    session.flush()
    note_event(session, row, "need_recorded", day, row.title, owner_id)
    return row


def draft_version(
    session: Session,
    contract: Contract,
    terms: Mapping[str, Any],
    day: date,
    made_by: int | None,
    *,
    note: str = "",
    text: str = "",
    words: Any = None,
    language: str = "en",
    document: Handed | None = None,
    template: Origin | None = None,
) -> ContractVersion:
    """Add a version with these terms (names of TERMS; what is missing stays as in the version before). Flushed.

    A newest version that was never put under review is replaced by this one. `text` is what the document says or the
    filled template, `words` the tsvector it is found by (None: from the text), `template` the one it began from.
    Raises InvalidAnswer naming the term, MissingRate, Conflict while a version is checked, reviewed or signed.
    """
    unknown = set(terms) - set(TERMS)
    if unknown:
        raise ValueError(f"no terms of a contract: {sorted(unknown)}")
    refuse_during_review(session, contract)
    newest = newest_version(session, contract)
    values = {name: terms[name] if name in terms else _before(newest, name) for name in TERMS}
    check_dates(values["starts_on"], values["ends_on"])
    check_amount(session, values["amount"], values["currency"], day)
    fields: dict[str, Any] = {
        **values, "note": note[:2000], "text": text, "language": language,
        "words": words if words is not None else words_of(text),
        "made_by": made_by, "created_at": clock.now(),
        "template": template[0] if template is not None else None,
        "template_version": template[1] if template is not None else None,
    }  # fmt: skip
    if document is not None:
        fields |= {
            "filename": document.filename, "content_type": document.content_type, "size": len(document.content),
            "sha256": document.sha256, "content": document.content,
        }  # fmt: skip
    if newest is not None and newest.frozen_at is None:
        row = newest
        row.clauses.clear()
        for name, value in fields.items():
            setattr(row, name, value)
    else:
        row = ContractVersion(contract_id=contract.id, no=newest.no + 1 if newest else 1, **fields)
        session.add(row)
    session.flush()
    if contract.status in ("need", "draft", "in_review"):
        take_over(contract, row)
        contract.status = "draft" if contract.status == "need" else contract.status
        session.flush()
    note_event(session, contract, "version_drafted", day, note, made_by, row.id)
    return row


def refuse_during_review(session: Session, contract: Contract) -> None:
    """Raises Conflict while a version is looked at: only the drafter's own task makes the next one."""
    query = select(ContractReview).where(
        ContractReview.contract_id == contract.id, ContractReview.status.in_(REVIEW_RUNNING[1:])
    )
    running = session.scalar(query)
    if running is not None:
        raise Conflict(
            _(
                "A version of this contract is in %(number)s already; another one can be drafted when it comes back.",
                number=running.number,
            )
        )


def take_over(contract: Contract, version: ContractVersion) -> None:
    """Make `version` the one that the contract shows and is found by; its words are flushed before. One that has
    renewed itself keeps its later end as long as a change leaves the term alone."""
    agreed, later = contract.current.ends_on if contract.current is not None else None, contract.ends_on
    contract.version_id = version.id
    session = object_session(contract)
    if session is not None:
        session.expire(contract, ["current"])
    for name in SHOWN:
        setattr(contract, name, getattr(version, name))
    kept = contract.status == "active" and agreed is not None and agreed == version.ends_on
    if kept and agreed is not None and later is not None and later > agreed:
        contract.ends_on = later
    other = contract.other_side
    own = words_of(f"{contract.number} {contract.title} {other.number} {other.name}")
    text = select(func.coalesce(ContractVersion.words, cast("", TSVECTOR)))
    contract.words = own.op("||")(text.where(ContractVersion.id == version.id).scalar_subquery())


def freeze(session: Session, version: ContractVersion) -> None:
    """Put a version under review: from now on it stands. Raises Conflict when a newer one was uploaded meanwhile."""
    newest = newest_version(session, version.contract)
    if newest is None or newest.id != version.id:
        raise Conflict(_("A newer version of this contract was drafted meanwhile; look at that one."))
    if version.frozen_at is None:
        version.frozen_at = clock.now()
        session.flush()


def newest_version(session: Session, contract: Contract) -> ContractVersion | None:
    """The version drafted last."""
    query = select(ContractVersion).where(ContractVersion.contract_id == contract.id)
    return session.scalar(query.order_by(ContractVersion.no.desc()).limit(1))


def contract_of(session: Session, contract_id: int, *, lock: bool = False) -> Contract:
    """A contract by its id. Raises NotFound."""
    found = session.get(Contract, contract_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(_("There is no such contract, or it is not yours to see."))
    return found


def check_amount(session: Session, amount: Decimal | None, currency: str | None, day: date) -> None:
    """Raises InvalidAnswer above what policy lets be entered, or without a currency; MissingRate."""
    if amount is None:
        return
    if not currency:
        raise InvalidAnswer("currency", _("Choose the currency of the amount."))
    most = decimal_of(policy_values(session, day), LARGEST)
    base = the_company(session).base_currency
    if not 0 <= convert(session, amount, currency, base, day) <= most:
        raise InvalidAnswer(
            "amount",
            _("Give an amount from 0 to %(most)s %(currency)s.", most=format_amount(most), currency=base),
        )


def value_in_base(session: Session, version: ContractVersion, day: date) -> Decimal | None:
    """The value of a version in base currency; None where none is agreed. Raises MissingRate."""
    if version.amount is None or version.currency is None:
        return None
    return convert(session, version.amount, version.currency, the_company(session).base_currency, day)


def file_document(
    session: Session,
    contract: Contract,
    document: Handed,
    kind: str,
    by: int | None,
    version_id: int | None = None,
) -> ContractDocument:
    """File a paper beside the contract's versions. Flushed."""
    row = ContractDocument(
        contract_id=contract.id, version_id=version_id, kind=kind, filename=document.filename,
        content_type=document.content_type, size=len(document.content), sha256=document.sha256,
        content=document.content, uploaded_by=by, uploaded_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def note_event(
    session: Session,
    contract: Contract,
    kind: str,
    on: date,
    note: str = "",
    made_by: int | None = None,
    version_id: int | None = None,
) -> None:
    """Add what happened to the contract's timeline; `kind` has its words in code_words ("contract_event")."""
    session.add(
        ContractEvent(
            contract_id=contract.id, kind=kind, done_on=on, note=note[:1000], version_id=version_id, made_by=made_by,
            created_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


# Terms that are texts: empty, not unknown, while nothing was written.
TEXTS = (
    "goods", "specification", "unit", "quality", "delivery_terms", "delivery_place", "payment_terms",
    "breach_liability", "security", "forum", "special",
)  # fmt: skip
_EMPTY: Mapping[str, Any] = dict.fromkeys(TEXTS, "") | {"renewal": "none", "retention_from": "invoice"}


def _before(version: ContractVersion | None, name: str) -> Any:
    return getattr(version, name) if version is not None else _EMPTY.get(name)
