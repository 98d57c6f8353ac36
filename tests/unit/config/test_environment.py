import os
import stat
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from acuse.config import environment
from acuse.config.environment import Environment, read
from acuse.config.errors import ConfigurationError

KEY = "clave-de-prueba-" * 4
URL = "postgresql://ana:s%40creta@db.ejemplo:6432/acuse?sslmode=require"


def read_with(tmp_path: Path, **given: str) -> Environment:
    return read({"ACUSE_DATA_DIR": str(tmp_path / "datos"), "ACUSE_SECRET_KEY": KEY, **given})


def test_nothing_but_a_folder_is_needed(tmp_path: Path) -> None:
    found = read({"ACUSE_DATA_DIR": str(tmp_path / "datos")})
    assert found.data_dir == tmp_path / "datos"
    assert found.database_url is None
    assert (found.bind, found.bind_host, found.bind_port) == ("127.0.0.1:8000", "127.0.0.1", 8000)
    assert found.base_url == "http://127.0.0.1:8000"
    assert (found.graph_url, found.graph_version) == ("https://graph.facebook.com", "v26.0")
    assert (found.mail_url, found.mail_from, found.old_secret_keys) == (None, None, ())


def test_it_is_frozen_and_shows_no_secret(tmp_path: Path) -> None:
    found = read_with(
        tmp_path,
        ACUSE_DATABASE_URL=URL,
        ACUSE_OLD_SECRET_KEYS="vieja-" * 8,
        ACUSE_MAIL_URL="smtp://ana:reservada@correo.ejemplo:587",
        ACUSE_MAIL_FROM="acuse@ejemplo.com.ar",
    )
    shown = repr(found) + repr(found.database())
    for secret in (KEY, "s@creta", "s%40creta", "vieja-", "reservada"):
        assert secret not in shown
    with pytest.raises(FrozenInstanceError):
        found.bind = "x"  # type: ignore[misc]


def test_it_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ACUSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ACUSE_DATA_DIR", str(tmp_path))
    environment.load.cache_clear()
    try:
        assert environment.load() is environment.load()
        assert environment.database() == environment.load().database()
    finally:
        environment.load.cache_clear()


def test_without_a_folder_root_uses_the_system_s_and_others_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert read({"ACUSE_SECRET_KEY": KEY}).data_dir == Path("/var/lib/acuse")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    found = read({"ACUSE_SECRET_KEY": KEY}).data_dir
    assert found.name == "acuse"
    assert found.is_relative_to("/home/ana")


def test_the_secret_key_is_made_once_with_mode_600(tmp_path: Path) -> None:
    given = {"ACUSE_DATA_DIR": str(tmp_path / "datos")}
    first, second = read(given), read(given)
    path = tmp_path / "datos" / "secret.key"
    assert first.secret_key == second.secret_key == path.read_text().strip()
    assert len(first.secret_key) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_a_given_key_is_used_and_none_is_made(tmp_path: Path) -> None:
    assert read_with(tmp_path).secret_key == KEY
    assert not (tmp_path / "datos").exists()


def test_a_refused_configuration_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read({"ACUSE_DATA_DIR": str(tmp_path / "datos"), "ACUSE_BIND": "nada"})
    assert not (tmp_path / "datos").exists()


def test_a_cut_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(ConfigurationError, match=r"secret\.key.*vacía o cortada"):
        read({"ACUSE_DATA_DIR": str(tmp_path)})
    assert (tmp_path / "secret.key").read_text() == ""


@pytest.mark.parametrize(
    "name",
    [
        "ACUSE_SECRET_KEY",
        "ACUSE_OLD_SECRET_KEYS",
        "ACUSE_DATABASE_URL",
        "ACUSE_MAIL_URL",
        "ACUSE_BIND",
        "ACUSE_BASE_URL",
    ],
)
def test_each_variable_may_come_from_a_file(tmp_path: Path, name: str) -> None:
    values = {
        "ACUSE_SECRET_KEY": KEY,
        "ACUSE_OLD_SECRET_KEYS": KEY,
        "ACUSE_DATABASE_URL": URL,
        "ACUSE_MAIL_URL": "smtps://correo.ejemplo",
        "ACUSE_BIND": "127.0.0.1:9000",
        "ACUSE_BASE_URL": "https://acuse.ejemplo.com.ar",
    }
    base = {"ACUSE_DATA_DIR": str(tmp_path), "ACUSE_SECRET_KEY": KEY, "ACUSE_MAIL_FROM": "a@ejemplo.com.ar"}
    (tmp_path / "valor").write_text(values[name] + "\n")
    by_file = {key: value for key, value in base.items() if key != name} | {f"{name}_FILE": str(tmp_path / "valor")}
    assert read(by_file) == read({**base, name: values[name]})


