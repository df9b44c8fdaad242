"""Three short answers as forms: an opinion, the word of an added approver, a ballot. Nothing is preselected."""

from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField, RadioField, TextAreaField

from credit_app.forms.base import Form, at_most, options
from credit_app.i18n import _l
from credit_app.models import CreditApplication

OPINION_WORDS = {"in_favour": _l("In favour"), "neutral": _l("Neutral"), "against": _l("Against")}
ADDED_WORDS = {"approve": _l("Agree"), "refuse": _l("Refuse")}
VOTE_WORDS = {"for": _l("For"), "against": _l("Against"), "abstain": _l("Abstain")}
SHORTEST_REASON = 5


@dataclass(frozen=True, slots=True)
class Opinion:
    """One of `models.approval.OPINIONS`, and why."""

    opinion: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class AddedDecision:
    """What an added approver decides on the version of the application that they saw."""

    version: int
    decision: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One of `models.approval.VOTES`, with a reason where it is against."""

    vote: str
    reason: str = ""


class _Plain(Form):
    def offer(self, _session: Any) -> None:
        """There are no choices from the tables."""

    def show(self, _application: CreditApplication) -> None:
        """Nothing is preselected."""


class OpinionForm(_Plain):
    """The opinion as a form."""

    opinion = RadioField(_l("Opinion"), choices=options(OPINION_WORDS.items()), validate_choice=False)
    words = TextAreaField(_l("Your opinion"), [at_most(4000)])

    def answer(self, _session: Any) -> Opinion:
        """What was answered."""
        return Opinion(self.opinion.data or "", (self.words.data or "").strip())


class AddedForm(_Plain):
    """The added approver's word as a form."""

    version = HiddenField()
    decision = RadioField(_l("Decision"), choices=options(ADDED_WORDS.items()), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def show(self, application: CreditApplication) -> None:
        """Remember what was seen."""
        self.version.data = str(application.version)

    def answer(self, _session: Any) -> AddedDecision:
        """What was decided."""
        version = (self.version.data or "").strip()
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        return AddedDecision(seen, self.decision.data or "", (self.reason.data or "").strip())


class BallotForm(_Plain):
    """The ballot as a form."""

    vote = RadioField(_l("Vote"), choices=options(VOTE_WORDS.items()), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [at_most(4000)])

    def answer(self, _session: Any) -> Ballot:
        """How it was voted."""
        return Ballot(self.vote.data or "", (self.reason.data or "").strip())
