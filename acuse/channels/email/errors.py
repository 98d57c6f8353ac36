"""What an SMTP server's answer means for us. Pure. Codes: RFC 5321, RFC 3463, RFC 4954."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from acuse.channels.contract import AGAIN, Cause, Refusal, Scope, Verdict
from acuse.kernel.redact import redact


class Stage(StrEnum):
    #: Until the server greets.
    CONNECT = "connect"
    #: EHLO, STARTTLS.
    HELLO = "hello"
    AUTH = "auth"
    #: Who sends.
    MAIL = "mail"
    #: Who receives.
    RCPT = "rcpt"
    #: The message.
    DATA = "data"


MAX_DETAIL = 500
ACCOUNT = "Revisá el usuario y la clave de la cuenta de correo."
SENDER = "Revisá la dirección del remitente en la cuenta de correo."
PROVIDER = "Consultá a tu proveedor de correo con el detalle."
ADDRESS = "Revisá el correo del contacto."
UNCERTAIN = "Puede que haya llegado: no lo repetimos sin que lo pidas."

#: Whatever they answer to.
AUTH_CODES = frozenset({530, 534, 535, 538})

#: 4yz: "not now", by code.
_LATER: Mapping[int, str] = {
    421: "El servidor de correo cortó la conexión.",
    450: "La casilla está ocupada por ahora.",
    451: "El servidor de correo tuvo un problema pasajero.",
    452: "El servidor de correo no tiene lugar por ahora.",
    454: "El servidor de correo no puede validar la cuenta por ahora.",
}
#: 5yz of the recipient, by enhanced code, then by code.
_RECIPIENT_ENHANCED: Mapping[str, str] = {
    "1.1": "Esa casilla no existe.",
    "1.2": "El dominio de esa dirección no existe.",
    "1.3": "La dirección de correo no está bien escrita.",
    "1.10": "El dominio de esa dirección no recibe correos.",
    "2.1": "La casilla está desactivada.",
    "2.2": "La casilla está llena.",
    "7.1": "El servidor no acepta correos para esa dirección.",
}
_RECIPIENT: Mapping[int, str] = {
    501: "La dirección de correo no está bien escrita.",
    550: "Esa casilla no existe o no recibe correos.",
    551: "Esa casilla se mudó.",
    552: "La casilla está llena.",
    553: "La dirección de correo no es válida.",
    554: "El servidor no acepta correos para esa dirección.",
}
_CONTENT: Mapping[int, str] = {
    550: "El servidor de correo rechazó el mensaje por sus políticas.",
    552: "El correo es demasiado grande.",
    554: "El servidor de correo rechazó el mensaje, quizá como no deseado.",
}
#: Enhanced codes by which a server asks to go slower.
_TOO_FAST = frozenset({"7.0", "7.28", "3.2", "5.3"})
_ENHANCED = re.compile(r"\s*[245]\.(\d{1,3}\.\d{1,3})\b")


def decide(stage: Stage, code: int, text: str) -> Refusal:
    """The decision for an answer that isn't a yes. `text` is the server's own. Never raises."""
    enhanced = _enhanced(text)
    detail = {"stage": stage.value, "code": code, "message": clean(text)}
    if 400 <= code < 500:
        said = _LATER.get(code, "El servidor de correo pidió esperar.")
        slow = enhanced in _TOO_FAST
        return Refusal(Verdict.RETRY, Scope.DELIVERY, _cause(code, said, AGAIN), slow_down=slow, detail=detail)
    if not 500 <= code < 600:
        return _nonsense(stage, detail)
    verdict, scope, cause = _permanent(stage, code, enhanced)
    return Refusal(verdict, scope, cause, detail=detail)


def not_sent(kind: str) -> Refusal:
    """Nothing of the message left: `connect`, `tls`, `timeout`, `lost`."""
    return Refusal(Verdict.RETRY, Scope.DELIVERY, _NOT_SENT[kind])


def message_lost(kind: str) -> Refusal:
    """DATA had begun and no answer came: `timeout`, `lost`, `answer`."""
    return Refusal(Verdict.UNKNOWN, Scope.DELIVERY, _LOST[kind])


def unusable_server(detail: str) -> Refusal:
    """It lacks what the account needs: TLS or a way to log in."""
    cause = Cause("smtp.unsupported", "El servidor de correo no ofrece TLS o ingreso con clave.", ACCOUNT)
    return Refusal(Verdict.SUSPENDED, Scope.LANE, cause, detail={"message": clean(detail)})


def bad_recipient() -> Refusal:
    cause = Cause("email.address", "La dirección de correo no está bien escrita.", ADDRESS)
    return Refusal(Verdict.REJECTED, Scope.RECIPIENT, cause)


def bad_sender() -> Refusal:
    cause = Cause("email.sender", "La dirección del remitente no está bien escrita.", SENDER)
    return Refusal(Verdict.SUSPENDED, Scope.LANE, cause)


def file_unreadable(error: OSError) -> Refusal:
    """The disk may come back (a volume that isn't there yet), so that it is tried again."""
    cause = Cause(
        "file.unreadable", "No se pudo leer el archivo.", "Revisá que la carpeta de archivos esté disponible."
    )
    return Refusal(Verdict.RETRY, Scope.DELIVERY, cause, detail={"error": error.strerror or type(error).__name__})


def clean(text: str) -> str:
    """A server's words for the timeline: no secret, nothing that a database or a screen chokes on."""
    return redact(text.replace("\0", "").encode("utf-8", "replace").decode())[:MAX_DETAIL]


def _permanent(stage: Stage, code: int, enhanced: str) -> tuple[Verdict, Scope, Cause]:
    if code in AUTH_CODES or stage is Stage.AUTH:
        return Verdict.SUSPENDED, Scope.LANE, _cause(code, "El servidor de correo no aceptó la cuenta.", ACCOUNT)
    if stage in (Stage.CONNECT, Stage.HELLO):
        return Verdict.SUSPENDED, Scope.LANE, _cause(code, "El servidor de correo no nos atiende.", PROVIDER)
    too_large = (code == 552 and stage is Stage.MAIL) or enhanced in ("3.4", "2.3")
    if too_large:
        return Verdict.REJECTED, Scope.DELIVERY, _cause(code, _CONTENT[552], "Mandalo por WhatsApp.")
    if stage is Stage.MAIL:
        return Verdict.SUSPENDED, Scope.LANE, _cause(code, "El servidor no acepta al remitente.", SENDER)
    if stage is Stage.RCPT:
        said = _RECIPIENT_ENHANCED.get(enhanced) or _RECIPIENT.get(code, "El servidor no acepta esa dirección.")
        return Verdict.REJECTED, Scope.RECIPIENT, _cause(code, said, ADDRESS)
    said = _CONTENT.get(code, "El servidor de correo rechazó el mensaje.")
    return Verdict.REJECTED, Scope.DELIVERY, _cause(code, said, PROVIDER)


def _nonsense(stage: Stage, detail: Mapping[str, object]) -> Refusal:
    """An answer outside of the protocol: in DATA, nobody knows what became of the message."""
    verdict = Verdict.UNKNOWN if stage is Stage.DATA else Verdict.RETRY
    cause = _LOST["answer"] if stage is Stage.DATA else _NOT_SENT["answer"]
    return Refusal(verdict, Scope.DELIVERY, cause, detail=detail)


def _enhanced(text: str) -> str:
    """The last two numbers of an enhanced code, "" without one: the first number repeats the code's."""
    match = _ENHANCED.match(text)
    return match[1] if match else ""


def _cause(code: int, text: str, next_step: str) -> Cause:
    return Cause(f"smtp.{code}", text, next_step)


_NOT_SENT = {
    "connect": Cause("network.connect", "No se pudo conectar con el servidor de correo.", AGAIN),
    "tls": Cause("network.tls", "El certificado del servidor de correo no es válido.", PROVIDER),
    "timeout": Cause("network.timeout", "El servidor de correo no respondió.", AGAIN),
    "lost": Cause("network.lost", "Se cortó la conexión con el servidor de correo.", AGAIN),
    "answer": Cause("network.answer", "La respuesta del servidor de correo no se entiende.", AGAIN),
}
_LOST = {
    "timeout": Cause("network.timeout", "El servidor de correo no respondió.", UNCERTAIN),
    "lost": Cause("network.lost", "Se cortó la conexión antes de la respuesta del servidor de correo.", UNCERTAIN),
    "answer": Cause("network.answer", "La respuesta del servidor de correo no se entiende.", UNCERTAIN),
}
