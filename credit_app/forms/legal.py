"""The forms of legal action, a form for each task, and those of its pages: counsel, costs, papers."""

from typing import Any

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField, DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from credit_app.facts import legal
from credit_app.facts.legal_enforcement import Applied, Insolvency, Step
from credit_app.facts.legal_preparation import Arrangement, Assessment, Preservation
from credit_app.facts.legal_proceedings import Filed, Hearing
from credit_app.facts.legal_title import Followed, Settlement, Title
from credit_app.facts.legal_words import (
    COST_WORDS,
    COUNSEL_WORDS,
    EVIDENCE_WORDS,
    PROSPECT_WORDS,
    SOLVENCY_WORDS,
    WAY_WORDS,
    Words,
)
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.forms.fields import AmountField, ChoiceField
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l
from credit_app.models.legal import LegalCase

FILES = _l("PDF, PNG, JPEG, Word or Excel, at most 10 MB")


def words(table: Words) -> list[tuple[str, Any]]:
    """The codes and words of a select."""
    return [(code, label) for code, label in table.items()]


class LegalForm(Form):
    """What the forms of the tasks share: they begin empty, with nothing preselected."""

    note = TextAreaField(_l("Note"), [at_most(1000)])

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, _case: LegalCase) -> None:
        """A page that is opened begins empty."""

    def text(self, name: str) -> str:
        """What was typed in a field."""
        return self[name].data or ""

    def handed(self) -> Upload | None:
        """The document that was handed in. Raises InvalidAnswer for a file that is not taken."""
        given = self["file"].data
        return checked_upload(given, "file") if given is not None and given.filename else None


