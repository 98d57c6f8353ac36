"""What becomes of a message, chosen by the last four digits of its recipient: the one table."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    ACCEPT = "accept"  #: 200 with a wamid
    HELD = "held"  #: 200, message_status held_for_quality_assessment
    REFUSE = "refuse"  #: Meta's JSON error with `code`; nothing is accepted
    SLOW = "slow"  #: accepted at once, answered after `slow_seconds`
    VERY_SLOW = "very_slow"  #: accepted at once, answered after `very_slow_seconds`: longer than a client waits
    LOST = "lost"  #: accepted, then the connection is closed without an answer
    CLOSED = "closed"  #: the connection is closed and nothing is accepted
    HALF = "half"  #: accepted, then the answer's JSON is cut in the middle
    HTML = "html"  #: an error page in HTML with status `code`; nothing is accepted
    REDIRECT = "redirect"  #: 302 to another address; nothing is accepted


#: The answers after which the message is in the ledger as accepted.
ACCEPTING = frozenset({Answer.ACCEPT, Answer.HELD, Answer.SLOW, Answer.VERY_SLOW, Answer.LOST, Answer.HALF})


@dataclass(frozen=True)
class Step:
    """One receipt; `code` only with `failed`."""

    status: str
    code: int | None = None


SENT, DELIVERED, READ = Step("sent"), Step("delivered"), Step("read")
ALL = (SENT, DELIVERED, READ)


@dataclass(frozen=True)
class Outcome:
    """`times` None: always; a number: for that many tries to this recipient since the last reset, then the default."""

    name: str
    says: str
    answer: Answer = Answer.ACCEPT
    code: int = 0
    receipts: tuple[Step, ...] = ALL
    times: int | None = None
    copies: int = 1  #: how many times each receipt is sent
    in_order: bool = True  #: False: receipts leave in the order given, whatever their delays


DEFAULT = Outcome("default", "Enviado, entregado, leído")


BROKEN_MEDIA = Outcome("broken_media", "El archivo no es lo que dice ser (131053)", receipts=(Step("failed", 131053),))


def _refuse(name: str, code: int, says: str, times: int | None = None) -> Outcome:
    return Outcome(name, says, Answer.REFUSE, code, times=times)


def _fails(name: str, code: int, says: str, *before: Step, times: int | None = None) -> Outcome:
    return Outcome(name, says, receipts=(*before, Step("failed", code)), times=times)


OUTCOMES: dict[str, Outcome] = {
    "0001": _refuse("not_on_whatsapp", 131026, "Rechazo en la respuesta: el número no tiene WhatsApp (131026)"),
    "0002": _fails("fails_after_sent", 131026, "Enviado, después falla por webhook (131026)", SENT),
    "0003": _refuse("rate_limited", 130429, "Límite de velocidad (130429) las dos primeras veces", times=2),
    "0004": Outcome("slow", "La respuesta tarda 3 s", Answer.SLOW),
    "0005": Outcome("very_slow", "Se acepta, y la respuesta tarda más de lo que se espera (90 s)", Answer.VERY_SLOW),
    "0006": Outcome("answer_lost", "Se acepta y la conexión se corta sin respuesta", Answer.LOST),
    "0007": Outcome("closed_before", "La conexión se corta y no se acepta nada", Answer.CLOSED),
    "0008": Outcome("html_500", "HTTP 500 con una página HTML; no se acepta", Answer.HTML, 500),
    "0009": Outcome("html_502", "HTTP 502 con una página HTML; no se acepta", Answer.HTML, 502),
    "0010": Outcome("half_body", "Se acepta y el JSON de la respuesta llega por la mitad", Answer.HALF),
    "0011": Outcome("redirect", "Redirección 302; no se acepta", Answer.REDIRECT, 302),
    "0012": _refuse("went_wrong", 131000, "Error interno (131000) las dos primeras veces", times=2),
    "0013": _fails("window_closed", 131047, "Falla por webhook: más de 24 h sin respuesta (131047)"),
    "0014": _fails("engagement", 131049, "Falla por webhook: Meta eligió no entregar (131049)"),
    "0015": _refuse("media_refused", 131053, "Archivo rechazado (131053) la primera vez", times=1),
    "0016": _fails("media_fails", 131053, "Falla por webhook el archivo (131053) la primera vez", times=1),
    "0017": _refuse("template_paused", 132015, "Plantilla en pausa (132015)"),
    "0018": _refuse("token_invalid", 190, "Token inválido (190)"),
    "0019": _refuse("payment", 131042, "Problema de pago (131042)"),
    "0020": _refuse("pair_limited", 131056, "Demasiados mensajes al mismo número (131056) dos veces", times=2),
    "0021": _refuse("blocked", 368, "Cuenta bloqueada por las políticas (368)"),
    "0022": Outcome("never_read", "Entregado y nunca leído", receipts=(SENT, DELIVERED)),
    "0023": Outcome("read_only", "Leído sin aviso de entregado", receipts=(SENT, READ)),
    "0024": Outcome("duplicated", "Cada aviso llega dos veces", copies=2),
    "0025": Outcome(
        "failed_then_delivered",
        "Falla (131026) y después se entrega",
        receipts=(SENT, Step("failed", 131026), DELIVERED),
        in_order=False,
    ),
    "0026": Outcome("silence", "Se acepta y nunca llega ningún aviso", receipts=()),
    "0027": Outcome("held", "Retenido para evaluar la calidad, después sigue", Answer.HELD),
    "0028": Outcome(
        "held_and_dropped",
        "Retenido para evaluar la calidad, después descartado (132015)",
        Answer.HELD,
        receipts=(Step("failed", 132015),),
    ),
    "0029": _refuse("unknown_code", 999999, "Código de error desconocido (999999)"),
    "0030": _refuse("not_allow_listed", 131030, "El número no está en la lista de prueba (131030)"),
    "0031": _fails("unknown_code_later", 999999, "Falla por webhook con un código desconocido (999999)", SENT),
    "0032": _fails("payment_later", 131042, "Falla por webhook: problema de pago (131042)"),
    "0033": Outcome(
        "backwards", "Avisos al revés: leído, entregado, enviado", receipts=(READ, DELIVERED, SENT), in_order=False
    ),
    "0034": _refuse("unavailable", 2, "Servicio no disponible (2, HTTP 503) la primera vez", times=1),
    "0035": _refuse("app_limited", 4, "Límite de llamadas de la aplicación (4) las dos primeras veces", times=2),
    "0036": _refuse("spam_limited", 131048, "Límite por quejas (131048)"),
}
BY_NAME: dict[str, Outcome] = {outcome.name: outcome for outcome in (DEFAULT, *OUTCOMES.values())}


def scripted(recipient: str, overrides: dict[str, str]) -> Outcome:
    """`overrides`: whole number or last four digits → an outcome's name; the whole number wins."""
    for key in (recipient, recipient[-4:]):
        if key in overrides:
            return BY_NAME[overrides[key]]
    return OUTCOMES.get(recipient[-4:], DEFAULT)


def for_try(outcome: Outcome, number: int) -> Outcome:
    """`number` counts from 1."""
    return outcome if outcome.times is None or number <= outcome.times else DEFAULT
