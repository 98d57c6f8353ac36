"""Who runs the server.

PostgreSQL refuses root; creating a user for it would change the machine's /etc, and `nobody` is shared with other
services. So, as root, the server runs with a number that has no user: nobody else's files or processes have it. It
comes from a range that neither Debian nor systemd gives out (60706-61183).
"""

import grp
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from acuse.config.errors import ConfigurationError

_FREE_NUMBERS = range(60850, 61184)
_LOOKED_UP_BY_INITDB = "nobody"


class Identity(TypedDict, total=False):
    """The arguments of subprocess that change the account; none when it stays."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def identity(self) -> Identity:
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def initdb_identity(self) -> Identity:
        """initdb wants a user with a name, so it runs as nobody for that second.

        It does in a folder below ours (0700), with a group that no other process has: none can reach into the
        unfinished cluster or trace initdb. The files are then given to the account.
        """
        if os.geteuid() != 0:
            return {}
        try:
            named = pwd.getpwnam(_LOOKED_UP_BY_INITDB).pw_uid
        except KeyError as error:
            raise ConfigurationError(
                "La base embebida no se puede crear como root: falta el usuario nobody en este sistema. "
                "Ejecutá Acuse con un usuario común, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
            ) from error
        return {"user": named, "group": self.gid, "extra_groups": []}


def account_of(cluster: Path) -> Account:
    """The owner of the cluster that exists, else of the one to be made. ConfigurationError when we can't act as it."""
    if os.geteuid() == 0 and sys.platform != "linux":
        raise ConfigurationError(
            "La base embebida no funciona como root en este sistema. "
            "Ejecutá Acuse con un usuario común, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        )
    if cluster.is_dir():
        return _owner(cluster)
    return _unnamed() if os.geteuid() == 0 else _ourselves()


def _owner(cluster: Path) -> Account:
    found = cluster.stat()
    if found.st_uid == 0 or os.geteuid() not in (0, found.st_uid):
        raise ConfigurationError(
            f"La base embebida de {cluster} pertenece a otro usuario (número {found.st_uid}). "
            "Ejecutá Acuse con ese usuario o como root, o elegí otra carpeta en ACUSE_DATA_DIR."
        )
    return Account(found.st_uid, found.st_gid)


def _ourselves() -> Account:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise ConfigurationError(
            f"La base embebida no se puede crear con el usuario número {os.geteuid()}, que no tiene nombre en este "
            "sistema. Ejecutá Acuse con otro usuario, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        ) from error
    return Account(os.geteuid(), os.getegid())


def _unnamed() -> Account:
    number = next((number for number in _FREE_NUMBERS if not _is_named(number)), None)
    if number is None:
        raise ConfigurationError(
            "No queda un número de usuario libre entre 60850 y 61183 para la base embebida. "
            "Ejecutá Acuse con un usuario común, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        )
    return Account(number, number)


def _is_named(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        try:
            grp.getgrgid(number)
        except KeyError:
            return False
    return True
