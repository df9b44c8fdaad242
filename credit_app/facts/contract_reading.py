"""A review as its pages show it: terms beside those of earlier versions, the checklist, texts compared, points."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.contract_text import Difference, difference
from credit_app.domain.contracts import changed_terms
from credit_app.facts.contract_cases import version_of
from credit_app.facts.contract_credit import shortfall
from credit_app.facts.contract_review import (
    before_of,
    came_back,
    in_order,
    last_opinion,
    open_points,
    to_take_up,
)
from credit_app.facts.contract_words import TERM_GROUPS, TERM_WORDS, term_said
from credit_app.facts.contracts import policy_of
from credit_app.facts.exposure_reading import exposure_view
from credit_app.i18n import in_chinese
from credit_app.models import active_limit
from credit_app.models.contract import ContractClause, ContractVersion
from credit_app.models.contract_review import ContractComment, ContractReview
from workflows import Action


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term as it is, and as it was where it was different: in the version before, and in the one last seen."""

    name: str
    label: str
    now: str
    before: str | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class TermGroup:
    """Some terms that belong together; those that nobody agreed on are left out."""

    title: str
    rows: Sequence[TermRow]


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """A line of the checklist in the reader's language."""

    row: ContractClause
    title: str
    policy_text: str
    required: bool


def terms_of(
    version: ContractVersion, before: ContractVersion | None = None, seen: ContractVersion | None = None
) -> list[TermGroup]:
    """The terms of a version by group, with what changed."""
    changed = set(changed_terms(before, version)) if before is not None else set()
    since = set(changed_terms(seen, version)) if seen is not None else set()
    groups = []
    for title, names in TERM_GROUPS:
        rows = [
            TermRow(
                name, str(TERM_WORDS[name]), term_said(version, name),
                term_said(before, name) if name in changed else None,
                term_said(seen, name) if name in since else None,
            )
            for name in names
            if name != "currency" and (term_said(version, name) or name in changed | since)
        ]  # fmt: skip
        if rows:
            groups.append(TermGroup(str(title), rows))
    return groups


def checklist_of(session: Session, version: ContractVersion, day: date) -> list[ClauseRow]:
    """The checklist of a version; what policy says in the reader's language as long as it says the same."""
    policy, language = policy_of(session, day), "zh" if in_chinese() else "en"
    rows = []
    for row in version.clauses:
        clause = policy.clause(row.clause)
        same = clause is not None and row.policy_text in clause.text.values()
        title = clause.title[language] if clause is not None and same else row.title
        text = clause.text[language] if clause is not None and same else row.policy_text
        rows.append(ClauseRow(row, title, text, clause is not None and clause.required))
    return rows


def texts_compared(before: ContractVersion | None, after: ContractVersion) -> Difference | None:
    """What two versions' texts differ in; None where there is nothing to compare."""
    if before is None or not (before.text or after.text):
        return None
    return difference(before.text, after.text)


def by_clause(
    rows: Iterable[ContractComment], checklist: Sequence[ClauseRow]
) -> list[tuple[str, list[ContractComment]]]:
    """Comments by the clause that they are about, in the order of the checklist, those on the whole first."""
    titles = {row.row.clause: row.title for row in checklist}
    places = {code: place for place, code in enumerate(titles)}
    grouped: dict[str, list[ContractComment]] = {}
    for comment in in_order(rows):
        grouped.setdefault(comment.clause, []).append(comment)
    order = sorted(grouped, key=lambda code: (code != "", places.get(code, len(places)), code))
    return [(titles.get(code, code), grouped[code]) for code in order]


def for_drafter(action: Action, review: ContractReview) -> dict[str, Any]:
    """What whoever drafts needs to see after a return: what is asked, what was decided, the version before."""
    session = action.session
    version = review.reviewed
    taken = to_take_up(session, review, version) if version is not None else []
    back = came_back(session, review)
    checklist = checklist_of(session, version, action.today) if version is not None else []
    return {
        "review": review,
        "contract": review.contract,
        "before": version,
        "terms": terms_of(version) if version is not None else [],
        "asked": by_clause([*taken, *open_points(session, review)], checklist),
        "back": back,
        "short": shortfall(session, review, action.today) if back is not None else "",
    }


def for_reviewer(action: Action, review: ContractReview, area: str | None = None) -> dict[str, Any]:
    """What a reviewer or a level looks at; with an area also what changed since that area last looked."""
    session, version = action.session, version_of(review)
    before = before_of(session, review, version)
    opinion = last_opinion(session, review, area) if area is not None else None
    seen = session.get(ContractVersion, opinion.version_id) if opinion is not None else None
    if seen is not None and before is not None and seen.id == before.id:
        seen = None
    checklist = checklist_of(session, version, action.today)
    settled = [row for row in review.comments if row.round < review.round]
    found: dict[str, Any] = {
        "review": review,
        "contract": review.contract,
        "version": version,
        "before": before,
        "seen": seen,
        "terms": terms_of(version, before, seen),
        "checklist": checklist,
        "titles": {line.row.clause: line.title for line in checklist},
        "own": {str(row.id): row for row in open_points(session, review)},
        "compared": texts_compared(before, version),
        "compared_seen": texts_compared(seen, version),
        "earlier": by_clause(settled, checklist),
        "area": area,
    }
    customer = review.contract.customer
    if area in ("credit", "finance") and customer is not None and review.contract.side == "sales":
        found["exposure"] = exposure_view(session, customer, action.today)
        found["limit"] = active_limit(session, customer.id, action.today)
        found["short"] = shortfall(session, review, action.today)
    return found
