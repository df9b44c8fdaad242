"""Lists: sort order, filters and paging by key, all in the address and only from a fixed selection."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import request
from sqlalchemy import Select, SQLColumnExpression, tuple_

from credit_app.i18n import _, listed
from workflows.errors import Refused

PAGE = 50


class BadParameter(Refused):
    """The address holds a value that this list does not know."""

    status = 400


@dataclass(frozen=True)
class Sort:
    """A column that may be sorted by: never NULL (coalesce it), and how its text form is read back."""

    column: SQLColumnExpression[Any]
    read: Callable[[str], Any] = str


def instant(text: str) -> datetime:
    """Read back an instant of a cursor."""
    return datetime.fromisoformat(text)


class Listing:
    """One list as the address asks for it. `key` names the unique column that ends every sort order.

    Raises BadParameter for a sort order or page mark that is not one of ours.
    """

    def __init__(
        self, sorts: Mapping[str, Sort], key: SQLColumnExpression[Any], default: str, size: int = PAGE
    ) -> None:
        self.key, self.size = key, size
        self.args = {name: value for name, value in request.args.items() if value}
        asked = self.args.get("sort", default)
        self.sort, self.descending = asked.removeprefix("-"), asked.startswith("-")
        if self.sort not in sorts:
            raise BadParameter(
                _("This list cannot be sorted that way. Possible are: %(names)s.", names=listed(sorts))
            )
        self.chosen = sorts[self.sort]
        self.after = self._read_mark(self.args.get("after"))
        self.next_mark: str | None = None

    def _read_mark(self, mark: str | None) -> tuple[Any, int] | None:
        if not mark:
            return None
        try:
            value, key = orjson.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
            if (
                not isinstance(value, str)
                or "\0" in value
                or not isinstance(key, int)
                or not 0 <= key < 2**63
            ):
                raise TypeError
            return self.chosen.read(value), key
        except (ValueError, TypeError, ArithmeticError, binascii.Error):
            raise BadParameter(
                _("This page of the list no longer exists. Please start at the first page.")
            ) from None

    def apply(self, query: Select[Any]) -> Select[Any]:
        """Return the query for this page, one row longer than the page to see whether more follow."""
        if self.after is not None:
            place = tuple_(self.chosen.column, self.key)
            query = query.where(place < self.after if self.descending else place > self.after)
        return self.ordered(query).limit(self.size + 1)

    def ordered(self, query: Select[Any]) -> Select[Any]:
        """Return the query for all pages, as an export has them."""
        column, key = self.chosen.column, self.key
        return query.order_by(
            *((column.desc(), key.desc()) if self.descending else (column.asc(), key.asc()))
        )

    def page(self, rows: Sequence[Any], mark: Callable[[Any], tuple[Any, int]]) -> Sequence[Any]:
        """Return the rows of this page and remember where the next begins; `mark` gives sort value and key."""
        if len(rows) > self.size:
            rows = rows[: self.size]
            value, key = mark(rows[-1])
            text = value.isoformat() if isinstance(value, datetime) else str(value)
            self.next_mark = base64.urlsafe_b64encode(orjson.dumps([text, key])).decode().rstrip("=")
        return rows

    def url(self, **changes: str | None) -> str:
        """Return the address of this list with these parameters set, or taken away with None; first page."""
        args = {**self.args, "after": None, **changes}
        query = urlencode({name: value for name, value in args.items() if value})
        return f"{request.path}?{query}" if query else request.path

    def sort_url(self, key: str) -> str:
        """Return the address sorted by `key`; a second time turns the order round."""
        return self.url(sort=f"-{key}" if self.sort == key and not self.descending else key)

    @property
    def query_text(self) -> str:
        """The filters and the sort order as the address has them, for the export of the same list."""
        return urlencode({name: value for name, value in self.args.items() if name != "after"})

    @property
    def next_url(self) -> str | None:
        """The address of the next page, or None on the last."""
        return self.url(after=self.next_mark) if self.next_mark else None

    @property
    def first_url(self) -> str | None:
        """The address of the first page, or None when this is it."""
        return self.url() if self.after is not None else None

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        """Return the filter `name` of the address; BadParameter when it is none of `allowed`."""
        value = self.args.get(name)
        if value is not None and value not in allowed:
            raise BadParameter(
                _(
                    "“%(value)s” is no filter of this list. Possible are: %(names)s.",
                    value=value[:60],
                    names=listed(allowed),
                )
            )
        return value
