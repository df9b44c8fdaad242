"""The form of the clauses that contracts are checked for: a row for each, and from when and why they rule."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField

from credit_app.domain.clause_form import TypedClause, Wrong, typed
from credit_app.domain.contracts import AREAS, MOST_CLAUSES
from credit_app.facts.contract_words import AREA_WORDS
from credit_app.forms.base import Part, options
from credit_app.forms.fields import WholeField
from credit_app.forms.policy import PublishForm
from credit_app.i18n import _l, said

NEW_ROWS = 2
LONGEST_SENT = 20_000


class ClauseRow(Part):
    """A clause: what is judged by whom, what the company's text is, and the words that find it."""

    code = StringField(
        _l("Short name"), description=_l("Stays as it is: earlier checklists know the clause by it.")
    )
    title = StringField(_l("Title of the clause"))
    title_zh = StringField(_l("Title in Chinese"))
    area = SelectField(
        _l("Judged by"),
        choices=lambda: options(((one, AREA_WORDS[one]) for one in AREAS), "–"),
        validate_choice=False,
    )
    required = BooleanField(_l("Required: a text without it owes a reason"))
    sales = BooleanField(_l("Asked of sales"))
    purchase = BooleanField(_l("Asked of purchases"))
    text = TextAreaField(_l("The company's text"))
    text_zh = TextAreaField(_l("The company's text in Chinese"))
    words = TextAreaField(
        _l("Recognised by"),
        description=_l(
            "One word or phrase a line, in any language; capitals and small letters are the same."
        ),
    )
    place = WholeField(_l("Place in the list"), most=MOST_CLAUSES * 2)
    out = BooleanField(_l("Take this clause out"))

    def typed(self, number: int) -> TypedClause:
        """The row as it was typed; `number` counts from 1."""
        sides = tuple(side for side in ("sales", "purchase") if self[side].data)
        return TypedClause(
            _text(self.code), _text(self.title), _text(self.title_zh), _text(self.text), _text(self.text_zh), sides,
            _text(self.area), _text(self.words), bool(self.required.data), number, self.place.number,
        )  # fmt: skip


class ClausesForm(PublishForm):
    """All clauses; `seen` is the newest version that the page showed."""

    seen = HiddenField()
    rows = FieldList(FormField(ClauseRow), max_entries=MOST_CLAUSES + NEW_ROWS)

    def show(self, rows: Sequence[Any], seen: int) -> None:
        """The clauses in force, and empty rows for new ones."""
        self.seen.data = str(seen)
        for row in typed(rows):
            entry: dict[str, Any] = {
                name: getattr(row, name)
                for name in (
                    "code",
                    "title",
                    "title_zh",
                    "text",
                    "text_zh",
                    "area",
                    "words",
                    "required",
                    "place",
                )
            }
            self.rows.append_entry(entry | {side: side in row.sides for side in ("sales", "purchase")})
        for _row in range(min(NEW_ROWS, MOST_CLAUSES - len(rows))):
            self.rows.append_entry({"required": True, "sales": True, "purchase": True})

    def typed(self) -> list[tuple[int, TypedClause]]:
        """The rows that stay, each with its number on the page."""
        return [
            (number, entry.form.typed(number + 1))
            for number, entry in enumerate(self.rows.entries)
            if not entry.form.out.data
        ]

    def mark(self, wrong: Wrong, numbers: Sequence[int]) -> str:
        """Put what is wrong at its field; returns it as the list on top says it."""
        sentence = said(wrong.sentence)
        if wrong.row is None:
            return sentence
        row = self.rows.entries[numbers[wrong.row]].form
        row[wrong.field].errors = [sentence]
        return f"{row.title.data or row.code.data or numbers[wrong.row] + 1}: {sentence}"


def _text(item: Any) -> str:
    return (item.data or "").replace("\r\n", "\n")[:LONGEST_SENT]
