"""One contract: what was wanted, the terms in force, its versions, reviews and timeline, and what can be done next."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from credit_app import contracting
from credit_app.db import db
from credit_app.facts.contract_credit import waiting_for
from credit_app.facts.contract_words import TERM_GROUPS
from credit_app.forms.contracts import ChangeForm, PaperForm
from credit_app.i18n import _, said
from credit_app.models.contract import Contract, ContractDocument, ContractEvent, ContractVersion
from credit_app.models.contract_review import ContractReview
from credit_app.screens import present, process_view
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine, may
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.performance import performance_of
from credit_app.screens.contracts.visible import contract_by_number, visible_contracts
from credit_app.screens.process_words import node_name
from credit_app.screens.words import role_word
from workflows import Actor, Refused, inbox

# Where in its life a contract is; refused and withdrawn ones ended where they were.
LIFE = {"need": 0, "draft": 1, "in_review": 2, "active": 3, "expired": 4, "terminated": 4}


@blueprint.get("/<number>")
@allowed("contract.see")
def contract(number: str) -> ResponseReturnValue:
    """Show a contract."""
    return contract_page(contract_by_number(number))


@blueprint.post("/<number>/review")
@allowed("contract.see")
def start_review(number: str) -> ResponseReturnValue:
    """Begin the review of a contract whose need is recorded."""
    found = contract_by_number(number)
    check("contract.change", found)
    try:
        row = contracting.start_review(
            db.session(), engine(), found.id, Actor(person().id), "screen:contracts.start_review"
        )
        address = url_for("contracts.contract", number=row.contract.number)
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return contract_page(contract_by_number(number), refused=refused), refused.status
    flash(_("The review has begun; the draft is in your inbox."), "success")
    return redirect(address)


@blueprint.post("/<number>/change")
@allowed("contract.see")
def start_change(number: str) -> ResponseReturnValue:
    """Begin a change of a contract in force."""
    found, form = contract_by_number(number), ChangeForm()
    check("contract.change", found)
    if not form.validate():
        return contract_page(found, form), 422
    try:
        contracting.start_review(
            db.session(), engine(), found.id, Actor(person().id), "screen:contracts.start_change",
            kind="change", changes=form.changes.data or "",
        )  # fmt: skip
        db.session.commit()
    except Refused as refused:
        db.session.rollback()
        return contract_page(contract_by_number(number), form, refused), refused.status
    flash(_("The change has begun; the draft is in your inbox."), "success")
    return redirect(url_for("contracts.contract", number=number))


def contract_page(
    found: Contract,
    form: ChangeForm | None = None,
    refused: Refused | None = None,
    paper: PaperForm | None = None,
) -> str:
    """The page of a contract; `form` and `paper` are what was refused, with what was typed."""
    session, me = db.session(), person()
    reviews = session.scalars(
        select(ContractReview)
        .where(ContractReview.contract_id == found.id)
        .order_by(ContractReview.id.desc())
    ).all()
    running = contracting.running_of(session, found.id)
    instance = running.instance_id if running else None
    reviewed = inbox.of_instance(session, instance) if instance else []
    performance = performance_of(session, found)
    renewal = performance["renewal"]
    decided = inbox.of_instance(session, renewal.instance_id) if renewal and renewal.instance_id else []
    tasks = [*reviewed, *decided]
    events = select(ContractEvent).where(ContractEvent.contract_id == found.id)
    documents = select(ContractDocument).where(ContractDocument.contract_id == found.id)
    below = select(Contract).where(Contract.parent_id == found.id, visible_contracts(me))
    may_change = may(me, "contract.change", found)
    return render_template(
        "contracts/contract.html",
        contract=found,
        version=found.current,
        term_groups=TERM_GROUPS,
        steps=steps_of(found),
        reviews=reviews,
        versions=versions_of(found.id),
        compared=comparable(reviews),
        running=running,
        waits=waiting_for(session, running, today()) if running else None,
        next_steps=[
            {"label": node_name(one.process, one.node), "who": role_word(one.role), "due_at": one.due_at}
            for one in tasks
        ],
        task=next((one for one in tasks if process_view.may_open(one, me)), None),
        drawing=process_view.diagram(session, instance, reviewed) if instance else None,
        events=session.scalars(
            events.order_by(ContractEvent.id.desc()).limit(100).options(joinedload(ContractEvent.maker))
        ).all(),
        documents=session.scalars(documents.order_by(ContractDocument.id.desc())).all(),
        below=session.scalars(below.order_by(Contract.id.desc()).limit(50)).all(),
        form=form or ChangeForm(formdata=None),
        paper=paper or PaperForm(formdata=None),
        refused=said(refused) if refused is not None else None,
        performance=performance,
        next_date=next((one for one in performance["milestones"] if one.status == "planned"), None),
        can_review=may_change and running is None and found.status in contracting.FROM_STATUS["new"],
        can_change=may_change and running is None and found.status in contracting.FROM_STATUS["change"],
        can_file=may(me, "contract.perform", found),
        today=today(),
    )


def steps_of(found: Contract) -> list[dict[str, Any]]:
    """The life of a contract as the stepper takes it; what it was refused or withdrawn at is where it ended."""
    version, place = found.current, LIFE.get(found.status)
    stopped = place is None
    if place is None:
        place = 0 if version is None else 1 if version.frozen_at is None else 2
    drafted_at = version.created_at if version else None
    whens = (found.created_at, drafted_at, None, found.filed_on, ended_on(found))
    words = (_("Need"), _("Draft"), _("Review and signature"), _("In force"), _("Contract ended"))
    return [
        {
            "label": word,
            "state": "done" if at < place else ("stopped" if stopped else "current") if at == place else "coming",
            "when": present.day(when.date() if isinstance(when, datetime) else when) if when and at <= place else None,
        }
        for at, (word, when) in enumerate(zip(words, whens, strict=True))
    ]  # fmt: skip


def ended_on(found: Contract) -> date | None:
    """The day on which a contract ended or was ended."""
    return found.terminated_on or (found.ends_on if found.status == "expired" else None)


def versions_of(contract_id: int) -> list[tuple[ContractVersion, bool]]:
    """The versions, the newest first, each with whether there is something to hand out."""
    has = or_(ContractVersion.sha256.is_not(None), ContractVersion.text != "")
    query = select(ContractVersion, has).where(ContractVersion.contract_id == contract_id)
    query = query.options(joinedload(ContractVersion.maker)).order_by(ContractVersion.no.desc())
    return [(row[0], row[1]) for row in db.session().execute(query)]


def comparable(reviews: Sequence[ContractReview]) -> str | None:
    """The number of the review under whose page any two versions can be compared."""
    return reviews[0].number if reviews else None
