"""Who leads collection gives cases to others, pauses them, takes them up again and gives them up; a collector takes one
that nobody has."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app import collecting, leading
from credit_app.db import db
from credit_app.forms.worklist import GiveUpForm, PauseForm, ReassignForm
from credit_app.i18n import _, ngettext, said
from credit_app.models import CollectionCase, Person
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import engine
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.asked import is_id
from credit_app.screens.collection.cases import case_by_number
from credit_app.screens.collection.page import case_page
from credit_app.screens.listing import BadParameter
from credit_app.screens.sessions import safe_next
from workflows import Refused

MOST_AT_ONCE = 100


@blueprint.post("/reassign")
@allowed("collection.lead")
def reassign() -> ResponseReturnValue:
    """Give one or several cases to another collector, all of them or none."""
    session, form = db.session(), ReassignForm()
    back = redirect(safe_next(request.form.get("next") or url_for("collection.index")))
    cases = chosen_cases()
    for case in cases:
        check("collection.lead", case.customer)
    to = session.get(Person, int(form.collector_id.data)) if is_id(form.collector_id.data or "") else None
    if to is None or not to.active:
        raise BadParameter(_("Please choose a colleague from the list."))
    try:
        for case in cases:
            leading.reassign(session, engine(), case, to, form.reason.data or "", person().id)
        session.commit()
    except Refused as error:
        session.rollback()
        flash(said(error), "error")
        return back
    count = len(cases)
    words = ngettext(
        "%(num)s case is with %(name)s now.", "%(num)s cases are with %(name)s now.", count, name=to.name
    )
    flash(words, "success")
    return back


@blueprint.post("/cases/<number>/take")
@allowed("collection.work")
def take(number: str) -> ResponseReturnValue:
    """Take a case that nobody has."""
    case = case_by_number(number)
    check("collection.work", case.customer)
    leading.take(db.session(), engine(), case, person())
    db.session.commit()
    flash(_("The case is yours now."), "success")
    return redirect(url_for("collection.case", number=case.number))


@blueprint.post("/cases/<number>/pause")
@allowed("collection.lead")
def pause(number: str) -> ResponseReturnValue:
    """Pause a case until a day, with a ground."""
    form = PauseForm()
    return act(
        number,
        form,
        lambda case: leading.pause(
            db.session(), engine(), case, form.until.data, form.ground.data or "", person().id
        ),
        _("The case is paused; it leaves its stage within moments."),
    )


@blueprint.post("/cases/<number>/end-pause")
@allowed("collection.lead")
def end_pause(number: str) -> ResponseReturnValue:
    """Take a paused case up again."""
    return act(
        number,
        None,
        lambda case: leading.end_pause(db.session(), engine(), case, person().id),
        _("The pause is over; the case goes to its stage within moments."),
    )


@blueprint.post("/cases/<number>/give-up")
@allowed("collection.lead")
def give_up(number: str) -> ResponseReturnValue:
    """End a case although something is overdue, with a ground."""
    form = GiveUpForm()
    return act(
        number,
        form,
        lambda case: collecting.give_up(
            db.session(), engine(), case, form.close_note.data or "", person().id
        ),
        _("The case is given up. Debts that fall due later open a new one."),
    )


# --- inside -------------------------------------------------------------------------------------------------------


def act(
    number: str,
    form: PauseForm | GiveUpForm | None,
    what: Callable[[CollectionCase], None],
    words: str,
) -> ResponseReturnValue:
    """Do something with a case of one's branch; what was refused stays in its form."""
    case = case_by_number(number)
    check("collection.lead", case.customer)
    if form is not None and not form.validate():
        return case_page(number, form=form), 422
    try:
        what(case)
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        return case_page(number, form=form, refused=error), error.status
    flash(words, "success")
    return redirect(url_for("collection.case", number=number))


def chosen_cases() -> list[CollectionCase]:
    """The cases that the form names. Raises BadParameter."""
    ids = {int(one) for one in request.form.getlist("case_id") if is_id(one)}
    if not ids:
        raise BadParameter(_("Tick the cases that somebody else is to have."))
    if len(ids) > MOST_AT_ONCE:
        raise BadParameter(_("At most %(most)s cases at a time, please.", most=MOST_AT_ONCE))
    query = select(CollectionCase).where(CollectionCase.id.in_(ids))
    # Always in the same order, so that two who give cases away at once do not wait for each other for ever.
    return list(db.session.scalars(query.order_by(CollectionCase.customer_id)))
