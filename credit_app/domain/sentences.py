"""What the rules say to people: a code, an English template and its values, translated by the layer above."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a template for translation; the text itself stays English here."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `code` names it for programs, `template` has %(name)s places for `values`.

    A value may be a Sentence itself, such as the name of a figure. The layer above shows
    `gettext(sentence.template) % sentence.values`, inner ones first; `text` is the English of it.
    """

    code: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.template % self.values

    def __str__(self) -> str:
        return self.text
