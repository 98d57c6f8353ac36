"""What every process of an installation must share: the secret key and the data folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from acuse.companies.models import Installation

_FOLDER_ID = ".acuse-folder"


class WrongInstallation(Exception):
    """This process has another key, or another folder, than the database knows."""


def verify(*, secret_key: str, old_keys: list[str], files_dir: Path) -> None:
    """Remember them the first time; afterwards raise WrongInstallation when they differ."""
    folder = _folder_id(files_dir)
    fingerprint = _fingerprint(secret_key)
    known, created = Installation.objects.get_or_create(
        id=1, defaults={"key_fingerprint": fingerprint, "folder_id": folder}
    )
    if created:
        return
    if known.folder_id != folder:
        raise WrongInstallation(
            f"La carpeta {files_dir} no es la de esta base de datos: ahí no están los PDF que se enviaron. "
            "Corregí ACUSE_DATA_DIR para que todos los procesos compartan la misma carpeta."
        )
    if known.key_fingerprint == fingerprint:
        return
    if known.key_fingerprint not in {_fingerprint(key) for key in old_keys}:
        raise WrongInstallation(
            "La clave secreta no es la de esta base de datos: los secretos guardados no se podrían leer. "
            "Usá la misma ACUSE_SECRET_KEY en todos los procesos; para cambiarla, dejá la anterior en "
            "ACUSE_OLD_SECRET_KEYS y corré «acuse rotate_secrets»."
        )


def adopt_key(secret_key: str) -> None:
    """After every secret was encrypted again with this key."""
    Installation.objects.filter(id=1).update(key_fingerprint=_fingerprint(secret_key))


def _fingerprint(key: str) -> str:
    return hashlib.sha256(b"acuse.fingerprint:" + key.encode()).hexdigest()


def _folder_id(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FOLDER_ID
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(16))
    return path.read_text(encoding="ascii").strip()
