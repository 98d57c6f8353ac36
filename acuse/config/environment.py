"""The environment variables of Acuse, read once, checked, and with a way out in each refusal.

Each may come from a file instead: NAME_FILE holds the path (secrets of Docker, systemd credentials). Empty is unset.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_path

from acuse.config import embedded
from acuse.config.database_url import DatabaseSettings, parse_database_url
from acuse.config.errors import ConfigurationError
from acuse.config.secret_key import SHORTEST, secret_key_of

__all__ = ["ConfigurationError", "DatabaseSettings", "Environment", "conninfo", "database", "load", "read"]

_ROOT_DATA = Path("/var/lib/acuse")
_BIND = "127.0.0.1:8000"
_GRAPH_URL = "https://graph.facebook.com"
_GRAPH_VERSION = "v26.0"
_MAIL_SCHEMES = ("smtp", "smtps")


@dataclass(frozen=True)
class Environment:
    data_dir: Path
    database_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(repr=False)
    base_url: str
    bind: str
    graph_url: str
    graph_version: str
    mail_url: str | None = field(repr=False)
    mail_from: str | None
    #: Whose word about the client's address is taken.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]

    @property
    def bind_host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def bind_port(self) -> int:
        return int(self.bind.rpartition(":")[2])

    def database(self) -> DatabaseSettings:
        """Starts nothing: the embedded one's address is known before it runs."""
        if self.database_url is not None:
            return parse_database_url(self.database_url, "ACUSE_DATABASE_URL")
        return DatabaseSettings(
            name=embedded.DATABASE,
            user=embedded.USER,
            password="",
            host=str(embedded.socket_dir(self.data_dir)),
            port=str(embedded.PORT),
            options=MappingProxyType({}),
            embedded=True,
        )

    def conninfo(self) -> str:
        """libpq's connection string. It may hold a password."""
        return self.database().conninfo()

    @property
    def allowed_hosts(self) -> list[str]:
        """The names by which the pages answer: the public address, and this machine to itself."""
        public = urlsplit(self.base_url).hostname or ""
        named = f"[{public}]" if ":" in public else public
        return list(dict.fromkeys([named, "localhost", "127.0.0.1", "[::1]"]))


@cache
def load() -> Environment:
    """Makes the secret key on first use, when it isn't given. Raises ConfigurationError."""
    return read(os.environ)


def database() -> DatabaseSettings:
    return load().database()


def conninfo() -> str:
    return load().conninfo()


def read(environ: Mapping[str, str]) -> Environment:
    data_dir = _data_dir(_value(environ, "ACUSE_DATA_DIR"))
    database_url = _value(environ, "ACUSE_DATABASE_URL")
    if database_url is not None:
        parse_database_url(database_url, "ACUSE_DATABASE_URL")
    bind = _bind(_value(environ, "ACUSE_BIND") or _BIND)
    mail_url = _mail_url(_value(environ, "ACUSE_MAIL_URL"))
    mail_from = _mail_from(_value(environ, "ACUSE_MAIL_FROM"))
    if mail_url is not None and mail_from is None:
        raise ConfigurationError(
            "ACUSE_MAIL_FROM: falta la dirección de quien envía. Indicala, o quitá ACUSE_MAIL_URL."
        )
    base_url = _value(environ, "ACUSE_BASE_URL")
    return Environment(
        base_url=_default_base_url(bind) if base_url is None else _web_url("ACUSE_BASE_URL", base_url),
        graph_url=_graph_url(_value(environ, "ACUSE_GRAPH_URL") or _GRAPH_URL),
        graph_version=_graph_version(_value(environ, "ACUSE_GRAPH_VERSION") or _GRAPH_VERSION),
        old_secret_keys=_old_keys(_value(environ, "ACUSE_OLD_SECRET_KEYS")),
        trusted_proxies=_proxies(_value(environ, "ACUSE_TRUSTED_PROXIES")),
        # Last: it may write, and nothing is written for a configuration that is refused.
        secret_key=_secret_key(_value(environ, "ACUSE_SECRET_KEY"), database_url, data_dir),
        data_dir=data_dir,
        database_url=database_url,
        bind=bind,
        mail_url=mail_url,
        mail_from=mail_from,
    )


def _value(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "").strip() or None
    path = environ.get(f"{name}_FILE", "").strip()
    if not path:
        return value
    if value is not None:
        raise ConfigurationError(f"{name}: también está {name}_FILE. Dejá una sola de las dos.")
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no es texto"
        raise ConfigurationError(
            f"{name}_FILE: no se puede leer {path} ({reason}). Corregí la ruta o sus permisos."
        ) from error