def test_a_file_and_a_value_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^ACUSE_SECRET_KEY: también está ACUSE_SECRET_KEY_FILE"):
        read_with(tmp_path, ACUSE_SECRET_KEY_FILE=str(tmp_path / "clave"))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^ACUSE_BIND_FILE: no se puede leer .*/ausente"):
        read_with(tmp_path, ACUSE_BIND_FILE=str(tmp_path / "ausente"))


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    assert read_with(tmp_path, ACUSE_DATABASE_URL="", ACUSE_BIND=" ", ACUSE_MAIL_URL="") == read_with(tmp_path)


def test_a_database_url_says_all_that_is_needed(tmp_path: Path) -> None:
    found = read_with(tmp_path, ACUSE_DATABASE_URL=URL)
    settings = found.database()
    assert (settings.name, settings.user, settings.password) == ("acuse", "ana", "s@creta")
    assert (settings.host, settings.port, settings.embedded) == ("db.ejemplo", "6432", False)
    assert dict(settings.options) == {"sslmode": "require"}
    assert conninfo_to_dict(found.conninfo()) == {
        "dbname": "acuse",
        "user": "ana",
        "password": "s@creta",
        "host": "db.ejemplo",
        "port": "6432",
        "sslmode": "require",
    }
    assert conninfo_to_dict(settings.conninfo("otra"))["dbname"] == "otra"


def test_a_database_url_may_name_a_socket(tmp_path: Path) -> None:
    settings = read_with(tmp_path, ACUSE_DATABASE_URL="postgres:///acuse?host=/run/postgresql").database()
    assert (settings.host, settings.port, settings.user) == ("/run/postgresql", "5432", "")


