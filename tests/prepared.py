"""A cluster with every table and nothing in them, made once in a run of the tests: whoever begins with a copy of it
needs neither initdb nor the migrations. What is about a first start begins without.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: Where it is made; pytest-xdist's workers get it from the process that starts them.
_FOLDER = "ACUSE_TEST_PREPARED"


def choose_folder() -> None:
    if _FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="acuse-tests-prepared-")
        os.environ[_FOLDER] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def put_cluster(data_dir: Path) -> bool:
    """Into a data folder that has none yet; False when it has."""
    from acuse.config.embedded.layout import layout_of

    layout = layout_of(data_dir)
    if layout.initialised:
        return False
    layout.make()
    # with its owner: as root, the server has an account of its own
    subprocess.run(["cp", "-a", _made(), layout.cluster], check=True)
    return True


def _made() -> Path:
    from acuse.config.embedded import locks
    from acuse.config.embedded.layout import layout_of

    folder = Path(os.environ[_FOLDER])
    ready = folder / "ready"
    with locks.exclusive(folder / "lock", patience=120):
        if not ready.exists():
            given = {k: v for k, v in os.environ.items() if not k.startswith("ACUSE_")}
            subprocess.run(
                [sys.executable, "-m", "acuse.config.cli", "migrate", "--verbosity", "0"],
                env={**given, "ACUSE_DATA_DIR": str(folder / "data")},
                check=True,
            )
            ready.touch()
    return layout_of(folder / "data").cluster
