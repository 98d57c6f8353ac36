from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from acuse.config import database, embedded, environment
from acuse.config.database_url import parse_database_url
from acuse.config.errors import ConfigurationError
from tests.postgres import free_port, start_tcp_server, temporary_embedded_dir


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with TemporaryDirectory(prefix="acuse-url-") as folder:
        url, stop = start_tcp_server(Path(folder, "data"))
        yield url
        stop()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    environment.load.cache_clear()
    monkeypatch.delenv("ACUSE_DATABASE_URL", raising=False)
    monkeypatch.setenv("ACUSE_SECRET_KEY", "clave-de-prueba-" * 4)
    yield monkeypatch
    environment.load.cache_clear()


def test_a_database_by_url_that_answers_is_accepted(configured: pytest.MonkeyPatch, url: str) -> None:
    configured.setenv("ACUSE_DATABASE_URL", url)
    database.ensure()
    with psycopg.connect(environment.conninfo()) as connection:
        assert connection.execute("select current_database()").fetchone() == ("acuse",)


def test_a_wrong_password_is_refused_and_never_shown(configured: pytest.MonkeyPatch, url: str) -> None:
    right = parse_database_url(url, "URL").password
    configured.setenv("ACUSE_DATABASE_URL", url.replace(right, "equivocada"))
    with pytest.raises(ConfigurationError, match=r"^ACUSE_DATABASE_URL: no se puede entrar") as refused:
        database.ensure()
    assert "equivocada" not in str(refused.value)


def test_a_server_that_does_not_answer_is_refused(configured: pytest.MonkeyPatch) -> None:
    configured.setenv("ACUSE_DATABASE_URL", f"postgresql://ana@127.0.0.1:{free_port()}/acuse")
    with pytest.raises(ConfigurationError, match=r"^ACUSE_DATABASE_URL: no se puede entrar"):
        database.ensure()


def test_an_older_server_is_refused(configured: pytest.MonkeyPatch, url: str) -> None:
    configured.setenv("ACUSE_DATABASE_URL", url)
    configured.setattr(database, "OLDEST_VERSION", 99)
    with pytest.raises(ConfigurationError, match="es PostgreSQL 18 y hace falta el 99"):
        database.ensure()


def test_a_database_that_is_not_utf8_is_refused(configured: pytest.MonkeyPatch, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create database antigua encoding 'LATIN1' locale_provider 'libc' locale 'C' template template0"
        )
    configured.setenv("ACUSE_DATABASE_URL", url.removesuffix("/acuse") + "/antigua")
    with pytest.raises(ConfigurationError, match="LATIN1"):
        database.ensure()


def test_without_a_url_the_embedded_one_answers(configured: pytest.MonkeyPatch) -> None:
    with temporary_embedded_dir() as data_dir:
        configured.setenv("ACUSE_DATA_DIR", str(data_dir))
        database.ensure()
        with psycopg.connect(environment.conninfo()) as connection:
            assert connection.execute("select current_user").fetchone() == ("acuse",)
        assert embedded.status(data_dir).running
    assert not data_dir.exists()
