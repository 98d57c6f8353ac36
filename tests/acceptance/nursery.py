"""Workers that are quick to be born: Django is imported once, each worker is a fork of it. For the crash tests.

Each line on the standard input asks for one more worker; its pid is answered. `fill N` makes N deliveries first;
`count` answers the states. The workers are what `acuse worker` runs.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")
    from acuse.config import database, logs

    logs.configure()
    database.ensure()
    import django

    django.setup()
    from django.db import connection

    from acuse.workers.worker import work  # noqa: F401  (imported before the forks)

    for line in sys.stdin:
        words = line.split()
        if words[0] == "fill":
            answer: Any = _fill(int(words[1]))
        elif words[0] == "states":
            answer = _states()
        else:
            answer = _worker()
        connection.close()
        print(json.dumps(answer), flush=True)


def _worker() -> dict[str, int]:
    from django.db import connection

    connection.close_pool()  # type: ignore[attr-defined]
    pid = os.fork()
    if pid == 0:
        _be_a_worker()
    return {"pid": pid}


def _be_a_worker() -> NoReturn:
    import uvloop

    from acuse.workers.worker import work

    try:
        uvloop.run(work())
    finally:
        os._exit(0)


def _fill(count: int) -> dict[str, int]:
    from acuse.companies.models import Company
    from acuse.deliveries import services
    from acuse.deliveries.services import Asker
    from acuse.deliveries.states import Origin, Priority
    from tests.data.cast import make_contact, make_party, make_voucher

    company = Company.objects.get()
    vouchers = []
    for number in range(count):
        party = make_party(company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341{5102000 + number}")
        vouchers.append(make_voucher(company, party, number=number + 1, content=b"%PDF-1.4 " + str(number).encode()))
    _, asked = services.request_for(vouchers, Asker("test", Origin.MANUAL, Priority.BULK))
    return {"created": len(asked.created)}


def _states() -> dict[str, str]:
    from acuse.deliveries.models import Delivery

    # a dead worker's zombie is taken leave of here
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break
    return {str(pk): state for pk, state in Delivery.objects.values_list("pk", "state")}


if __name__ == "__main__":
    main()
