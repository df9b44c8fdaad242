"""Numbers of documents: CA-2026-00017 is the seventeenth credit application of 2026."""

import re
from dataclasses import dataclass

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

_FORM = re.compile(r"([A-Z]{1,4})-([0-9]{4})-([0-9]{5,})")

CREDIT_APPLICATION = "CA"
# Applications for a limit, reviews of one, temporary limits.
APPLICATION_PREFIXES = (CREDIT_APPLICATION, "LR", "TL")


class InvalidNumber(DomainError):
    """What was given is no document number."""

    code = "numbers.invalid"
    template = N_("“%(given)s” is not a document number such as CA-2026-00017.")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """Kind of document, year and running number within both."""

    kind: str
    year: int
    running: int

    def __str__(self) -> str:
        return f"{self.kind}-{self.year:04d}-{self.running:05d}"


def document_number(kind: str, year: int, running: int) -> str:
    """`CA-2026-00017`; the running number starts at 1 and may grow past five digits."""
    text = f"{kind}-{year:04d}-{running:05d}"
    if running < 1 or not _FORM.fullmatch(text):
        raise InvalidNumber(given=text)
    return text


def parse_document_number(text: str) -> DocumentNumber:
    """The parts of a document number, small letters and spaces around it forgiven; raises InvalidNumber."""
    match = _FORM.fullmatch(text.strip().upper())
    if not match or int(match[3]) < 1:
        raise InvalidNumber(given=text.strip()[:40])
    return DocumentNumber(match[1], int(match[2]), int(match[3]))
