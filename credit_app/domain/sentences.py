"""What the rules say to people: a code, an English template and its values, translated by the layer above."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a template for translation; the text itself stays English here."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `code` names it for programs, `template` has %(name)s places for `values`.

    The layer above shows them in the reader's language (`credit_app.i18n.said`); `text` is the English of it.
    A value may be a code that has a word there, a Sentence of its own, or several of them in a tuple.
    """

    code: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.template % {
            name: ", ".join(map(str, value)) if isinstance(value, tuple | list) else value
            for name, value in self.values.items()
        }

    def __str__(self) -> str:
        return self.text
