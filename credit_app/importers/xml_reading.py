"""Opens XML that somebody else wrote: streamed, without declarations, and only of the kinds that are accepted."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from lxml import etree

from credit_app.domain.sentences import N_
from credit_app.importers.errors import FileRefused

Element = Any  # lxml's own type is private

# One part of a document (an entry, an invoice) may not be larger: its tree takes about thirty times as much memory.
LARGEST_PART = 4 << 20
# What a declaration looks like in UTF-8 and in both kinds of UTF-16; no document of business needs one.
_DECLARATION = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0|E\0N\0T\0)|\0<\0!\0(?:D\0O\0C|E\0N\0T)", re.IGNORECASE
)
_UNKNOWN_ENTITY = (1, 26)  # libxml2's errors for a name that no declaration explains
_NAMED = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']{1,40})""")
_ENCODINGS = (
    "utf-8",
    "utf8",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "us-ascii",
    "ascii",
    "iso-8859-1",
    "windows-1252",
)


class OpenXml:
    """A document whose root is known to be one of those accepted; read it by `parts` or, when small, as a `whole`."""

    def __init__(self, file: BinaryIO, roots: Mapping[str, str]) -> None:
        self._source = _Guarded(file)
        self._events = etree.iterparse(
            self._source, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._root = self._first()
        self._check(roots)
        self.namespace = etree.QName(self._root).namespace or ""

    @property
    def root(self) -> str:
        """The root's name in lxml's notation, `{namespace}name`: one of the accepted ones."""
        return str(self._root.tag)

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._source.done

    def parts(self, *names: str) -> Iterator[Element]:
        """Each element of these local names in the root's namespace, when it is complete.

        Afterwards it and everything before it beside it is forgotten, so that a long document needs little memory:
        name inner parts too when there may be many of them. Raises FileRefused.
        """
        wanted = {f"{{{self.namespace}}}{name}" if self.namespace else name for name in names}
        for event, element in self._each():
            if event == "end" and element.tag in wanted:
                yield element
                self._forget(element)

    def whole(self) -> Element:
        """The root with all that is in it. Raises FileRefused, also above LARGEST_PART."""
        for _event, _element in self._each():
            pass
        return self._root

    # --- inside ---------------------------------------------------------------------------------------------------

    def _first(self) -> Element:
        for _event, element in self._each():
            return element
        raise FileRefused(N_("The file is empty."))

    def _each(self) -> Iterator[tuple[str, Element]]:
        try:
            yield from self._events
        except etree.XMLSyntaxError as error:
            line = error.lineno or 1
            if getattr(error, "code", 0) in _UNKNOWN_ENTITY:
                raise _declares() from error
            if self._source.ended:
                raise FileRefused(
                    N_("The file is cut off after line %(line)s; get it again."), line=line
                ) from error
            what = " ".join(str(error.msg or "").split())[:200]
            raise FileRefused(
                N_("The file is no valid XML from line %(line)s on: %(what)s."), line=line, what=what
            ) from error
        except (LookupError, UnicodeError) as error:
            raise FileRefused(
                N_("The encoding that the file names is not known; UTF-8 is accepted.")
            ) from error

    def _check(self, roots: Mapping[str, str]) -> None:
        info = self._root.getroottree().docinfo
        if info.doctype or info.internalDTD is not None:
            raise _declares()
        if self._root.tag not in roots:
            name = etree.QName(self._root)
            found = f"{name.localname} ({name.namespace})" if name.namespace else name.localname
            accepted = ", ".join(roots.values())
            raise FileRefused(
                N_("The file is “%(found)s”; accepted is: %(accepted)s."),
                found=found[:160],
                accepted=accepted,
            )

    def _forget(self, element: Element) -> None:
        element.clear()
        above = element.getparent()
        if above is not None:
            for before in list(element.itersiblings(element.tag, preceding=True)):
                above.remove(before)
        self._source.since = 0


class _Guarded:
    """The file's bytes on their way to the parser: no declarations, and no part larger than a part can be."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.tail = file, b""
        self.since, self.done, self.ended = 0, 0, False

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(min(size, 1 << 15) if size > 0 else 1 << 15)
        self.ended = not chunk
        if self.done == 0 and (named := _NAMED.match(chunk)):
            _check_encoding(named[1].decode("latin-1"))
        self.since += len(chunk)
        self.done += len(chunk)
        if _DECLARATION.search(self.tail + chunk):
            raise _declares()
        if self.since > LARGEST_PART:
            raise FileRefused(
                N_("One part of the file is larger than %(size)s MB; that is no document of business."),
                size=LARGEST_PART >> 20,
            )
        self.tail = chunk[-40:]
        return chunk


def _check_encoding(name: str) -> None:
    """Others could hide a declaration from the look at the bytes."""
    if name.lower() not in _ENCODINGS:
        raise FileRefused(N_("The encoding %(name)s is not accepted; use UTF-8."), name=name)


def _declares() -> FileRefused:
    return FileRefused(
        N_("The file contains a DOCTYPE or entities, which are not accepted; get it without them.")
    )


def open_xml(file: BinaryIO, roots: Mapping[str, str]) -> OpenXml:
    """The document in `file`, whose root must be one of `roots`: {`{namespace}name`: what it is called in messages}.

    Raises FileRefused with one sentence: a declaration, an unknown encoding, another root, namespace or version,
    XML that is broken or cut off.
    """
    return OpenXml(file, roots)
