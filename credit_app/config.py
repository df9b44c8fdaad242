"""Everything the outside may set, read once from the environment into one frozen value."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path


class ConfigError(Exception):
    """A setting that cannot be used; the sentence names the variable and what is accepted."""


@dataclass(frozen=True)
class Config:
    """The settings of one process. Empty strings mean "not set"."""

    var: Path
    """Folder of the embedded database, generated secrets and logs (CREDIT_VAR)."""
    port: int = 8000
    host: str = "127.0.0.1"
    database_url: str = field(default="", repr=False)
    """The owner of the tables: migrations, backup, erasure. Empty: the embedded PostgreSQL (DATABASE_URL)."""
    database_app_url: str = field(default="", repr=False)
    """The role of web and worker, without DDL. Empty: made at the first start (DATABASE_APP_URL)."""
    secret_key: str = field(default="", repr=False)
    base_url: str = ""
    """How people reach the application from outside; used in links of mails (BASE_URL)."""
    smtp_url: str = field(default="", repr=False)
    """smtp://user:password@host:port; empty keeps mail on the outbox page (SMTP_URL)."""
    mail_from: str = "Credit Desk <credit-desk@localhost>"
    sms_url: str = ""
    """The HTTP interface of an SMS gateway; empty keeps short messages on the outbox page (SMS_URL)."""
    sms_token: str = field(default="", repr=False)
    sms_sender: str = ""
    """What the gateway shows as the sender (SMS_SENDER)."""
    secure_cookies: bool = False
    """Send the session cookie over HTTPS only (SECURE_COOKIES); follows BASE_URL unless set."""
    trusted_proxies: int = 0
    """How many reverse proxies in front set X-Forwarded-* headers (TRUSTED_PROXIES)."""
    web_workers: int = 2
    web_threads: int = 4
    workers: int = 1
    max_upload_mb: int = 20
    api_per_minute: int = 600
    """Requests a minute that a token of the interface has in each web process (API_PER_MINUTE)."""
    testing: bool = False

    @property
    def embedded(self) -> bool:
        """True when no DATABASE_URL is set and the program brings its own PostgreSQL."""
        return not self.database_url

    @property
    def imports(self) -> Path:
        """Where files wait that the worker imports; web and worker see the same folder."""
        return self.var / "imports"

    @property
    def connect_url(self) -> str:
        """The URL web and worker connect with."""
        return self.database_app_url or self.database_url

    def with_database(self, owner: str, app: str) -> "Config":
        """Return a copy that connects to these two URLs."""
        return replace(self, database_url=owner, database_app_url=app)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read the environment; create the data folder and the secret key when they are missing.

        Raises ConfigError for a value that cannot be used.
        """
        var = Path(environ.get("CREDIT_VAR") or "var").expanduser().absolute()
        base_url = environ.get("BASE_URL", "").rstrip("/")
        return cls(
            var=var,
            port=_integer(environ, "PORT", 8000, 1, 65535),
            host=environ.get("HOST") or "127.0.0.1",
            database_url=sqlalchemy_url(environ.get("DATABASE_URL", ""), "DATABASE_URL"),
            database_app_url=sqlalchemy_url(environ.get("DATABASE_APP_URL", ""), "DATABASE_APP_URL"),
            secret_key=environ.get("SECRET_KEY") or kept_secret(var / "secret_key"),
            base_url=base_url,
            smtp_url=environ.get("SMTP_URL", ""),
            mail_from=environ.get("MAIL_FROM") or "Credit Desk <credit-desk@localhost>",
            sms_url=_web_address(environ, "SMS_URL"),
            sms_token=environ.get("SMS_TOKEN", ""),
            sms_sender=environ.get("SMS_SENDER", ""),
            secure_cookies=_boolean(environ, "SECURE_COOKIES", base_url.startswith("https:")),
            trusted_proxies=_integer(environ, "TRUSTED_PROXIES", 0, 0, 9),
            web_workers=_integer(environ, "WEB_WORKERS", 2, 1, 64),
            web_threads=_integer(environ, "WEB_THREADS", 4, 1, 64),
            workers=_integer(environ, "WORKERS", 1, 1, 64),
            max_upload_mb=_integer(environ, "MAX_UPLOAD_MB", 20, 1, 1024),
            api_per_minute=_integer(environ, "API_PER_MINUTE", 600, 1, 100_000),
        )


def sqlalchemy_url(text: str, name: str) -> str:
    """Return a PostgreSQL URL as SQLAlchemy needs it; empty stays empty, other databases are refused."""
    if not text:
        return ""
    scheme, colon, rest = text.partition("://")
    if not colon or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ConfigError(
            f"{name} must begin with postgresql://, for example postgresql://owner:password@host/credit."
        )
    return f"postgresql+psycopg://{rest}"


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, readable by this user only; a missing one is generated.

    Safe when two processes ask at the same moment: both get the same text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails when another process was first: its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _integer(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not “{text}”.")
    return int(text)


def _web_address(environ: Mapping[str, str], name: str) -> str:
    address = environ.get(name, "").strip()
    if address and not address.startswith(("http://", "https://")):
        raise ConfigError(f"{name} must begin with https:// or http://, not “{address[:40]}”.")
    return address


def _boolean(environ: Mapping[str, str], name: str, default: bool) -> bool:
    text = environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ConfigError(f"{name} must be yes or no, not “{text}”.")