def test_the_embedded_address_is_known_without_starting_it(tmp_path: Path) -> None:
    found = read_with(tmp_path)
    settings = found.database()
    assert (settings.name, settings.user, settings.password, settings.embedded) == ("acuse", "acuse", "", True)
    assert Path(settings.host).is_absolute()
    assert len(f"{settings.host}/.s.PGSQL.5432") <= 103
    assert not found.data_dir.exists()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"ACUSE_DATABASE_URL": "mysql://ana:secreta@db/acuse"}, "postgresql://"),
        ({"ACUSE_DATABASE_URL": "postgresql://ana:secreta@db"}, "falta el nombre de la base"),
        ({"ACUSE_DATABASE_URL": "postgresql://ana:secreta@db:99999/acuse"}, "puerto"),
        ({"ACUSE_DATABASE_URL": "postgresql://ana:secreta@db/acuse?color=rojo"}, "no entiende"),
        ({"ACUSE_DATABASE_URL": "postgresql://ana:secreta%zz@db/acuse"}, "codificados"),
        ({"ACUSE_DATABASE_URL": URL, "ACUSE_SECRET_KEY": ""}, "obligatoria"),
        ({"ACUSE_SECRET_KEY": "secreta"}, "menos de 32"),
        ({"ACUSE_OLD_SECRET_KEYS": f"{KEY},secreta"}, "menos de 32"),
        ({"ACUSE_BIND": "8000"}, "dirección:puerto"),
        ({"ACUSE_BIND": "127.0.0.1:0"}, "dirección:puerto"),
        ({"ACUSE_BIND": "::1:8000"}, "dirección:puerto"),
        ({"ACUSE_BASE_URL": "acuse.ejemplo.com.ar"}, "dirección web"),
        ({"ACUSE_BASE_URL": "https://acuse.ejemplo.com.ar:99999"}, "puerto"),
        ({"ACUSE_BASE_URL": "https://ana:secreta@acuse.ejemplo.com.ar"}, "sin usuario"),
        ({"ACUSE_GRAPH_URL": "http://graph.ejemplo"}, "https://"),
        ({"ACUSE_GRAPH_URL": "http://127.0.0.1.ejemplo:9"}, "https://"),
        ({"ACUSE_GRAPH_URL": "ftp://127.0.0.1"}, "dirección web"),
        ({"ACUSE_GRAPH_VERSION": "26"}, "versión"),
        ({"ACUSE_MAIL_URL": "http://correo", "ACUSE_MAIL_FROM": "a@ejemplo.com.ar"}, "smtp://"),
        ({"ACUSE_MAIL_URL": "smtp://ana:secreta@correo:puerto", "ACUSE_MAIL_FROM": "a@ejemplo.com.ar"}, "puerto"),
        ({"ACUSE_MAIL_FROM": "sin arroba"}, "dirección de correo"),
        ({"ACUSE_MAIL_FROM": "Ana\r\nBcc: x@ejemplo.com <a@ejemplo.com>"}, "dirección de correo"),
    ],
)
def test_a_bad_value_is_refused_with_its_variable_and_reason(
    tmp_path: Path, given: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_with(tmp_path, **given)
    text = str(refused.value)
    assert text.startswith("ACUSE_")
    assert reason in text
    assert "secreta" not in text


def test_mail_needs_a_sender(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^ACUSE_MAIL_FROM: falta"):
        read_with(tmp_path, ACUSE_MAIL_URL="smtp://correo.ejemplo")


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "datos").write_text("")
    with pytest.raises(ConfigurationError, match=r"^ACUSE_DATA_DIR: .* no es una carpeta"):
        read_with(tmp_path)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000", "http://localhost:9000/", "http://[::1]:9000", "https://g.ejemplo"]
)
def test_plain_http_to_the_platform_is_for_this_machine_only(tmp_path: Path, url: str) -> None:
    assert read_with(tmp_path, ACUSE_GRAPH_URL=url).graph_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("bind", "base_url", "hosts"),
    [
        ("0.0.0.0:8000", "http://localhost:8000", ["localhost", "127.0.0.1", "[::1]"]),
        ("[::1]:9000", "http://[::1]:9000", ["[::1]", "localhost", "127.0.0.1"]),
        ("10.0.0.5:80", "http://10.0.0.5:80", ["10.0.0.5", "localhost", "127.0.0.1", "[::1]"]),
    ],
)
def test_the_public_address_follows_the_bind_unless_given(
    tmp_path: Path, bind: str, base_url: str, hosts: list[str]
) -> None:
    found = read_with(tmp_path, ACUSE_BIND=bind)
    assert (found.base_url, found.allowed_hosts) == (base_url, hosts)
    given = read_with(tmp_path, ACUSE_BIND=bind, ACUSE_BASE_URL="https://acuse.ejemplo.com.ar/")
    assert given.base_url == "https://acuse.ejemplo.com.ar"
    assert given.allowed_hosts[0] == "acuse.ejemplo.com.ar"


def test_old_keys_are_a_list(tmp_path: Path) -> None:
    assert read_with(tmp_path, ACUSE_OLD_SECRET_KEYS=f" {KEY}1 ,{KEY}2,").old_secret_keys == (f"{KEY}1", f"{KEY}2")


def test_no_proxy_is_believed_unless_it_is_named(tmp_path: Path) -> None:
    assert read_with(tmp_path).trusted_proxies == ()
    found = read_with(tmp_path, ACUSE_TRUSTED_PROXIES=" 127.0.0.1, 10.1.2.3/24 ,::1,").trusted_proxies
    assert [str(network) for network in found] == ["127.0.0.1/32", "10.1.2.0/24", "::1/128"]


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.0/33", "0.0.0.0/0", "::/0"])
def test_a_proxy_that_is_no_address_or_is_everybody_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigurationError, match="ACUSE_TRUSTED_PROXIES"):
        read_with(tmp_path, ACUSE_TRUSTED_PROXIES=value)


def test_what_the_url_asks_of_the_server_is_kept_beside_ours(tmp_path: Path) -> None:
    code = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['options'])"
    url = "postgresql://acuse@127.0.0.1/acuse?options=-c%20work_mem%3D8MB"
    environment = {
        **os.environ,
        "ACUSE_DATABASE_URL": url,
        "ACUSE_DATA_DIR": str(tmp_path),
        "ACUSE_SECRET_KEY": KEY,
        "DJANGO_SETTINGS_MODULE": "acuse.config.settings",
    }
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "-c work_mem=8MB -c max_parallel_workers_per_gather=0"
