"""The table of operations: method, address, scope, fields and example of each; routes and the document follow it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response
from flask_babel import LazyString

from credit_app.api.inputs import Inputs
from credit_app.api.outputs import Outputs


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the address or a parameter behind the question mark: text, date or whole."""

    name: str
    about: LazyString
    type: str = "text"
    example: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with one method. `rows`: the body is a list of these; `body`: it is one; `media`: it is a document.

    `answer` is None where a document is answered. `example` is a body, `path_example` fills the address. A POST that
    `asks_only` changes nothing and needs no Idempotency-Key.
    """

    method: str
    path: str
    scope: str
    summary: LazyString
    view: Callable[..., Response]
    answer: Outputs | None = None
    rows: Inputs | None = None
    body: Inputs | None = None
    media: tuple[str, ...] = ()
    query: tuple[Parameter, ...] = ()
    place: Parameter | None = None
    example: Any = None
    notes: tuple[LazyString, ...] = field(default=())
    asks_only: bool = False

    @property
    def rule(self) -> str:
        """The address as Flask writes it; ids may hold slashes."""
        return self.path.replace("{", "<path:").replace("}", ">")

    @property
    def name(self) -> str:
        """A name that is unique among the operations: post_receipts_reversal."""
        parts = [part for part in self.path.split("/") if part and not part.startswith("{")]
        suffix = "_one" if self.path.endswith("}") else ""
        return "_".join([self.method.lower(), *parts]).replace("-", "_") + suffix
