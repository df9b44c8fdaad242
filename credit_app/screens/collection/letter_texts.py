"""The texts of letters: which are in force, and a new version with its preview on a real customer."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.dunning import CHANNELS, LETTER_LANGUAGES, LEVELS
from credit_app.domain.dunning_text import LONG, SHORT, with_items
from credit_app.facts.dunning import preview
from credit_app.facts.dunning_text import Text, check_text, publish_text, text_in_force, versions_query
from credit_app.forms.dunning import TextForm
from credit_app.i18n import _, said
from credit_app.models.dunning import DunningTemplate
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.file.opening import opened
from workflows import InvalidAnswer, Refused


@blueprint.get("/texts")
@allowed("letters.see")
def texts() -> ResponseReturnValue:
    """List the texts, level by level."""
    session = db.session()
    rows = session.scalars(select(DunningTemplate).order_by(DunningTemplate.version))
    newest = {(row.level, row.language, row.channel): row for row in rows}
    return render_template(
        "collection/letter_texts.html",
        levels=LEVELS,
        letter_languages=LETTER_LANGUAGES,
        channels=CHANNELS,
        newest=newest,
    )


@blueprint.route("/texts/<level>/<language>/<channel>", methods=["GET", "POST"])
@allowed("letters.see")
def letter_text(level: str, language: str, channel: str) -> ResponseReturnValue:
    """Show a text with its versions; try a new one on a customer, or publish it."""
    session = db.session()
    ruling = text_in_force(session, level, language, channel)
    form = TextForm(subject=ruling.subject, body=ruling.body, version=str(ruling.version))
    shown: tuple[str, str] | None = None
    if request.method == "POST":
        check("letters.texts")
        typed = Text(level, language, channel, form.subject.data or "", form.body.data or "", seen(form))
        if form.validate() and sound(form, typed):
            if "publish" in request.form:
                if published(form, typed):
                    return redirect(
                        url_for("collection.letter_text", level=level, language=language, channel=channel)
                    )
            else:
                shown = previewed(form, typed)
    page = render_template(
        "collection/letter_text.html",
        ruling=ruling,
        form=form,
        preview=shown,
        fields=SHORT if channel == "sms" else (*SHORT, *LONG),
        versions=session.scalars(versions_query(level, language, channel).limit(20)).all(),
        may_change=may(person(), "letters.texts"),
    )
    db.session.commit()  # what was looked at in a customer's file
    return page, 422 if form.errors else 200


# --- inside -------------------------------------------------------------------------------------------------------


def seen(form: TextForm) -> int:
    """The version that the person has seen; -1, which is no version, for what is no number."""
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def sound(form: TextForm, typed: Text) -> bool:
    """Whether every field of the text is known; what is wrong stands at its field."""
    try:
        check_text(typed.channel, typed.subject, typed.body)
    except InvalidAnswer as wrong:
        form[wrong.field].errors = [said(wrong)]
        return False
    return True


def published(form: TextForm, typed: Text) -> bool:
    """Publish and say so; a refusal stands at the text, with everything typed kept."""
    try:
        row = publish_text(db.session(), typed, typed.subject, typed.body, person().id, now())
    except Refused as refused:
        db.session.rollback()
        form.body.errors = [said(refused)]
        return False
    version = row.version
    db.session.commit()
    flash(_("Version %(version)s is in force for every letter from now on.", version=version), "success")
    return True


def previewed(form: TextForm, typed: Text) -> tuple[str, str] | None:
    """Subject and body with the figures of the customer that was named; None with an error at its field."""
    number = (form.customer.data or "").strip()
    if not number:
        form.customer.errors = [_("Name a customer by its number.")]
        return None
    try:
        file = opened(number)
        subject, body = preview(db.session(), file.customer, typed, today())
    except Refused as refused:
        form.customer.errors = [said(refused)]
        return None
    file.log("view", "account")
    return subject, with_items(body, _("(the items stand here, as a table on paper and as lines in a mail)"))
