"""What Meta says of the account, in Spanish and with today's truth, each beside Meta's own words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acuse.channels.models import WhatsAppAccount, WhatsAppNumber
from acuse.channels.portfolio import people_of
from acuse.channels.templates import APPROVED
from acuse.kernel.numerals import thousands
from acuse.web.whatsapp.status_words import Said

_ENTITIES = {
    "APP": "La app", "BUSINESS": "El negocio", "WABA": "La cuenta", "PHONE_NUMBER": "El número",
    "MESSAGE_TEMPLATE": "La plantilla",
}  # fmt: skip
_CAN_SEND = {
    "AVAILABLE": Said("Meta deja enviar", "ok"),
    "LIMITED": Said("Meta deja enviar, con límites", "warning"),
    "BLOCKED": Said("Meta no deja enviar", "error"),
}
_VERIFIED = Said("Verificado", "ok")
_VERIFICATIONS = {
    "verified": _VERIFIED,
    "not_verified": Said("Sin verificar", "warning"),
    "pending": Said("Meta lo está revisando", "warning"),
    "pending_submission": Said("Empezado: falta mandar los papeles", "warning"),
    "pending_need_more_info": Said("Meta pide más papeles", "warning"),
    "failed": Said("Meta no pudo verificarlo", "warning"),
    "rejected": Said("Meta lo rechazó", "warning"),
    "expired": Said("La verificación venció", "warning"),
    "revoked": Said("Meta quitó la verificación", "error"),
    "ineligible": Said("Meta dice que no puede verificarse", "warning"),
}
_REVIEWS = {
    "APPROVED": Said("Aprobada", "ok"),
    "PENDING": Said("En revisión", "warning"),
    "REJECTED": Said("Rechazada", "error"),
}
_NAMES = {
    "APPROVED": Said("Aprobado", "ok"),
    "AVAILABLE_WITHOUT_REVIEW": Said("En uso, sin revisión", "ok"),
    "PENDING_REVIEW": Said("En revisión", "warning"),
    "DECLINED": Said("Rechazado", "error"),
    "EXPIRED": Said("Vencido: hay que registrar el número otra vez", "error"),
    "NONE": Said("Sin nombre", "warning"),
}
_UNREAD = Said("Sin leer", "none")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that Meta says."""

    about: str
    said: Said
    #: Ours: what it means for sending.
    text: str
    #: Meta's field and its value as they come, then Meta's sentences.
    meta: tuple[str, ...] = ()


def facts_of(account: WhatsAppAccount, numbers: Sequence[WhatsAppNumber]) -> Iterator[Fact]:
    yield _health(account)
    yield _payment(account)
    yield _verification(account)
    yield from (_name(number) for number in numbers)
    if account.review and account.review != APPROVED:
        text = "Hasta que la apruebe, Meta puede frenar los envíos. El resultado llega por correo a quien la creó."
        said = _REVIEWS.get(account.review, Said(account.review, "warning"))
        yield Fact("Revisión de la cuenta", said, text, (f"account_review_status: {account.review}",))


def _health(account: WhatsAppAccount) -> Fact:
    can_send = str(account.health.get("can_send", ""))
    problems: list[Mapping[str, Any]] = account.health.get("problems") or []
    text = "Ni la cuenta ni el negocio ni la app tienen problemas." if can_send == "AVAILABLE" else ""
    if problems:
        who = ", ".join(_ENTITIES.get(str(one.get("entity")), str(one.get("entity"))) for one in problems)
        text = f"{who}: abajo está lo que dice Meta y cómo se arregla."
    said = _CAN_SEND.get(can_send, Said(can_send, "warning") if can_send else _UNREAD)
    words = [str(word) for one in problems for word in (*one.get("texts", ()), *one.get("solutions", ()))]
    return Fact("Salud", said, text, (f"health_status: {can_send}", *words) if can_send else ())


def _payment(account: WhatsAppAccount) -> Fact:
    if account.funded is None:
        return Fact("Medio de pago", _UNREAD, "")
    if account.funded:
        text = "Los mensajes se cobran ahí, en la moneda de la cuenta"
        text = f"{text} ({account.currency})." if account.currency else f"{text}."
        return Fact("Medio de pago", Said("Cargado", "ok"), text, ("primary_funding_id: sí",))
    text = (
        "Para escribir primero hace falta uno: sin él, Meta rechaza los envíos (error 131042). "
        "Si lo cargaste recién, puede tardar en verse acá."
    )
    return Fact("Medio de pago", Said("No se ve ninguno", "warning"), text, ("primary_funding_id: no",))


def _verification(account: WhatsAppAccount) -> Fact:
    raw = account.verification.lower()
    said = _VERIFICATIONS.get(raw, Said(account.verification, "warning") if raw else _UNREAD)
    meta = (f"business_verification_status: {account.verification}",) if raw else ()
    if raw == "verified":
        return Fact("Verificación del negocio", said, f"{_limit(account)} Meta lo sube solo con el uso.", meta)
    text = (
        f"No hace falta para empezar: un negocio sin verificar también envía. {_limit(account)} "
        "Con la verificación son 2.000."
    )
    return Fact("Verificación del negocio", said, text, meta)


def _limit(account: WhatsAppAccount) -> str:
    most = people_of(account.limit)
    if account.limit == "TIER_UNLIMITED":
        return "Podés escribirle a cualquier cantidad de personas por día."
    if most is None:
        most = 250
        if account.verification.lower() == "verified":
            return "Meta no dice a cuántas personas podés escribirle por día."
    return f"Podés escribirles primero a {thousands(most)} personas distintas por día."


def _name(number: WhatsAppNumber) -> Fact:
    about = f"Nombre visible de {number.display or number.phone_number_id}"
    said = _NAMES.get(number.name_status, Said(number.name_status, "warning") if number.name_status else _UNREAD)
    shown = f"«{number.verified_name}». " if number.verified_name else ""
    if said.grade == "ok" or said is _UNREAD:
        return Fact(about, said, f"{shown}Es lo que ven tus clientes arriba del chat.", _raw(number))
    text = f"{shown}Sin un nombre aprobado se ve el número, y Meta puede frenar los envíos."
    return Fact(about, said, text, _raw(number))


def _raw(number: WhatsAppNumber) -> tuple[str, ...]:
    return (f"name_status: {number.name_status}",) if number.name_status else ()
