"""Old debts: the triage list, the class of a debtor, and the campaigns that clean them up."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.legacy import LEGACY_CLASSES
from credit_app.facts import legacy as facts_of
from credit_app.facts import legacy_campaign
from credit_app.forms.legacy import CLASS_WORDS, CampaignForm, ClassForm, ResultForm
from credit_app.i18n import _, ngettext, said
from credit_app.models import ImportBatch, the_company
from credit_app.models.legacy import LegacyCampaign, LegacyDebt
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import mine
from credit_app.screens.file.opening import opened
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.problems import problems
from workflows import NotFound, Refused

SORTS = {"oldest": Sort(LegacyDebt.oldest_due, date.fromisoformat), "amount": Sort(LegacyDebt.amount)}
OPEN = "undecided"


@blueprint.get("/legacy")
@allowed("legacy.see")
def legacy() -> ResponseReturnValue:
    """Show the debtors with old debts of one's branches, the oldest first; those of a class or those without one."""
    listing = Listing(SORTS, LegacyDebt.id, "oldest")
    chosen = listing.choice("class", (OPEN, *LEGACY_CLASSES))
    query = select(LegacyDebt).join(LegacyDebt.customer).where(mine())
    query = query.options(joinedload(LegacyDebt.customer), joinedload(LegacyDebt.decider))
    if chosen == OPEN:
        query = query.where(LegacyDebt.chosen.is_(None))
    elif chosen:
        query = query.where(func.coalesce(LegacyDebt.chosen, LegacyDebt.suggested) == chosen)
    sort = "amount" if listing.sort == "amount" else "oldest_due"
    rows = listing.page(
        db.session().scalars(listing.apply(query)).all(), lambda row: (getattr(row, sort), row.id)
    )
    return render_template(
        "collection/legacy.html",
        listing=listing,
        rows=rows,
        chosen=chosen,
        chips=_chips(listing, chosen),
        currency=the_company(db.session()).base_currency,
        age_days=facts_of.policy_of(db.session(), today()).age_days,
    )


@blueprint.post("/legacy/look")
@allowed("legacy.triage")
def look_for_legacy() -> ResponseReturnValue:
    """Look for old debts now, of all customers or of one import."""
    session, batch = db.session(), request.form.get("batch", "")
    number = int(batch) if batch.isascii() and batch.isdigit() and len(batch) <= 18 else None
    if batch and (number is None or session.get(ImportBatch, number) is None):
        raise NotFound(_("There is no such import."))
    try:
        found = facts_of.triage(session, today(), now(), number)
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
    else:
        session.commit()
        flash(ngettext("%(num)s debtor with old debts.", "%(num)s debtors with old debts.", found), "success")
    return redirect(url_for("collection.legacy"))


@blueprint.post("/legacy/<number>/class")
@allowed("legacy.see")
def give_legacy_class(number: str) -> ResponseReturnValue:
    """Confirm the class that is suggested for a debtor, or choose another one."""
    file, session = opened(number), db.session()
    check("legacy.triage", file.customer)
    held = select(LegacyDebt).where(LegacyDebt.customer_id == file.customer.id).with_for_update()
    row, form = session.scalar(held), ClassForm().offer()
    if row is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    before = row.chosen
    try:
        facts_of.give_class(session, row, form.chosen.data or "", form.reason.data or "", person().id, now())
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
    else:
        file.log("change", "account", {"legacy_class": [before, row.chosen]})
        session.commit()
        flash(_("The class is recorded."), "success")
    return redirect(url_for("collection.legacy"))


# --- campaigns --------------------------------------------------------------------------------------------------------


@blueprint.get("/campaigns")
@allowed("legacy.see")
def campaigns() -> ResponseReturnValue:
    """Show the campaigns, the newest first."""
    rows = db.session.scalars(select(LegacyCampaign).order_by(LegacyCampaign.id.desc())).all()
    return render_template("collection/campaigns.html", rows=rows)


@blueprint.route("/campaigns/new", methods=["GET", "POST"])
@allowed("campaign.lead")
def new_campaign() -> ResponseReturnValue:
    """Begin a campaign with a target for each branch that takes part."""
    session, form = db.session(), CampaignForm()
    branches, wrong = legacy_campaign.branches_of_campaigns(session), None
    if request.method == "GET":
        form.show(branches)
    elif form.validate():
        try:
            row = legacy_campaign.begin(
                session, form.name.data or "", form.ends_on.data, form.targets(), person().id, today(), now()
            )
        except Refused as refused:
            session.rollback()
            wrong = refused
        else:
            address = url_for("collection.campaign", campaign_id=row.id)
            session.commit()
            flash(_("The campaign has begun."), "success")
            return redirect(address)
    page = render_template(
        "collection/campaign_new.html",
        form=form,
        names={str(one.id): one.name for one in branches},
        problems=problems(form, wrong),
        currency=the_company(session).base_currency,
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/campaigns/<int:campaign_id>")
@allowed("legacy.see")
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Show how far a campaign is: target, recovered, written off and open by branch, and its debtors."""
    return campaign_page(_campaign(campaign_id), ResultForm(formdata=None))


@blueprint.post("/campaigns/<int:campaign_id>/close")
@allowed("campaign.lead")
def close_campaign(campaign_id: int) -> ResponseReturnValue:
    """End a campaign with its result."""
    session, row, form = db.session(), _campaign(campaign_id), ResultForm()
    if form.validate():
        try:
            legacy_campaign.close(session, row, form.result.data or "", person().id, today())
        except Refused as refused:
            session.rollback()
            flash(said(refused), "error")
        else:
            session.commit()
            flash(_("The campaign is closed."), "success")
    return redirect(url_for("collection.campaign", campaign_id=campaign_id))


def _campaign(campaign_id: int) -> LegacyCampaign:
    row = db.session.get(LegacyCampaign, campaign_id)
    if row is None:
        raise NotFound(_("There is no such campaign."))
    return row


def campaign_page(row: LegacyCampaign, form: ResultForm) -> str:
    """The page of a campaign."""
    session = db.session()
    branches, total, debtors = legacy_campaign.progress(session, row, today())
    return render_template(
        "collection/campaign.html",
        campaign=row,
        branches=branches,
        total=total,
        debtors=debtors,
        target=sum((one.amount for one in row.targets), legacy_campaign.ZERO),
        currency=the_company(session).base_currency,
        form=form,
        may_lead=may(person(), "campaign.lead"),
        today=today(),
    )


def _chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters by class, each with how many there are."""
    shown = func.coalesce(LegacyDebt.chosen, LegacyDebt.suggested)
    query = select(shown, func.count(), func.count().filter(LegacyDebt.chosen.is_(None)))
    found = db.session.execute(query.join(LegacyDebt.customer).where(mine()).group_by(shown)).all()
    counts = {row[0]: row[1] for row in found} | {OPEN: sum(row[2] for row in found)}
    words = {OPEN: _("to be confirmed")} | {one: str(CLASS_WORDS[one]) for one in LEGACY_CLASSES}
    return [{"label": _("all"), "url": listing.url(**{"class": None}), "current": chosen is None}] + [
        {
            "label": word,
            "url": listing.url(**{"class": key}),
            "current": key == chosen,
            "count": counts.get(key),
        }
        for key, word in words.items()
        if counts.get(key) or key == chosen
    ]
