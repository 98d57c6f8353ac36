"""The installation's: the database, the pages, the worker, what came and wasn't applied."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection

from acuse.channels.contract import Grade
from acuse.companies.membership import invitations
from acuse.companies.models import Company
from acuse.companies.permissions.administering import has_administrator
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.deliveries import waking
from acuse.hooks.checks.values import Check
from acuse.hooks.models import RawHook
from acuse.kernel import clock

BACKLOG_AGE = timedelta(minutes=5)


def of_installation() -> list[Check]:
    """All of it, for who administers the server."""
    return [*_database(), *_web(), *public_address(), *worker(), *_hooks()]


def for_companies() -> list[Check]:
    """What a company may know of it: nothing here speaks of another one."""
    return [*worker(), *public_address()]


def of_people(company: Company) -> Iterator[Check]:
    """Nothing while somebody invited as *Administrador* may still answer."""
    asked = invitations.waiting_for_an_answer(company).filter(roles__name=ADMINISTRATOR)
    if not has_administrator(company) and not asked.exists():
        yield Check(
            "acuse.companies.W001",
            Grade.WARNING,
            "Nadie que pueda ingresar tiene todas las acciones: la empresa no se puede administrar desde adentro.",
            "En Instalación, tocá «Invitar» al lado de la empresa.",
            about="Quién administra",
        )


def _database() -> Iterator[Check]:
    with connection.cursor() as cursor:
        cursor.execute("show server_version")
        version = cursor.fetchone()[0]
    kind = "embebida" if not settings.ENVIRONMENT.database_url else "propia"
    yield Check("acuse.database", Grade.OK, f"Base de datos {kind}, PostgreSQL {version}.", about="Base de datos")


def _web() -> Iterator[Check]:
    environment = settings.ENVIRONMENT
    try:
        with socket.create_connection((environment.bind_host, environment.bind_port), timeout=2):
            yield Check("acuse.web", Grade.OK, f"Las páginas responden en {environment.bind}.", about="Páginas")
    except OSError:
        yield Check(
            "acuse.web.W001",
            Grade.WARNING,
            f"Nadie responde en {environment.bind}: sin eso no llegan los acuses.",
            "Arrancá «acuse serve», o «acuse web».",
            about="Páginas",
        )


def public_address() -> Iterator[Check]:
    address = settings.BASE_URL
    if address.startswith("http://"):
        yield Check(
            "acuse.web.W002",
            Grade.WARNING,
            f"La dirección pública es {address}: Meta solo avisa por HTTPS.",
            "Poné un proxy con certificado delante y definí ACUSE_BASE_URL con https://.",
            about="Dirección pública",
        )


def worker() -> Iterator[Check]:
    if waking.anybody_working():
        yield Check("acuse.worker", Grade.OK, "Hay un proceso que envía.", about="Proceso que envía")
    else:
        yield Check(
            "acuse.worker.E001",
            Grade.ERROR,
            "Ningún proceso envía: lo que está en cola no sale.",
            "Arrancá «acuse serve», o «acuse worker».",
            about="Proceso que envía",
        )


def _hooks() -> Iterator[Check]:
    old = RawHook.objects.filter(state=RawHook.State.NEW, received_at__lt=clock.now() - BACKLOG_AGE).count()
    if old:
        yield Check(
            "acuse.hooks.E001",
            Grade.ERROR,
            f"Hay {old} avisos de Meta recibidos hace más de 5 minutos y sin registrar.",
            "Revisá que «acuse worker» esté andando y mirá su registro.",
            about="Avisos sin registrar",
        )
