"""What a text is found by: words in lower case, and pairs of signs where Chinese is written without blanks."""

import re
import unicodedata
from collections.abc import Iterator

# Ideographs with their extensions, kana and hangul: runs of these have no blanks between words.
_RUN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(f"[{_RUN}]+|[^\\W_{_RUN}]+")
_FIRST_OF_RUN = re.compile(f"[{_RUN}]")
LONGEST_WORD = 64
# PostgreSQL keeps at most 1 MB of words in a tsvector.
MOST_BYTES = 900_000
# What is typed: more words than that find nothing better.
MOST_TYPED = 12
# A single Western letter stands at the beginning of too many words.
LEAST_LETTERS = 2


def lexemes_of(text: str) -> list[str]:
    """The different words of `text`, at most 900,000 bytes of them, sorted; of a Chinese run each pair of signs.

    The last sign of a run is one of its own, so that a single sign is found as the beginning of what follows.
    """
    found: set[str] = set()
    size = 0
    for word in _words(text):
        if word not in found:
            size += len(word.encode())
            if size > MOST_BYTES:
                break
            found.add(word)
    return sorted(found)


def typed_lexemes(typed: str) -> list[str]:
    """What must be found for `typed`, each as the beginning of a word of the text; empty: nothing to look for."""
    found: list[str] = []
    for piece in _pieces(typed):
        if not _FIRST_OF_RUN.match(piece):
            found += [piece] if len(piece) >= LEAST_LETTERS or piece.isdecimal() else []
        elif len(piece) == 1:
            found.append(piece)
        else:
            found += [piece[at : at + 2] for at in range(len(piece) - 1)]
    return list(dict.fromkeys(found))[:MOST_TYPED]


def _words(text: str) -> Iterator[str]:
    for piece in _pieces(text):
        if _FIRST_OF_RUN.match(piece):
            yield from (piece[at : at + 2] for at in range(len(piece)))
        else:
            yield piece[:LONGEST_WORD]


def _pieces(text: str) -> Iterator[str]:
    for match in _PIECE.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield match[0]
