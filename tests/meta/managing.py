"""The account's side: what Acuse asks of tokens, numbers, profiles, webhooks and templates, and what is answered."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Mapping
from typing import Any

from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.http import Answer, HttpClient
from acuse.channels.whatsapp.management import Management, ManagementError, app_token
from acuse.channels.whatsapp.news.fields import FIELDS
from acuse.channels.whatsapp.template_draft import Draft
from acuse_simulator.config import DEFAULT_WABA
from acuse_simulator.process import SimulatorProcess
from tests.meta.spec import Sample

VERSION, TOKEN = "v26.0", "simulator-token"
APP, SECRET = "634974688087057", "simulator-app-secret"
PDF = b"%PDF-1.4\n%%EOF\n"
ERROR = ("components", "schemas", "GraphAPIError")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
#: What is asked, as the document writes it. The first that matches; the kinds of id can't be told by their looks.
_PLACES = (
    (r"debug_token", "/{Version}/debug_token"),
    (r"upload:.*", "/{Version}/upload:{Upload-ID}"),
    (r"\d+/uploads", "/{Version}/{Application-ID}/uploads"),
    (r"\d+/subscriptions", "/{Version}/{Application-ID}/subscriptions"),
    (r"\d+/(phone_numbers|subscribed_apps|message_templates)", "/{Version}/{WABA-ID}/\\1"),
    (r"\d+/unpause", "/{Version}/{TEMPLATE_ID}/unpause"),
    (r"\d+/(request_code|verify_code|register|whatsapp_business_profile)", "/{Version}/{Phone-Number-ID}/\\1"),
)
_NODES = {
    "number": "/{Version}/{Phone-Number-ID}",
    "waba": "/{Version}/{WABA-ID}",
    "template": "/{Version}/{TEMPLATE_ID}",
}


class Noting(HttpClient):
    """Notes each call and its answer. `node`: of what kind the plain ids are that are asked next."""

    def __init__(self, base_url: str, token: str, samples: list[Sample]) -> None:
        super().__init__(base_url, token, max_connections=4, timeout=20.0)
        self.samples = samples
        self.node = ""

    async def get(self, path: str, params: Mapping[str, str]) -> Answer:
        return self._answered("get", path, await super().get(path, params))

    async def post_json(self, path: str, body: Mapping[str, Any]) -> Answer:
        self._sent(path, JSON, dict(body))
        return self._answered("post", path, await super().post_json(path, body))

    async def post_form(self, path: str, fields: Mapping[str, str]) -> Answer:
        self._sent(path, FORM, dict(fields))
        return self._answered("post", path, await super().post_form(path, fields))

    async def post_bytes(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        return self._answered("post", path, await super().post_bytes(path, content, headers))

    def _place(self, path: str) -> str:
        asked = path.removeprefix(f"{VERSION}/")
        for pattern, place in _PLACES:
            if found := re.fullmatch(pattern, asked):
                return found.expand(place)
        return _NODES[self.node]

    def _sent(self, path: str, media_type: str, body: Any) -> None:
        place = self._place(path)
        where = ("paths", place, "post", "requestBody", "content", media_type, "schema")
        self.samples.append(Sample(f"sent: post {_short(place)}", where, body))

    def _answered(self, verb: str, path: str, answer: Answer) -> Answer:
        place = self._place(path)
        told = ("paths", place, verb, "responses", "200", "content", JSON, "schema")
        where = told if answer.status == 200 else ERROR
        name = f"answered: {verb} {_short(place)} ({answer.status})"
        self.samples.append(Sample(name, where, json.loads(answer.body)))
        return answer


def _short(place: str) -> str:
    return place.removeprefix("/{Version}/")


def managed(meta: SimulatorProcess) -> list[Sample]:
    """Every call of the assistant, taken and refused."""
    return asyncio.run(_all(meta))


async def _all(meta: SimulatorProcess) -> list[Sample]:
    samples: list[Sample] = []
    http = Noting(meta.url, TOKEN, samples)
    own = Noting(meta.url, app_token(APP, SECRET), samples)
    try:
        await _numbers(meta, http)
        await _accounts(meta, http, own)
        await _templates(meta, http)
    finally:
        await http.aclose()
        await own.aclose()
    return samples


async def _numbers(meta: SimulatorProcess, http: Noting) -> None:
    graph, http.node = Management(http, VERSION), "number"
    number = await graph.add_number(DEFAULT_WABA, country="54", local="3415550100", verified_name="Oeste SA")
    await _refused(graph.add_number(DEFAULT_WABA, country="54", local="3415550100", verified_name="Oeste SA"))
    await graph.request_code(number, method="SMS")
    await _refused(graph.request_code(number, method="VOICE"))
    code = next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number)
    await _refused(graph.verify_code(number, "000000" if code != "000000" else "111111"))
    await graph.verify_code(number, code)
    await graph.register(number, "212834")
    await _refused(graph.register(number, "999999"))
    await graph.set_pin(number, "150954")
    await graph.number(number)
    await graph.numbers(DEFAULT_WABA)
    await graph.health(number)
    meta.control("numbers", id=number, health={"can_send_message": "LIMITED", "additional_info": ["The name waits."]})
    await graph.health(number)
    picture = await graph.upload_sample(APP, name="perfil.jpg", content=b"\xff\xd8", media_type="image/jpeg")
    values = {
        "about": "Comprobantes", "address": "Rioja 1", "description": "Comprobantes de Oeste SA",
        "email": "hola@oeste.example", "websites": ["https://oeste.example/"], "vertical": "RETAIL",
        "profile_picture_handle": picture,
    }  # fmt: skip
    await graph.save_profile(number, values)
    await graph.profile(number)


async def _accounts(meta: SimulatorProcess, http: Noting, own: Noting) -> None:
    graph, http.node = Management(http, VERSION), "waba"
    await graph.account(DEFAULT_WABA)
    meta.control("event", event="payment_missing")
    await graph.health(DEFAULT_WABA)
    meta.control("event", event="payment_added")
    await graph.token(TOKEN)
    meta.control("tokens", token="limitado", targets=[DEFAULT_WABA])
    await graph.token("limitado")
    meta.control("tokens", token="vencido", expires_at=1700000000)
    await graph.token("vencido")
    await graph.subscribe_account(DEFAULT_WABA)
    await graph.subscribed_apps(DEFAULT_WABA)
    app = Management(own, VERSION)
    callback = meta.get("/control/state")["hooks"]["url"]
    await app.subscribe_app(APP, callback_url=callback, verify_token="el-de-la-prueba", fields=("messages", *FIELDS))
    await app.app_callback(APP)
    await _refused(graph.app_callback(APP))
    http.node = "number"
    await _refused(graph.number("1234567890"))


async def _templates(meta: SimulatorProcess, http: Noting) -> None:
    graph, http.node = Management(http, VERSION), "template"
    handle = await graph.upload_sample(APP, name="ejemplo.pdf", content=PDF, media_type="application/pdf")
    draft = Draft(template_draft.BETTER_BODY, "Oeste SA", name="de_prueba")
    made, _, _ = await graph.create_template(DEFAULT_WABA, template_draft.creation(draft, handle))
    await _refused(graph.create_template(DEFAULT_WABA, template_draft.creation(draft, handle)))
    await graph.health(made)
    meta.control("event", event="template_rejected", template="de_prueba")
    await graph.template(made)
    await graph.edit_template(made, template_draft.components(draft, handle))
    meta.control("event", event="template_approved", template="de_prueba")
    await graph.templates(DEFAULT_WABA)
    await graph.health(made)
    await _refused(graph.unpause_template(made))
    meta.control("event", event="template_paused", template="de_prueba")
    await graph.unpause_template(made)


async def _refused(call: Awaitable[object]) -> None:
    try:
        await call
    except ManagementError:
        # what was answered is noted: that is what it is for
        return
    raise AssertionError("the simulator took what it should refuse")
