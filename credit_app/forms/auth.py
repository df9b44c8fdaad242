"""Forms around the sign-in: e-mail and password, one-time link, new password."""

from typing import Any

from wtforms import EmailField, HiddenField, PasswordField, ValidationError
from wtforms.validators import Length

from credit_app.forms.base import Form, at_most, needed
from credit_app.i18n import _, _l

SHORTEST = 12
LONGEST = 200  # argon2 takes any length; a megabyte of password is an attack
FORBIDDEN = ("password", "passwort", "123456", "qwerty", "letmein", "creditdesk")


class SignInForm(Form):
    """E-mail and password."""

    email = EmailField(_l("E-mail"), [needed(), at_most(254)])
    password = PasswordField(_l("Password"), [needed(), at_most(LONGEST)])
    next = HiddenField()


class ForgotForm(Form):
    """Whom to send a one-time link."""

    email = EmailField(_l("E-mail"), [needed(), at_most(254)])


class NewPasswordForm(Form):
    """A new password, typed twice."""

    password = PasswordField(
        _l("New password"),
        [
            needed(),
            Length(SHORTEST, LONGEST, _l("Please take %(min)d to %(max)d characters.")),
        ],
        description=_l(
            "At least 12 characters; a sentence is easy to remember. Example: four hills behind the harbour"
        ),
    )
    again = PasswordField(_l("New password again"), [needed()])

    def validate_password(self, field: Any) -> None:
        """Refuse what everybody would try first."""
        plain = "".join(letter for letter in field.data.lower() if letter.isalnum())
        if (
            any(plain.startswith(word) and len(plain) - len(word) < 8 for word in FORBIDDEN)
            or len(set(plain)) < 5
        ):
            raise ValidationError(
                _("This password is too easy to guess. Please take a longer or less usual one.")
            )

    def validate_again(self, field: Any) -> None:
        """Both must be the same."""
        if field.data != self.password.data:
            raise ValidationError(_("The two passwords differ. Please type the same one twice."))


class ChangePasswordForm(NewPasswordForm):
    """A new password by somebody who is signed in and still knows the old one."""

    current = PasswordField(_l("Present password"), [needed(), at_most(LONGEST)])
