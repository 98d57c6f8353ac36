from __future__ import annotations

import os
import subprocess
import sys


def test_an_installation_of_the_first_release_comes_up_to_date_with_its_data() -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ACUSE_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.old_installation"],
        env=ours, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
