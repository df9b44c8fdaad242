"""One review of a contract: where it stands, its versions compared, opinions, points with what became of them, the
sheet as PDF, and its withdrawal."""

from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from credit_app import contracting
from credit_app.db import db
from credit_app.domain.contract_text import difference
from credit_app.domain.contracts import REVIEW_RUNNING
from credit_app.facts.contract_credit import waiting_for
from credit_app.facts.contract_reading import by_clause, checklist_of, terms_of
from credit_app.forms.contracts import WithdrawForm
from credit_app.i18n import LANGUAGES, _, said
from credit_app.models import the_company
from credit_app.models.contract import Contract, ContractDocument, ContractEvent, ContractVersion
from credit_app.models.contract_review import ContractReview
from credit_app.reports.contract_sheet import Said, SignedCopy, sheet_document
from credit_app.reports.pdf import pdf_of
from credit_app.screens import process_view
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import now, today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import readable_contracts
from credit_app.screens.exporting import attached
from credit_app.screens.words import role_word, status_word
from workflows import Actor, NotFound, Refused, inbox

# The way of a review, and which of its statuses belong to each part of it.
PARTS = (
    ("draft", ("drafting",)),
    ("clauses", ("checking",)),
    ("opinions", ("in_review",)),
    ("answers", ("answering", "escalated")),
    ("credit", ("awaiting_credit",)),
    ("signatures", ("signing", "countersigning")),
    ("filed", ("filed",)),
)


@blueprint.get("/reviews/<number>")
@allowed("contract.see")
def review(number: str) -> ResponseReturnValue:
    """Show a review."""
    return review_page(review_by_number(number))


@blueprint.get("/reviews/<number>/difference")
@allowed("contract.see")
def review_difference(number: str) -> ResponseReturnValue:
    """Show what any two versions differ in: terms and text."""
    found = review_by_number(number)
    before, after = (version_of(found, request.args.get(name, "")) for name in ("from", "to"))
    return render_template(
        "contracts/difference.html",
        review=found,
        contract=found.contract,
        versions=versions_of(found),
        before=before,
        after=after,
        terms=[
            (group.title, rows)
            for group in terms_of(after, before)
            if (rows := [row for row in group.rows if row.before is not None])
        ],
        compared=difference(before.text, after.text),
    )


