"""The page of every user task: show, keep a draft, complete."""

import secrets
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from credit_app.db import db
from credit_app.facts import following
from credit_app.facts.application import get_application
from credit_app.facts.people import ids_with
from credit_app.facts.reading import inputs_text
from credit_app.facts.subjects import APPLICATION, kind_of
from credit_app.i18n import _, said
from credit_app.models import CreditApplication, Person
from credit_app.models.once import show_only
from credit_app.screens import levels, next_words, process_view, taking_back
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import engine
from credit_app.screens.clock import now
from credit_app.screens.file.overview import by_month
from credit_app.screens.present import moment
from credit_app.screens.problems import problems, still_missing
from credit_app.screens.process_words import node_name
from credit_app.screens.subjects import lead, log_look, subject_of
from credit_app.screens.task_access import is_personal, task_for
from credit_app.screens.words import role_word
from workflows import (
    Action,
    Actor,
    AlreadyAnswered,
    Conflict,
    NotAllowed,
    NotFound,
    Refused,
    Rest,
    StaleTask,
    TaskRow,
    inbox,
)

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
blueprint.add_app_template_filter(inputs_text)


def step_of(action: Action) -> ModuleType:
    """The step module of a task."""
    module: ModuleType = current_app.extensions["registry"].step(action.process, action.node)
    return module


@blueprint.get("/<int:task_id>")
@allowed("inbox.see")
def show(task_id: int) -> ResponseReturnValue:
    """Show the task to somebody who may do it."""
    session = db.session()
    actor, action = task_for(session, task_id)
    taking_back.opened(session, action.instance_id)
    form = step_of(action).Form(formdata=None)
    form.offer(session)
    form.show(subject_of(session, action.process, action.subject_id).row)
    if hasattr(form, "look"):
        form.look(session, action, request.args)
    shown = page(session, actor, action, form)
    log_look(session, action.process, action.subject_id)
    session.commit()
    return shown


@blueprint.post("/<int:task_id>")
@allowed("inbox.see")
def complete(task_id: int) -> ResponseReturnValue:
    """Take the answer: one transaction, then on to the application."""
    session = db.session()
    key = request.form.get("request_key", "")[:64] or None
    try:
        actor, action = task_for(session, task_id, key)
    except AlreadyAnswered as known:
        return again(session, known)
    step, form = step_of(action), step_of(action).Form()
    form.offer(session)
    if not form.validate():
        return page(session, actor, action, form), 422
    try:
        answer = form.answer(session)
        rest = engine().complete(
            session, task_id, actor, f"screen:{action.process}/{action.node}",
            lambda locked: step.complete(locked, answer), key, taking_back.window(session, step),
        )  # fmt: skip
        if kind_of(action.process) == APPLICATION:
            following.watch(session, person().id, action.subject_id)
        session.commit()
    except AlreadyAnswered as known:
        return again(session, known)
    except (StaleTask, NotAllowed, NotFound):
        raise
    except (Refused, StaleDataError) as error:
        refused = told(error)
        session.rollback()
        return page(session, *task_for(session, task_id), form, refused), refused.status
    flash(said_of(session, rest), "success")
    return redirect(onward(session, action.process, action.subject_id))


