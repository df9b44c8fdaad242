"""Templates of contracts: which are in use, writing the next version of one, and taking one out of use."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.domain.contract_text import difference
from credit_app.facts import contract_templates as templates
from credit_app.facts.contract_texts import FIELDS, all_texts
from credit_app.forms.contract_templates import NewTemplateForm, TemplateForm, WithdrawTemplateForm
from credit_app.i18n import _
from credit_app.models.contract import LANGUAGES
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.visible import contract_by_number
from credit_app.screens.problems import at_field
from workflows import InvalidAnswer, NotFound, Refused

WRITING = "contract.texts"
MOST_VERSIONS = 50


@blueprint.get("/templates")
@allowed("contract.see")
def template_list() -> ResponseReturnValue:
    """List the templates, and the drafts of new ones."""
    session = db.session()
    texts = all_texts(session)
    drafts = {(row.code, row.language): row for row in templates.drafts(session)}
    known = {(text.code, text.language) for text in texts}
    return render_template(
        "contracts/templates.html",
        texts=texts,
        drafts=drafts,
        begun=[row for key, row in drafts.items() if key not in known],
        may_write=may(person(), WRITING),
    )


@blueprint.route("/templates/new", methods=["GET", "POST"])
@allowed("contract.see")
def new_template() -> ResponseReturnValue:
    """Begin a template; it is a draft until it is published."""
    check(WRITING)
    form, problem = NewTemplateForm(), None
    if form.validate_on_submit():
        code, language = form.code.data or "", form.language.data or ""
        try:
            templates.begin(
                db.session(), code, language, form.side.data or "", form.typed(), person().id, now()
            )
        except Refused as refused:
            db.session.rollback()
            problem = at_field(form, refused)
        else:
            db.session.commit()
            flash(_("The draft is saved; nobody drafts from it before it is published."), "success")
            return redirect(url_for("contracts.template", code=code, language=language))
    page = render_template("contracts/template_new.html", form=form, problem=problem, fields=FIELDS)
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/templates/<code>/<language>")
@allowed("contract.see")
def template(code: str, language: str) -> ResponseReturnValue:
    """Show a template with its versions, and the draft of its next one."""
    return _page(code, language)


@blueprint.post("/templates/<code>/<language>")
@allowed("contract.see")
def write_template(code: str, language: str) -> ResponseReturnValue:
    """Save the draft, try it on a contract, or publish it."""
    check(WRITING)
    form = TemplateForm()
    if not form.validate():
        return _page(code, language, form), 422
    try:
        if "preview" in request.form:
            return _page(code, language, form, shown=_preview(code, language, form))
        done = _publish if "publish" in request.form else _save
        said = done(code, language, form)
    except Refused as refused:
        db.session.rollback()
        return _page(code, language, form, problem=at_field(form, refused)), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("contracts.template", code=code, language=language))


@blueprint.post("/templates/<code>/<language>/withdraw")
@allowed("contract.see")
def withdraw_template(code: str, language: str) -> ResponseReturnValue:
    """Take a template out of use."""
    check(WRITING)
    form = WithdrawTemplateForm()
    if not form.validate():
        return _page(code, language, ending=form), 422
    try:
        reason = form.reason.data or ""
        templates.withdraw(db.session(), code, language, reason, form.seen(), person().id, now())
    except Refused as refused:
        db.session.rollback()
        return _page(code, language, ending=form, problem=at_field(form, refused)), 422
    db.session.commit()
    flash(_("The template is withdrawn; no draft begins from it any more."), "success")
    return redirect(url_for("contracts.template", code=code, language=language))


@blueprint.post("/templates/<code>/<language>/discard")
@allowed("contract.see")
def discard_template_draft(code: str, language: str) -> ResponseReturnValue:
    """Throw the draft of the next version away."""
    check(WRITING)
    form = WithdrawTemplateForm()
    try:
        templates.discard(db.session(), code, language, form.seen())
    except Refused as refused:
        db.session.rollback()
        return _page(code, language, problem=at_field(form, refused)), refused.status
    db.session.commit()
    flash(_("The draft is thrown away."), "success")
    return redirect(url_for("contracts.template_list"))


@blueprint.get("/templates/<code>/<language>/versions/<int:version>")
@allowed("contract.see")
def template_version(code: str, language: str, version: int) -> ResponseReturnValue:
    """Show a version as it was published, and what it changed."""
    session = db.session()
    row = templates.version_of(session, code, language, version)
    before = None
    if version > 0:
        try:
            before = templates.version_of(session, code, language, version - 1)
        except NotFound:  # the first of a template that is not shipped
            before = None
    return render_template(
        "contracts/template_version.html",
        row=row,
        before=before,
        compared=difference(before.body, row.body) if before is not None else None,
    )


def title_of(code: str, language: str, version: int) -> str:
    """Return the title of a version as it was published."""
    return templates.version_of(db.session(), code, language, version).title


# --- inside -------------------------------------------------------------------------------------------------------


def _save(code: str, language: str, form: TemplateForm) -> str:
    templates.save(db.session(), code, language, form.typed(), form.seen(), person().id, now())
    return _("The draft is saved; nobody drafts from it before it is published.")


def _publish(code: str, language: str, form: TemplateForm) -> str:
    made = templates.publish(db.session(), code, language, form.typed(), form.seen(), person().id, now())
    return _("Version %(version)s is in force for every draft from now on.", version=made.version)


def _preview(code: str, language: str, form: TemplateForm) -> str:
    """The text filled from the contract that was named, else from one that is made up. Raises Refused."""
    session, number = db.session(), (form.contract.data or "").strip()
    text, draft = templates.text_of(session, code, language), templates.draft_of(session, code, language)
    side = text.side if text is not None else draft.side if draft is not None else "sales"
    try:
        contract = contract_by_number(number) if number else None
    except NotFound as refused:
        raise InvalidAnswer("contract", str(refused)) from None
    return templates.preview(session, form.typed(), language, side, today(), contract)


def _page(
    code: str,
    language: str,
    form: TemplateForm | None = None,
    *,
    ending: WithdrawTemplateForm | None = None,
    shown: str | None = None,
    problem: str | None = None,
) -> str:
    """The page of a template; `form` and `ending` are what was refused, with what was typed."""
    session, writes = db.session(), may(person(), WRITING)
    text = templates.text_of(session, code, language)
    draft = templates.draft_of(session, code, language) if writes else None
    if language not in LANGUAGES or (text is None and draft is None):
        raise NotFound(_("There is no such template."))
    if form is None:
        form = _begun(text, draft)
    if ending is None:
        ending = WithdrawTemplateForm(formdata=None)
        ending.show(text.version if text is not None else 0, draft)
    versions = session.scalars(templates.versions_query(code, language).limit(MOST_VERSIONS)).all()
    return render_template(
        "contracts/template.html",
        code=code,
        language=language,
        text=text,
        draft=draft,
        side=text.side if text is not None else draft.side if draft is not None else "",
        form=form,
        ending=ending,
        preview=shown,
        problem=problem,
        fields=FIELDS,
        versions=versions,
        shipped=templates.is_shipped(code, language),
        may_write=writes,
    )


def _begun(text: Any, draft: Any) -> TemplateForm:
    """The form as the draft has it; without one the text in force, to be written on."""
    ruling = draft or text
    note = draft.note if draft is not None else ""
    form = TemplateForm(formdata=None, title=ruling.title, body=ruling.body, note=note)
    form.show(text.version if text is not None else 0, draft)
    return form
