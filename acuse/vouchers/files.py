"""The files of vouchers: content-addressed, write-once, under `ACUSE_DATA_DIR/files`."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from acuse.vouchers.models import StoredFile

#: Meta takes documents of up to 100 MB.
MAX_BYTES = 100 * 1024 * 1024
_CHUNK = 1024 * 1024


class FileTooLarge(ValueError):
    def __init__(self) -> None:
        super().__init__("El PDF pesa más de 100 MB. Reducilo y volvé a cargarlo.")


def path_of(sha256: str) -> Path:
    return Path(settings.FILES_DIR) / sha256[:2] / f"{sha256}.pdf"


def stage(chunks: Iterable[bytes]) -> tuple[Path, str, int]:
    """Write to a temporary file beside the store; answer its path, SHA-256 and size. Raises FileTooLarge."""
    folder = Path(settings.FILES_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > MAX_BYTES:
                    raise FileTooLarge
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size


def keep(staged: Path, sha256: str, size: int) -> StoredFile:
    """Move a staged file to its place, once; the same bytes again are the same file."""
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.stat().st_size == size:
        staged.unlink(missing_ok=True)
    else:
        staged.chmod(0o440)
        staged.replace(target)
        _sync_folder(target.parent)
    row, _ = StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": size})
    return row


def staged_at(name: str) -> Path:
    """Where the staged file of that name is."""
    return Path(settings.FILES_DIR) / "incoming" / Path(name).name


def double(staged: Path) -> Path:
    """The same bytes under another name beside it, to keep or to discard without losing the first. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=staged.parent, suffix=".part")
    os.close(handle)
    path = Path(name)
    path.unlink()
    try:
        os.link(staged, path)
    except FileNotFoundError:
        raise
    except OSError:
        # a folder that knows no second names
        shutil.copyfile(staged, path)
    return path


def sweep_staged(keep: Iterable[str], *, older_than: float) -> int:
    """Remove what was staged and forgotten, so many seconds ago; how many. `keep`: names that are still of use."""
    kept, count = set(keep), 0
    for path in (Path(settings.FILES_DIR) / "incoming").glob("*.part"):
        with suppress(FileNotFoundError):
            if path.name not in kept and time.time() - path.stat().st_mtime > older_than:
                path.unlink()
                count += 1
    return count


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def chunks_of(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
