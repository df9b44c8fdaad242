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


def sentence(template: str, /, **values: object) -> Sentence:
    """Why a row is not taken: a template, marked for translation, for these values."""
    return Sentence("import.row", template, values)


def plainly(text: str) -> Sentence:
    """A reason that stays as it is in every language, such as those of the interface for other systems."""
    return sentence("%(text)s", text=text)


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
    staged: int = 0  # rows that could be read; an invoice in parts counts once for each

    def add(self, problems: list[Problem]) -> None:
        """Keeps them, up to MOST_PROBLEMS, long values cut."""
        for problem in problems[: max(0, MOST_PROBLEMS - len(self.problems))]:
            value = problem.value
            short = value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
            self.problems.append(Problem(problem.row, problem.column[:200], short, problem.sentence))
