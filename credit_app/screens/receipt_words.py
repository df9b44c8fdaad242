"""A decision's receipt in words: the parts of its page and of its PDF, read from the kept figures alone."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from credit_app.domain.scorecard_models import LEVELS, indicator_name
from credit_app.facts.exposure_reading import security_word
from credit_app.facts.reading import behaviour, short
from credit_app.i18n import _, listed, said
from credit_app.models import InternalRecord
from credit_app.reports.pdf import Column, Section
from credit_app.screens.code_words import RATING_METHOD_WORDS
from credit_app.screens.policy_reading import is_indicator
from credit_app.screens.present import amount, day, filesize, moment, number, percent
from credit_app.screens.process_words import column_word, process_name, shown
from credit_app.screens.words import decision_word, indicator_word, payment_word, role_word

Figures = Mapping[str, Any]
BECAUSE = {
    "requested": lambda: _("the limit in question"),
    "limit": lambda: _("its limit"),
    "exposure": lambda: _("its exposure"),
    "receivables": lambda: _("its open items"),  # in receipts of 0.1.0
    "applications": lambda: _("its applications, added up"),
}


def sections(said_of: Figures) -> list[Section]:
    """The parts of a receipt in the reader's language."""
    seen = said_of["seen"]
    parts = [
        _decided(said_of),
        _committee(said_of),
        _limits(said_of),
        _exposure(seen["exposure"]),
        _rating(seen["rating"]),
        _behaviour(seen["internal_record"]),
        _securities(seen),
        _warning_line(seen["warning_line"]),
        _opinions(said_of),
        _documents(said_of["documents"]),
        _rule(said_of),
    ]
    return [part for part in parts if part.lines or part.pairs or part.rows]


def title(said_of: Figures) -> str:
    """What was decided, about which application."""
    word = (
        _("Granted by rule")
        if said_of["decision"]["by_rule"]
        else decision_word(said_of["decision"]["decision"])
    )
    return _("%(decision)s: %(number)s", decision=word, number=said_of["application"]["number"])


def lead(said_of: Figures) -> str:
    """For whom, by whom and when."""
    decision, customer = said_of["decision"], said_of["application"]["customer"] or {}
    return _(
        "%(customer)s, decided by %(person)s on %(when)s",
        customer=customer.get("name", "–"),
        person=_who(decision),
        when=instant(decision["decided_at"] or said_of["made_at"]),
    )


def instant(text: str | None) -> str:
    """An instant kept as text, as the reader writes it."""
    return moment(datetime.fromisoformat(text)) if text else "–"


def money(value: str | None, currency: str | None) -> str | None:
    """An amount kept as text with its currency."""
    if value is None:
        return None
    return f"{currency} {amount(Decimal(value), currency)}" if currency else amount(Decimal(value))


def _who(decision: Figures) -> str:
    if decision["committee"]:
        return role_word("committee")
    if not decision["person"]:
        return _("System")
    if decision["on_behalf_of"]:
        return _(
            "%(person)s for %(name)s",
            person=decision["person"]["name"],
            name=decision["on_behalf_of"]["name"],
        )
    return str(decision["person"]["name"])


def _change(before: Any, after: Any) -> str | None:
    """Before → after; only the one that is there, or that did not change."""
    if after in (None, "") or after == before:
        return None if before in (None, "") else str(before)
    return str(after) if before in (None, "") else f"{before} → {after}"


def _days(count: int | None) -> str | None:
    return None if count is None else _("%(days)s days", days=count)


def _discount(value: str | None) -> str | None:
    return None if value is None else percent(Decimal(value) / 100, 2)


def _decided(said_of: Figures) -> Section:
    decision, application = said_of["decision"], said_of["application"]
    currency, customer = application["currency"], application["customer"] or {}
    pairs = [
        (_("Customer"), listed(customer[key] for key in ("number", "name") if customer.get(key))),
        (_("Requested by"), application["requested_by"]["name"]),
        (_("Submitted"), instant(application["submitted_at"])),
        (_("Level"), role_word(decision["level"]) if decision["level"] else None),
        (_("Decided by"), _who(decision)),
        (_("Reason"), decision["reason"]),
        (
            _("Limit"),
            _change(money(decision["limit_before"], currency), money(decision["limit_after"], currency)),
        ),
        (_("Credit terms"), _change(_days(decision["terms_before"]), _days(decision["terms_after"]))),
        (
            _("Payment method"),
            _change(*(_payment(decision[f"payment_method_{side}"]) for side in ("before", "after"))),
        ),
        (_("Discount"), _change(*(_discount(decision[f"discount_{side}"]) for side in ("before", "after")))),
        (_("Conditions"), _change(decision["conditions_before"], decision["conditions"])),
    ]
    if decision["is_added"]:
        pairs.append((_("Added approver"), _("decides in addition to the levels")))
    return Section(_("Decision"), pairs=_given(pairs))


