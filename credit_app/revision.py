"""Which revision the tables are at and which one this program needs, without loading the migration tool.

A web process asks this for /readyz; the tool itself would cost it some eight megabytes for good.
"""

import re
from functools import cache

from sqlalchemy import Connection, text

from credit_app import resources

_LINE = re.compile(r"""^(revision|down_revision)\b[^=]*=\s*["']?(\w+)["']?""", re.MULTILINE)


@cache
def head_revision() -> str | None:
    """The newest revision this program knows: the one that no other builds upon. None when it has none."""
    revisions, below = set(), set()
    for path in (resources.migrations() / "versions").glob("*.py"):
        found = dict(_LINE.findall(path.read_text(encoding="utf-8")))
        revisions.add(found["revision"])
        below.add(found.get("down_revision"))
    heads = sorted(revisions - below)
    return heads[-1] if heads else None


def current_revision(connection: Connection) -> str | None:
    """The revision of the database, or None when it was never migrated."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
