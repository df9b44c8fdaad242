"""The root of every error that a rule raises: a class with one sentence for the person in front of it."""

from typing import ClassVar

from credit_app.domain.sentences import N_, Sentence


class DomainError(ValueError):
    """A rule was not met. Subclasses set `code` and `template`; keyword arguments fill the template."""

    code: ClassVar[str] = "domain.error"
    template: ClassVar[str] = N_("This is not possible.")

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.sentence.text)

    @property
    def sentence(self) -> Sentence:
        """What to tell the person."""
        return Sentence(self.code, self.template, self.values)


class InvalidPolicy(DomainError):
    """A policy figure is missing or does not have the form that its rule needs.

    `problem` ends the sentence “The policy figure … is”: a template with places for `values`, or a Sentence.
    """

    code = "policy.invalid"
    template = N_("The policy figure “%(key)s” is %(problem)s.")

    def __init__(self, *, key: str, problem: str | Sentence, **values: object) -> None:
        said = Sentence("policy.problem", problem, values) if isinstance(problem, str) else problem
        super().__init__(key=key, problem=said)
