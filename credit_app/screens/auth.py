"""Sign in, sign out, set a password by a one-time link, own account and preferences."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.notices import NOTICES
from credit_app.forms.auth import ChangePasswordForm, ForgotForm, NewPasswordForm, SignInForm
from credit_app.i18n import LANGUAGES, _
from credit_app.models import Company, Person, password_matches
from credit_app.screens import links, sessions
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import now

blueprint = Blueprint("auth", __name__)

THEMES = ("auto", "light", "dark")


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password."""
    if current_user.is_authenticated:
        return redirect(sessions.safe_next(request.values.get("next")))
    form = SignInForm(next=request.args.get("next", ""))
    general, code = None, 200
    if form.validate_on_submit():
        found = sessions.attempt(db.session(), form.email.data, form.password.data)
        if found:
            sessions.begin(db.session(), found)
            return redirect(sessions.safe_next(form.next.data))
        general, code = wrong_password(), 401
    demo = db.session.get(Company, 1)
    return render_template("auth/sign_in.html", form=form, general=general, demo=demo and demo.is_demo), code


def wrong_password() -> str:
    """Return one sentence for every failure, so that it tells no stranger which accounts exist."""
    limits = sessions.rules(db.session())
    return _(
        "E-mail and password do not match. After %(tries)s failed attempts an account rests for %(minutes)s minutes.",
        tries=limits["attempts"],
        minutes=limits["lock_minutes"],
    )


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    sessions.end(db.session())
    flash(_("You are signed out."), "success")
    return redirect(url_for("auth.sign_in"))


@blueprint.route("/forgot-password", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Send a one-time link; the answer is the same whether or not the account exists."""
    form = ForgotForm()
    if not form.validate_on_submit():
        return render_template("auth/forgot.html", form=form), 422 if form.errors else 200
    email = form.email.data.lower()
    found = db.session.scalar(select(Person).where(Person.email == email, Person.active))
    if found:
        send_link(found, "password_reset")
        db.session.commit()
    flash(_("If an account with this e-mail exists, a link is on its way. It can be used once."), "success")
    return redirect(url_for("auth.sign_in"))


def send_link(to: Person, template: str) -> bool:
    """Queue a mail with a one-time link; False when there were too many. Does not commit."""
    minutes = sessions.rules(db.session())["link_minutes"]
    key = str(current_app.config["SECRET_KEY"])
    return links.send_link(
        db.session(), to, secret_key=key, instant=now(), minutes=minutes, template=template
    )


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> ResponseReturnValue:
    """Set a password with a one-time link."""
    if links.open_link(db.session(), token, now()) is None:
        return render_template("auth/link_over.html"), 410
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("auth/set_password.html", form=form), 422 if form.errors else 200
    found = links.use_link(db.session(), token, form.password.data, now())
    db.session.commit()
    if found is None:
        return render_template("auth/link_over.html"), 410
    flash(_("Your password is set. Please sign in with it."), "success")
    return redirect(url_for("auth.sign_in"))


@blueprint.route("/account", methods=["GET", "POST"])
@allowed("start.see")
def account() -> ResponseReturnValue:
    """Own data and a new password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        me = person()
        if password_matches(me.password_hash, form.current.data):
            links.set_password(me, form.password.data)
            db.session.commit()
            sessions.begin(db.session(), me)
            flash(_("Your password is changed. Everywhere else you are signed out."), "success")
            return redirect(url_for("auth.account"))
        form.current.errors = [_("This is not your present password.")]
    return render_template("auth/account.html", form=form), 422 if form.errors else 200


@blueprint.post("/preferences")
@allowed("start.see")
def preferences() -> ResponseReturnValue:
    """Keep language, colours, and how to be told."""
    answer = redirect(sessions.safe_next(request.form.get("next", "").rstrip("?")))
    if request.form.get("locale") in LANGUAGES:
        person().locale = request.form["locale"]
        db.session.commit()
    if request.form.get("notices") in NOTICES:
        person().notices = request.form["notices"]
        db.session.commit()
        flash(_("From now on you are told that way."), "success")
    theme = request.form.get("theme")
    if theme in THEMES:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        answer.set_cookie("theme", theme, max_age=365 * 86400, samesite="Lax", secure=secure)
    return answer
