"""Whether Meta knows a number with a token: one reading, which changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from acuse.channels.contract import Cause, Refusal, Scope, Verdict
from acuse.channels.probing import LIMIT, Grade, Probe, refused
from acuse.channels.whatsapp.client import is_success, json_of
from acuse.channels.whatsapp.errors import decide
from acuse.channels.whatsapp.failures import not_from_meta, not_sent, upload_lost
from acuse.channels.whatsapp.http import Answer, HttpClient, NoAnswer, NotSent
from acuse.kernel.clock import now
from acuse.kernel.redact import redact

FIELDS = ("display_phone_number", "verified_name", "quality_rating", "status", "code_verification_status")
QUALITY = {
    "GREEN": "Alta",
    "YELLOW": "Media: hubo quejas de quienes reciben",
    "RED": "Baja: Meta puede limitar el número",
}
AGAIN = "Probá de nuevo en un momento. Si se repite, revisá la salida a internet del servidor."
#: Meta's words for an id of something else (an account, an app) that lacks a number's fields.
_NO_SUCH_FIELD = re.compile(r"nonexist\w+ field", re.IGNORECASE)
_NOT_A_NUMBER = Probe(
    Grade.ERROR,
    "Ese identificador existe, pero no es el de un número.",
    "En Meta, WhatsApp → Primeros pasos, copiá el «Identificador de número de teléfono», no el de la cuenta.",
)


async def probe(*, phone_number_id: str, access_token: str, base_url: str, version: str) -> Probe:
    """Answers within `LIMIT`; never raises for what the network or Meta does."""
    http = HttpClient(base_url, access_token.strip(), max_connections=1, timeout=LIMIT)
    try:
        answer = await http.get(f"{version}/{phone_number_id}", {"fields": ",".join(("id", *FIELDS))})
    except NotSent as error:
        return refused(not_sent(error.reason), again=AGAIN)
    except NoAnswer as error:
        return refused(upload_lost(error.reason), again=AGAIN)
    finally:
        await http.aclose()
    return _read(answer)


def _read(answer: Answer) -> Probe:
    told = json_of(answer)
    error = told.get("error")
    if isinstance(error, Mapping) and error:
        return _meta_refused(error, answer)
    if not is_success(answer):
        return refused(_stranger(answer.status), again=AGAIN)
    if not isinstance(told.get("display_phone_number"), str):
        return _NOT_A_NUMBER if told.get("id") else refused(upload_lost("answer"), again=AGAIN)
    return _seen(told)


def _meta_refused(error: Mapping[str, Any], answer: Answer) -> Probe:
    if _NO_SUCH_FIELD.search(str(error.get("message", ""))):
        return _NOT_A_NUMBER
    return refused(decide(error, http_status=answer.status, headers=answer.headers, now=now()), again=AGAIN)


def _stranger(status: int) -> Refusal:
    """Whoever answered without Meta's error object."""
    if status >= 500:
        cause = Cause(f"http.{status}", "WhatsApp tiene un problema pasajero.")
        return Refusal(Verdict.RETRY, Scope.ACCOUNT, cause)
    return not_from_meta(status, scope=Scope.ACCOUNT)


def _seen(told: Mapping[str, Any]) -> Probe:
    quality = str(told.get("quality_rating") or "")
    status = str(told.get("status") or "")
    facts = (
        ("Número", _text(told.get("display_phone_number"))),
        ("Nombre verificado", _text(told.get("verified_name")) or "Todavía sin verificar"),
        ("Calidad", QUALITY.get(quality, "Sin datos todavía")),
    )
    if status and status != "CONNECTED":
        return Probe(
            Grade.WARNING,
            f"Meta conoce el número, pero dice que no está conectado ({redact(status)[:40]}).",
            "Terminá de registrarlo en el administrador de WhatsApp de Meta.",
            facts,
        )
    if quality == "RED":
        step = "Mirá en el administrador de WhatsApp qué mensajes recibieron quejas."
        return Probe(Grade.WARNING, "Anda, pero Meta calificó mal al número.", step, facts)
    return Probe(Grade.OK, "Anda: Meta conoce el número y acepta el token.", "", facts)


def _text(value: Any) -> str:
    return value.replace("\0", "")[:120] if isinstance(value, str) else ""