@blueprint.get("/reviews/<number>/versions/<int:no>/document")
@allowed("contract.see")
def version_document(number: str, no: int) -> ResponseReturnValue:
    """Hand out the document of a version; it is saved, never shown, for nobody knows what is in it."""
    found = version_of(review_by_number(number), str(no))
    if found.content is None:
        raise NotFound(_("This version has no document."))
    answer = send_file(
        BytesIO(found.content), mimetype=found.content_type, as_attachment=True, download_name=found.filename
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/reviews/<number>/versions/<int:no>/text")
@allowed("contract.see")
def version_text(number: str, no: int) -> ResponseReturnValue:
    """Show the text of a version."""
    found = review_by_number(number)
    version = version_of(found, str(no))
    return render_template(
        "contracts/text.html", review=found, contract=found.contract, version=version, terms=terms_of(version)
    )


@blueprint.get("/reviews/<number>/sheet.<language>.pdf")
@allowed("contract.see")
def review_sheet(number: str, language: str) -> ResponseReturnValue:
    """Hand out the review sheet."""
    found, session = review_by_number(number), db.session()
    if language not in LANGUAGES:
        raise NotFound(_("There is no sheet of this review in this language."))
    with force_locale(language):
        version = found.reviewed
        checklist = checklist_of(session, version, today()) if version is not None else []
        document = sheet_document(
            the_company(session).name,
            found,
            checklist,
            {one.id: one.no for one in versions_of(found)},
            signed_copy(found),
            language,
            Said(role_word, lambda word: str(status_word(word).label)),
        )
        content = pdf_of(document, now())
    return attached(content, "application/pdf", f"{found.number}.{language}.pdf")


@blueprint.post("/reviews/<number>/withdraw")
@allowed("contract.see")
def withdraw_review(number: str) -> ResponseReturnValue:
    """Withdraw a review under way; open opinions and signatures end with it."""
    session, found, form = db.session(), review_by_number(number), WithdrawForm()
    check("contract.change", found.contract)
    if not form.validate():
        return review_page(found, form), 422
    try:
        contracting.withdraw(
            session, engine(), found, form.reason.data or "", Actor(person().id),
            "screen:contracts.withdraw_review",
        )  # fmt: skip
        session.commit()
    except Refused as refused:
        session.rollback()
        return review_page(review_by_number(number), form, refused), refused.status
    flash(_("The review is withdrawn."), "success")
    return redirect(url_for("contracts.review", number=number))


# --- inside -------------------------------------------------------------------------------------------------------


def review_by_number(number: str) -> ContractReview:
    """The review with this number. Raises NotFound when there is none or its contract is not theirs to see."""
    query = (
        select(ContractReview)
        .join(Contract, Contract.id == ContractReview.contract_id)
        .where(ContractReview.number == number.upper(), readable_contracts(person()))
        .options(joinedload(ContractReview.contract), joinedload(ContractReview.reviewed))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(_("There is no review %(number)s, or it is not yours to see.", number=number[:40]))
    return found


def versions_of(found: ContractReview) -> list[ContractVersion]:
    """The versions of the contract, the newest first."""
    query = select(ContractVersion).where(ContractVersion.contract_id == found.contract_id)
    return list(
        db.session.scalars(
            query.options(joinedload(ContractVersion.maker)).order_by(ContractVersion.no.desc())
        )
    )


def signed_copy(found: ContractReview) -> SignedCopy | None:
    """The copy of the version that the other side signed."""
    paper = select(ContractDocument).where(
        ContractDocument.contract_id == found.contract_id,
        ContractDocument.kind == "signed",
        ContractDocument.version_id == found.version_id,
    )
    signed = select(ContractEvent.done_on).where(
        ContractEvent.contract_id == found.contract_id,
        ContractEvent.kind == "countersigned",
        ContractEvent.version_id == found.version_id,
    )
    session = db.session()
    row = session.scalar(paper.order_by(ContractDocument.id.desc()).limit(1))
    day = session.scalar(signed.order_by(ContractEvent.id.desc()).limit(1))
    return SignedCopy(day, row.filename, row.sha256) if row is not None and day is not None else None


def version_of(found: ContractReview, no: str) -> ContractVersion:
    """A version of the contract with its text. Raises NotFound."""
    number = int(no) if no.isascii() and no.isdigit() and len(no) < 6 else 0
    query = select(ContractVersion).where(
        ContractVersion.contract_id == found.contract_id, ContractVersion.no == number
    )
    version = db.session.scalar(query.options(undefer(ContractVersion.text)))
    if version is None:
        raise NotFound(_("There is no such version of this contract."))
    return version


def review_page(
    found: ContractReview, form: WithdrawForm | None = None, refused: Refused | None = None
) -> str:
    """The page of a review; `form` is the withdrawal that was refused."""
    session = db.session()
    tasks = inbox.of_instance(session, found.instance_id) if found.instance_id else []
    version = found.reviewed
    checklist = checklist_of(session, version, today()) if version is not None else []
    return render_template(
        "contracts/review.html",
        review=found,
        contract=found.contract,
        version=version,
        versions=versions_of(found),
        steps=steps_of(found),
        checklist=checklist,
        points=by_clause(found.comments, checklist),
        tasks=tasks,
        waits=waiting_for(session, found, today()),
        may_open=[task.id for task in tasks if process_view.may_open(task, person())],
        process=process_view.diagram(session, found.instance_id, tasks) if found.instance_id else None,
        languages=LANGUAGES,
        form=form or WithdrawForm(formdata=None),
        refused=said(refused) if refused is not None else None,
        can_withdraw=found.status in REVIEW_RUNNING and may(person(), "contract.change", found.contract),
    )


def steps_of(found: ContractReview) -> list[dict[str, Any]]:
    """The way of the review with where it is."""
    labels = {
        "draft": _("Draft"),
        "clauses": _("Clauses"),
        "opinions": _("Opinions"),
        "answers": _("Answers"),
        "credit": _("Credit granted"),
        "signatures": _("Signatures"),
        "filed": _("Contract filed"),
    }
    if found.status in ("refused", "withdrawn"):
        done = [
            {"label": labels[key], "state": "done"} for key, _statuses in PARTS[: 3 if found.round else 1]
        ]
        over = _("Refused") if found.status == "refused" else _("Withdrawn")
        return [*done, {"label": over, "state": "stopped"}]
    here = next(place for place, (_key, statuses) in enumerate(PARTS) if found.status in statuses)
    is_filed = found.status == "filed"
    return [
        {
            "label": labels[key],
            "state": "done" if place < here or is_filed else "current" if place == here else "coming",
        }
        for place, (key, _statuses) in enumerate(PARTS)
    ]
