"""Commands that are quick to be born: Django is imported once, each command is a fork that runs `acuse`'s own `main()`.

Each line on the standard input is {"arguments", "environment", "output", "errors"} (the last two are files);
its exit code is answered.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import traceback
from typing import Any, NoReturn


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")
    import django

    django.setup()
    import acuse.workers.management.commands.send
    import acuse.workers.management.commands.setup  # noqa: F401  (imported before the forks)
    from acuse.channels import registry  # noqa: F401

    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_the_command(wanted)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_the_command(wanted: dict[str, Any]) -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(wanted["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(os.open(wanted["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.environ.update(wanted["environment"])
    sys.argv = ["acuse", *wanted["arguments"]]
    code = 1
    try:
        from acuse.config.cli import main as acuse

        acuse()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
