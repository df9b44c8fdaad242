"""The command `credit`: help, exit codes and what each command refuses."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.cli import cli, main
from tests.database import Server
from tests.factories import TODAY, Cast, make_customer, make_invoice
from workflows import incidents

PASSWORD = "correct horse battery"
INIT = ["--company", "Nordwind", "--currency", "eur", "--time-zone", "Europe/Berlin"]
ADA = ["--email", "Ada@Nordwind.example", "--name", "Ada"]


@pytest.fixture
def credit(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    database_url: str,
    database_app_url: str,
    capsys: pytest.CaptureFixture[str],
):
    """Run a command on the test's database; returns (exit code, stdout, stderr)."""
    for name, value in {
        "CREDIT_VAR": str(tmp_path),
        "DATABASE_URL": database_url,
        "DATABASE_APP_URL": database_app_url,
        "SECRET_KEY": "tests-only",
        "CREDIT_ADMIN_PASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["credit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


def help_of(*command: str) -> Result:
    return CliRunner().invoke(cli, [*command, "--help"])


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_explains_itself(name: str) -> None:
    shown = help_of(name)
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 4
    for sub in getattr(cli.commands[name], "commands", {}):
        assert help_of(name, sub).exit_code == 0


def test_wrong_usage_is_exit_code_2(credit) -> None:
    assert credit("nonsense")[0] == 2
    assert credit("import", "pigeons", "x.csv")[0] == 2


def test_an_empty_company_is_set_up_once(credit, session: Session) -> None:
    code, _, said = credit("init", *INIT, *ADA)
    assert code == 0, said
    assert "ada@nordwind.example" in said
    assert session.execute(text("SELECT name, base_currency, is_demo FROM company")).one() == (
        "Nordwind",
        "EUR",
        False,
    )
    assert session.scalars(text("SELECT role FROM person_role")).all() == ["admin"]
    assert session.scalar(text("SELECT count(*) FROM policy")) > 5
    code, _, said = credit("init", *INIT, *ADA)
    assert (code, said.strip()) == (1, "This database already has a company; nothing was changed.")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--currency", "DM", "currency “DM”"),
        ("--time-zone", "Berlin", "time zone “Berlin”"),
        ("--email", "ada", "not an e-mail address"),
        ("--password", "short", "at least 12 characters"),
        ("--name", " ", "need a name"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_a_sentence(
    credit, option: str, value: str, said: str
) -> None:
    code, _, error = credit("init", *INIT, *ADA, option, value)
    assert code == 1
    assert said in error


def test_an_unreachable_database_is_one_sentence(credit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    code, _, said = credit("db", "status")
    assert code == 1
    assert said.startswith("The database does not answer")
    assert "Traceback" not in said


def test_status_says_when_the_tables_are_out_of_date(credit, owner_session: Session) -> None:
    assert credit("db", "status")[0] == 0
    owner_session.execute(text("DELETE FROM alembic_version"))
    owner_session.commit()
    assert credit("db", "status")[0] == 1
    code, _, said = credit("user", "list")
    assert code == 1
    assert "credit init" in said


def test_people_are_added_listed_and_deactivated(credit, session: Session) -> None:
    credit("init", *INIT, *ADA)
    code, link, _ = credit("user", "add", "Bea@nordwind.example", "--name", "Bea", "--role", "auditor")
    assert code == 0
    assert link.startswith("http://localhost:8000/")
    code, _, said = credit("user", "add", "bea@nordwind.example", "--name", "Bea", "--role", "auditor")
    assert code == 1
    assert "already a person" in said
    assert "bea@nordwind.example\tBea\tactive\tauditor" in credit("user", "list")[1]
    assert credit("user", "passwd-link", "bea@nordwind.example")[0] == 0
    assert credit("user", "deactivate", "bea@nordwind.example")[0] == 0
    assert "Bea\tinactive" in credit("user", "list")[1]
    assert credit("user", "deactivate", "nobody@nordwind.example")[0] == 1


def test_the_demo_is_never_put_over_a_real_company(credit, session: Session) -> None:
    credit("init", *INIT, *ADA)
    assert credit("demo", "load")[0] == 1
    code, _, said = credit("demo", "reset", "--yes")
    assert code == 1
    assert "nothing was removed" in said
    assert session.scalar(text("SELECT name FROM company")) == "Nordwind"


def test_history_and_processes_answer(credit) -> None:
    assert credit("history", "verify")[:2] == (0, "0 rows hold.\n")
    code, shown, _ = credit("process", "list")
    assert code == 0
    assert "credit_application\tversion 1" in shown
    assert credit("process", "incidents")[0] == 0


def test_a_balance_that_its_entries_do_not_come_to_is_told(
    credit, session: Session, owner_session: Session, app: Flask, cast: Cast
) -> None:
    item = make_invoice(session, make_customer(session), "100.00", due=TODAY)
    session.commit()
    assert credit("ledger", "check")[:2] == (0, "All balances tie with their entries.\n")
    assert jobs.check_ledger(app) == 0
    number = session.scalar(text("SELECT number FROM customer"))
    wrong = "UPDATE item_balance SET open_amount = open_amount + :by WHERE item_id = :id"
    owner_session.execute(text(wrong), {"by": 5, "id": item.id})
    owner_session.commit()
    sentence = f"Item {item.id} ({item.number}, customer {number}): 105.00 EUR is kept, its entries come to 100.00 EUR."
    assert credit("ledger", "check")[:2] == (1, sentence + "\n")
    assert [jobs.check_ledger(app), jobs.check_ledger(app)] == [1, 1]
    (found,) = incidents.open_incidents(session)
    assert found["error"] == f"Balances that do not tie with their entries: 1. {sentence}"
    incidents.retry(session, found["id"], None)
    session.commit()
    assert jobs.check_ledger(app) == 1  # still wrong: it comes back
    owner_session.execute(text(wrong), {"by": -5, "id": item.id})
    owner_session.commit()
    assert jobs.check_ledger(app) == 0
    session.rollback()
    assert incidents.open_incidents(session) == []


def test_a_wrong_file_is_refused_without_a_trace(credit, tmp_path: Path) -> None:
    credit("init", *INIT, *ADA)
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    code, _, said = credit("import", "customers", str(file), "--mapping", "nothing-of-that-name")
    assert code == 1
    assert "Traceback" not in said


def test_backup_and_restore_from_the_command_line(credit, tmp_path: Path) -> None:
    credit("init", *INIT, *ADA)
    file = str(tmp_path / "nordwind.backup")
    assert credit("db", "backup", file)[0] == 0
    assert credit("db", "backup", file)[0] == 1
    assert credit("db", "restore", file)[0] == 1
    assert credit("db", "restore", file, "--replace")[0] == 0


def test_the_application_role_is_made_when_none_is_named(
    credit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Server, database_name: str
) -> None:
    monkeypatch.delenv("DATABASE_APP_URL")
    assert credit("db", "upgrade")[0] == 0
    role = f"{database_name}_app"
    assert (tmp_path / f"{role}.password").stat().st_mode & 0o777 == 0o600
    with server.connect(database_name) as connection:
        connection.execute(f'GRANT "{role}" TO CURRENT_USER')  # type: ignore[call-overload]
        connection.execute(f'DROP OWNED BY "{role}"')  # type: ignore[call-overload]
        connection.execute(f'DROP ROLE "{role}"')  # type: ignore[call-overload]


def test_the_module_runs_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "credit_app.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "Credit Desk" in done.stdout


def test_branches_and_rates_of_a_real_company_are_entered_by_command(credit, session: Session) -> None:
    assert credit("init", *INIT, *ADA)[0] == 0
    assert credit("company", "branch", "HH", "Hamburg")[0] == 0
    assert credit("company", "branch", "HH", "Hamburg")[0] == 1
    assert credit("company", "department", "Sales", "--branch", "HH")[0] == 0
    assert credit("company", "department", "Sales", "--branch", "XX")[0] == 1
    assert credit("company", "rate", "eur", "usd", "1.08", "--day", "2026-03-02")[0] == 0
    code, _out, error = credit("company", "rate", "eur", "usd", "1.09", "--day", "2026-03-02")
    assert (code, "already" in error) == (1, True)
    for wrong in (("eur", "eur", "1"), ("eur", "usd", "0"), ("eur", "xxx", "1"), ("eur", "usd", "abc")):
        assert credit("company", "rate", *wrong)[0] == 1
    assert "HH  Hamburg" in credit("company", "show")[1]
    assert session.execute(text("SELECT base, quote, rate FROM exchange_rate")).one()[:2] == ("EUR", "USD")


def test_an_erasure_names_who_ordered_it(credit, session: Session) -> None:
    assert credit("init", *INIT, *ADA)[0] == 0
    code, _out, error = credit(
        "history", "erase", "1", "1", "--ground", "GDPR art. 17", "--by", "nobody@x.example", "--yes"
    )
    assert (code, "nobody" in error) == (1, True)


def test_everything_held_on_a_customer_is_exported_in_the_name_of_whoever_may(
    credit, session: Session, cast: Cast, tmp_path: Path
) -> None:
    customer = make_customer(session, "Nordwind AG")
    session.commit()
    target = tmp_path / "nordwind.zip"
    number = customer.number.lower()
    code, _out, said = credit("customer", "export", number, str(target), "--as", cast.anna.email)
    assert (code, target.exists()) == (1, False)
    assert "Only an active credit manager or auditor" in said
    code, _out, said = credit("customer", "export", number, str(target), "--as", cast.otto.email)
    assert (code, zipfile.is_zipfile(target)) == (0, True), said
    kinds = session.execute(text("SELECT person_id, kind FROM access_log")).all()
    assert kinds == [(cast.otto.id, "export")]
    code, _out, said = credit("customer", "export", number, str(target), "--as", cast.otto.email)
    assert (code, "exists already" in said) == (1, True)
    code, _out, said = credit("customer", "export", "C-999999", str(target), "--as", cast.otto.email)
    assert (code, said.strip()) == (1, "There is no customer C-999999.")


def test_tokens_are_made_listed_and_revoked(credit, session: Session) -> None:
    credit("init", *INIT, *ADA)
    code, secret, said = credit("token", "make", "ERP", "--source", "erp", "--scope", "ledger.read")
    assert (code, secret[:3]) == (0, "cd_"), said
    assert "copy it now" in said
    assert secret.strip() not in "".join(map(str, session.execute(text("SELECT * FROM api_token")).one()))
    assert credit("token", "list")[1].split("\t")[1:4] == ["ERP", "erp", "ledger.read"]
    assert credit("token", "revoke", "1")[0] == 0
    assert credit("token", "list")[1].strip().endswith("revoked")
    assert credit("token", "revoke", "1")[0] == 1
    assert credit("token", "revoke", "9")[2].strip() == "There is no token 9."
    for wrong in (("--days", "800"), ("--days", "0"), ("--source", "ERP North")):
        code, _, said = credit("token", "make", "ERP", "--source", "erp", "--scope", "ledger.read", *wrong)
        assert (code, len(said.strip().splitlines())) == (1, 1), said
