from __future__ import annotations

import subprocess
import sys

_LOOK = """
import sys
import django
django.setup()
from django.core.management import load_command_class
for name in ("send", "worker", "doctor"):
    load_command_class("acuse.workers", name)
print(sorted({name.split(".")[0] for name in sys.modules} & {"ninja", "pydantic"}))
"""


def test_commands_that_serve_no_api_load_nothing_of_it() -> None:
    """It would be a fifth of what they take before they begin."""
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
