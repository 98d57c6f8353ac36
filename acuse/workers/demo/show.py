"""The demo's processes: database and data first, then simulator, web and worker. Nothing of it stays afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Self

from acuse.workers.demo import history, sample
from acuse.workers.management.commands.serve import end_parts

#: Seconds for a process to answer.
STARTING = 60.0
#: Seconds for a voucher to be read.
READING = 90.0
WORDS = {
    "queued": "en cola",
    "sending": "enviando",
    "sent": "enviado",
    "delivered": "entregado",
    "read": "leído",
}


class DemoFailed(Exception):
    """The demo didn't come up, or the voucher didn't get there."""


class DemoEnded(Exception):
    """Somebody asked it to end (Ctrl+C, SIGTERM) before it was done."""


class Show:
    def __init__(self, say: Callable[[str], Any]) -> None:
        self._say = say
        self._folder = Path(tempfile.mkdtemp(prefix="acuse-demo-"))
        self._parts: list[subprocess.Popen[bytes]] = []
        web, simulator = _free_port(), _free_port()
        self.web_url = f"http://127.0.0.1:{web}"
        self.simulator_url = f"http://127.0.0.1:{simulator}"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ACUSE_")},
            "ACUSE_DATA_DIR": str(self._folder / "data"),
            "ACUSE_GRAPH_URL": self.simulator_url,
            "ACUSE_BIND": f"127.0.0.1:{web}",
            "ACUSE_BASE_URL": self.web_url,
        }
        self._simulator_port = simulator
        self._made: dict[str, Any] = {}
        self._asked_to_end = False

    def __enter__(self) -> Self:
        # noted, and acted on between steps: an exception in the middle of one would forget a process just started
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        end_parts(self._parts)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, signum: int, frame: FrameType | None) -> None:
        self._asked_to_end = True

    def _go_on(self) -> None:
        if self._asked_to_end:
            raise DemoEnded

    def _start(self) -> None:
        self._say("Preparando la demo…")
        self._made = self._make_data()
        config = self._folder / "simulator.json"
        config.write_text(json.dumps(self._simulator_config()), encoding="utf-8")
        port = str(self._simulator_port)
        self._run([sys.executable, "-m", "acuse_simulator", "--port", port, "--config", str(config), "--json"])
        self._run(self._acuse("web"))
        self._run(self._acuse("worker"))
        self._wait_for(f"{self.simulator_url}/")
        self._wait_for(f"{self.web_url}/ingresar/")

    def _make_data(self) -> dict[str, Any]:
        answer = self._folder / "made.json"
        with answer.open("wb") as output:
            making = subprocess.Popen(self._acuse("demo_data"), env=self._environment, stdout=output)  # noqa: S603
        # one of the parts: asked to end, it still lets the database go in order
        self._parts.append(making)
        while making.poll() is None:
            self._go_on()
            time.sleep(0.05)
        self._parts.remove(making)
        self._go_on()
        if making.returncode != 0:
            raise DemoFailed("No se pudieron preparar los datos de la demo.")
        loaded: dict[str, Any] = json.loads(answer.read_bytes())
        answer.unlink()
        return loaded

    def _simulator_config(self) -> dict[str, Any]:
        return {
            "app_id": sample.APP_ID,
            "app_secret": self._made["app_secret"],
            "verify_token": self._made["verify_token"],
            "tokens": [self._made["access_token"]],
            "waba_id": sample.WABA_ID,
            "numbers": [
                {
                    "id": sample.PHONE_NUMBER_ID,
                    "display": "+54 9 341 555-9000",
                    "waba": sample.WABA_ID,
                    "name": sample.LEGAL_NAME,
                    "throughput": 80,
                }
            ],
            "webhook_url": f"{self.web_url}/hooks/whatsapp/{self._made['app_key']}/",
            "delays": {"sent": 0.2, "delivered": 1.0, "read": 3.0},
        }

    @staticmethod
    def _acuse(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "acuse.config.cli", *arguments]

    def _run(self, command: list[str]) -> None:
        with (self._folder / "log.txt").open("ab") as log:
            self._parts.append(
                subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)  # noqa: S603
            )

    def _wait_for(self, url: str) -> None:
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            self._go_on()
            if any(part.poll() is not None for part in self._parts):
                break
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback address
                    return
            except urllib.error.HTTPError:
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        log = (self._folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        raise DemoFailed(f"La demo no arrancó. Esto dijo:\n{log[-3000:]}")

    def stay(self, *, open_browser: bool) -> None:
        """Until Ctrl+C or SIGTERM."""
        self._say(f"Acuse:                 {self.web_url}")
        self._say(f"El teléfono simulado:  {self.simulator_url}/phone/")
        self._say(f"Usuario:               {self._made['email']}")
        self._say(f"Contraseña:            {self._made['password']}")
        for email, _, role in history.COLLEAGUES:
            self._say(f"Rol {role + ':':<19}{email}, con la misma contraseña")
        self._say(f"Clave de API:          {self._made['api_key']}")
        self._say("Ctrl+C para terminar; no queda nada en la máquina.")
        if open_browser:
            webbrowser.open(self.web_url)
        while not self._asked_to_end and all(part.poll() is None for part in self._parts):
            time.sleep(0.2)

    def send_one(self) -> None:
        """Raises DemoFailed unless it is read in time, DemoEnded when asked to end before."""
        answer = self._api("POST", f"vouchers/{self._made['voucher_id']}/send", {})
        delivery = answer["deliveries"][0]
        self._say(f"{answer['title']} a {delivery['to']}")
        seen = ""
        until = time.monotonic() + READING
        while time.monotonic() < until:
            self._go_on()
            delivery = self._api("GET", f"deliveries/{delivery['id']}")
            if delivery["state"] != seen:
                seen = delivery["state"]
                self._say(WORDS.get(seen, seen))
            if seen == "read":
                return
            if seen in ("failed", "cancelled", "uncertain"):
                raise DemoFailed(f"No llegó: {delivery['reason']}")
            time.sleep(0.05)
        raise DemoFailed(f"Quedó en «{WORDS.get(seen, seen)}»: el acuse de lectura no llegó a tiempo.")

    def _api(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.web_url}/api/v1/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self._made['api_key']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return json.load(response)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
