"""The forms of performing contracts: milestones, breaches with their end, and invoices that belong to a contract."""

from collections.abc import Callable
from typing import Self

from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.domain.contracts import BREACH_CONSEQUENCES, BREACH_KINDS, BREACH_PARTIES, MILESTONE_KINDS
from credit_app.facts.breaches import ENDS
from credit_app.facts.milestones import milestones_of
from credit_app.facts.people import people_with
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.forms.fields import AmountField
from credit_app.forms.uploads import Upload, checked_upload
from credit_app.i18n import _l
from credit_app.models import Person
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractMilestone
from credit_app.permissions import LEDGER, SALES

FILES = _l("PDF, PNG, JPEG, Word or Excel, at most 10 MB")
MILESTONE_WORDS = {
    "delivery": _l("Delivery"),
    "acceptance": _l("Acceptance"),
    "invoice": _l("Invoice"),
    "payment": _l("Payment"),
    "retention": _l("Retention"),
    "warranty": _l("Warranty"),
    "renewal": _l("Renewal"),
    "expiry": _l("End of the contract"),
    "other": _l("Something else"),
}
PARTY_WORDS = {"us": _l("We"), "them": _l("The other side")}
BREACH_WORDS = {
    "late_delivery": _l("Delivered late"),
    "not_delivered": _l("Not delivered"),
    "quality": _l("Quality not as agreed"),
    "late_payment": _l("Paid late"),
    "not_paid": _l("Not paid"),
    "confidentiality": _l("Secrecy not kept"),
    "other": _l("Something else"),
}
CONSEQUENCE_WORDS = {
    "none": _l("Nothing"),
    "notice": _l("Written notice"),
    "penalty": _l("Contractual penalty"),
    "damages": _l("Damages"),
    "suspension": _l("Performance suspended"),
    "termination": _l("Termination"),
    "claim": _l("Claim in court"),
}
END_WORDS = {"cured": _l("Cured"), "settled": _l("Settled"), "claimed": _l("Claimed")}


class _WithOwner(Form):
    """Has a field `owner`: one of those who work in the contract's branch."""

    people: dict[int, Person]

    def offer(self, session: Session, contract: Contract) -> Self:
        """Fill in who can be chosen: the owner of the contract, and those who sell, deliver or keep the ledger."""
        found = people_with(session, sorted(SALES | LEDGER))
        near = [one for one in found if one.active and _works_for(one, contract)]
        self.people = {one.id: one for one in [contract.owner, *near] if one.active}
        self["owner"].choices = options((str(key), one.name) for key, one in self.people.items())
        return self

    def chosen(self) -> Person | None:
        """Who was chosen; None when nobody that is offered."""
        given = self["owner"].data or ""
        return self.people.get(int(given)) if given.isdigit() else None


def _works_for(person: Person, contract: Contract) -> bool:
    return any(
        row.branch_id is None or contract.branch_id is None or row.branch_id == contract.branch_id
        for row in person.roles
        if row.role in SALES | LEDGER
    )


class MilestoneForm(_WithOwner):
    """Something that will be due."""

    kind = SelectField(
        _l("What is due"),
        choices=lambda: options((one, MILESTONE_WORDS[one]) for one in MILESTONE_KINDS),
        validate_choice=False,
    )
    title = StringField(_l("In words"), [NotBlank(), at_most(200)])
    due_on = DateField(_l("Due on"), [Optional()])
    owner = SelectField(_l("Who sees to it"), validate_choice=False)
    amount = AmountField(_l("Amount"), description=_l("In the currency of the contract, if there is one"))


class MilestoneActForm(_WithOwner):
    """What becomes of a milestone; nothing is preselected."""

    choice = RadioField(_l("What became of it"), validate_choice=False)
    version = HiddenField()
    done_on = DateField(_l("Done on"), [Optional()])
    evidence = TextAreaField(_l("How it is known"), [at_most(900)])
    file = FileField(_l("Paper that proves it"), description=FILES)
    due_on = DateField(_l("Due on"), [Optional()])
    owner = SelectField(_l("Who sees to it"), validate_choice=False)
    why = TextAreaField(_l("Reason"), [at_most(900)])

    @property
    def seen(self) -> int:
        """The version that the page showed; 0 when it cannot be read."""
        return int(self.version.data) if (self.version.data or "").isdigit() else 0

    def paper(self) -> Upload | None:
        """What was handed in. Raises InvalidAnswer for a file that is not taken."""
        return _paper(self.file)


class BreachForm(Form):
    """A duty that was not kept."""

    by_side = SelectField(
        _l("Who broke it"),
        choices=lambda: options((one, PARTY_WORDS[one]) for one in BREACH_PARTIES),
        validate_choice=False,
    )
    kind = SelectField(
        _l("What was not kept"),
        choices=lambda: options((one, BREACH_WORDS[one]) for one in BREACH_KINDS),
        validate_choice=False,
    )
    milestone = SelectField(_l("Milestone"), validate_choice=False)
    occurred_on = DateField(_l("Happened on"), [Optional()])
    description = TextAreaField(_l("What happened"), [NotBlank(), at_most(2000)])
    consequence = SelectField(
        _l("What follows from it"),
        choices=lambda: options((one, CONSEQUENCE_WORDS[one]) for one in BREACH_CONSEQUENCES),
        validate_choice=False,
    )
    amount = AmountField(
        _l("Amount"), description=_l("Owed with a penalty or damages, in the currency of the contract")
    )

    def offer(self, session: Session, contract: Contract, title: Callable[[ContractMilestone], str]) -> Self:
        """Fill in the milestones; `title` gives the words of one."""
        rows = milestones_of(session, contract.id)
        self.milestone.choices = options(((str(row.id), title(row)) for row in rows), "–")
        return self

    @property
    def milestone_id(self) -> int | None:
        """The milestone that was chosen."""
        given = self.milestone.data or ""
        return int(given) if given.isdigit() and len(given) < 19 else None


class BreachEndForm(Form):
    """How a breach ended."""

    status = SelectField(
        _l("How it ended"),
        choices=lambda: options((one, END_WORDS[one]) for one in ENDS),
        validate_choice=False,
    )
    closed_on = DateField(_l("Ended on"), [Optional()])
    note = TextAreaField(_l("Note"), [at_most(1000)])


class TerminationForm(Form):
    """The notice that ends a contract."""

    ends_on = DateField(_l("The notice holds from"), [Optional()])
    file = FileField(_l("Notice with proof of receipt"), description=FILES)

    def paper(self) -> Upload | None:
        """What was handed in. Raises InvalidAnswer for a file that is not taken."""
        return _paper(self.file)


class ItemForm(Form):
    """An invoice that belongs to a contract."""

    number = StringField(_l("Invoice"), [NotBlank(), at_most(60)], description=_l("Its number in the ledger"))


class UnlinkForm(Form):
    """Why an invoice does not belong to a contract."""

    why = TextAreaField(_l("Reason"), [NotBlank(), at_most(500)])


def _paper(field: FileField) -> Upload | None:
    given = field.data
    return checked_upload(given, "file") if given is not None and given.filename else None