class AssessForm(LegalForm):
    """The assessment; the amount begins with what is claimed."""

    choice = RadioField(_l("Your proposal"), validate_choice=False)
    amount = AmountField(_l("Amount claimed"))
    evidence = SelectMultipleField(
        _l("Evidence in hand"),
        choices=options(words(EVIDENCE_WORDS)),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    prospects = ChoiceField(
        _l("Prospects"), choices=options(words(PROSPECT_WORDS), first=_l("please choose"))
    )
    solvency = ChoiceField(
        _l("The debtor"), choices=options(words(SOLVENCY_WORDS), first=_l("please choose"))
    )
    cost_estimate = AmountField(_l("Costs, estimated"))
    assessment = TextAreaField(_l("Assessment"), [at_most(2000)])

    def show(self, case: LegalCase) -> None:
        """What was said before, when the case was sent back; the proposal itself is made anew."""
        self.amount.process_data(case.amount)
        self.evidence.data = list(case.evidence or [])
        self.prospects.data, self.solvency.data = case.prospects or "", case.solvency or ""
        self.cost_estimate.process_data(case.cost_estimate)
        self.assessment.data = case.assessment

    def answer(self, _session: Session) -> Assessment:
        """What was entered."""
        return Assessment(
            self.text("choice"), self.amount.amount, tuple(self.evidence.data or ()), self.text("prospects"),
            self.text("solvency"), self.cost_estimate.amount, self.text("assessment"),
        )  # fmt: skip


class DecideForm(LegalForm):
    """The decision; a reason is owed for anything but a yes."""

    choice = RadioField(_l("Your decision"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(500)])

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, reason)."""
        return self.text("choice"), self.text("reason")


class ArrangeForm(LegalForm):
    """Counsel, way, preservation."""

    counsel_id = ChoiceField(_l("Counsel"), validate_choice=False)
    way = ChoiceField(_l("Way"), choices=options(words(WAY_WORDS), first=_l("please choose")))
    preserve = RadioField(
        _l("Preserve assets first?"),
        choices=options([("yes", _l("yes")), ("no", _l("no"))]),
        validate_choice=False,
    )

    def offer(self, session: Session) -> None:
        """The register of counsel."""
        self.counsel_id.choices = options(
            [(str(row.id), row.name) for row in legal.active_counsel(session)], first=_l("please choose")
        )

    def show(self, case: LegalCase) -> None:
        """What was arranged before a payment."""
        self.counsel_id.data, self.way.data = str(case.counsel_id or ""), case.way or ""

    def answer(self, _session: Session) -> Arrangement:
        """What was entered."""
        chosen = self.text("counsel_id")
        counsel_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
        return Arrangement(counsel_id, self.text("way"), self.text("preserve"), self.text("note"))


class PreserveForm(LegalForm):
    """What the court said."""

    choice = RadioField(_l("What the court said"), validate_choice=False)
    forum = StringField(_l("Court"), [at_most(200)])
    decided_on = DateField(_l("Day of the decision"), [Optional()])
    amount = AmountField(_l("Amount preserved"))

    def answer(self, _session: Session) -> Preservation:
        """What was entered."""
        return Preservation(
            self.text("choice"),
            self.text("forum"),
            self.decided_on.data,
            self.amount.amount,
            self.text("note"),
        )


class FileForm(LegalForm):
    """The filing."""

    forum = StringField(_l("Court or arbitral tribunal"), [at_most(200)])
    file_number = StringField(_l("File number"), [at_most(80)])
    filed_on = DateField(_l("Filed on"), [Optional()])
    next_on = DateField(_l("First hearing"), [Optional()])
    file = FileField(_l("Document"), description=FILES)

    def answer(self, _session: Session) -> Filed:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        return Filed(
            self.text("forum"), self.text("file_number"), self.filed_on.data, self.next_on.data, self.handed(),
            self.text("note"),
        )  # fmt: skip


class HearingForm(LegalForm):
    """What came of a hearing."""

    choice = RadioField(_l("What came of it"), validate_choice=False)
    held_on = DateField(_l("Day of the hearing"), [Optional()])
    next_on = DateField(_l("Next hearing"), [Optional()])

    def answer(self, _session: Session) -> Hearing:
        """What was entered."""
        return Hearing(self.text("choice"), self.held_on.data, self.next_on.data, self.text("note"))


class TitleForm(LegalForm):
    """What the court granted."""

    title_on = DateField(_l("Day of the decision"), [Optional()])
    awarded = AmountField(_l("Amount granted"))
    contest_by = DateField(_l("Can be contested until"), [Optional()])
    file = FileField(_l("Document"), description=FILES)

    def answer(self, _session: Session) -> Title:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        return Title(
            self.title_on.data, self.awarded.amount, self.contest_by.data, self.handed(), self.text("note")
        )


class SettlementForm(LegalForm):
    """What was agreed."""

    settled_on = DateField(_l("Day of the settlement"), [Optional()])
    amount = AmountField(_l("Amount agreed"))
    pay_by = DateField(_l("To be paid by"), [Optional()])
    file = FileField(_l("Document"), description=FILES)

    def answer(self, _session: Session) -> Settlement:
        """What was entered. Raises InvalidAnswer for a file that is not taken."""
        return Settlement(
            self.settled_on.data, self.amount.amount, self.pay_by.data, self.handed(), self.text("note")
        )


class FollowForm(LegalForm):
    """What became of the title."""

    choice = RadioField(_l("What became of it"), validate_choice=False)
    on = DateField(_l("Since"), [Optional()])
    next_on = DateField(_l("Next hearing"), [Optional()])

    def answer(self, _session: Session) -> Followed:
        """What was entered."""
        return Followed(self.text("choice"), self.on.data, self.next_on.data, self.text("note"))


class ApplyForm(LegalForm):
    """The application to enforce."""

    forum = StringField(_l("Court or bailiff"), [at_most(200)])
    applied_on = DateField(_l("Applied for on"), [Optional()])

    def answer(self, _session: Session) -> Applied:
        """What was entered."""
        return Applied(self.text("forum"), self.applied_on.data, self.text("note"))


class StepForm(LegalForm):
    """A step of enforcement, or the end of an insolvency."""

    choice = RadioField(_l("What came of it"), validate_choice=False)
    on = DateField(_l("Day"), [Optional()])
    amount = AmountField(_l("What it brought"))

    def answer(self, _session: Session) -> Step:
        """What was entered."""
        return Step(self.text("choice"), self.on.data, self.amount.amount, self.text("note"))


class InsolvencyForm(LegalForm):
    """The claim in an insolvency."""

    administrator = StringField(_l("Administrator"), [at_most(200)])
    filed_on = DateField(_l("Filed on"), [Optional()])
    amount = AmountField(_l("Amount claimed"))
    examined_on = DateField(_l("Claims are examined on"), [Optional()])

    def show(self, case: LegalCase) -> None:
        """What was filed before a payment."""
        self.administrator.data = case.administrator
        self.amount.process_data(case.insolvency_amount)

    def answer(self, _session: Session) -> Insolvency:
        """What was entered."""
        return Insolvency(
            self.text("administrator"), self.filed_on.data, self.amount.amount, self.examined_on.data,
            self.text("note"),
        )  # fmt: skip


class SuitForm(LegalForm):
    """Whether the suit goes on after a payment."""

    choice = RadioField(_l("Your decision"), validate_choice=False)

    def answer(self, _session: Session) -> tuple[str, str]:
        """(choice, note)."""
        return self.text("choice"), self.text("note")


# --- pages --------------------------------------------------------------------------------------------------------


class CounselForm(Form):
    """An entry of the register of counsel."""

    kind = ChoiceField(_l("Kind"), choices=options(words(COUNSEL_WORDS)))
    name = StringField(_l("Name"), [NotBlank(), at_most(200)])
    person_id = ChoiceField(_l("Our counsel"), validate_choice=False)
    country = StringField(_l("Country"), [at_most(2)], description=_l("Two letters, such as CN"))
    email = StringField(_l("E-mail"), [at_most(254)])
    phone = StringField(_l("Telephone"), [at_most(60)])
    note = StringField(_l("Note"), [at_most(500)])


class CostForm(Form):
    """A cost of a case."""

    kind = ChoiceField(_l("What for"), choices=options(words(COST_WORDS), first=_l("please choose")))
    amount = AmountField(_l("Amount"))
    incurred_on = DateField(_l("Day"), [Optional()])
    note = StringField(_l("Note"), [at_most(300)])
    claimed = BooleanField(_l("The debtor owes it: enter it in the ledger"))


class PaperForm(Form):
    """A paper for the evidence of a case."""

    piece = ChoiceField(_l("Piece of evidence"), choices=options(words(EVIDENCE_WORDS)))
    received_on = DateField(_l("Received by the debtor on"), [Optional()])
    file = FileField(_l("Document"), description=FILES)

    def handed(self) -> Upload | None:
        """The file. Raises InvalidAnswer for one that is not taken."""
        given = self.file.data
        return checked_upload(given, "file") if given is not None and given.filename else None
