"""Whether there is a way out, what stands still, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from acuse.channels import probing, registry, selectors
from acuse.channels.contract import Grade
from acuse.channels.models import Lane
from acuse.channels.probing import Probe
from acuse.companies import mail
from acuse.companies.models import Company
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.selectors import open_suspensions
from acuse.deliveries.states import State
from acuse.hooks.checks.values import Check, Place
from acuse.kernel.numerals import thousands

WAY_OUT, AUTOMATIC, SUSPENDED, UNCERTAIN = "Por dónde enviar", "Envío automático", "Envíos suspendidos", "Sin confirmar"
ANSWERS = "Reenvío de respuestas"


def of_lanes(company: Company) -> Iterator[Check]:
    if not Lane.objects.filter(company=company, is_active=True).exists():
        yield Check(
            "acuse.channels.E001", Grade.ERROR,
            "No hay por dónde enviar: faltan los parámetros de WhatsApp o del correo.",
            "Conectá WhatsApp con el asistente, o cargá el correo en Parámetros.", about=WAY_OUT, place=Place.ASSISTANT,
            command="acuse setup --phone-number-id --whatsapp-token-env, o --smtp-url-env --mail-from",
        )  # fmt: skip
    if DeliveryPolicy.objects.filter(company=company, automatic=True).exists() and not company.automatic_service:
        yield Check(
            "acuse.deliveries.W001", Grade.WARNING,
            "Hay tipos con envío automático, pero el servicio no está activado.",
            "Lo activa quien administra la instalación.", about=AUTOMATIC, command="acuse setup --automatic on",
        )  # fmt: skip


def of_probes(company: Company) -> Iterator[Check]:
    """The same trials as *Probar* on the page Parámetros: they ask Meta and the mail server now."""
    number, box = selectors.whatsapp_number(company), selectors.mailbox(company)
    if number is not None and selectors.whatsapp_ready(company):
        token = number.account.access_token.reveal()
        trial = registry.probe_whatsapp(phone_number_id=number.phone_number_id, access_token=token)
        yield _seen("acuse.channels.whatsapp_trial", "WhatsApp", probing.wait_for(trial))
    if box is not None and box.lane.is_active:
        trial = registry.probe_mailbox(registry.mailbox_settings(box), from_address=box.from_address)
        yield _seen("acuse.channels.email_trial", "Correo", probing.wait_for(trial))


def _seen(check_id: str, channel: str, probe: Probe) -> Check:
    about = f"Prueba de {channel}"
    return Check(
        check_id, probe.grade, f"{channel}: {probe.text}", probe.next_step, about=about, place=Place.PARAMETERS
    )


def of_waiting(company: Company) -> Iterator[Check]:
    suspensions = list(open_suspensions(company))
    for suspension in suspensions:
        yield Check(
            "acuse.deliveries.E001", Grade.ERROR, f"Envíos suspendidos: {suspension.cause_text}",
            suspension.cause_next_step, about=SUSPENDED, place=Place.DELIVERIES,
        )  # fmt: skip
    if not suspensions:
        yield Check("acuse.deliveries.suspensions", Grade.OK, "No hay envíos suspendidos.", about=SUSPENDED)
    uncertain = Delivery.objects.filter(company=company, state=State.UNCERTAIN).count()
    if uncertain:
        one = ("Hay 1 envío sin confirmar.", "Miralo en Envíos y decidí si llegó.")
        more = (f"Hay {thousands(uncertain)} envíos sin confirmar.", "Miralos en Envíos y decidí si llegaron.")
        yield Check(
            "acuse.deliveries.W002", Grade.WARNING, *(one if uncertain == 1 else more), about=UNCERTAIN,
            place=Place.DELIVERIES,
        )  # fmt: skip


def of_answers(company: Company) -> Iterator[Check]:
    if company.answers_to and not mail.configured():
        yield Check(
            "acuse.companies.W001", Grade.WARNING,
            f"Lo que contestan no se reenvía a {company.answers_to}: al servidor le falta el correo propio.",
            "Definí ACUSE_MAIL_URL y ACUSE_MAIL_FROM en el servidor. Mientras tanto, se ve en Mensajes recibidos.",
            about=ANSWERS,
        )  # fmt: skip
