"""Failures that aren't Meta's answers: the network, the disk, strangers on the way. Pure."""

from __future__ import annotations

from acuse.channels.contract import AGAIN, Cause, Refusal, Scope, Verdict

REQUEST_TIMEOUT, TOO_LARGE, TOO_MANY = 408, 413, 429

NETWORK = "Si se repite, revisá la conexión a internet del servidor."
UNCERTAIN = "Puede que haya llegado: no lo repetimos sin que lo pidas."

_NOT_SENT = {
    "connect": Cause("network.connect", "No se pudo conectar con WhatsApp.", NETWORK),
    "connect_timeout": Cause("network.connect_timeout", "La conexión con WhatsApp tardó demasiado.", NETWORK),
    "busy": Cause("network.busy", "Había demasiados envíos a la vez.", AGAIN),
}
_LOST = {
    "timeout": Cause("network.timeout", "WhatsApp no respondió.", UNCERTAIN),
    "lost": Cause("network.lost", "Se cortó la conexión antes de la respuesta de WhatsApp.", UNCERTAIN),
    "answer": Cause("network.answer", "La respuesta de WhatsApp no se entiende.", UNCERTAIN),
    "endless": Cause("whatsapp.endless", "La lista que manda WhatsApp no termina.", UNCERTAIN),
}


def not_sent(reason: str) -> Refusal:
    """Nothing left this machine."""
    if reason == "unusable":
        cause = Cause(
            "whatsapp.unusable", "La dirección o el token están mal escritos.", "Cargá el token otra vez en la cuenta."
        )
        return Refusal(Verdict.SUSPENDED, Scope.ACCOUNT, cause)
    return Refusal(Verdict.RETRY, Scope.DELIVERY, _NOT_SENT[reason])


def message_lost(reason: str) -> Refusal:
    return Refusal(Verdict.UNKNOWN, Scope.DELIVERY, _LOST[reason])


def upload_lost(reason: str) -> Refusal:
    """An upload whose answer is lost left nothing with the recipient."""
    lost = _LOST[reason]
    return Refusal(Verdict.RETRY, Scope.DELIVERY, Cause(lost.code, lost.text, AGAIN))


def file_unreadable(error: OSError) -> Refusal:
    """The disk may come back (a volume that isn't there yet), so that it is tried again."""
    cause = Cause(
        "file.unreadable", "No se pudo leer el archivo.", "Revisá que la carpeta de archivos esté disponible."
    )
    return Refusal(Verdict.RETRY, Scope.DELIVERY, cause, detail={"error": error.strerror or type(error).__name__})


def not_from_meta(status: int, *, scope: Scope) -> Refusal:
    """An answer below 500 without Meta's error object: a redirect, a proxy, a wrong address. It refused the request."""
    detail = {"http_status": status}
    if status == TOO_LARGE:
        cause = Cause("http.413", "El archivo es demasiado grande para WhatsApp.", "Mandalo por correo.")
        return Refusal(Verdict.REJECTED, Scope.DELIVERY, cause, detail=detail)
    if status == TOO_MANY:
        cause = Cause("http.429", "WhatsApp pidió ir más despacio.", AGAIN)
        return Refusal(Verdict.RETRY, Scope.DELIVERY, cause, slow_down=True, detail=detail)
    if 300 <= status < 400:
        text = "La dirección de WhatsApp manda a otra, y no la seguimos."
    else:
        text = "Respondió alguien que no es WhatsApp."
    next_step = "Revisá la dirección de la API y la salida a internet del servidor."
    return Refusal(Verdict.SUSPENDED, scope, Cause(f"http.{status}", text, next_step), detail=detail)