@blueprint.post("/<int:task_id>/draft")
@allowed("inbox.see")
def draft(task_id: int) -> ResponseReturnValue:
    """Keep what was entered so far; answers JSON to the page that saves by itself."""
    session = db.session()
    actor, action = task_for(session, task_id)
    save = getattr(step_of(action), "save_draft", None)
    if save is None:
        raise NotFound(_("This task keeps no draft."))
    form = step_of(action).Form()
    form.offer(session)
    quiet = request.accept_mimetypes.best == "application/json"
    if not form.validate():
        return unsaved(form) if quiet else (page(session, actor, action, form), 422)
    try:
        application = get_application(session, action.subject_id)
        entered = form.answer(session)
        save(session, application, entered, actor.person_id or 0, now())
        session.commit()
    except (Refused, StaleDataError) as error:
        refused = told(error)
        session.rollback()
        if quiet:
            return jsonify(error=said(refused)), refused.status
        return page(session, *task_for(session, task_id), form, refused), refused.status
    if quiet:
        return jsonify(version=application.version, saved=_("saved %(at)s", at=moment(now())))
    flash(_("The draft is saved."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


# --- inside -------------------------------------------------------------------------------------------------------


def told(error: Refused | StaleDataError) -> Refused:
    """The refusal; of two saves at the same moment the second reads that it came too late."""
    if isinstance(error, Refused):
        return error
    return Conflict(_("This was changed by somebody else at the same moment; nothing of yours was saved."))


def unsaved(form: Any) -> ResponseReturnValue:
    """What the page that saves by itself is told about a draft with an entry that cannot be read."""
    name, errors = next(iter(form.errors.items()))
    label = form[name].label.text if name in form else ""
    return jsonify(error=_("Not saved. %(field)s: %(error)s", field=label, error=errors[0])), 422


def again(session: Session, known: AlreadyAnswered) -> ResponseReturnValue:
    """The first answer once more, after a double click."""
    session.rollback()
    number, process = (
        inbox.subject_of(session, known.instance_id),
        inbox.process_of(session, known.instance_id),
    )
    flash(_("This was already recorded; nothing was done twice."), "info")
    return redirect(onward(session, process, number))


def onward(session: Session, process: str, subject_id: int) -> str:
    """Where one goes after an answer: to what it was about, or back to the inbox where that is not one's to see."""
    return subject_of(session, process, subject_id).url or url_for("inbox.mine")


def page(session: Session, actor: Actor, action: Action, form: Any, refused: Refused | None = None) -> str:
    """The task page; what was typed stays in the form."""
    show_only(session)
    step, subject = step_of(action), subject_of(session, action.process, action.subject_id)
    shown = step.facts(action) | (step.form_facts(action, form) if hasattr(step, "form_facts") else {})
    if isinstance(refused, Conflict) and hasattr(form, "version"):
        form.version.data = str(subject.row.version)  # whoever has read of the other change may save over it
    task = action.task
    assert task is not None, "a task page is about an open task"  # noqa: S101
    behalf = session.get(Person, actor.on_behalf_of) if actor.on_behalf_of else None
    context = {
        "task": task,
        "question": step.question(action),
        "lead": lead(subject, task.opened_at),
        "subject": subject,
        "process": process_of(session, action.instance_id, subject.application),
        "form": form,
        "problems": problems(form, refused),
        "general": None,
        "claim": claim_of(session, action),
        "behalf": behalf.name if behalf else None,
        "request_key": request.form.get("request_key") or secrets.token_urlsafe(16),
        "choices": choices(step, action),
        "missing": still_missing(session, step, subject.application, refused) if subject.application else [],
        "by_month": by_month,
    }
    own = f"steps/{action.process}/{action.node}.html"
    return render_template([own, "tasks/default.html"], **shown, **context)


def process_of(session: Session, instance_id: int, application: CreditApplication | None) -> dict[str, Any]:
    """The levels, where there are any, and the drawing with the way taken."""
    waiting = inbox.of_instance(session, instance_id)
    found_levels = levels.of_application(session, application, waiting) if application is not None else []
    return process_view.diagram(session, instance_id, waiting) | {"levels": found_levels}


def choices(step: ModuleType, action: Action) -> Sequence[dict[str, Any]]:
    """The step's choices that the instance's own diagram has a way for, each with what happens next."""
    offered: list[dict[str, Any]] = step.choices(action) if hasattr(step, "choices") else []
    return [shown for choice in offered if (shown := next_words.with_next(action, choice)) is not None]


def claim_of(session: Session, action: Action) -> dict[str, Any]:
    """Who has claimed the task, and what may be done about it."""
    task, me = action.task, person()
    assert task is not None, "a task page is about an open task"  # noqa: S101
    by = session.get(Person, task.claimed_by) if task.claimed_by else None
    own_draft = is_personal(action.process, action.node)
    return {
        "by": by.name if by else None,
        "mine": task.claimed_by == me.id,
        "may_claim": task.claimed_by is None and not own_draft,
        "may_put_back": task.claimed_by == me.id and not own_draft,
        "delegates": [] if own_draft or task.claimed_by not in (None, me.id) else colleagues(session, task),
    }


def colleagues(session: Session, task: TaskRow) -> list[tuple[int, str]]:
    """Who else may do the task, by the role and who is excluded; the engine checks the one that is chosen."""
    ids = set(ids_with(session, task.role, task.scope)) - {person().id, *task.excluded}
    query = select(Person.id, Person.name).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    return [(row.id, row.name) for row in session.execute(query)]


def said_of(session: Session, rest: Rest) -> str:
    """What happened after an answer, in one sentence."""
    if rest.ended:
        ended = inbox.process_of(session, rest.instance_id)
        return _("Recorded. Result: %(result)s.", result=node_name(ended, rest.outcome))
    if rest.opened:
        task = rest.opened[0]
        return _(
            "Recorded. Next: %(task)s, %(role)s.",
            task=node_name(task.process, task.node),
            role=role_word(task.role),
        )
    waiting = inbox.of_instance(session, rest.instance_id)
    if waiting:  # a vote, for example, goes on until others have answered too
        return _("Recorded. Still waited for: %(task)s.", task=node_name(waiting[0].process, waiting[0].node))
    return _("Recorded. The system works on the next step.")
