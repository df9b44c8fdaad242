"""The clauses of contracts as they are typed, a row each, and as policy keeps them; what is wrong in each field."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from credit_app.domain.contracts import (
    AREAS,
    LONGEST_CODE,
    LONGEST_POLICY,
    LONGEST_TITLE,
    MOST_CLAUSES,
    SIDES,
)
from credit_app.domain.sentences import N_, Sentence

Row = dict[str, Any]
_CODE = re.compile(rf"[a-z][a-z0-9_]{{1,{LONGEST_CODE - 1}}}\Z")
SHORTEST_WORD, LONGEST_WORD, MOST_WORDS = 2, 60, 40
_TEXTS = (
    ("title", LONGEST_TITLE, N_("Give the title in both languages.")),
    ("title_zh", LONGEST_TITLE, N_("Give the title in both languages.")),
    ("text", LONGEST_POLICY, N_("Say in both languages what the company's text is.")),
    ("text_zh", LONGEST_POLICY, N_("Say in both languages what the company's text is.")),
)


@dataclass(frozen=True, slots=True)
class TypedClause:
    """A row as it was typed: `words` one a line; `number` where it stood on the page, from 1; `place` where it is to
    stand (None: after the others)."""

    code: str
    title: str
    title_zh: str
    text: str
    text_zh: str
    sides: tuple[str, ...]
    area: str
    words: str
    required: bool
    number: int
    place: int | None

    @property
    def empty(self) -> bool:
        """Whether nothing was typed in it."""
        return not any((self.code, self.title, self.title_zh, self.text, self.text_zh, self.words))


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be accepted: `row` counts from 0 in the rows given, None: the list as a whole."""

    row: int | None
    field: str
    sentence: Sentence


def kept(rows: Sequence[TypedClause]) -> list[Row]:
    """The rows as policy keeps them, in their order; empty ones are left out."""
    ordered = sorted((row for row in rows if not row.empty), key=_order)
    return [
        {
            "code": row.code, "title": row.title, "title_zh": row.title_zh, "text": row.text, "text_zh": row.text_zh,
            "sides": [side for side in SIDES if side in row.sides], "area": row.area, "words": words_of(row.words),
            "required": row.required,
        }
        for row in ordered
    ]  # fmt: skip


def _order(row: TypedClause) -> tuple[int, int]:
    """What moves up stands before the row whose place it takes, what moves down after it."""
    place = row.place if row.place is not None else MOST_CLAUSES * 3
    return place, (place > row.number) - (place < row.number)


def words_of(text: str) -> list[str]:
    """One word or phrase a line, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def typed(rows: Sequence[Mapping[str, Any]]) -> list[TypedClause]:
    """What policy keeps, as it stands in the form."""
    return [
        TypedClause(
            str(row["code"]), str(row["title"]), str(row["title_zh"]), str(row["text"]), str(row["text_zh"]),
            tuple(row["sides"]), str(row["area"]), "\n".join(row["words"]), bool(row["required"]), place, place,
        )
        for place, row in enumerate(rows, 1)
    ]  # fmt: skip


def problems(rows: Sequence[TypedClause]) -> list[Wrong]:
    """Everything that cannot be accepted, row by row."""
    found = [
        wrong for number, row in enumerate(rows) if not row.empty for wrong in _in_row(number, row, rows)
    ]
    count = sum(not row.empty for row in rows)
    if not count:
        found.append(_wrong(None, "", N_("A contract is checked for one clause at least.")))
    if count > MOST_CLAUSES:
        found.append(_wrong(None, "", N_("A checklist has at most %(most)s clauses."), most=MOST_CLAUSES))
    return found


def _in_row(number: int, row: TypedClause, rows: Sequence[TypedClause]) -> Iterator[Wrong]:
    if not _CODE.match(row.code):
        text = N_("Give 2 to %(most)s small Latin letters, digits and underscores, a letter first.")
        yield _wrong(number, "code", text, most=LONGEST_CODE)
    elif any(other.code == row.code for other in rows[:number] if not other.empty):
        yield _wrong(number, "code", N_("Another clause has this short name."))
    for field, most, missing in _TEXTS:
        text = getattr(row, field)
        if not text:
            yield _wrong(number, field, missing)
        elif len(text) > most:
            yield _wrong(number, field, N_("At most %(most)s characters, please."), most=most)
    if not set(row.sides) & set(SIDES):
        yield _wrong(number, "sales", N_("Say whether it is asked of sales, purchases or both."))
    if row.area not in AREAS:
        yield _wrong(number, "area", N_("Choose the area that judges it."))
    yield from _in_words(number, words_of(row.words))


def _in_words(number: int, words: Sequence[str]) -> Iterator[Wrong]:
    if not words or len(words) > MOST_WORDS:
        text = N_("Give 1 to %(most)s words, one a line, of which a text that has the clause holds one.")
        yield _wrong(number, "words", text, most=MOST_WORDS)
    short = next((word for word in words if len(word) < SHORTEST_WORD), None)
    if short is not None:
        yield _wrong(
            number, "words", N_("“%(word)s” is found in every text; give a longer word."), word=short
        )
    long = next((word for word in words if len(word) > LONGEST_WORD), None)
    if long is not None:
        text = N_("“%(word)s…” is too long to be found in a line; give at most %(most)s characters.")
        yield _wrong(number, "words", text, word=long[:20], most=LONGEST_WORD)


def _wrong(row: int | None, field: str, text: str, **values: object) -> Wrong:
    return Wrong(row, field, Sentence("contracts.clause_row", text, values))
