"""The review sheet of a contract: what was agreed, what was asked and answered, who decided and signed when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from credit_app.facts.contract_reading import ClauseRow, by_clause, terms_of
from credit_app.facts.contract_words import (
    AREA_WORDS,
    COMMENT_KIND_WORDS,
    VERDICT_WORDS,
    word_of,
)
from credit_app.i18n import _, written_day, written_moment
from credit_app.models.contract_review import ContractComment, ContractReview
from credit_app.reports.pdf import Column, Document, Section


@dataclass(frozen=True, slots=True)
class Said:
    """How the screens say a level and a status, in the locale of the caller."""

    role: Callable[[str], str]
    status: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """What the other side signed: when, and the copy that was handed in."""

    day: date
    filename: str
    sha256: str


def sheet_document(
    company: str,
    review: ContractReview,
    checklist: Sequence[ClauseRow],
    versions: Mapping[int, int],
    copy: SignedCopy | None,
    language: str,
    said: Said,
) -> Document:
    """The sheet as a document; `versions` has the number of each by its id, `copy` is None until the other side has
    signed. The locale of the caller is that of `language`."""
    lang, region = ("zh", "CN") if language.startswith("zh") else ("en", "GB")
    sections = [
        _head(review), *_terms(review), _checklist(checklist, said), _opinions(review),
        _points(review, checklist, said), _signatures(review, versions, copy, said),
    ]  # fmt: skip
    return Document(
        title=_("Review of contract %(number)s", number=review.contract.number),
        author=company,
        lead=review.contract.title,
        foot=_("%(company)s, contract review %(number)s", company=company, number=review.number),
        sections=[section for section in sections if section is not None],
        lang=lang,
        region=region,
    )


def _head(review: ContractReview) -> Section:
    contract, version = review.contract, review.reviewed
    other = contract.other_side
    pairs = [
        (_("With"), f"{other.name}, {other.number}"),
        (_("Review"), review.number),
        (_("Begun"), written_moment(review.created_at)),
        (_("What is wanted"), contract.need),
        (_("By when"), written_day(contract.need_by) if contract.need_by else None),
        (_("Why us"), contract.why_us or None),
        (_("What is to change, and why"), review.changes or None),
        (_("Version"), str(version.no) if version is not None else None),
        (_("Drafted by"), version.maker.name if version is not None and version.maker is not None else None),
        (_("SHA-256 of what was signed"), _signed_digest(review)),
        (_("Ended"), written_day(review.closed_on) if review.closed_on else None),
        (_("Note"), review.outcome_note or None),
    ]
    return Section(_("Contract"), pairs=[pair for pair in pairs if pair[1]])


def _terms(review: ContractReview) -> list[Section]:
    if review.reviewed is None:
        return []
    return [
        Section(group.title, pairs=[(row.label, row.now or None) for row in group.rows])
        for group in terms_of(review.reviewed)
    ]


def _checklist(checklist: Sequence[ClauseRow], said: Said) -> Section | None:
    if not checklist:
        return None
    return Section(
        _("Clauses"),
        head=[
            Column(_("Clause")),
            Column(_("Compared with policy")),
            Column(_("Quoted"), wide=True),
            Column(_("Reason"), wide=True),
        ],
        rows=[
            (
                line.title,
                said.status(f"clause_{line.row.state}"),
                line.row.quoted or None,
                line.row.reason or None,
            )
            for line in checklist
        ],
    )


def _opinions(review: ContractReview) -> Section | None:
    if not review.opinions:
        return None
    return Section(
        _("Opinions"),
        head=[
            Column(_("Round"), number=True), Column(_("Area")), Column(_("Opinion")),
            Column(_("Who and when"), wide=True), Column(_("Note"), wide=True),
        ],
        rows=[
            (
                str(row.round), word_of(AREA_WORDS, row.area), word_of(VERDICT_WORDS, row.verdict),
                f"{row.giver.name}, {written_moment(row.given_at)}", row.note or None,
            )
            for row in review.opinions
        ],
    )  # fmt: skip


def _points(review: ContractReview, checklist: Sequence[ClauseRow], said: Said) -> Section | None:
    if not review.comments:
        return None
    rows = [
        (
            title or _("The whole contract"),
            _asked(row),
            said.status(f"point_{row.state}"),
            _became(row, said),
        )
        for title, comments in by_clause(review.comments, checklist)
        for row in comments
    ]
    return Section(
        _("Points and answers"),
        head=[
            Column(_("Clause")),
            Column(_("Asked"), wide=True),
            Column(_("State")),
            Column(_("Answer"), wide=True),
        ],
        rows=rows,
    )


def _asked(row: ContractComment) -> str:
    kind, area = word_of(COMMENT_KIND_WORDS, row.kind), word_of(AREA_WORDS, row.area)
    asked = f"{kind}, {area}, {row.maker.name}: {row.body}"
    return f"{asked}\n{row.wording}" if row.wording else asked


def _became(row: ContractComment, said: Said) -> str | None:
    lines = [row.answer] if row.answer else []
    if row.decider is not None and row.decided_at is not None:
        who = f"{said.role(row.level or '')}, {row.decider.name}, {written_moment(row.decided_at)}"
        lines.append(f"{who}: {row.decision_note}")
    return "\n".join(lines) or None


def _signed_digest(review: ContractReview) -> str | None:
    """The fingerprint of the version under review: that of its signatures, before them that of its document."""
    signed = [row.sha256 for row in review.signatures if row.version_id == review.version_id]
    return signed[-1] if signed else review.reviewed.sha256 if review.reviewed is not None else None


def _signatures(
    review: ContractReview, versions: Mapping[int, int], copy: SignedCopy | None, said: Said
) -> Section | None:
    if not review.signatures:
        return None
    return Section(
        _("Decisions and signatures"),
        head=[
            Column(_("Version"), number=True), Column(_("Level")), Column(_("Decision")), Column(_("Who")),
            Column(_("When")), Column(_("Note"), wide=True),
        ],
        rows=[
            (
                str(versions.get(row.version_id, "")), said.role(row.level), said.status(f"signature_{row.decision}"),
                row.signer.name, written_moment(row.signed_at), row.note or None,
            )
            for row in review.signatures
        ] + ([_countersigned(review, copy, said)] if copy is not None else []),
    )  # fmt: skip


def _countersigned(review: ContractReview, copy: SignedCopy, said: Said) -> tuple[str | None, ...]:
    version = review.reviewed
    return (
        str(version.no) if version is not None else None, _("The other side"), said.status("signature_sign"),
        review.contract.other_side.name, written_day(copy.day), f"{copy.filename}, SHA-256 {copy.sha256[:16]}",
    )  # fmt: skip
