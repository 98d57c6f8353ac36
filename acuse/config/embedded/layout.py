import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from acuse.config.errors import ConfigurationError

DATABASE = "acuse"
USER = "acuse"
PORT = 5432

#: The address of a Unix socket has 108 bytes on Linux and 104 on macOS, its final zero included.
_LONGEST_SOCKET_PATH = 103
_ROOT_SOCKETS = Path("/run/acuse")


@dataclass(frozen=True)
class Layout:
    """Where each thing of the embedded server lives, below the data folder."""

    data_dir: Path

    @property
    def home(self) -> Path:
        return self.data_dir / "embedded"

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def gate(self) -> Path:
        """Held (exclusive) while a process starts or stops the server."""
        return self.home / "gate.lock"

    @property
    def clients(self) -> Path:
        """Held (shared) by every process that uses the server."""
        return self.home / "clients.lock"

    @property
    def server(self) -> Path:
        """Held (exclusive) by initdb, the postmaster and its children, who inherit it: free means that all are gone."""
        return self.home / "server.lock"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def initialised(self) -> bool:
        return self.cluster.is_dir()

    def make(self) -> None:
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"ACUSE_DATA_DIR: no se puede usar la carpeta {self.data_dir} ({error.strerror}). "
                "Elegí otra carpeta, en la que este usuario pueda escribir."
            ) from error


def layout_of(data_dir: Path) -> Layout:
    return Layout(data_dir.resolve())


def socket_dir(data_dir: Path) -> Path:
    """The folder of the server's socket: the same for every process, with nothing started or created.

    It is the cluster itself (mode 0700, of the server's account), or a short folder when that path can't be an address.
    """
    layout = layout_of(data_dir)
    if _fits(layout.cluster):
        return layout.cluster
    digest = hashlib.sha256(os.fsencode(layout.data_dir)).hexdigest()[:16]
    return _short_parent() / digest


def _fits(folder: Path) -> bool:
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return len(path) <= _LONGEST_SOCKET_PATH and b"," not in path  # libpq takes a comma for a list of hosts


def _short_parent() -> Path:
    # Neither TMPDIR nor XDG_RUNTIME_DIR: they differ between a session, cron and a service of the same person.
    return _ROOT_SOCKETS if os.geteuid() == 0 else Path(f"/tmp/acuse-{os.geteuid()}")  # noqa: S108  (ownership is checked)


def make_socket_dir(layout: Layout, uid: int, gid: int) -> None:
    """Creates the short folder, when it is the one in use, for the account `uid`; refuses one that isn't ours."""
    folder = socket_dir(layout.data_dir)
    if folder == layout.cluster:
        return
    # As root, the server's account has to pass through the parent to its own folder.
    _make_private(folder.parent, 0o711 if os.geteuid() == 0 else 0o700, os.geteuid())
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, uid, gid, follow_symlinks=False)
    _require_private(folder, uid)


def _make_private(folder: Path, mode: int, uid: int) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        _require_private(folder, uid)
    else:
        folder.chmod(mode)  # whatever the umask says; it was made just now


def _require_private(folder: Path, uid: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o022:
        raise ConfigurationError(
            f"La carpeta {folder} no es de Acuse o la puede escribir otro usuario, y la base embebida no la usa. "
            "Borrala, o elegí un ACUSE_DATA_DIR de ruta más corta, que no la necesita."
        )
