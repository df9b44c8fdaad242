"""The authority matrix gives every application exactly one answer, and the one that the policy says."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from lxml import etree

from tests.processes.drawing import ROOT, TABLES, found, read, read_table
from workflows import definitions
from workflows.decisions import decide

MATRIX = ROOT / "bpmn" / "authority_matrix.dmn"
EXPOSURES = [
    Decimal(amount)
    for amount in (
        "-0.01", "0", "0.01", "49999.99", "50000", "50000.01", "249999.99", "250000", "250000.01",
        "999999.99", "1000000", "1000000.01", "4999999.99", "5000000", "5000000.01", "1000000000000",
    )
]  # fmt: skip
SCORES = [Decimal(score) for score in ("0", "54.99", "55", "55.01", "100")]
EXCEPTIONS = ["none", "over_envelope", "rating_override", "expired_statement", "split_suspected"]


def expected(exposure: Decimal, score: Decimal, exception: str) -> tuple[str, str]:
    """The policy in the words of the domain, written without looking at the table."""
    if exception != "none" or exposure > 5_000_000:
        return "credit_manager", "committee"
    if exposure > 1_000_000:
        return "credit_manager", "cfo"
    if exposure > 250_000:
        return "credit_manager", "finance_director"
    if exposure > 50_000 or score < 55:
        return "credit_analyst", "credit_manager"
    return "credit_analyst", "credit_analyst"


@pytest.fixture(scope="module")
def platform_table() -> Any:
    sources = definitions.read_directory(ROOT / "bpmn")
    parsed = definitions.parse(0, "approval", 1, sources.bundle("approval"))
    return parsed.spec.task_specs["next_level"].decision


def test_exactly_one_row_answers_whatever_is_asked() -> None:
    table = read_table(MATRIX)
    answering = set()
    for exposure, score, exception in product(EXPOSURES, SCORES, EXCEPTIONS):
        rows = table.matching(total_exposure=exposure, score=score, exception=exception)
        assert len(rows) == 1, (exposure, score, exception, rows)
        assert rows[0].outputs == expected(exposure, score, exception)
        answering.add(rows[0].id)
    assert answering == {rule.id for rule in table.rules}, "a row that never answers"


def test_the_platform_reads_the_matrix_as_it_is_written(platform_table: Any) -> None:
    table = read_table(MATRIX)
    for exposure, score, exception in product(EXPOSURES, SCORES, EXCEPTIONS):
        inputs = {"total_exposure": exposure, "score": score, "exception": exception}
        decided = decide(platform_table, inputs)
        assert decided.rule_id == table.matching(**inputs)[0].id
        assert tuple(decided.outputs[name] for name in table.outputs) == expected(exposure, score, exception)


@pytest.mark.parametrize(
    ("exposure", "score", "exception", "levels"),
    [
        ("50000", "55", "none", ("credit_analyst", "credit_analyst")),
        ("50000", "54.99", "none", ("credit_analyst", "credit_manager")),
        ("50000.01", "100", "none", ("credit_analyst", "credit_manager")),
        ("250000", "100", "none", ("credit_analyst", "credit_manager")),
        ("250000.01", "100", "none", ("credit_manager", "finance_director")),
        ("1000000.01", "100", "none", ("credit_manager", "cfo")),
        ("5000000.01", "100", "none", ("credit_manager", "committee")),
        ("1", "100", "split_suspected", ("credit_manager", "committee")),
    ],
)
def test_the_border_belongs_to_the_smaller_amount(
    exposure: str, score: str, exception: str, levels: tuple[str, str], platform_table: Any
) -> None:
    inputs = {"total_exposure": Decimal(exposure), "score": Decimal(score), "exception": exception}
    assert tuple(decide(platform_table, inputs).outputs.values()) == levels


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_table_explains_every_row_and_can_be_drawn(path: Any) -> None:
    root = read(path)
    rules = found(root, "//dmn:rule")
    assert len(found(root, "//dmn:rule/dmn:description")) == len(rules)
    assert found(root, "//dmn:decisionTable/@hitPolicy") == ["UNIQUE"]
    typed = [*found(root, "//dmn:inputExpression"), *found(root, "//dmn:output")]
    assert {element.get("typeRef") for element in typed} <= {"number", "string"}
    shapes = {
        shape.get("dmnElementRef") for shape in root.iter() if etree.QName(shape).localname == "DMNShape"
    }
    parts = found(root, "./dmn:decision | ./dmn:inputData | ./dmn:knowledgeSource")
    assert {part.get("id") for part in parts} == shapes


@pytest.mark.parametrize("amount", [1, 250_000, Decimal("250000.01"), 10**9])
def test_the_bench_table_always_answers_once(amount: Any) -> None:
    assert len(read_table(ROOT / "bench" / "bench_matrix.dmn").matching(total_exposure=amount)) == 1
