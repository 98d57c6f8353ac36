"""Meta's error codes as data. Pure. Source: Meta, error codes (12 Dec 2025), and what integrators report since.

One line a code, so that a change of Meta's is a change of one line. The order is Meta's: by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from acuse.channels.contract import AGAIN, Scope


class Action(StrEnum):
    #: Try this message again, later.
    RETRY = "R"
    #: They ask for silence: what the scope names waits, then resumes by itself.
    PAUSE = "P"
    #: Unusable until a person mends it.
    OPERATOR = "PO"
    #: The template is unusable: only its deliveries wait.
    TEMPLATE = "T"
    #: This recipient can't get it.
    RECIPIENT = "F"
    #: This message is wrong: repeating it is useless.
    MESSAGE = "C"


@dataclass(frozen=True, slots=True)
class Row:
    action: Action
    text: str
    next_step: str = ""
    #: None = the action's own (see errors.VERDICTS).
    scope: Scope | None = None
    max_tries: int | None = None
    #: At least this long, when they don't say how long.
    wait: timedelta | None = None
    #: Seconds, and the factor of each further wait.
    backoff_base: float | None = None
    upload_again: bool = False
    marketing_stopped: bool = False
    slow_down: bool = False


R, P, PO = Action.RETRY, Action.PAUSE, Action.OPERATOR
T, F, C = Action.TEMPLATE, Action.RECIPIENT, Action.MESSAGE

#: "Hours", says Meta of 131048, without a figure: half a working day, then one delivery tries.
SPAM_PAUSE = timedelta(hours=4)

NEW_KEY = "Cargá un token nuevo en la cuenta de WhatsApp."
PERMISSION = "Dale al usuario del sistema los permisos de mensajería y de gestión sobre la cuenta, en Meta Business."
PHONE = "Revisá el identificador del número en la cuenta de WhatsApp."
REGISTER = "Registrá el número de nuevo en Meta."
MANAGER = "Mirá el aviso en el administrador de WhatsApp de Meta."
TEST_NUMBER = "Agregalo a la lista de Meta. Si ya está, probá las otras formas de escribirlo en Estado de WhatsApp."
CONTACT = "Revisá el celular del contacto o mandalo por correo."
MAIL = "Mandalo por correo."
TEMPLATE = "Revisá la plantilla en Meta y sincronizala."
MAPPING = "Sincronizá la plantilla y revisá sus variables en la configuración de envío."
CREATION = "Mirá el mensaje de Meta en el detalle y corregí la plantilla."
SUPPORT = "Si se repite, pasale el detalle a quien administra el sistema."
NO_PERMISSION = Row(PO, "El token no tiene permiso sobre la cuenta de WhatsApp.", PERMISSION)
CALLS = Row(C, "El error es de llamadas de voz, que no se usan para enviar.", SUPPORT)
USERNAME = Row(C, "Meta rechazó el nombre de usuario de la empresa.", MANAGER)
INSIGHTS = Row(C, "Meta no da estadísticas de esa plantilla.", MANAGER)
TEMPLATE_CREATION = Row(C, "Meta no aceptó el alta o la mudanza de la plantilla.", CREATION)
COEXISTENCE = Row(C, "Meta no pudo sincronizar la aplicación de WhatsApp Business.", MANAGER)
MARKETING_API = Row(C, "El mensaje es de la interfaz de marketing de Meta, que no se usa acá.", SUPPORT)

ROWS: dict[int, Row] = {
    0: Row(PO, "Meta no reconoce el token.", NEW_KEY),
    1: Row(R, "Meta no pudo atender el pedido.", AGAIN, max_tries=3),
    2: Row(R, "WhatsApp tiene un problema pasajero.", AGAIN),
    3: Row(PO, "La aplicación de Meta no tiene permiso para enviar.", PERMISSION),
    4: Row(P, "La aplicación llegó al límite de llamadas de Meta.", "Se reanuda solo.", scope=Scope.ACCOUNT),
    10: NO_PERMISSION,
    33: Row(PO, "Meta no conoce el número que envía.", PHONE, scope=Scope.LANE),
    100: Row(C, "Meta dice que un dato del mensaje no es válido.", SUPPORT),
    104: Row(PO, "Falta el token de la cuenta de WhatsApp.", NEW_KEY),
    190: Row(PO, "El token venció o fue anulado.", NEW_KEY),
    368: Row(PO, "Meta bloqueó la cuenta por un tiempo, por sus políticas.", MANAGER),
    803: Row(PO, "Meta no encuentra el número o la cuenta.", PHONE, scope=Scope.LANE),
    80007: Row(P, "La cuenta llegó al límite de llamadas de Meta.", "Se reanuda sola.", scope=Scope.ACCOUNT),
    130429: Row(R, "El número envía más rápido de lo que Meta permite.", AGAIN, slow_down=True),
    130472: Row(F, "Meta no entrega este mensaje a esta persona por una prueba suya.", MAIL),
    130497: Row(F, "Meta no le permite a la empresa escribir a ese país.", MAIL),
    131000: Row(R, "WhatsApp falló sin decir por qué.", AGAIN, max_tries=5),
    131005: Row(PO, "Meta negó el acceso a la cuenta.", PERMISSION),
    131008: Row(C, "Al mensaje le falta un dato.", SUPPORT),
    131009: Row(C, "Un dato del mensaje tiene un valor que Meta no acepta.", SUPPORT),
    131016: Row(R, "WhatsApp está fuera de servicio por un momento.", AGAIN),
    131021: Row(F, "El número del contacto es el mismo que envía.", "Revisá el celular del contacto."),
    131026: Row(F, "WhatsApp no pudo entregarlo a ese número.", CONTACT),
    131030: Row(C, "El número de prueba solo escribe a celulares autorizados en Meta.", TEST_NUMBER),
    131031: Row(PO, "Meta bloqueó la cuenta de WhatsApp.", MANAGER),
    131037: Row(PO, "El nombre visible del número no está aprobado.", MANAGER, scope=Scope.LANE),
    131042: Row(PO, "Hay un problema con el medio de pago en Meta.", "Revisá el medio de pago en Meta Business."),
    131044: CALLS,
    131045: Row(PO, "El registro del número no está completo.", REGISTER, scope=Scope.LANE),
    131047: Row(C, "Pasaron más de 24 horas desde que esa persona escribió.", "Envialo de nuevo con una plantilla."),
    131048: Row(P, "Meta frenó el número por quejas de quienes reciben.", MANAGER, wait=SPAM_PAUSE),
    131049: Row(F, "Meta prefirió no entregarlo, como hace con lo publicitario.",
                "Mandalo por correo y revisá si Meta cambió la categoría de la plantilla."),
    131050: Row(F, "La persona pidió no recibir más mensajes de este tipo.", MAIL, marketing_stopped=True),
    131051: Row(C, "WhatsApp no admite este tipo de mensaje.", SUPPORT),
    131052: Row(C, "WhatsApp no pudo bajar el archivo.", "Envialo de nuevo."),
    131053: Row(R, "WhatsApp no pudo usar el archivo subido.", AGAIN,
                max_tries=2, upload_again=True),
    131055: Row(C, "Meta no permite ese pedido en esta cuenta.", SUPPORT),
    131056: Row(R, "Le llegaron demasiados mensajes seguidos a esa persona.", AGAIN,
                scope=Scope.RECIPIENT, backoff_base=4.0),
    # Meta is raising the number's throughput, for about a minute: the whole lane would fail meanwhile.
    131057: Row(P, "Meta está haciendo tareas de mantenimiento en la cuenta.", "Se reanuda sola.",
                wait=timedelta(seconds=60)),
    131059: Row(C, "Meta no pudo consultar el límite de mensajes.", MANAGER),
    131062: Row(F, "Este mensaje necesita el celular de la persona.", CONTACT),
    131063: Row(C, "Meta no permite plantillas de marketing en esta cuenta.", MANAGER),
    131064: Row(PO, "Meta frenó la cuenta por la categoría de sus plantillas.", MANAGER),
    132000: Row(T, "La plantilla lleva otra cantidad de variables.", MAPPING),
    132001: Row(T, "La plantilla no existe o no está aprobada en ese idioma.", TEMPLATE),
    132005: Row(C, "El texto queda demasiado largo.", "Acortá los datos del mensaje y volvé a enviarlo."),
    132007: Row(T, "Meta rechazó el contenido de la plantilla por sus políticas.", TEMPLATE),
    132008: Row(T, "Una variable no coincide con la plantilla.", MAPPING),
    132012: Row(T, "Una variable o el encabezado no coincide con la plantilla.", MAPPING),
    132015: Row(T, "Meta pausó la plantilla por quejas.", "Se reanuda sola cuando Meta la habilite."),
    132016: Row(T, "Meta desactivó la plantilla para siempre.", "Elegí otra plantilla en la configuración de envío."),
    132018: Row(T, "Meta no pudo validar la plantilla.", MAPPING),
    132021: Row(C, "El nombre del mensaje choca con el de una plantilla.", SUPPORT),
    132068: Row(T, "Meta bloqueó el formulario de la plantilla.", TEMPLATE),
    132069: Row(T, "Meta limitó el formulario de la plantilla.", TEMPLATE),
    133000: Row(PO, "Quedó a medias una baja anterior del número.", "Da de baja el número otra vez y registralo.",
                scope=Scope.LANE),
    133004: Row(R, "WhatsApp está fuera de servicio por un momento.", AGAIN),
    133005: Row(PO, "El PIN del número no coincide.", "Corregí el PIN de dos pasos en Meta.", scope=Scope.LANE),
    133006: Row(PO, "Falta verificar el número.", "Verificá el número en Meta y registralo.", scope=Scope.LANE),
    133008: Row(PO, "Se probó el PIN demasiadas veces.", "Esperá lo que indica Meta y probá de nuevo.",
                scope=Scope.LANE),
    133009: Row(PO, "Se probó el PIN demasiado rápido.", "Esperá lo que indica Meta y probá de nuevo.",
                scope=Scope.LANE),
    133010: Row(PO, "El número no está registrado en WhatsApp.", REGISTER, scope=Scope.LANE),
    133015: Row(R, "El número se dio de baja recién.", AGAIN, wait=timedelta(minutes=5)),
    133016: Row(PO, "El número se registró demasiadas veces.", "Esperá 72 horas y registralo.",
                scope=Scope.LANE, wait=timedelta(hours=72)),
    134011: Row(C, "Faltan aceptar las condiciones de pagos de WhatsApp.", MANAGER),
    134100: MARKETING_API,
    134101: Row(R, "La plantilla todavía se está sincronizando en Meta.", AGAIN, wait=timedelta(minutes=10)),
    134102: MARKETING_API,
    135000: Row(R, "Meta rechazó el mensaje sin decir por qué.", SUPPORT, max_tries=2),
    137000: Row(F, "Cambió la identidad de esa persona en WhatsApp.", "Confirmá con la persona que el número es suyo."),
    138000: CALLS,
    138018: CALLS,
    138024: CALLS,
    139200: Row(C, "Meta no permite enviar sin plantilla.", "Envialo con una plantilla."),
    141002: Row(C, "Meta informa un problema de la cuenta.", MANAGER),
    **dict.fromkeys(range(147001, 147006), USERNAME),
    **dict.fromkeys(range(200005, 200008), INSIGHTS),
    **dict.fromkeys(
        (2388001, 2388012, 2388019, 2388040, 2388047, 2388072, 2388073, 2388091, 2388093,
         2388103, 2388293, 2388299, 2388318, 2388330),
        TEMPLATE_CREATION,
    ),
    2494100: Row(R, "WhatsApp está en mantenimiento.", AGAIN),
    2593107: COEXISTENCE,
    2593108: COEXISTENCE,
}  # fmt: skip

#: Every code here means a permission that is missing for the account, named or not above.
PERMISSION_CODES = range(200, 300)
