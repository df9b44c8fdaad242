"""Financial statements of a customer side by side, with ratios and their trend; a missing year is shown as missing."""

from collections.abc import Mapping
from typing import Any

from credit_app.db import db
from credit_app.domain.ratio_table import GROUPS, RATIO, name_of, unit_of
from credit_app.domain.statement_lines import LINES
from credit_app.domain.statements import StatementPolicy, remarks
from credit_app.facts.rating_statements import Years, years_of
from credit_app.facts.statement_rows import statements_on_file
from credit_app.models import policy_values
from credit_app.screens.clock import today
from credit_app.screens.file.opening import Opened
from credit_app.screens.file.page import reads

MOST = 12


@reads("statements")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """The figures by line and year, the ratios by group, and what is implausible."""
    session = db.session()
    values = policy_values(session, today())
    years = years_of(session, file.customer.id, today(), values)
    known = {statement.year: statement for statement in years.statements}
    span = list(range(min(known), max(known) + 1)) if known else []
    return {
        "years": years,
        "span": span,
        "by_year": known,
        "rows": statements_on_file(session, file.customer.id, MOST),
        "lines": [line for line in LINES if any(line.key in one.figures for one in years.statements)],
        "ratios": ratios_of(years, span),
        "remarks": remarks(years.statements, StatementPolicy.from_policy(values)) if known else (),
    }


def ratios_of(years: Years, span: list[int]) -> list[dict[str, Any]]:
    """Each ratio that has a value in some year: its figure in each year of the span (None: no statement), trend."""
    found = []
    for key, figures in years.figures.items():
        by_year = {figure.year: figure for figure in figures}
        if not any(figure.value is not None for figure in figures):
            continue
        found.append(
            {
                "key": key,
                "name": name_of(key),
                "unit": unit_of(key),
                "group": RATIO[key].group if key in RATIO else "growth",
                "figures": [by_year.get(year) for year in span],
                "course": [by_year[year].value if year in by_year else None for year in span],
                "trend": years.trends.get(key),
            }
        )
    return sorted(found, key=lambda row: GROUPS.index(str(row["group"])))
