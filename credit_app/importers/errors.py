"""Why a whole file, a mapping or a value is refused: one sentence each, kept so that every reader has it in their
language."""

from credit_app.domain.sentences import Sentence
from workflows.errors import Refused


class FileRefused(Refused):
    """The file as a whole cannot be read as what it should be; nothing was written."""


class MappingRefused(Refused):
    """A mapping file says something that cannot be followed."""


class BadValue(Exception):
    """One value of one row cannot be taken; `sentence` is the reason for the report."""

    def __init__(self, template: str, /, **values: object) -> None:
        self.sentence = Sentence("import.bad_value", template, values)
        super().__init__(self.sentence.text)
