"""What a figure of the default policy is: its value as JSON, and where it comes from."""

from dataclasses import dataclass
from typing import Any

RULES = "Domain rules of Credit Desk: "
CHECK = "(check) Start figure from memory of the field, to be confirmed by the company: "


@dataclass(frozen=True, slots=True)
class Figure:
    """A policy value as JSON and the sentence that says where it comes from."""

    value: Any
    source: str
