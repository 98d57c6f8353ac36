import psycopg
from psycopg.conninfo import make_conninfo

from acuse.config import embedded
from acuse.config.environment import Environment, load
from acuse.config.errors import ConfigurationError

OLDEST_VERSION = 16
_CONNECT_TIMEOUT = 10


def ensure() -> None:
    """The configured database answers and will do; the embedded one runs. ConfigurationError says why not.

    Cheap to ask again: it starts the embedded server again if it died.
    """
    environment = load()
    if environment.database_url is None:
        embedded.attach(environment.data_dir)
    else:
        _require_usable(environment)


def _require_usable(environment: Environment) -> None:
    settings = environment.database()
    timeout = settings.options.get("connect_timeout", _CONNECT_TIMEOUT)
    try:
        with psycopg.connect(make_conninfo(settings.conninfo(), connect_timeout=timeout)) as connection:
            version = connection.info.server_version // 10000
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        raise ConfigurationError(
            f"ACUSE_DATABASE_URL: no se puede entrar a la base {settings.name!r} ({str(error).strip()}). "
            "Revisá que el servidor esté encendido y que la base, el usuario y la clave sean correctos."
        ) from error
    if version < OLDEST_VERSION:
        raise ConfigurationError(
            f"ACUSE_DATABASE_URL: el servidor es PostgreSQL {version} y hace falta el {OLDEST_VERSION} o posterior. "
            "Actualizalo, o quitá la variable para usar la base embebida."
        )
    if encoding != "UTF8":
        raise ConfigurationError(
            f"ACUSE_DATABASE_URL: la base {settings.name!r} está codificada en {encoding} y hace falta UTF8. "
            f'Creá otra con: createdb --encoding=UTF8 --template=template0 "{settings.name}"'
        )
