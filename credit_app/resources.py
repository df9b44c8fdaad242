"""Where diagrams, templates and migrations lie: beside the packages in a checkout, inside in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def in_checkout() -> bool:
    """Tell whether the program runs from a source checkout (and not from an installed wheel)."""
    return not (PACKAGE / "_data").is_dir()


def folder(name: str) -> Path:
    """Return the folder "bpmn", "templates", "migrations" or "scripts"; FileNotFoundError names a missing one."""
    path = (CHECKOUT if in_checkout() else PACKAGE / "_data") / name
    if not path.is_dir():
        raise FileNotFoundError(f"the folder {path} is missing from this installation")
    return path


def bpmn() -> Path:
    """Return the folder of the process diagrams and decision tables."""
    return folder("bpmn")


def templates() -> Path:
    """Return the folder of the page templates."""
    return folder("templates")


def migrations() -> Path:
    """Return the folder of the Alembic environment."""
    return folder("migrations")


def verifier() -> Path:
    """Return the script that checks a decision's receipt without this program."""
    return folder("scripts") / "verify_receipt.py"


def static() -> Path:
    """Return the folder of style sheets, scripts and the vendor files built from npm packages."""
    return PACKAGE / "static"
