"""What became of an import: counts, and every problem with its row, column, value and reason."""

from dataclasses import dataclass, field

from credit_app.domain.sentences import Sentence

MOST_PROBLEMS = 1000
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was not taken. `row` is its number in the file (1 = the first line), `value` as read."""

    row: int
    column: str
    value: str
    sentence: Sentence

    @property
    def reason(self) -> str:
        """The sentence in English."""
        return self.sentence.text


@dataclass(slots=True)
class ImportReport:
    """Counts leave out the heading; total = new + changed + same + bad. `made` counts rows by table.

    `problems` holds the first thousand, in the order of the file. status 'refused': nothing was written.
    """

    kind: str
    filename: str
    mapping: str
    mode: str
    dry_run: bool
    sha256: str = ""
    encoding: str = ""
    delimiter: str = ""
    status: str = "done"
    rows_total: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_same: int = 0
    rows_bad: int = 0
    made: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    batch_id: int | None = None

    def add(self, problems: list[Problem]) -> None:
        """Keeps them, up to MOST_PROBLEMS, long values cut."""
        for problem in problems[: max(0, MOST_PROBLEMS - len(self.problems))]:
            value = problem.value
            short = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
            self.problems.append(Problem(problem.row, problem.column[:200], short, problem.sentence))
