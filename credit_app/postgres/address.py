"""How programs reach the embedded server: a socket in its folder, or loopback where that path is too long."""

import json
import os
import socket
from pathlib import Path

import psycopg
from sqlalchemy import URL
from sqlalchemy import make_url as parse_url

from credit_app.config import kept_secret

OWNER = "credit"
DATABASE = "credit"
SOCKET_PORT = 5432  # names the socket file; nothing listens on the network
LONGEST_SOCKET_PATH = 100  # the system's limit is 103 to 107 bytes

Address = dict[str, str | int]


def choose_address(home: Path) -> Address:
    """Return a socket in `home`, or a free loopback port when the path cannot be a socket's."""
    folder = home / "run"
    short = len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")) <= LONGEST_SOCKET_PATH
    # A comma separates hosts for the clients, a quote ends the path for the server.
    if short and not {",", '"'} & set(str(folder)):
        folder.mkdir(exist_ok=True, mode=0o700)
        os.chown(folder, home.stat().st_uid, home.stat().st_gid)
        return {"socket": str(folder), "port": SOCKET_PORT}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"port": int(free.getsockname()[1])}


def listen_settings(address: Address) -> dict[str, str]:
    """Return the server's settings for an address; it never listens beyond this machine."""
    if "socket" in address:
        # Quotes keep a comma inside the path from beginning a second path.
        quoted = f'"{address["socket"]}"'
        return {"listen_addresses": "", "unix_socket_directories": quoted, "port": str(address["port"])}
    return {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(address["port"])}


def password(base: Path) -> str:
    """Return the owner's password, generated at the first call."""
    return kept_secret(base / "owner_password")


def make_url(address: Address, secret: str, database: str) -> str:
    """Return the SQLAlchemy URL of a database at an address."""
    host: str | None = None if "socket" in address else "127.0.0.1"
    port = None if "socket" in address else int(address["port"])
    query = {"host": str(address["socket"]), "port": str(address["port"])} if "socket" in address else {}
    url = URL.create("postgresql+psycopg", OWNER, secret, host, port, database, query)
    return url.render_as_string(hide_password=False)


def conninfo(url: str) -> str:
    """Return a SQLAlchemy URL as libpq's own connection text (for psycopg, pg_dump and psql)."""
    parts = parse_url(url)
    wanted = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
        **{key: value for key, value in parts.query.items() if isinstance(value, str)},
    }
    return psycopg.conninfo.make_conninfo(
        "", **{key: value for key, value in wanted.items() if value is not None}
    )


def running_url(base: Path) -> str:
    """Return the owner's URL of the server that another process has started on `base`."""
    return make_url(read_address(base), password(base), DATABASE)


def read_address(base: Path) -> Address:
    """Return the recorded address."""
    address: Address = json.loads((base / "address.json").read_text())
    return address


def write_address(base: Path, address: Address) -> None:
    """Record the address for other commands."""
    draft = base / "address.json.new"
    draft.write_text(json.dumps(address) + "\n")
    draft.replace(base / "address.json")
