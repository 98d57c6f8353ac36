"""What each entry of the audit says, in Spanish. An event that isn't here is shown as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from acuse.companies.permissions.page_names import pair_name
from acuse.web.charts.words import number
from acuse.web.policies.wording import FIELD_NAMES
from acuse.web.states import CHANNEL_NAMES


class Thing(StrEnum):
    """What a target names by its key."""

    VOUCHER = "voucher"
    DELIVERY = "delivery"
    PARTY = "party"
    CONTACT = "contact"
    BATCH = "batch"
    #: Written so that people read it: a name, an address, a CUIT.
    ITSELF = "itself"
    #: A key that says nothing to people: the detail has the name, or there is none.
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Told:
    #: After who did it; `{target}` is what it was done to, `{x}` the detail's x.
    words: str
    thing: Thing = Thing.ITSELF


#: The events by group, as the filter offers them.
GROUPS: dict[str, dict[str, Told]] = {
    "Comprobantes": {
        "voucher.registered": Told("registró {target}", Thing.VOUCHER),
        "voucher.adopted": Told("completó {target} con los datos que llegaron", Thing.VOUCHER),
        "voucher.replaced": Told("reemplazó {target} por otra versión", Thing.VOUCHER),
        "voucher.edited": Told("editó {target}", Thing.VOUCHER),
        "voucher.authorized": Told("anotó lo que respondió ARCA sobre {target}", Thing.VOUCHER),
        "voucher.file_attached": Told("adjuntó el PDF de {target}", Thing.VOUCHER),
        "voucher.voided": Told("anuló {target}", Thing.VOUCHER),
        "voucher.unvoided": Told("deshizo la anulación de {target}", Thing.VOUCHER),
        "draft.discarded": Told("descartó el PDF {target}, que nadie había registrado"),
        "saved_filter.removed": Told("borró sus filtros guardados «{target}»"),
        "export.done": Told("exportó {rows} filas de {target}"),
    },
    "Envíos": {
        "delivery.requested": Told("pidió enviar {target} a {to}", Thing.VOUCHER),
        "delivery.cancelled": Told("canceló el envío de {target}", Thing.DELIVERY),
        "delivery.resent": Told("volvió a enviar {target}", Thing.DELIVERY),
        "delivery.hurried": Told("adelantó el envío de {target}", Thing.DELIVERY),
        "delivery.resolved": Told("decidió si llegó {target}", Thing.DELIVERY),
        "suspension.ended": Told("reanudó los envíos", Thing.NOTHING),
        "batch.started": Told("pidió enviar {target}", Thing.BATCH),
        "batch.paused": Told("pausó la tanda de {target}", Thing.BATCH),
        "batch.resumed": Told("reanudó la tanda de {target}", Thing.BATCH),
        "batch.cancelled": Told("canceló la tanda de {target}", Thing.BATCH),
        "answer.handled": Told("marcó como atendido un mensaje recibido", Thing.NOTHING),
        "answer.reopened": Told("dejó sin atender un mensaje recibido", Thing.NOTHING),
        "notice.raised": Told("avisó: {text}", Thing.NOTHING),
        "notice.ended": Told("dio por terminado un aviso: {text}", Thing.NOTHING),
        "notice.attended": Told("se ocupó de un aviso: {text}", Thing.NOTHING),
        "lane.made_default": Told("eligió {target} para enviar"),
        "lane.queue_moved": Told("pasó lo que esperaba en {target} a {to}"),
        "lane.pace_set": Told("cambió el ritmo de {target}: {throughput} por segundo"),
    },
    "Clientes, proveedores y bancos": {
        "party.created": Told("creó a {target}", Thing.PARTY),
        "party.changed": Told("editó a {target}", Thing.PARTY),
        "party.deleted": Told("borró a {name}", Thing.NOTHING),
        "party.merged": Told("unió un repetido con {target}", Thing.PARTY),
        "party.classed": Told("cambió la clase de {target}", Thing.PARTY),
        "contact.created": Told("creó el contacto {target}", Thing.CONTACT),
        "contact.changed": Told("editó el contacto {target}", Thing.CONTACT),
        "contact.deleted": Told("borró un contacto de {target}", Thing.PARTY),
        "contact.marketing_stopped": Told("anotó que {target} no quiere mensajes de marketing", Thing.CONTACT),
        "contact.marketing_resumed": Told("anotó que {target} acepta mensajes de marketing", Thing.CONTACT),
        "contact.suppressed": Told("dejó de enviarle a {target}", Thing.CONTACT),
        "contact.restored": Told("vuelve a enviarle a {target}", Thing.CONTACT),
        "customer_class.created": Told("creó la clase de cliente «{name}»", Thing.NOTHING),
        "customer_class.renamed": Told("cambió el nombre de una clase de cliente", Thing.NOTHING),
        "customer_class.deleted": Told("borró la clase de cliente «{name}»", Thing.NOTHING),
    },
    "Configuración": {
        "company.created": Told("creó la empresa, CUIT {target}"),
        "company.changed": Told("cambió los datos de la empresa"),
        "company.logo_set": Told("subió el logo de la empresa"),
        "company.logo_removed": Told("quitó el logo de la empresa"),
        "policy.changed": Told("cambió la configuración de envío de {target}"),
        "automatic_service.set": Told("cambió el servicio de envío automático: {active}"),
        "automatic_service.max_age_set": Told("cambió desde cuándo se envía solo: {days} días"),
        "whatsapp.changed": Told("cambió los parámetros de WhatsApp"),
        "whatsapp.token_removed": Told("quitó el token de WhatsApp"),
        "whatsapp.app_secret_removed": Told("quitó la clave secreta de la app de WhatsApp"),
        "whatsapp.verify_token_made": Told("hizo otro token de verificación de WhatsApp"),
        "whatsapp.webhook_connected": Told("conectó los avisos de Meta de la app {target}"),
        "whatsapp.number_chosen": Told("eligió el número de WhatsApp {target}"),
        "whatsapp.number_removed": Told("quitó de Acuse el número de WhatsApp {target}"),
        "whatsapp.number_added": Told("agregó el número de WhatsApp {target}"),
        "whatsapp.code_requested": Told("pidió a Meta el código del número {target}"),
        "whatsapp.code_verified": Told("verificó el número {target}"),
        "whatsapp.number_registered": Told("registró el número {target}"),
        "whatsapp.pin_changed": Told("cambió el PIN del número {target}"),
        "whatsapp.profile_saved": Told("cambió el perfil de WhatsApp del número {target}"),
        "whatsapp.sandbox_set": Told("cambió a quién le llega lo de prueba del número {target}"),
        "whatsapp.synced": Told("leyó de nuevo la cuenta de WhatsApp", Thing.NOTHING),
        "whatsapp.template_sent": Told("mandó a aprobar la plantilla {target}"),
        "whatsapp.template_unpaused": Told("quitó la pausa de la plantilla {target}"),
        "template.category_accepted": Told("aceptó la categoría nueva de la plantilla {target}"),
        "mailbox.changed": Told("cambió los parámetros del correo"),
        "mailbox.removed": Told("quitó el correo"),
        "rate.created": Told("cargó una tarifa", Thing.NOTHING),
        "rate.changed": Told("cambió una tarifa", Thing.NOTHING),
        "rate.deleted": Told("borró una tarifa", Thing.NOTHING),
    },
    "Usuarios, roles y claves": {
        "member.added": Told("dio acceso a {target}"),
        "member.invited": Told("invitó a {target}"),
        "member.roles_set": Told("cambió los roles de {target}"),
        "member.deactivated": Told("desactivó a {target}"),
        "member.reactivated": Told("reactivó a {target}"),
        "invitation.resent": Told("mandó de nuevo la invitación a {target}"),
        "invitation.cancelled": Told("canceló la invitación a {target}"),
        "invitation.accepted": Told("aceptó la invitación"),
        "invitation.refused": Told("no aceptó la invitación"),
        "role.created": Told("creó el rol «{target}»"),
        "role.renamed": Told("cambió el nombre del rol «{before}» a «{target}»"),
        "role.deleted": Told("borró el rol «{target}»"),
        "role.grants_set": Told("cambió las acciones del rol «{target}»"),
        "api_key.made": Told("creó la clave de API «{target}»"),
        "api_key.revoked": Told("anuló la clave de API «{target}»"),
        "installation_admin.granted": Told("le dio la administración de la instalación a {target}"),
        "installation_admin.revoked": Told("le quitó la administración de la instalación a {target}"),
    },
    "Ingresos y contraseñas": {
        "sign_in.done": Told("ingresó"),
        "sign_out": Told("salió"),
        "sign_in.failed": Told("no pudo ingresar: la contraseña, el código o la llave no eran"),
        "sign_in.refused": Told("no pudo ingresar"),
        "sign_in.locked": Told("quedó sin poder ingresar por un rato, por muchos intentos"),
        "password.changed": Told("cambió la contraseña de {target}"),
        "password.link_made": Told("pidió un enlace de contraseña para {target}"),
        "password.link_asked": Told("pidió un enlace para cambiar su contraseña"),
        "two_factor.on": Told("activó la verificación en dos pasos"),
        "two_factor.off": Told("desactivó la verificación en dos pasos de {target}"),
        "two_factor.codes_made": Told("hizo códigos de recuperación nuevos"),
        "passkey.renamed": Told("cambió el nombre de una llave de acceso"),
        "passkey.removed": Told("quitó una llave de acceso"),
        "sessions.ended": Told("cerró sus otras sesiones"),
        "account.renamed": Told("cambió su nombre"),
    },
}

EVENTS: dict[str, Told] = {event: told for group in GROUPS.values() for event, told in group.items()}


def words_of(event: str, target: str, detail: Mapping[str, Any]) -> str:
    """After the name of who did it. `target`: already by its name."""
    told = EVENTS.get(event)
    if told is None:
        return f"{event} {target}".strip()
    return told.words.format_map(_Given(target, detail))


class _Given(dict[str, str]):
    """What an entry of another version doesn't have is left blank."""

    def __init__(self, target: str, detail: Mapping[str, Any]) -> None:
        super().__init__({name: _counted(name, value) for name, value in detail.items()}, target=target)

    def __missing__(self, key: str) -> str:
        return "…"


