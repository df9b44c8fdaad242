"""Files that people hand in: checked by content, never by what their name claims."""

import hashlib
import io
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

import filetype
from werkzeug.datastructures import FileStorage

from credit_app.i18n import _
from workflows import InvalidAnswer

LARGEST = 10 * 1024 * 1024
MOST_FILES = 10
# By content. Office files are zip archives that hold one of these members.
_PLAIN = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
_OFFICE = {
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A checked file: a harmless name, its true type, its bytes and their SHA-256."""

    filename: str
    content_type: str
    content: bytes
    sha256: str


def checked_uploads(files: list[FileStorage | str], field: str) -> tuple[Upload, ...]:
    """All files of a field; what is no file, as of a form that had none, is left out. Raises InvalidAnswer."""
    given = [file for file in files if isinstance(file, FileStorage) and file.filename]
    if len(given) > MOST_FILES:
        raise InvalidAnswer(field, _("At most %(most)d files can be attached at a time.", most=MOST_FILES))
    return tuple(checked_upload(file, field) for file in given)


def checked_upload(file: FileStorage, field: str) -> Upload:
    """One file. Raises InvalidAnswer when it is empty, too large or of a type that is not accepted."""
    name = safe_name(file.filename or "")
    content = file.stream.read(LARGEST + 1)
    if not content:
        raise InvalidAnswer(field, _("The file “%(name)s” is empty.", name=name))
    if len(content) > LARGEST:
        raise InvalidAnswer(
            field,
            _("The file “%(name)s” is larger than %(size)d MB.", name=name, size=LARGEST // 1024 // 1024),
        )
    found = _type_of(content)
    if found is None:
        raise InvalidAnswer(
            field, _("“%(name)s” is not a PDF, PNG, JPEG, Word or Excel file; these are accepted.", name=name)
        )
    extension, content_type = found
    if PurePosixPath(name).suffix.lower().lstrip(".") not in (
        extension,
        "jpeg" if extension == "jpg" else extension,
    ):
        name = f"{PurePosixPath(name).stem or 'file'}.{extension}"
    return Upload(name, content_type, content, hashlib.sha256(content).hexdigest())


def safe_name(name: str) -> str:
    """The last part of a file name without control and direction signs, at most 120 characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    signs = (sign for sign in unicodedata.normalize("NFC", last) if sign not in '<>"')
    shown = "".join(sign for sign in signs if unicodedata.category(sign)[0] != "C").strip(". ")
    path = PurePosixPath(shown or "file")
    return f"{path.stem[:100]}{path.suffix[:20]}"


def _type_of(content: bytes) -> tuple[str, str] | None:
    kind = filetype.guess(content)
    if kind is not None and kind.extension in _PLAIN:
        return kind.extension, _PLAIN[kind.extension]
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, OSError):
            return None
        if any(name.endswith("vbaProject.bin") for name in names):
            return None
        return next((found for member, found in _OFFICE.items() if member in names), None)
    return None
