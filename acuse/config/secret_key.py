import os
import secrets
from pathlib import Path

from acuse.config.errors import ConfigurationError

_BYTES = 48
SHORTEST = 32


def secret_key_of(data_dir: Path) -> str:
    """The installation's own key, made on first use with mode 600. Processes that start at once agree on one."""
    path = data_dir / "secret.key"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no es texto"
        raise ConfigurationError(
            f"ACUSE_DATA_DIR: no se puede crear o leer la clave {path} ({reason}). "
            "Ejecutá Acuse con el usuario dueño de esa carpeta, o elegí otra."
        ) from error
    if len(key) < SHORTEST:
        raise ConfigurationError(
            f"ACUSE_DATA_DIR: la clave {path} está vacía o cortada. Recuperala de una copia de respaldo; si todavía no "
            "cargaste datos, borrala y se crea otra."
        )
    return key


def _make(path: Path) -> None:
    """Written apart and linked: whole or not there, and only the first process's."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return  # another process was first: its key is the one
    finally:
        draft.unlink()
