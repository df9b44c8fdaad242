"""Policy figures, models and decision tables through their pages: who reads, who publishes, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.domain.policy_names import GROUPS, NAMES, group_of
from credit_app.facts.policy import check, readers
from credit_app.models import Policy, policy_value, policy_values
from tests.factories import NOW, TODAY
from tests.screens.desk import Desk, Page
from workflows import clock
from workflows.tables import DecisionVersion

WEEK = (TODAY + timedelta(days=7)).isoformat()
VAT = "/policy/figures/limit.vat_rate"
TABLE = "/policy/tables/authority_matrix"


def rows(desk: Desk, key: str) -> list[Policy]:
    desk.fresh()
    query = select(Policy).where(Policy.key == key, Policy.changed_by.is_not(None)).order_by(Policy.id)
    return list(desk.session.scalars(query))


def publish(desk: Desk, path: str, value: str, day: str = TODAY.isoformat(), reason: str = "Because") -> Page:
    form = desk.get(desk.cast.carla, path).form("/policy/")
    return form.fill(value=value, valid_from=day, reason=reason).send(publish="1")


def test_every_figure_has_a_name_and_a_group() -> None:
    assert sorted(set(DEFAULT_POLICY) - set(NAMES)) == []
    assert sorted({group_of(key) for key in DEFAULT_POLICY} - set(GROUPS)) == []


def test_the_policy_is_listed_with_every_figure_and_table(desk: Desk) -> None:
    page = desk.get(desk.cast.otto, "/policy")
    for key in DEFAULT_POLICY:
        assert page.all(f"//a[@href='/policy/figures/{key}']"), key
    assert page.all("//a[@href='/policy/tables/authority_matrix']")
    assert "20 %" in page.text


def test_every_figure_opens_and_shows_its_value(desk: Desk) -> None:
    for key in sorted(DEFAULT_POLICY):
        page = desk.get(desk.cast.clara, f"/policy/figures/{key}")
        assert page.heading == NAMES[key]
        assert page.form("/policy/").value("value") is not None


def test_a_new_version_rules_from_its_day_with_who_and_why(desk: Desk) -> None:
    page = publish(desk, VAT, "19", WEEK, "The rate fell")
    assert page.status == 200
    assert "It rules from 17 Mar 2026 on" in page.text
    (row,) = rows(desk, "limit.vat_rate")
    assert (row.value, row.reason, row.changed_by) == ("0.19", "The rate fell", desk.cast.carla.id)
    assert policy_value(desk.session, "limit.vat_rate", TODAY) == "0.20"
    assert policy_value(desk.session, "limit.vat_rate", TODAY + timedelta(days=7)) == "0.19"
    for said in ("The rate fell", "Carla Rossi", "(to come)", "17 Mar 2026"):
        assert said in page.text, said
    assert "17 Mar 2026" in desk.get(desk.cast.carla, "/policy").text


def test_what_would_change_is_shown_before_it_is_published(desk: Desk) -> None:
    form = desk.get(desk.cast.clara, "/policy/figures/security.haircuts").form("/policy/")
    text = (form.value("value") or "").replace("pledge: 0.30", "pledge: 0.35", 1)
    page = form.fill(value=text).send(check="1")
    assert "What would change" in page.text
    assert "0.35" in page.text
    assert rows(desk, "security.haircuts") == []


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("limit.vat_rate", "nineteen", "Accepted is"),
        ("approval.due_after_days", "1.5", "a whole number"),
        ("limit.review_months", "AAA: 5", "without the grades"),
        ("security.haircuts", "guarantee: 2", "between 0 and 1"),
        ("limit.behaviour_factors", "0: 1\n5: 2", "above: result"),
        ("rating.bands", '[["AAA", "90", "low"]]', "falling down to 0"),
        ("rating.models", "[]", "rating.models"),
        ("rating.models", '{"a": [1, {"b": null}]}', "rating.models"),
        ("calendar.closes_at", "25:61", "calendar.closes_at"),
    ],
)
def test_a_value_that_a_rule_cannot_read_is_refused_and_kept_as_typed(
    desk: Desk, key: str, value: str, says: str
) -> None:
    page = publish(desk, f"/policy/figures/{key}", value)
    assert page.status == 422
    assert says in page.error_at("value")
    assert page.form("/policy/").value("value") == value
    assert page.form("/policy/").value("reason") == "Because"
    assert rows(desk, key) == []


def test_a_past_day_no_reason_and_no_change_are_refused(desk: Desk) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert "today or a later day" in publish(desk, VAT, "19", yesterday).error_at("valid_from")
    assert publish(desk, VAT, "19", reason=" ").error_at("reason")
    assert "Nothing is changed" in publish(desk, VAT, "20").error_at("value")
    assert rows(desk, "limit.vat_rate") == []


def test_a_value_that_a_later_version_could_not_live_with_is_refused(desk: Desk) -> None:
    bands = policy_value(desk.session, "rating.bands", TODAY)
    # From next week on the best grade is called A+; a cap at AAA would name a grade that is gone then.
    renamed = [["A+", *bands[0][1:]], *bands[1:]]
    row = Policy(
        key="rating.bands",
        value=renamed,
        valid_from=TODAY + timedelta(days=7),
        changed_by=desk.cast.carla.id,
    )
    desk.session.add(row)
    desk.session.commit()
    page = publish(desk, "/policy/figures/rating.overdue_cap_grade", "AAA")
    assert "AAA" in page.error_at("value")
    assert publish(desk, "/policy/figures/rating.overdue_cap_grade", "B").status == 200


@pytest.mark.parametrize("name", ["otto", "ada", "anna", "felix"])
def test_others_read_and_do_not_publish(desk: Desk, name: str) -> None:
    who = getattr(desk.cast, name)
    assert not desk.get(who, VAT).has_form("/policy/figures")
    sent = desk.browser(who).post(VAT, {"value": "19", "valid_from": WEEK, "reason": "Mine", "publish": "1"})
    assert sent.status in (400, 403)
    desk.get(who, f"{TABLE}/edit", 403)
    assert rows(desk, "limit.vat_rate") == []


def test_sales_and_the_ledger_do_not_see_the_policy(desk: Desk) -> None:
    for who in (desk.cast.sara, desk.cast.rita, desk.cast.cole):
        for path in ("/policy", VAT, TABLE, "/policy/models", "/policy/on/2026-03-10"):
            desk.get(who, path, 403)


def test_every_rule_that_reads_policy_is_tried(desk: Desk) -> None:
    names = len(readers())
    assert names >= 15
    values = policy_values(desk.session, TODAY)
    for key in ("rating.bands", "rating.vetoes", "rating.models", "authority.stand_ins"):
        with pytest.raises(Exception, match=r"rating|limit|authority"):
            check(values, key, "nonsense")


# --- models -----------------------------------------------------------------------------------------------------


def test_weights_of_a_model_change_as_its_next_version(desk: Desk) -> None:
    page = desk.get(desk.cast.clara, "/policy/models")
    (path, *_others) = [link for link in page.links("/policy/models/") if link.endswith("/general")]
    form = desk.get(desk.cast.clara, path).form("/policy/models/")
    first = {name: form.value(name) for name in ("d-basic_quality", "d-prospects")}
    moved = form.fill(
        **{
            "d-basic_quality": str(int(first["d-basic_quality"] or 0) + 5),
            "d-prospects": str(int(first["d-prospects"] or 0) - 5),
        }
    )
    checked = moved.send(check="1")
    assert "What would change" in checked.text
    sent = (
        checked.form("/policy/models/")
        .fill(reason="Basics say more", valid_from=TODAY.isoformat())
        .send(publish="1")
    )
    assert sent.status == 200, sent
    (row,) = rows(desk, "rating.models")
    model = next(one for one in row.value if one["key"] == "general")
    assert model["version"] == 2
    assert model["dimensions"]["basic_quality"] == str(int(first["d-basic_quality"] or 0) + 5)
    assert [one for one in row.value if one["key"] != "general"] == [
        one
        for one in policy_values(desk.session, TODAY - timedelta(days=1))["rating.models"]
        if one["key"] != "general"
    ]


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("d-basic_quality", "99", "100"),
        ("w-years_registered", "x", "years since registration"),
        ("b-years_registered", "1: 0\n2: 0.5", "above: result"),
    ],
)
def test_a_model_that_could_not_rate_is_refused_with_its_place(
    desk: Desk, field: str, text: str, says: str
) -> None:
    form = desk.get(desk.cast.carla, "/policy/models/general").form("/policy/models/")
    page = form.fill(**{field: text, "reason": "Try"}).send(publish="1")
    assert page.status == 422
    assert any(says in problem.lower() for problem in page.problems), page.problems
    assert page.form("/policy/models/").value(field) == text
    assert rows(desk, "rating.models") == []
    desk.get(desk.cast.carla, "/policy/models/nothing", 404)


# --- clauses of contracts ---------------------------------------------------------------------------------------


def test_clauses_are_changed_row_by_row_and_published_as_a_version(desk: Desk) -> None:
    desk.get(desk.cast.otto, "/policy/clauses/edit", 403)
    page = desk.get(desk.cast.otto, "/policy/clauses")
    assert "Retention of title" in page.text
    assert not page.links("/policy/clauses/edit")
    before = policy_values(desk.session, TODAY)["contract.clauses"]
    places = {row["code"]: number for number, row in enumerate(before)}
    stale = desk.get(desk.cast.clara, "/policy/clauses/edit").form_named("clauses")
    form = desk.get(desk.cast.carla, "/policy/clauses/edit").form_named("clauses")
    assert form.value(f"rows-{places['warranty']}-words") == "warranty\n质保\n质量保证"
    new = f"rows-{len(before)}"
    given = {
        f"rows-{places['warranty']}-text": "At most twelve months from delivery.",
        f"{new}-title": "Export control", f"{new}-title_zh": "出口管制", f"{new}-code": "Export",
        f"{new}-text": "Exports are subject to a licence.", f"{new}-words": "export\nx\n" + "y" * 61,
        "reason": "The law has changed",
    }  # fmt: skip
    wrong = form.fill(**given).send(publish="1")
    assert wrong.status == 422
    assert "small Latin letters" in wrong.error_at(f"{new}-code")
    assert "in both languages" in wrong.error_at(f"{new}-text_zh")
    assert wrong.error_at(f"{new}-area") == "Choose the area that judges it."
    assert any("“x” is found in every text" in problem for problem in wrong.problems)
    assert any("Export control: “yyyyyyyyyyyyyyyyyyyy…” is too long" in problem for problem in wrong.problems)
    good = {
        f"{new}-code": "liability", f"{new}-text_zh": "出口须经许可。", f"{new}-area": "legal",
        f"{new}-words": "export\nEXPORT LICENCE\n出口管制", f"{new}-place": "1",
    }  # fmt: skip
    again = wrong.form_named("clauses").fill(**good).send(publish="1")
    assert again.error_at(f"{new}-code") == "Another clause has this short name."
    assert rows(desk, "contract.clauses") == []
    form = again.form_named("clauses").fill(**{f"{new}-code": "export_control"})
    form.element.fields[f"rows-{places['confidentiality']}-out"] = "y"
    checked = form.send(check="1")
    assert "What would change" in checked.text
    assert "At most twelve months from delivery." in checked.text
    assert rows(desk, "contract.clauses") == []
    done = checked.form_named("clauses").send(publish="1")
    assert done.messages == ["Published. It rules from 10 Mar 2026 on."]
    (row,) = rows(desk, "contract.clauses")
    assert row.reason == "The law has changed"
    # Only what was changed is changed; the new one stands first, where it was put.
    kept = [one | {"text": "?"} if one["code"] == "warranty" else one for one in row.value]
    assert kept[0] == {
        "code": "export_control", "title": "Export control", "title_zh": "出口管制", "area": "legal", "required": True,
        "text": "Exports are subject to a licence.", "text_zh": "出口须经许可。", "sides": ["sales", "purchase"],
        "words": ["export", "EXPORT LICENCE", "出口管制"],
    }  # fmt: skip
    assert kept[1:] == [
        one | {"text": "?"} if one["code"] == "warranty" else one
        for one in before
        if one["code"] != "confidentiality"
    ]
    late = stale.fill(reason="I was late").send(publish="1")
    assert "Somebody has published other clauses meanwhile; look at them first." in late.text
    assert len(rows(desk, "contract.clauses")) == 1
    assert "出口管制" in desk.get(desk.cast.otto, "/policy/clauses").text
    desk.get(desk.cast.sara, "/policy/clauses", 403)


# --- decision tables --------------------------------------------------------------------------------------------


def versions(desk: Desk) -> list[DecisionVersion]:
    desk.fresh()
    return list(desk.session.scalars(select(DecisionVersion).order_by(DecisionVersion.version)))


def edited(desk: Desk, press: dict[str, str], **values: str) -> Page:
    form = desk.get(desk.cast.carla, f"{TABLE}/edit").form("/edit")
    return form.fill(**values).send(**press)


def test_a_table_is_shown_as_rows_and_as_dmn(desk: Desk) -> None:
    page = desk.get(desk.cast.otto, TABLE)
    for said in ("<= 50,000", "Credit analyst", "as shipped with the program", "all but none"):
        assert said in page.text, said
    assert "<decisionTable" in desk.browser(desk.cast.otto).client.get(f"{TABLE}/0.dmn").text
    desk.get(desk.cast.otto, f"{TABLE}/7.dmn", 404)
    desk.get(desk.cast.otto, f"{TABLE}?version=7", 404)
    desk.get(desk.cast.otto, "/policy/tables/nothing", 404)


def test_rows_are_changed_and_published_with_day_and_reason(desk: Desk) -> None:
    page = edited(
        desk,
        {"publish": "1"},
        **{"r0-c0": "<= 30 000", "r1-c0": "<= 30000", "r2-c0": "> 30000 and <= 250000"},
        valid_from=WEEK,
        reason="Analysts decide less",
    )
    assert page.status == 200, page
    (made,) = versions(desk)
    assert (made.decision, made.version, made.reason) == ("authority_matrix", 1, "Analysts decide less")
    assert made.published_by == desk.cast.carla.id
    for said in ("Analysts decide less", "Carla Rossi", "(to come)"):
        assert said in page.text, said
    shown = desk.get(desk.cast.otto, f"{TABLE}?version=1")
    assert "<= 30,000" in shown.text
    assert "Changed against the version before" in shown.text


def test_a_gap_and_an_overlap_are_refused_with_the_place_and_what_was_typed(desk: Desk) -> None:
    gap = edited(desk, {"publish": "1"}, **{"r2-c0": "> 60000 and <= 250000"}, reason="Try")
    assert gap.status == 422
    assert "above 50,000 up to 60,000" in " ".join(gap.problems)
    assert gap.form("/edit").value("r2-c0") == "> 60000 and <= 250000"
    overlap = edited(desk, {"check": "1"}, **{"r2-c0": "> 40000 and <= 250000"})
    assert "Rows 1 and 3 both match" in " ".join(overlap.problems)
    unread = edited(desk, {"check": "1"}, **{"r0-c1": "rather good"})
    assert "Row 1: “rather good” is no condition" in " ".join(unread.problems)
    assert versions(desk) == []


def test_rows_are_added_and_taken_out(desk: Desk) -> None:
    page = edited(desk, {"add": "1"})
    count = len(page.all("//tbody/tr"))
    last = count - 1
    answered: dict[str, Any] = {f"r{last}-c0": "<= 50000", f"r{last}-c1": "< 40", f"r{last}-c2": "none"}
    answered |= {f"r{last}-o0": "credit_analyst", f"r{last}-o1": "cfo", f"r{last}-note": "Very weak: the CFO"}
    checked = page.form("/edit").fill(**answered, **{"r1-c1": ">= 40 and < 55"}).send(check="1")
    assert checked.problems == []
    assert "no gap and no overlap" in checked.text
    out = checked.form("/edit").send(take_out=str(last))
    assert len(out.all("//tbody/tr")) == count - 1
    assert "No row for" in " ".join(out.form("/edit").send(check="1").problems)


def test_the_policy_of_a_past_day_is_shown_beside_todays(desk: Desk) -> None:
    publish(desk, VAT, "19", WEEK, "The rate fell")
    edited(
        desk,
        {"publish": "1"},
        **{"r0-c0": "<= 30000", "r1-c0": "<= 30000", "r2-c0": "> 30000 and <= 250000"},
        valid_from=WEEK,
        reason="Less",
    )
    with clock.at(NOW + timedelta(days=8)):
        page = desk.get(desk.cast.otto, f"/policy/on/{TODAY.isoformat()}")
        for said in (
            "20 %" if "20 %" in page.text else "0.20",
            "The rate fell",
            "version 1",
            "<= 30,000",
            "<= 50,000",
        ):
            assert said in page.text, said
        same = (
            desk.get(desk.cast.otto, "/policy/on").path
            if False
            else desk.get(desk.cast.otto, f"/policy/on/{WEEK}")
        )
        assert "No figure differs" in same.text
    desk.get(desk.cast.otto, "/policy/on/yesterday", 400)
