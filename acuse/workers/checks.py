"""What `acuse doctor` looks at: each check is green, or says what to mend."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from acuse.channels import probing, registry, selectors
from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.channels.probing import Grade, Probe
from acuse.companies.models import Company
from acuse.deliveries import waking
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.selectors import open_suspensions
from acuse.deliveries.states import State
from acuse.hooks.models import RawHook
from acuse.kernel import clock

BACKLOG_AGE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    #: Stable: `acuse.channels.W001`.
    id: str
    grade: Grade
    text: str
    mend: str = ""
    company: str | None = None


def run() -> list[Check]:
    found = [*_database(), *_web(), *_worker(), *_hooks()]
    companies = list(Company.objects.order_by("legal_name"))
    if not companies:
        found.append(
            Check("acuse.companies.E001", Grade.ERROR, "No hay ninguna empresa.", "Cargala con «acuse setup».")
        )
    for company in companies:
        found += _company(company)
    return found


def _database() -> Iterator[Check]:
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = cursor.fetchone()[0]
    kind = "embebida" if not settings.ENVIRONMENT.database_url else "propia"
    yield Check("acuse.database", Grade.OK, f"Base de datos {kind}, PostgreSQL {version}.")


def _web() -> Iterator[Check]:
    environment = settings.ENVIRONMENT
    try:
        with socket.create_connection((environment.bind_host, environment.bind_port), timeout=2):
            yield Check("acuse.web", Grade.OK, f"Las páginas responden en {environment.bind}.")
    except OSError:
        yield Check(
            "acuse.web.W001",
            Grade.WARNING,
            f"Nadie responde en {environment.bind}: sin eso no llegan los acuses.",
            "Arrancá «acuse serve», o «acuse web».",
        )
    if environment.base_url.startswith("http://"):
        yield Check(
            "acuse.web.W002",
            Grade.WARNING,
            f"La dirección pública es {environment.base_url}: Meta solo avisa por HTTPS.",
            "Poné un proxy con certificado delante y definí ACUSE_BASE_URL con https://.",
        )


def _worker() -> Iterator[Check]:
    if waking.anybody_working():
        yield Check("acuse.worker", Grade.OK, "Hay un proceso que envía.")
    else:
        yield Check(
            "acuse.worker.E001",
            Grade.ERROR,
            "Ningún proceso envía: lo que está en cola no sale.",
            "Arrancá «acuse serve», o «acuse worker».",
        )


def _hooks() -> Iterator[Check]:
    old = RawHook.objects.filter(state=RawHook.State.NEW, received_at__lt=clock.now() - BACKLOG_AGE).count()
    if old:
        yield Check(
            "acuse.hooks.E001",
            Grade.ERROR,
            f"Hay {old} avisos de Meta recibidos hace más de 5 minutos y sin registrar.",
            "Revisá que «acuse worker» esté andando y mirá su registro.",
        )


def _company(company: Company) -> Iterator[Check]:
    found = [*_lanes(company), *_whatsapp(company), *_probes(company), *_waiting(company)]
    yield from (_named(company, check) for check in found)


def _named(company: Company, check: Check) -> Check:
    return Check(check.id, check.grade, check.text, check.mend, company.cuit)


def _lanes(company: Company) -> Iterator[Check]:
    channels = set(Lane.objects.filter(company=company, is_active=True).values_list("channel", flat=True))
    if not channels:
        yield Check(
            "acuse.channels.E001",
            Grade.ERROR,
            "No hay por dónde enviar: faltan los parámetros de WhatsApp o del correo.",
            "Corré «acuse setup» con --phone-number-id y --whatsapp-token-env, o con --smtp-url-env y --mail-from.",
        )
    if DeliveryPolicy.objects.filter(company=company, automatic=True).exists() and not company.automatic_service:
        yield Check(
            "acuse.deliveries.W001",
            Grade.WARNING,
            "Hay tipos con envío automático, pero el servicio no está activado.",
            "Activalo con «acuse setup --automatic on».",
        )


def _whatsapp(company: Company) -> Iterator[Check]:
    if not Lane.objects.filter(company=company, channel=Channel.WHATSAPP).exists():
        return
    account = selectors.whatsapp_account(company)
    if account is None or not account.access_token:
        yield Check(
            "acuse.channels.E002",
            Grade.ERROR,
            "Falta el token de WhatsApp.",
            "Cargalo con «acuse setup --whatsapp-token-env».",
        )
    app = selectors.whatsapp_app(company)
    if app is None:
        yield Check(
            "acuse.channels.W001",
            Grade.WARNING,
            "Sin la app de Meta no hay webhook: no vas a saber qué se entregó ni qué se leyó.",
            "Cargala con «acuse setup --app-id --app-secret-env».",
        )
    elif not app.app_secret:
        yield Check(
            "acuse.channels.E003",
            Grade.ERROR,
            "Falta el secreto de la app: todos los avisos de Meta se rechazan.",
            "Cargalo con «acuse setup --app-secret-env».",
        )
    elif not RawHook.objects.filter(app=app).exists():
        yield Check(
            "acuse.hooks.W001",
            Grade.WARNING,
            "Todavía no llegó ningún aviso de Meta.",
            f"En la app de Meta, apuntá el webhook a {settings.BASE_URL}/hooks/whatsapp/{app.key}/",
        )
    else:
        yield Check("acuse.channels.whatsapp", Grade.OK, "WhatsApp está configurado y Meta avisa.")


def _probes(company: Company) -> Iterator[Check]:
    """The same trials as *Probar* on the page Parámetros."""
    number, box = selectors.whatsapp_number(company), selectors.mailbox(company)
    if number is not None and selectors.whatsapp_ready(company):
        token = number.account.access_token.reveal()
        trial = registry.probe_whatsapp(phone_number_id=number.phone_number_id, access_token=token)
        yield _seen("acuse.channels.whatsapp_trial", "WhatsApp", probing.wait_for(trial))
    if box is not None and box.lane.is_active:
        trial = registry.probe_mailbox(registry.mailbox_settings(box), from_address=box.from_address)
        yield _seen("acuse.channels.email_trial", "Correo", probing.wait_for(trial))


def _seen(check_id: str, channel: str, probe: Probe) -> Check:
    return Check(check_id, probe.grade, f"{channel}: {probe.text}", probe.next_step)


def _waiting(company: Company) -> Iterator[Check]:
    for suspension in open_suspensions(company):
        yield Check(
            "acuse.deliveries.E001",
            Grade.ERROR,
            f"Envíos suspendidos: {suspension.cause_text}",
            suspension.cause_next_step,
        )
    uncertain = Delivery.objects.filter(company=company, state=State.UNCERTAIN).count()
    if uncertain:
        yield Check(
            "acuse.deliveries.W002",
            Grade.WARNING,
            f"Hay {uncertain} envíos sin confirmar.",
            "Miralos en Envíos y decidí si llegaron.",
        )
