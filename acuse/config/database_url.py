from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from acuse.config.errors import ConfigurationError

_SCHEMES = ("postgresql://", "postgres://")
_WAY_OUT = "Escribila así: postgresql://usuario:clave@servidor:5432/base?sslmode=require"


@dataclass(frozen=True)
class DatabaseSettings:
    """What Django's DATABASES and psycopg need. `options` are libpq's (sslmode…); `host` may be a socket folder."""

    name: str
    user: str
    password: str = field(repr=False)
    host: str
    port: str
    options: Mapping[str, str]
    embedded: bool

    def conninfo(self, database: str | None = None) -> str:
        """libpq's connection string, to this database or to another of the same server. It holds the password."""
        given = {
            "dbname": database or self.name,
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.port,
        }
        return make_conninfo("", **{key: value for key, value in (given | dict(self.options)).items() if value})


def parse_database_url(url: str, variable: str) -> DatabaseSettings:
    """ConfigurationError names `variable`; it never quotes the URL, which holds a password."""
    if not url.startswith(_SCHEMES):
        raise ConfigurationError(f"{variable}: tiene que empezar con postgresql://. {_WAY_OUT}")
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        # Its text quotes parts of the URL: neither shown nor chained.
        raise ConfigurationError(
            f"{variable}: PostgreSQL no entiende la dirección. Revisá los parámetros después de «?», y que los signos "
            f"de la clave estén codificados (por ejemplo, @ es %40). {_WAY_OUT}"
        ) from None
    name = given.pop("dbname", "")
    if not name:
        raise ConfigurationError(f"{variable}: falta el nombre de la base. {_WAY_OUT}")
    port = given.pop("port", "5432")
    if not all(_is_port(part) for part in port.split(",")):
        raise ConfigurationError(f"{variable}: el puerto tiene que ser un número entre 1 y 65535. {_WAY_OUT}")
    return DatabaseSettings(
        name=name,
        user=given.pop("user", ""),
        password=given.pop("password", ""),
        host=given.pop("host", ""),
        port=port,
        options=MappingProxyType(given),
        embedded=False,
    )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535