def _payment(method: str | None) -> str | None:
    return payment_word(method) if method else None


def _given(pairs: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """The pairs that say something."""
    return [(label, str(value)) for label, value in pairs if value not in (None, "", "–")]


def _committee(said_of: Figures) -> Section:
    meeting = said_of["decision"]["committee"]
    if not meeting:
        return Section("")
    words = {"for": _("for"), "against": _("against"), "abstain": _("abstained")}
    return Section(
        _("Vote of the committee"),
        pairs=[
            (_("Members"), str(len(meeting["members"]))),
            (_("Quorum"), str(meeting["quorum"])),
            (_("Majority"), percent(Decimal(meeting["majority"]))),
        ],
        head=[Column(_("Member")), Column(_("Vote")), Column(_("Reason"), wide=True), Column(_("When"))],
        rows=[
            (vote["person"]["name"], words[vote["vote"]], vote["reason"] or None, instant(vote["cast_at"]))
            for vote in meeting["votes"]
        ],
    )


def _limits(said_of: Figures) -> Section:
    seen, application = said_of["seen"], said_of["application"]
    currency, asked, today, proposed = (
        application["currency"],
        seen["limit_in_question"],
        seen["limit_today"] or {},
        seen["proposed"],
    )
    rows = [
        (
            _("Limit today"),
            money(today.get("amount"), today.get("currency")),
            _days(today.get("terms_days")),
            _payment(today.get("payment_method")),
        ),
        (
            _("Requested"),
            money(application["requested_limit"], currency),
            _days(application["terms_days"]),
            _payment(application["payment_method"]),
        ),
        (
            _("Proposed"),
            money(proposed["proposed_limit"] or _computed(seen), currency),
            _days(proposed["proposed_terms_days"]),
            _payment(proposed["proposed_payment_method"]),
        ),
        (
            _("In question"),
            money(asked["amount"], asked["currency"]),
            _days(asked["terms_days"]),
            _payment(asked["payment_method"]),
        ),
    ]
    return Section(
        _("The limit"),
        lines=[proposed["proposal_reason"]] if proposed["proposal_reason"] else [],
        head=[
            Column("", wide=True),
            Column(_("Amount"), number=True),
            Column(_("Terms")),
            Column(_("Payment method")),
        ],
        rows=rows,
    )


def _computed(seen: Figures) -> str | None:
    return next((row["amount"] for row in seen["proposals"] if row["method"] == "proposed"), None)


def _exposure(exposure: Figures) -> Section:
    heading = _("Exposure of the group if granted")
    if "missing" in exposure:
        return Section(heading, lines=[said(exposure["missing"])])
    weight, companies = exposure["weight"], {one["id"]: one for one in exposure["companies"]}
    currency, own = weight["currency"], exposure.get("own")
    pairs = [(_("Total"), money(weight["resulting"]["total"], currency))]
    if own:
        pairs += [
            (_("Gross exposure of the customer"), money(own["gross"], own["currency"])),
            (_("Net exposure of the customer"), money(own["net"], own["currency"])),
        ]
    return Section(
        heading,
        lines=[
            _("Departs from policy: %(sentence)s", sentence=said(one["sentence"]))
            for one in weight["exceptions"]
        ],
        pairs=_given(pairs),
        head=[Column(_("Company"), wide=True), Column(_("Because of")), Column(_("Amount"), number=True)],
        rows=[
            (
                companies[member["customer_id"]]["name"],
                BECAUSE[member["because"]]() if member["because"] in BECAUSE else member["because"],
                money(member["amount"], currency),
            )
            for member in weight["resulting"]["members"]
        ],
    )


def _rating(rating: Figures | None) -> Section:
    if rating is None:
        return Section("")
    points = (rating["inputs"].get("rating") or {}).get("points") or []
    pairs = [
        (_("Grade"), rating["grade"]),
        (_("Score"), short(rating["score"])),
        (_("Confidence"), percent(Decimal(rating["confidence"]))),
        (_("Method"), RATING_METHOD_WORDS.get(rating["method"]) or column_word(rating["method"])),
        (_("Model"), rating["model"]),
        (
            _("By the policy of"),
            day(date.fromisoformat(rating["policy_on"])) if rating["policy_on"] else None,
        ),
        (_("Computed grade"), rating["computed_grade"]),
        (_("Computed score"), short(rating["computed_score"])),
        (_("Reason of the override"), rating["override_reason"]),
    ]
    return Section(
        _("Rating"),
        pairs=_given(pairs),
        head=[
            Column(_("Indicator"), wide=True),
            Column(_("Value"), number=True),
            Column(_("Points"), number=True),
            Column(_("Out of"), number=True),
        ]
        if points
        else [],
        rows=[
            (
                _indicator(point["indicator"]),
                _value(point.get("value")),
                short(point["points"]),
                short(point["of"]),
            )
            for point in points
        ],
    )


def _indicator(code: str) -> str:
    return said(indicator_name(code)) if is_indicator(code) else indicator_word(code)


def _value(value: Any) -> str | None:
    """An indicator's figure, or its level in words."""
    return _(LEVELS[value]) if value in LEVELS else short(value)


def _behaviour(record: Figures | None) -> Section:
    if not record or "payment_record" not in record:
        return Section("")
    pairs = behaviour(cast(InternalRecord, SimpleNamespace(payload=record)))
    heading = _("Payment behaviour as of %(day)s", day=day(date.fromisoformat(record["as_of"])))
    return Section(heading, pairs=_given(list(pairs)))


def _securities(seen: Figures) -> Section:
    statuses = {
        "required": _("asked for"),
        "confirmed": _("confirmed"),
        "rejected": _("rejected"),
        "released": _("released"),
    }
    return Section(
        _("Securities"),
        head=[
            Column(_("Kind"), wide=True),
            Column(_("Given by")),
            Column(_("Amount"), number=True),
            Column(_("Haircut"), number=True),
            Column(_("Expires")),
            Column(_("Status")),
        ]
        if seen["securities"]
        else [],
        rows=[
            (
                security_word(row["kind"]),
                row["provider"] or None,
                money(row["amount"], row["currency"]),
                percent(Decimal(row["haircut"])),
                day(date.fromisoformat(row["expires_on"])) if row["expires_on"] else None,
                statuses[row["status"]],
            )
            for row in seen["securities"]
        ],
    )


def _warning_line(line: Figures) -> Section:
    utilisation = line["warning_utilisation"]
    pairs = [
        (_("Score down to"), short(line["warning_score"])),
        (_("Grade down to"), line["warning_grade"]),
        (_("Utilisation up to"), percent(Decimal(utilisation)) if utilisation else None),
        *((_indicator(name), short(value)) for name, value in (line["warning_indicators"] or {}).items()),
        (_("Measures"), line["warning_measures"]),
    ]
    return Section(_("Risk warning line"), pairs=_given(pairs))


def _opinions(said_of: Figures) -> Section:
    rows = [row for row in said_of["seen"]["opinions"] if row["opinion"]]
    words = {"in_favour": _("in favour"), "neutral": _("neutral"), "against": _("against")}
    return Section(
        _("Opinions"),
        head=[Column(_("Question"), wide=True), Column(_("Opinion")), Column(_("Answer"), wide=True)]
        if rows
        else [],
        rows=[(row["question"], words[row["opinion"]], row["answer"] or None) for row in rows],
    )


def _documents(documents: list[Figures]) -> Section:
    return Section(
        _("Documents"),
        head=[Column(_("File")), Column(_("Size"), number=True), Column(_("SHA-256"), wide=True)]
        if documents
        else [],
        rows=[(row["filename"], filesize(row["size"]), row["sha256"]) for row in documents],
    )


def _rule(said_of: Figures) -> Section:
    rule, process = said_of["rule"] or {}, said_of["process"] or {}
    chain, policy = said_of["chain"], said_of["policy"]
    pairs: list[tuple[str, Any]] = list(_asked(rule))
    if process:
        pairs += [
            (
                _("Process"),
                _(
                    "%(name)s, version %(version)s",
                    name=process_name(process["key"]),
                    version=process["version"],
                ),
            ),
            (_("SHA-256 of its diagrams and tables"), process["sha256"]),
        ]
    pairs += [
        (_("Policy in force on"), day(date.fromisoformat(policy["on"]))),
        (
            _("Place in the history's chain"),
            _("process %(instance)s, after event %(seq)s", instance=chain["instance"], seq=chain["seq"]),
        ),
        (_("Hash of that event"), chain["hash"]),
    ]
    return Section(_("Rule and versions"), pairs=_given(pairs))


def _asked(rule: Figures) -> Iterator[tuple[str, Any]]:
    """The decision table's row, what it was asked with and what it answered."""
    if not rule:
        return
    table = process_name(str(rule.get("decision") or rule.get("table", "")).removesuffix("_table"))
    version = rule.get("version")
    yield (
        _("Decision table"),
        _("%(name)s, row %(row)s", name=table, row=rule.get("row", "–"))
        if not version
        else _(
            "%(name)s, version %(version)s, row %(row)s",
            name=table,
            version=version,
            row=rule.get("row", "–"),
        ),
    )
    if rule.get("sha256"):
        yield _("SHA-256 of the table"), rule["sha256"]
    for name, value in {**(rule.get("inputs") or {}), **(rule.get("outputs") or {})}.items():
        is_number = not isinstance(value, bool) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value))
        yield column_word(name), number(Decimal(str(value)), 2) if is_number else shown(name, value)