#: The names of what an entry's detail holds.
_LABELS = {
    "added": "Agregado", "removed": "Quitado", "before": "Antes", "after": "Ahora", "roles": "Roles", "role": "Rol",
    "prefix": "Empieza con", "name": "Nombre", "rows": "Filas", "format": "Formato", "filters": "Filtros",
    "fields": "Cambió", "changed": "Cambió", "version": "Versión", "active": "Activo", "days": "Días",
    "address": "Desde la dirección", "sessions_ended": "Sesiones cerradas", "copied_from": "Copiado de",
    "title": "Comprobante", "reason": "Motivo", "sent": "Llegó", "kind": "Tipo", "origin": "Origen",
    "browser": "Navegador", "by": "Con", "passkeys": "Llaves", "by_administrator": "Por quien administra",
    "text": "Texto", "throughput": "Por segundo", "vouchers": "Comprobantes", "bytes": "Bytes",
}  # fmt: skip


#: What may be thousands.
_COUNTS = frozenset({"rows", "vouchers", "contacts", "bytes"})

#: With what one enters, or enters no more.
_MEANS = {
    "password": "contraseña", "code": "código", "app": "app de códigos", "passkey": "llave de acceso",
    "invitation": "invitación", "recovery": "código de recuperación", "all": "todo",
}  # fmt: skip


