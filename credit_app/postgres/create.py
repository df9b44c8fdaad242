"""Makes the data folder of the embedded server, once, and checks it at every later start."""

import os
import shutil
import subprocess
from pathlib import Path

from credit_app.postgres.address import OWNER
from credit_app.postgres.errors import PostgresError
from credit_app.postgres.place import Place


def create(place: Place, data: Path, secret: str, *, sync: bool = True) -> None:
    """Run initdb; an interrupted attempt leaves only a draft that the next one replaces."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    password_file = write_password(place, secret)
    command = [
        *(str(place.bin / "initdb"), "-D", str(draft), "--username", OWNER, "--pwfile", str(password_file)),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        *(() if sync else ("--no-sync",)),
    ]
    uid, gid = place.user or (None, None)
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        env=environment(),
        cwd=place.home,
        user=uid,
        group=gid,
        extra_groups=[] if place.user else None,
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if done.returncode != 0:
        raise PostgresError(
            f"The database could not be created: {done.stderr.strip() or done.stdout.strip()}"
        )
    draft.rename(data)


def write_password(place: Place, secret: str) -> Path:
    """Write the owner's password where initdb, as its user, can read it for a moment."""
    path = place.home / "initdb.password"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret + "\n")
    if place.user:
        os.chown(path, *place.user)
    return path


def check_version(place: Place, data: Path) -> None:
    """Refuse data of another major version, which the server could not read."""
    made = (data / "PG_VERSION").read_text().strip()
    shown = subprocess.run(  # noqa: S603 - our own command
        [str(place.bin / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    if f" {made}." not in shown:
        raise PostgresError(
            f"The data in {data} is of PostgreSQL {made}, this program brings {shown.split()[-1]}: back up "
            "with the release that made it (credit db backup) and restore with this one."
        )


def environment(stale_pid: int | None = None) -> dict[str, str]:
    """Return the server's environment: nothing of the caller's locale or PG variables reaches it.

    PG_GRANDPARENT_PID is how pg_ctl tells the server that a process named in an old pid file is not another
    server; the check of the shared memory block, which guards the data, still happens.
    """
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if stale_pid:
        env["PG_GRANDPARENT_PID"] = str(stale_pid)
    return env
