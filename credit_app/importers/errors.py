"""Why a whole file or a mapping is refused: one sentence each."""

from workflows.errors import Refused


class FileRefused(Refused):
    """The file as a whole cannot be read as what it should be; nothing was written."""


class MappingRefused(Refused):
    """A mapping file says something that cannot be followed."""


class BadValue(Exception):
    """One value of one row cannot be taken; `reason` is the sentence for the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
