"""Forms of the administration: a person, a role, a substitution, a holiday."""

from datetime import date
from typing import Any

from wtforms import DateField, EmailField, SelectField, StringField, ValidationError
from wtforms.validators import Email, Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.i18n import LANGUAGES, _, _l


def optional_number(value: Any) -> int | None:
    """Read a select whose first choice is empty."""
    return int(value) if value not in (None, "", "None") else None


class PersonForm(Form):
    """Name, e-mail and place of a person."""

    name = StringField(_l("Name"), [NotBlank(), at_most(200)], description=_l("Example: Anna Weiss"))
    email = EmailField(
        _l("E-mail"),
        [
            needed(),
            at_most(254),
            Email(_l("This is no complete e-mail address. Example: anna.weiss@company.com")),
        ],
    )
    title = StringField(
        _l("Title"), [Optional(), at_most(200)], description=_l("Example: Head of credit, north")
    )
    branch_id = SelectField(_l("Branch"), [Optional()], coerce=optional_number)
    department_id = SelectField(_l("Department"), [Optional()], coerce=optional_number)
    locale = SelectField(_l("Language"), choices=options(LANGUAGES.items()), default="en")

    def offer(self, branches: list[tuple[int, str]], departments: list[tuple[int, str]]) -> "PersonForm":
        """Fill the selects."""
        self.branch_id.choices = options(branches, _("whole company"))
        self.department_id.choices = options(departments, _("none"))
        return self


class RoleForm(Form):
    """A role in one branch or in all."""

    role = SelectField(_l("Role"), [needed()])
    branch_id = SelectField(_l("In branch"), [Optional()], coerce=optional_number)

    def offer(self, roles: list[tuple[str, str]], branches: list[tuple[int, str]]) -> "RoleForm":
        """Fill the selects."""
        self.role.choices = options(roles, _("choose a role"))
        self.branch_id.choices = options(branches, _("all branches"))
        return self


class SubstitutionForm(Form):
    """Who acts for whom, from one day to another."""

    person_id = SelectField(_l("Who is away"), [needed()], coerce=optional_number)
    substitute_id = SelectField(_l("Who acts instead"), [needed()], coerce=optional_number)
    starts_on = DateField(_l("First day"), [needed(_l("Please give a date."))])
    ends_on = DateField(
        _l("Last day"), [needed(_l("Please give a date."))], description=_l("This day is included.")
    )
    reason = StringField(_l("Reason"), [Optional(), at_most(500)], description=_l("Example: annual leave"))

    def offer(self, people: list[tuple[int, str]]) -> "SubstitutionForm":
        """Fill the selects."""
        self.person_id.choices = self.substitute_id.choices = options(people, _("choose a person"))
        return self

    def validate_substitute_id(self, field: Any) -> None:
        """Nobody stands in for themselves."""
        if field.data and field.data == self.person_id.data:
            raise ValidationError(_("Choose somebody else: nobody can act for themselves."))

    def validate_ends_on(self, field: Any) -> None:
        """The last day does not lie before the first."""
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day lies before the first."))


class HolidayForm(Form):
    """A day on which business days do not count."""

    day = DateField(_l("Day"), [needed(_l("Please give a date."))])
    name = StringField(_l("Name"), [NotBlank(), at_most(200)], description=_l("Example: New Year's Day"))

    def validate_day(self, field: Any) -> None:
        """A typing error in the year would go unnoticed for years."""
        if field.data and not date(2000, 1, 1) <= field.data <= date(2100, 12, 31):
            raise ValidationError(_("Please give a day between 2000 and 2100."))
