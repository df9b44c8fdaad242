"""Texts of contracts: templates filled with named fields, quotes found again, and what two texts differ in."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from credit_app.domain.errors import DomainError
from credit_app.domain.sentences import N_

_PLACE = re.compile(r"\{([^{}\n]{0,60})\}")
# Signs that nobody sees and that end pages, or turn the direction in which what follows is read.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_OPTIONAL = re.compile(r"\[([^\[\]\n]*\{[^{}\n]*\}[^\[\]\n]*)\]")
# What stands where a field of a template is empty: nobody takes it for something that was agreed.
GAP = "____"
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|\s+|[^\w\s]")
# What is compared of a text; the rest is said to have been left out.
MOST_SIGNS = 120_000
# Pairs of words that are compared, in one changed line and in all: beyond them a line is shown as taken out and put in,
# for a finer look at a hostile text would take minutes.
MOST_PAIRS, ALL_PAIRS = 640_000, 4_000_000
MOST_LINES = 4_000
AROUND = 2  # unchanged lines shown on each side of a change
SAME, GONE, NEW = "same", "gone", "new"


class UnknownTemplateField(DomainError):
    """The template names a field that there is not."""

    code = "contracts.unknown_field"
    template = N_("“%(name)s” is no field of a template; the fields are %(fields)s.")


class LooseTemplateBrace(DomainError):
    """A brace that opens or closes no field."""

    code = "contracts.loose_brace"
    template = N_(
        "A brace stands alone near “%(near)s”; fields are written as in {customer}, other braces are not accepted."
    )


class UnseenSign(DomainError):
    """A sign that is not seen on the page but changes what people read."""

    code = "contracts.unseen_sign"
    template = N_("The text holds a sign that cannot be seen (%(sign)s) near “%(near)s”; take it out.")


def check_template(body: str, fields: Collection[str]) -> None:
    """Raises UnknownTemplateField, LooseTemplateBrace, UnseenSign."""
    for name in _PLACE.findall(body):
        if name not in fields:
            raise UnknownTemplateField(name=name, fields=", ".join(sorted(fields)))
    rest = _PLACE.sub("", body)
    loose = min((place for sign in "{}" if (place := rest.find(sign)) >= 0), default=None)
    if loose is not None:
        raise LooseTemplateBrace(near=rest[max(0, loose - 20) : loose + 20].strip())
    check_signs(body)


def check_signs(text: str) -> None:
    """Raises UnseenSign."""
    found = _UNSEEN.search(text)
    if found is not None:
        around = text[max(0, found.start() - 20) : found.end() + 20]
        raise UnseenSign(sign=f"U+{ord(found[0]):04X}", near=_UNSEEN.sub("", around).strip())


def filled(body: str, values: Mapping[str, str]) -> str:
    """The template with its fields replaced, once: what is put in is not looked at again.

    A field that is empty leaves a gap to be seen. What stands in square brackets is left out, without its line where
    nothing else is in it, when all its fields are empty; a paragraph of which only the heading is left has a gap.
    Raises UnknownTemplateField, LooseTemplateBrace, UnseenSign.
    """
    check_template(body, values)
    blocks = body.replace("\r\n", "\n").split("\n\n")
    found = [(block, _block(block.split("\n"), values)) for block in blocks]
    return "\n\n".join("\n".join(lines) for block, lines in found if lines or not block)


def _kept(optional: str, values: Mapping[str, str]) -> str:
    return optional if any(values[name] for name in _PLACE.findall(optional)) else ""


def has_gap(text: str) -> bool:
    """Whether something was left to be filled in."""
    return GAP in text


def _block(lines: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """The lines of a paragraph with their fields replaced, less those of which nothing is left."""
    found = [line for line in (_line(one, values) for one in lines) if line is not None]
    return [*found, GAP] if len(found) == 1 < len(lines) else found


def _line(line: str, values: Mapping[str, str]) -> str | None:
    """A line with its fields replaced; None where all of it was optional and is empty."""
    wanted, before = line, ""
    while wanted != before:  # the innermost brackets first
        before = wanted
        wanted = _OPTIONAL.sub(lambda found: _kept(found[1], values), before)
    if wanted != line:
        wanted = wanted.rstrip()
    if line.strip() and not wanted.strip():
        return None
    return _PLACE.sub(lambda found: values[found[1]] or GAP, wanted)


def holds_quote(text: str, quote: str) -> bool:
    """Whether the text says this; blanks, line breaks and capital letters do not count."""
    return " ".join(quote.split()).casefold() in " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stand in both texts (`same`), only in the earlier (`gone`) or only in the later (`new`)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison; without pieces it stands for so many unchanged lines that are not shown."""

    pieces: tuple[Piece, ...] = ()
    left_out: int = 0

    @property
    def changed(self) -> bool:
        """Whether the texts differ here."""
        return any(piece.kind != SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Difference:
    """What two texts differ in, line by line. `cut`: only the first MOST_SIGNS of each were compared."""

    lines: tuple[Line, ...]
    cut: bool

    @property
    def changed(self) -> bool:
        """Whether they differ in what was compared."""
        return any(line.changed for line in self.lines)


def difference(before: str, after: str) -> Difference:
    """Compare two texts word by word; a Chinese character counts as a word."""
    cut = max(len(before), len(after)) > MOST_SIGNS
    old, new = (text[:MOST_SIGNS].replace("\x00", "").splitlines() for text in (before, after))
    cut = cut or max(len(old), len(new)) > MOST_LINES
    return Difference(tuple(_folded(_lines(old[:MOST_LINES], new[:MOST_LINES]))), cut)


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    left = ALL_PAIRS
    # Popular lines, such as empty ones, are no anchors in long texts: without that a hostile text takes minutes.
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if tag == "equal":
            yield from (Line((Piece(SAME, line),)) for line in old[i:j])
            continue
        paired = min(j - i, m - k)
        for before, after in zip(old[i : i + paired], new[k : k + paired], strict=True):
            words = _WORD.findall(before), _WORD.findall(after)
            pairs = len(words[0]) * len(words[1])
            left -= pairs
            yield _words(*words) if pairs <= MOST_PAIRS and left > 0 else _replaced(before, after)
        yield from (Line((Piece(GONE, line),)) for line in old[i + paired : j])
        yield from (Line((Piece(NEW, line),)) for line in new[k + paired : m])


def _replaced(before: str, after: str) -> Line:
    return Line(tuple(Piece(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text))


def _words(old: Sequence[str], new: Sequence[str]) -> Line:
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(old[i:j])))
            continue
        if j > i:
            pieces.append(Piece(GONE, "".join(old[i:j])))
        if m > k:
            pieces.append(Piece(NEW, "".join(new[k:m])))
    return Line(tuple(pieces))


def _folded(lines: Iterable[Line]) -> Iterator[Line]:
    """The same with long unchanged stretches left out."""
    groups = [(changed, list(group)) for changed, group in groupby(lines, lambda line: line.changed)]
    for place, (changed, group) in enumerate(groups):
        before = AROUND if place > 0 else 0
        after = AROUND if place < len(groups) - 1 else 0
        hidden = len(group) - before - after
        if changed or hidden < 2:
            yield from group
            continue
        yield from group[:before]
        yield Line(left_out=hidden)
        yield from group[len(group) - after :]
