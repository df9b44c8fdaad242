"""The form of the import centre."""

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField

from credit_app.forms.base import Form, needed, options
from credit_app.i18n import _, _l


class ImportForm(Form):
    """A file, what it holds, and what to do about rows that cannot be taken."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Please choose a file."))],
        description=_l(
            "CSV in any common encoding, XLSX, XML of the bank, or UBL as XML or ZIP. Example: open-items-march.csv"
        ),
    )
    mapping = SelectField(_l("What the file holds"), [needed(_l("Please choose what the file holds."))])
    mode = RadioField(
        _l("When a row cannot be taken"),
        [needed(_l("Please choose one."))],
        choices=options([("all_or_nothing", ""), ("skip_bad_rows", "")]),
    )
    dry_run = BooleanField(_l("Only check, write nothing"))

    def offer(self, mappings: list[tuple[str, str]]) -> "ImportForm":
        """Fill the select."""
        self.mapping.choices = options(mappings, _("choose"))
        return self
