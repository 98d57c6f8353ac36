"""What Acuse really sends, and what the simulator really answers and posts."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from acuse.channels.contract import ChannelError, OutgoingFile
from acuse.channels.whatsapp.client import GraphClient
from acuse.channels.whatsapp.http import Answer, FilePart, HttpClient
from acuse.channels.whatsapp.payloads import template_message
from acuse_simulator.config import DEFAULT_NUMBER, DEFAULT_TEMPLATE, DEFAULT_WABA
from acuse_simulator.process import SimulatorProcess
from tests.meta.managing import managed
from tests.meta.spec import Sample

VERSION = "v26.0"
TOKEN = "simulator-token"
PDF = b"%PDF-1.4\n%%EOF\n"
PHONE = ("paths", "/{Version}/{Phone-Number-ID}")
MEDIA = ("paths", "/{Version}/{Phone-Number-ID}/media", "post")
MESSAGES = ("paths", "/{Version}/{Phone-Number-ID}/messages", "post")
TEMPLATES = ("paths", "/{Version}/{WABA-ID}/message_templates", "get")
NUMBERS = ("paths", "/{Version}/{WABA-ID}/phone_numbers", "get")
FILE = ("paths", "/{Version}/{Media-ID}", "get")
APPS = ("paths", "/{Version}/{WABA-ID}/subscribed_apps", "get")
HOOK = ("paths", "/whatsapp/webhooks", "post", "requestBody", "content", "application/json", "schema")
FORM = (*MEDIA, "requestBody", "content", "multipart/form-data", "schema")
JSON = ("content", "application/json", "schema")
ERROR = ("components", "schemas", "GraphAPIError")
#: By their last digits (docs/simulator.md): goes; is refused at once; fails later; the token's refusal.
RECIPIENTS = ("5493415557777", "5493415550001", "5493415550002", "5493415550018")
NAMED = {
    **DEFAULT_TEMPLATE,
    "name": "con_nombres",
    "parameter_format": "NAMED",
    "components": [
        DEFAULT_TEMPLATE["components"][0],
        {
            "type": "BODY",
            "text": "Hola {{nombre}}, te mandamos el comprobante.",
            "example": {"body_text_named_params": [{"param_name": "nombre", "example": "Ana"}]},
        },
    ],
}


class Recorder(HttpClient):
    """Notes what passes through the one door to the network."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, TOKEN, max_connections=4, timeout=20.0)
        self.samples: list[Sample] = []

    async def post_json(self, path: str, body: Mapping[str, Any]) -> Answer:
        to = str(body["to"])
        self.samples.append(Sample(f"sent: message to {to}", (*MESSAGES, "requestBody", *JSON), dict(body)))
        answer = await super().post_json(path, body)
        self._answered(f"answered: message to {to}", MESSAGES, answer)
        return answer

    async def post_file(self, path: str, fields: Mapping[str, str], file: FilePart) -> Answer:
        # in a form, the file's bytes are a string of format binary
        self.samples.append(Sample("sent: upload", FORM, {**fields, "file": file.name}))
        answer = await super().post_file(path, fields, file)
        self._answered("answered: upload", MEDIA, answer)
        return answer

    def _answered(self, name: str, endpoint: tuple[str, ...], answer: Answer) -> None:
        place = (*endpoint, "responses", "200", *JSON) if answer.status == 200 else ERROR
        self.samples.append(Sample(f"{name} ({answer.status})", place, json.loads(answer.body)))


class Hooks:
    """Where the simulator's webhooks arrive."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        bodies = self.bodies

        class Taker(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Meta's handshake: whoever asks gets the challenge."""
                challenge = parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode()
                self.send_response(200)
                self.send_header("content-length", str(len(challenge)))
                self.end_headers()
                self.wfile.write(challenge)

            def do_POST(self) -> None:
                bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def collect() -> list[Sample]:
    hooks = Hooks()
    delays = {"sent": 0.0, "delivered": 0.05, "read": 0.1, "failed": 0.1}
    config = {"webhook_url": hooks.url, "delays": delays, "templates": [DEFAULT_TEMPLATE, NAMED]}
    try:
        with SimulatorProcess(config) as meta:
            samples, media = asyncio.run(_sent(meta.url))
            samples += _asked(meta.url, media)
            meta.control("inbound", **{"from": "5493415557777", "text": "Gracias"})
            samples += managed(meta)
            meta.settle()
    finally:
        hooks.close()
    # of what accounts tell the document has nothing: docs/simulator.md names the events, Acuse's parser reads them all
    told = [body for body in hooks.bodies if body["entry"][0]["changes"][0]["field"] == "messages"]
    return samples + [Sample(f"webhook: {_kind(body)}", HOOK, body) for body in told]


def _kind(body: Any) -> str:
    change = body["entry"][0]["changes"][0]
    statuses = change["value"].get("statuses")
    return str(statuses[0]["status"]) if statuses else "message"


async def _sent(url: str) -> tuple[list[Sample], str]:
    http = Recorder(url)
    client = GraphClient(http, version=VERSION, phone_number_id=DEFAULT_NUMBER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.pdf"
        path.write_bytes(PDF)
        media = await client.upload_media(OutgoingFile("0" * 64, path, len(PDF), "application/pdf", "Factura.pdf"))
    positional = {"name": "comprobantes", "language": "es_AR", "parameters": [{"text": "Factura A 00003-00000042"}]}
    named = {"name": "con_nombres", "language": "es_AR", "parameters": [{"name": "nombre", "text": "Ana"}]}
    for to in RECIPIENTS:
        await _one(client, to, media, positional)
    await _one(client, "5493415557778", media, named)
    await _one(client, "5493415557779", media, {**positional, "name": "inexistente"})
    await http.aclose()
    return http.samples, media


async def _one(client: GraphClient, to: str, media: str, template: Mapping[str, Any]) -> None:
    message = template_message(to=to, media_id=media, file_name="Factura.pdf", template=template, opaque="entrega-1")
    try:
        await client.send_message(message)
    except ChannelError:
        # what was answered is noted; a refusal is an answer too
        return


def _asked(url: str, media: str) -> list[Sample]:
    fields = "id,display_phone_number,verified_name,quality_rating,code_verification_status,name_status,status"
    return [
        _got(url, f"{DEFAULT_NUMBER}?fields={fields}", (*PHONE, "get")),
        _got(url, f"{DEFAULT_WABA}/phone_numbers", NUMBERS),
        _got(url, f"{DEFAULT_WABA}/message_templates", TEMPLATES),
        _got(url, f"{DEFAULT_WABA}/subscribed_apps", APPS),
        _got(url, media, FILE),
        _got(url, "1234567890", (*PHONE, "get")),
        _got(url, DEFAULT_NUMBER, (*PHONE, "get"), token="wrong"),
    ]


def _got(url: str, path: str, endpoint: tuple[str, ...], token: str = TOKEN) -> Sample:
    request = urllib.request.Request(f"{url}/{VERSION}/{path}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Sample(f"answered: {path}", (*endpoint, "responses", "200", *JSON), json.load(answer))
    except urllib.error.HTTPError as error:
        place = (*endpoint, "responses", str(error.code), *JSON)
        with error:
            return Sample(f"answered: {path} ({error.code})", place, json.load(error))
