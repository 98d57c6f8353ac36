"""*Primeros pasos*: what is missing until Acuse does its work, as far as the person may do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from acuse.channels.selectors import mailbox_ready, whatsapp_ready
from acuse.companies import mail
from acuse.companies.identity import second_factor
from acuse.companies.models import AuditEntry, Company, Membership, User
from acuse.companies.permissions.pages import VOUCHER_PAGES, Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import LEFT
from acuse.directory.models import Contact
from acuse.vouchers.models import Voucher


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    #: The button's verb.
    verb: str
    url: str
    done: bool
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Checklist:
    steps: tuple[Step, ...]

    @property
    def required(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.optional)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.required)

    @property
    def can_hide(self) -> bool:
        """Nothing that is needed is missing."""
        return all(step.done for step in self.required)

    @property
    def next(self) -> Step | None:
        return next((step for step in self.required if not step.done), None)


def checklist(actor: Actor, user: User) -> Checklist | None:
    """None when there is nothing that this person may still do."""
    steps = tuple(step for make in _STEPS if (step := make(actor, user)))
    return Checklist(steps) if any(not step.done for step in steps) else None


def _company(actor: Actor, user: User) -> Step | None:
    if not actor.may(Page.COMPANY, Action.CONFIGURE):
        return None
    company = actor.company
    return Step(
        "Los datos de la empresa",
        "Domicilio, y la característica de tu zona para entender los celulares como los escribís.",
        "Completar", reverse("web:company"), bool(company.address and company.default_area_code),
    )  # fmt: skip


def _channel(actor: Actor, user: User) -> Step | None:
    if not actor.may(Page.PARAMETERS, Action.CONFIGURE):
        return None
    return Step(
        "Conectar WhatsApp o un correo",
        "Con uno alcanza para empezar. WhatsApp, con el asistente, paso por paso; el correo, en Parámetros.",
        "Conectar", reverse("web:whatsapp"), whatsapp_ready(actor.company) or mailbox_ready(actor.company),
    )  # fmt: skip


def _own_mail(actor: Actor, user: User) -> Step | None:
    if not user.is_installation_admin:
        return None
    return Step(
        "El correo propio de Acuse",
        "Para invitaciones, contraseñas y avisos. Se carga en el servidor, con ACUSE_MAIL_URL.",
        "Ver cómo", reverse("web:installation"), mail.configured(),
    )  # fmt: skip


def _customer(actor: Actor, user: User) -> Step | None:
    if not actor.may(Page.CUSTOMERS, Action.CREATE):
        return None
    reachable = Contact.objects.filter(company=actor.company, suppressed_at=None)
    return Step(
        "Un cliente con su contacto",
        "Un celular o un correo al que mandarle.",
        "Cargar un cliente", reverse("web:party_grid", args=["clientes"]),
        reachable.exclude(mobile="", email="").exists(),
    )  # fmt: skip


def _policies(actor: Actor, user: User) -> Step | None:
    if not actor.may(Page.POLICIES, Action.CONFIGURE):
        return None
    return Step(
        "Qué dice cada mensaje",
        "Revisá la configuración de envío de al menos un tipo de comprobante, y guardala.",
        "Revisar", reverse("web:policies"), _configured(actor.company),
    )  # fmt: skip


def _configured(company: Company) -> bool:
    return AuditEntry.objects.filter(company=company, event="policy.changed").exists()


def _voucher(actor: Actor, user: User) -> Step | None:
    kind = next((page for page in VOUCHER_PAGES if actor.may(page, Action.CREATE)), None)
    if kind is None:
        return None
    return Step(
        "El primer comprobante",
        "Con su PDF. También llegan solos, desde tu sistema, por la API.",
        "Crear", reverse("web:voucher_create", args=[kind.value]),
        Voucher.objects.filter(company=actor.company).exists(),
    )  # fmt: skip


def _delivery(actor: Actor, user: User) -> Step | None:
    kind = next((page for page in VOUCHER_PAGES if actor.may(page, Action.SEND)), None)
    if kind is None:
        return None
    sent = Delivery.objects.filter(company=actor.company, state__in=[state.value for state in LEFT])
    return Step(
        "El primer envío",
        "Elegí el comprobante y tocá Enviar comprobante.",
        "Enviar", reverse("web:voucher_grid", args=[kind.value]), sent.exists(),
    )  # fmt: skip


def _automatic(actor: Actor, user: User) -> Step | None:
    if not (user.is_installation_admin and actor.may(Page.COMPANY, Action.VIEW)):
        return None
    return Step(
        "Que se envíen solos",
        "El servicio de envío automático manda cada comprobante apenas se puede.",
        "Ver", reverse("web:automatic_service"), actor.company.automatic_service, optional=True,
    )  # fmt: skip


def _second_user(actor: Actor, user: User) -> Step | None:
    if not actor.may(Page.USERS, Action.CREATE):
        return None
    others = Membership.objects.filter(company=actor.company).exclude(user=user)
    return Step(
        "Alguien más",
        "Invitá a quien también lo va a usar, con el rol que le toca.",
        "Invitar", reverse("web:user_invite"), others.exists(), optional=True,
    )  # fmt: skip


def _two_factor(actor: Actor, user: User) -> Step | None:
    if not (user.is_installation_admin or actor.may(Page.USERS, Action.EDIT)):
        return None
    return Step(
        "Ingresar en dos pasos",
        "Quien administra puede todo: que no alcance con saber tu contraseña.",
        "Activar", reverse("web:account"), second_factor.of(user) is not None, optional=True,
    )  # fmt: skip


_STEPS: tuple[Callable[[Actor, User], Step | None], ...] = (
    _company, _channel, _own_mail, _customer, _policies, _voucher, _delivery, _automatic, _second_user, _two_factor,
)  # fmt: skip