def _data_dir(value: str | None) -> Path:
    if value is not None:
        try:
            folder = Path(value).expanduser().resolve()
        except (RuntimeError, OSError) as error:
            raise ConfigurationError(
                f"ACUSE_DATA_DIR: {value!r} no es una ruta que se pueda usar. Escribí la ruta completa de una carpeta."
            ) from error
    else:
        # A service's data doesn't belong in root's home.
        folder = _ROOT_DATA if os.geteuid() == 0 else user_data_path("acuse").resolve()
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"ACUSE_DATA_DIR: {folder} no es una carpeta. Elegí una que lo sea, o que no exista.")
    return folder


def _secret_key(value: str | None, database_url: str | None, data_dir: Path) -> str:
    if value is None and database_url is not None:
        raise ConfigurationError(
            "ACUSE_SECRET_KEY: es obligatoria cuando se usa ACUSE_DATABASE_URL, la misma en todos los procesos. "
            "Creala con: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if value is None:
        return secret_key_of(data_dir)
    _require_long("ACUSE_SECRET_KEY", value)
    return value


def _old_keys(value: str | None) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in (value or "").split(",") if part.strip())
    for key in keys:
        _require_long("ACUSE_OLD_SECRET_KEYS", key)
    return keys


def _require_long(name: str, key: str) -> None:
    if len(key) < SHORTEST:
        raise ConfigurationError(
            f"{name}: la clave tiene menos de {SHORTEST} caracteres y se podría adivinar. Creá una con: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


def _bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    bracketed = host != bare
    if not bare or (":" in bare) != bracketed or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ConfigurationError(
            f"ACUSE_BIND: {value!r} no es dirección:puerto. Por ejemplo, 127.0.0.1:8000, o [::1]:8000."
        )
    return value


def _default_base_url(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    reachable = "localhost" if host in ("0.0.0.0", "[::]") else host  # noqa: S104  (compared, not bound)
    return f"http://{reachable}:{port}"


def _web_url(name: str, value: str) -> str:
    """Without the final slash."""
    parts = _split(name, value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ConfigurationError(
            f"{name}: tiene que ser una dirección web sin usuario ni parámetros. Por ejemplo, https://acuse.ejemplo.com.ar"
        )
    return value.rstrip("/")


def _graph_url(value: str) -> str:
    url = _web_url("ACUSE_GRAPH_URL", value)
    parts = urlsplit(url)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            "ACUSE_GRAPH_URL: con http:// la clave de WhatsApp viajaría a la vista, y solo se admite en esta misma "
            f"máquina. Usá https://, o quitala para usar {_GRAPH_URL}."
        )
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, that may resolve to anything
        return False


def _graph_version(value: str) -> str:
    if not re.fullmatch(r"v\d{1,3}\.\d{1,2}", value):
        raise ConfigurationError(f"ACUSE_GRAPH_VERSION: {value!r} no es una versión. Por ejemplo, {_GRAPH_VERSION}.")
    return value


def _mail_url(value: str | None) -> str | None:
    if value is None:
        return None
    parts = _split("ACUSE_MAIL_URL", value)
    if parts.scheme not in _MAIL_SCHEMES or not parts.hostname:
        raise ConfigurationError(
            "ACUSE_MAIL_URL: no es la dirección de un servidor de correo. "
            "Escribila así: smtp://usuario:clave@servidor:587, o smtps://usuario:clave@servidor:465"
        )
    return value


def _mail_from(value: str | None) -> str | None:
    if value is None:
        return None
    _, address = parseaddr(value)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or "\n" in value or "\r" in value:
        raise ConfigurationError(
            f"ACUSE_MAIL_FROM: {value!r} no es una dirección de correo. Por ejemplo, Acuse <acuse@ejemplo.com.ar>"
        )
    return value


def _proxies(value: str | None) -> tuple[IPv4Network | IPv6Network, ...]:
    networks = []
    for part in (value or "").split(","):
        if not part.strip():
            continue
        try:
            network = ip_network(part.strip(), strict=False)
        except ValueError:
            raise ConfigurationError(
                f"ACUSE_TRUSTED_PROXIES: {part.strip()!r} no es una dirección IP ni una red. "
                "Por ejemplo, 127.0.0.1, o 10.0.0.0/24. Varias van separadas por comas."
            ) from None
        if network.prefixlen == 0:
            raise ConfigurationError(
                f"ACUSE_TRUSTED_PROXIES: {part.strip()!r} es todo el mundo, y cualquiera podría decir que es otro. "
                "Poné la dirección de tu proxy."
            )
        networks.append(network)
    return tuple(networks)


def _split(name: str, value: str) -> SplitResult:
    """ConfigurationError doesn't quote the value, which may hold a password."""
    try:
        parts = urlsplit(value)
        if parts.port == 0:
            raise ValueError("port 0")
    except ValueError:
        raise ConfigurationError(
            f"{name}: la dirección está mal escrita. Revisá el servidor y el puerto (entre 1 y 65535)."
        ) from None
    return parts
