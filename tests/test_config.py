"""Settings come from the environment, once, and a wrong one is named in a sentence."""

from pathlib import Path

import pytest

from credit_app.config import Config, ConfigError, kept_secret


def test_without_settings_everything_has_a_default(tmp_path: Path) -> None:
    config = Config.from_env({"CREDIT_VAR": str(tmp_path / "var")})
    assert config.embedded
    assert (config.host, config.port) == ("127.0.0.1", 8000)
    assert len(config.secret_key) >= 40


def test_the_generated_secret_is_kept_and_readable_by_this_user_only(tmp_path: Path) -> None:
    first = Config.from_env({"CREDIT_VAR": str(tmp_path)}).secret_key
    assert Config.from_env({"CREDIT_VAR": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_another_process_made_meanwhile_counts(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert kept_secret(path) == kept_secret(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "٨٠", "8000.0"])
def test_a_port_that_is_none_is_refused_by_name(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="PORT"):
        Config.from_env({"CREDIT_VAR": str(tmp_path), "PORT": value})


@pytest.mark.parametrize("url", ["sqlite:///x.db", "mysql://a@b/c", "credit", "postgresql+asyncpg://a@b/c"])
def test_other_databases_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL must begin with postgresql://"):
        Config.from_env({"CREDIT_VAR": str(tmp_path), "DATABASE_URL": url})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_taken(tmp_path: Path, scheme: str) -> None:
    config = Config.from_env({"CREDIT_VAR": str(tmp_path), "DATABASE_URL": f"{scheme}://a:b@h/d"})
    assert config.database_url == "postgresql+psycopg://a:b@h/d"
    assert not config.embedded


def test_cookies_are_for_https_when_the_address_is(tmp_path: Path) -> None:
    env = {"CREDIT_VAR": str(tmp_path), "BASE_URL": "https://credit.example/"}
    assert Config.from_env(env).secure_cookies
    assert Config.from_env(env).base_url == "https://credit.example"
    assert not Config.from_env({**env, "SECURE_COOKIES": "no"}).secure_cookies
    with pytest.raises(ConfigError, match="SECURE_COOKIES must be yes or no"):
        Config.from_env({**env, "SECURE_COOKIES": "perhaps"})


def test_secrets_do_not_appear_when_the_settings_are_printed() -> None:
    config = Config(Path("var"), database_url="postgresql+psycopg://o:hidden@h/d", secret_key="hidden")
    assert "hidden" not in repr(config)
