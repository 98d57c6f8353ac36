"""The template of each kind that goes by WhatsApp: whether it can be used, and whether it is what is filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils import timezone

from acuse.channels import selectors
from acuse.channels.contract import Channel, Grade
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import APPROVED, MARKETING
from acuse.companies.models import Company
from acuse.deliveries import planning
from acuse.deliveries.models import DeliveryPolicy
from acuse.hooks.checks.values import Check, Place
from acuse.vouchers.kinds import VoucherKind

_STATUSES = {
    "PENDING": "Meta la está revisando",
    "IN_APPEAL": "está en apelación",
    "REJECTED": "Meta la rechazó",
    "PAUSED": "Meta la pausó por quejas",
    "DISABLED": "Meta la deshabilitó",
    "LOCKED": "Meta la bloqueó",
    "ARCHIVED": "está archivada en Meta",
    "LIMIT_EXCEEDED": "pasó un límite de Meta",
    "PENDING_DELETION": "se está borrando en Meta",
    "DELETED": "se borró en Meta",
}
#: It will be usable without anybody's doing.
_PASSING = frozenset({"PENDING", "IN_APPEAL"})
_CATEGORIES = {"UTILITY": "de servicio", MARKETING: "de marketing", "AUTHENTICATION": "de autenticación"}
_QUALITIES = {"GREEN": "alta", "YELLOW": "media", "RED": "baja"}
_ALL = len(VoucherKind)


def of_templates(company: Company) -> Iterator[Check]:
    account = selectors.whatsapp_account(company)
    if account is None or account.synced_at is None:
        return
    rows = {(row.name, row.language): row for row in WhatsAppTemplate.objects.filter(account=account)}
    office = planning.open_office(company)
    used = in_use(company)
    for key, kinds in used.items():
        yield _template(key, rows.get(key), kinds)
        yield from _category(key, rows.get(key), kinds)
    for kind in (kind for kinds in used.values() for kind in kinds):
        if kind in office.misfits:
            name = VoucherKind(kind).plural
            yield Check(
                "acuse.whatsapp.mapping", Grade.ERROR, f"{name}: {office.misfits[kind].text}",
                "Corregila en Configuraciones de envío.", about=mapping_about(VoucherKind(kind)), place=Place.POLICIES,
            )  # fmt: skip


def in_use(company: Company) -> dict[tuple[str, str], list[str]]:
    """Templates by name and language, each with the enabled kinds that go by WhatsApp with it."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for policy in DeliveryPolicy.objects.filter(company=company, enabled=True).order_by("id"):
        if not policy.channels or Channel.WHATSAPP in policy.channels:
            found[policy.template_name, policy.template_language].append(policy.kind)
    return dict(found)


def template_about(name: str) -> str:
    return f"Plantilla {name}"


def cost_about(name: str) -> str:
    return f"Costo de {name}"


def mapping_about(kind: VoucherKind) -> str:
    return f"Variables de {kind.plural}"


def _template(key: tuple[str, str], row: WhatsAppTemplate | None, kinds: Sequence[str]) -> Check:
    name, language = key
    about, uses = template_about(name), f"Se usa en {_kinds(kinds)}."
    shown = f"«{name}» ({language})"
    if row is None or row.gone_at is not None:
        text = f"La plantilla {shown} no está en la cuenta. {uses}"
        mend = "Creala o elegí otra en el asistente, paso 6."
        return Check("acuse.whatsapp.template", Grade.ERROR, text, mend, about=about, place=Place.ASSISTANT)
    if row.status != APPROVED:
        word = _STATUSES.get(row.status, f"Meta dice {row.status}")
        grade = Grade.WARNING if row.status in _PASSING else Grade.ERROR
        mend, place = _mend(row)
        text = f"La plantilla {shown} no se puede usar: {word}. {uses}"
        return Check("acuse.whatsapp.template", grade, text, mend, about=about, place=place)
    quality = _QUALITIES.get(row.quality, "")
    words = ["aprobada", _CATEGORIES.get(row.category, ""), f"calidad {quality}" if quality else ""]
    text = f"{shown}: {', '.join(word for word in words if word)}. {uses}"
    if row.quality in ("YELLOW", "RED"):
        mend = "Revisá a quiénes les mandás: si baja más, Meta la pausa."
        return Check("acuse.whatsapp.template", Grade.WARNING, text, mend, about=about)
    return Check("acuse.whatsapp.template", Grade.OK, text, about=about)


def _mend(row: WhatsAppTemplate) -> tuple[str, Place]:
    if row.status in _PASSING:
        return "Lo que está en cola sale solo cuando la apruebe.", Place.NOWHERE
    if row.status == "PAUSED":
        return "Se reanuda sola, o con «Quitar la pausa» acá abajo si Meta lo deja.", Place.STATUS
    if row.status == "REJECTED":
        why = f" Motivo: {row.rejected_reason}." if row.rejected_reason else ""
        return f"Corregí el texto y mandala de nuevo en el asistente, paso 6.{why}", Place.ASSISTANT
    return "Hacé otra en el asistente, paso 6, y elegila en Configuraciones de envío.", Place.ASSISTANT


def _category(key: tuple[str, str], row: WhatsAppTemplate | None, kinds: Sequence[str]) -> Iterator[Check]:
    if row is None or row.gone_at is not None:
        return
    about = cost_about(key[0])
    if row.category == MARKETING and row.category_accepted_at is None:
        yield Check(
            "acuse.whatsapp.cost", Grade.ERROR,
            f"«{key[0]}» pasó a marketing y cuesta más: lo automático con ella espera. Se usa en {_kinds(kinds)}.",
            "Elegí otra plantilla en Configuraciones de envío, o aceptá el costo acá abajo.", about=about,
            place=Place.STATUS,
        )  # fmt: skip
    elif row.category == MARKETING:
        yield Check("acuse.whatsapp.cost", Grade.OK, f"«{key[0]}» es de marketing y alguien lo aceptó.", about=about)
    elif row.category_due == MARKETING:
        when = f" el {timezone.localtime(row.category_due_at):%d/%m}" if row.category_due_at is not None else ""
        yield Check(
            "acuse.whatsapp.cost", Grade.WARNING, f"Meta va a pasar «{key[0]}» a marketing{when}: va a costar más.",
            "Sacá del texto lo que suene a promoción, o apelá en WhatsApp Manager.", about=about,
        )  # fmt: skip


def _kinds(kinds: Sequence[str]) -> str:
    if len(kinds) == _ALL:
        return "todos los comprobantes"
    names = [VoucherKind(kind).plural.lower() for kind in kinds]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} y {names[-1]}"
