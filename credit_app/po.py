"""Translations read straight from the .po files: what a translator saves is what the next start shows."""

from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).resolve().parent / "translations"


def po_file(locale: str) -> Path:
    """Return where the translations into a language are kept."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def load(locale: str) -> NullTranslations:
    """Read the translations into a language (some hundredths of a second); English is what the code says itself."""
    path = po_file(locale)
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    found = Translations(compiled)
    # gettext's own place for the header: an empty text is nothing to translate.
    found._catalog.pop("", None)
    return found


class PoDomain(Domain):
    """Flask-Babel's source of translations, each language read once in a process."""

    last: tuple[Locale | None, NullTranslations] = (None, NullTranslations())

    def get_translations(self) -> NullTranslations:
        """Return the translations into the language of this request or mail."""
        chosen = get_locale()
        last, found = self.last  # a request has one object, and a page asks hundreds of times
        if last is None or chosen is not last:
            locale = str(chosen or "en")
            if locale not in self.cache:
                self.cache[locale] = load(locale)
            found = self.cache[locale]
            self.last = (chosen, found)
        return found