#: As the pages call what may be changed in them.
_FIELDS = {
    **FIELD_NAMES, "access_token": "Token", "app_secret": "Clave secreta de la app",
    "app_id": "Identificador de la app",
    "waba_id": "Cuenta de WhatsApp Business", "phone_number_id": "Identificador del número",
    "throughput": "Mensajes por segundo", "account": "Servidor y contraseña del correo",
    "from_address": "Correo desde el que sale", "from_name": "Nombre de quien envía", "legal_name": "Razón social",
    "trade_name": "Nombre de fantasía", "address": "Domicilio", "phone": "Teléfono", "email": "Correo",
    "answers_to": "Reenviar respuestas a", "time_zone": "Zona horaria", "default_area_code": "Característica",
    "cuit": "CUIT",
}  # fmt: skip
#: Beyond it, before and after have a line each.
_SHORT = 60


def lines_of(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The detail, a line each: what it is, and what it says."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        rest = {name: value for name, value in detail.items() if name not in ("before", "after")}
        changed = [line for name in after for line in _change(name, before.get(name), after[name])]
        return [*changed, *lines_of(rest)]
    return [
        (_LABELS.get(name, name), _means(value) if name == "by" else _listed(name, value))
        for name, value in detail.items()
        if value not in ("", None, [], {})
    ]


def _change(name: str, before: Any, after: Any) -> list[tuple[str, str]]:
    label = _FIELDS.get(name, name)
    old, new = (_value(name, value) for value in (before, after))
    if "\n" in old + new or max(len(old), len(new)) > _SHORT:
        return [(f"{label}, antes", old), (f"{label}, ahora", new)]
    return [(label, f"{old} → {new}")]


def _value(name: str, value: Any) -> str:
    if name == "every_channel":
        return "por todos" if value else "por el primero que se pueda"
    if name == "channels" and isinstance(value, list):
        return ", ".join(CHANNEL_NAMES.get(one, str(one)) for one in value) or "ninguno"
    if name == "unclassified":
        return "con los que no tienen clase" if value else "sin los que no tienen clase"
    if isinstance(value, bool):
        return plain(value)
    return plain(value) if value not in ("", None, []) else "vacío"


def _listed(name: str, value: Any) -> str:
    if name == "fields" and isinstance(value, list):
        return ", ".join(_FIELDS.get(one, str(one)) for one in value)
    return _counted(name, value)


def _counted(name: str, value: Any) -> str:
    return number(value) if name in _COUNTS and isinstance(value, int) else plain(value)


def _means(value: Any) -> str:
    """`contraseña y código de recuperación`."""
    return " y ".join(_MEANS.get(part, part) for part in str(value).split("+"))


def plain(value: Any) -> str:
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list):
        return ", ".join(pair_name(*one) if _is_pair(one) else plain(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_LABELS.get(name, name)}: {plain(one) or 'vacío'}" for name, one in value.items())
    return str(value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
