"""A pytest plugin, loaded before Django's settings: the tests never touch the installation of whoever runs them."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import prepared

_OURS = ("ACUSE_BASE_URL", "ACUSE_BIND", "ACUSE_GRAPH_URL", "ACUSE_GRAPH_VERSION", "ACUSE_MAIL_URL", "ACUSE_MAIL_FROM",
         "ACUSE_TRUSTED_PROXIES")  # fmt: skip


def _prepare() -> None:
    for name in _OURS:
        os.environ.pop(name, None)
    prepared.choose_folder()
    folder = Path(tempfile.mkdtemp(prefix="acuse-tests-"))
    os.environ["ACUSE_DATA_DIR"] = str(folder)
    if not os.environ.get("ACUSE_DATABASE_URL"):
        os.environ.pop("ACUSE_SECRET_KEY", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "acuse.config.settings"
    from acuse.config import embedded

    def clean() -> None:
        embedded.release(folder)
        shutil.rmtree(folder, ignore_errors=True)

    # one process, one cluster: pytest-xdist's workers run this too
    atexit.register(clean)


_prepare()
