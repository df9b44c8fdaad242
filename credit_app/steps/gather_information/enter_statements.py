"""Enter statements: two or three years side by side, those on file, or why there are none."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.completeness_of_file import NO_STATEMENTS
from credit_app.domain.dates import add_months
from credit_app.domain.plain import to_json
from credit_app.domain.policy_values import whole_of
from credit_app.domain.statement_lines import LINES, PARTS, Statement
from credit_app.domain.statements import UNUSUAL, WRONG, Remark, StatementPolicy, remarks
from credit_app.facts.application import application_of, customer_id_of
from credit_app.facts.assessing import analysts
from credit_app.facts.documents import file_document
from credit_app.facts.investigations import drop_draft, keep_draft
from credit_app.facts.returned import returned_because
from credit_app.facts.statement_rows import statements_on_file
from credit_app.forms.statements import NODE, Statements, StatementsForm, YearEntry
from credit_app.i18n import _, all_said, listed, said
from credit_app.models import CreditApplication, FinancialStatement, InformationItem, policy_values
from workflows import Action, Assignment, InvalidAnswer

Form = StatementsForm
SHORTEST_REASON = 5


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "information.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The lines of the grid and the statements on file."""
    application, session = application_of(action), action.session
    return {
        "application": application,
        "returned": returned_because(action.session, application),
        "parts": [
            (part, name, [line for line in LINES if line.part == part]) for part, name in PARTS.items()
        ],
        "on_file": statements_on_file(session, customer_id_of(application)),
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Which statements are there of %(name)s?",
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what it means."""
    on_file = statements_on_file(action.session, customer_id_of(application_of(action)))
    offered = [
        {
            "value": "enter",
            "label": _("Enter statements"),
            "next": _("Two or three years; what does not add up is said."),
        }
    ]
    if on_file:
        years = listed(str(row.period_end.year) for row in on_file)
        offered.append({"value": "use_filed", "label": _("Use those on file"), "next": years})
    without = _("The customer is rated by what else is known, with less confidence.")
    return [*offered, {"value": "none", "label": _("No statements available"), "next": without}]


def save_draft(
    session: Session, application: CreditApplication, entered: Statements, _person_id: int, _now: datetime
) -> None:
    """Keep what was typed so far."""
    keep_draft(session, application, NODE, entered.texts)


def complete(action: Action, answer: Statements) -> dict[str, Any]:
    """Record the years. Raises InvalidAnswer naming the field."""
    application, session = application_of(action), action.session
    if answer.choice == "enter":
        _enter(action, application, answer)
        drop_draft(session, application, NODE)
        return {"statements": "entered"}
    if answer.choice == "use_filed":
        if not statements_on_file(session, customer_id_of(application)):
            raise InvalidAnswer("choice", _("There are no statements of this customer on file."))
        return {"statements": "on_file"}
    if answer.choice == "none":
        if len(answer.reason) < SHORTEST_REASON:
            raise InvalidAnswer("reason", _("Say why there are no statements."))
        session.add(_why_none(action, application, answer.reason))
        drop_draft(session, application, NODE)
        return {"statements": "none"}
    raise InvalidAnswer("choice", _("Choose: enter statements, use those on file, or none available."))


def _why_none(action: Action, application: CreditApplication, reason: str) -> InformationItem:
    """The reason in the customer's file, where it stands in for statements as long as policy says."""
    months = whole_of(policy_values(action.session, action.today), "information.no_statements_months")
    return InformationItem(
        customer_id=customer_id_of(application),
        kind="history",
        name=NO_STATEMENTS,
        value=reason[:2000],
        source=application.number,
        as_of=action.today,
        valid_until=add_months(action.today, months),
        confidence=Decimal(1),
        recorded_by=action.actor.person_id,
        recorded_at=action.now,
    )


def _enter(action: Action, application: CreditApplication, answer: Statements) -> None:
    session, policy = action.session, StatementPolicy.from_policy(policy_values(action.session, action.today))
    given = [year for year in answer.years if year.figures or year.period_end is not None]
    if not given:
        raise InvalidAnswer("years-0-period_end", _("Enter at least one year."))
    if not answer.currency:
        raise InvalidAnswer("currency", _("Choose the currency of the statements."))
    if not answer.source:
        raise InvalidAnswer("source", _("Say where the statements come from."))
    for year in given:
        _check_year(year, action)
    ends = [year.period_end for year in given]
    if len({end.year for end in ends if end}) < len(given):
        raise InvalidAnswer(f"{given[-1].place}-period_end", _("Two columns are of the same year."))
    found = remarks([_statement(year) for year in given], policy)
    _refuse_wrong(found, given)
    unusual = [remark for remark in found if remark.severity == UNUSUAL]
    if unusual and not answer.remark:
        said_so = all_said(remark.sentence for remark in unusual)
        raise InvalidAnswer(
            "remark", _("Explain in a word what is unusual, then it is taken: %(remarks)s", remarks=said_so)
        )
    document = file_document(action, application, answer.file, "statement")
    years = {end.year for end in ends if end}
    for year in given:
        end = year.period_end
        assert end is not None, "checked above"  # noqa: S101
        session.add(
            FinancialStatement(
                customer_id=customer_id_of(application),
                application_id=application.id,
                period_end=end,
                months=year.months,
                currency=answer.currency,
                unit=answer.unit,
                audited=year.audited,
                consolidated=answer.consolidated,
                source=answer.source,
                figures=to_json(year.figures),
                remarks=[_kept(one, answer.remark) for one in unusual if _belongs(one, end.year, years)],
                document_id=document.id if document else None,
                recorded_by=action.actor.person_id,
                recorded_at=action.now,
            )
        )


def _belongs(remark: Remark, year: int, years: set[int]) -> bool:
    """A remark stands with its year; one on a missing year with the newest one."""
    return remark.year == year or (remark.year not in years and year == max(years))


def _kept(remark: Remark, answer: str) -> dict[str, Any]:
    return {"line": remark.line, "said": to_json(remark.sentence), "answer": answer}


def _check_year(year: YearEntry, action: Action) -> None:
    if year.period_end is None or year.period_end > action.today:
        text = _("Enter the last day of the year, today at the latest.")
        raise InvalidAnswer(f"{year.place}-period_end", text)
    if not 1 <= year.months <= 24:
        raise InvalidAnswer(f"{year.place}-months", _("A year has 1 to 24 months."))
    if not year.figures:
        raise InvalidAnswer(
            f"{year.place}-total_assets", _("Enter the figures of this year, or clear its date.")
        )


def _statement(year: YearEntry) -> Statement:
    assert year.period_end is not None, "checked before"  # noqa: S101
    return Statement(year.period_end.year, year.figures, months=year.months, audited=year.audited)


def _refuse_wrong(found: tuple[Remark, ...], given: list[YearEntry]) -> None:
    wrong = next((remark for remark in found if remark.severity == WRONG), None)
    if wrong is None:
        return
    year = next((one for one in given if one.period_end and one.period_end.year == wrong.year), given[0])
    raise InvalidAnswer(f"{year.place}-{wrong.line or 'total_assets'}", said(wrong.sentence))
