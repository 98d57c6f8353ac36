"""`acuse setup`: a company, its administrator, its WhatsApp and mail parameters. Asking again changes what is given."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection, transaction

from acuse.channels import registry, selectors
from acuse.channels.accounts import AccountError, WhatsAppParameters
from acuse.companies import services as companies
from acuse.companies.membership import invitations
from acuse.companies.models import Company, Role, User
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.companies.services import CompanyError
from acuse.deliveries import senders, waits
from acuse.deliveries.policies import services as policies
from acuse.directory.services import DirectoryError, check_email
from acuse.vouchers.kinds import VoucherKind
from acuse.workers.command import AcuseCommand

ACTOR = "command:setup"
#: Setups take turns: two at once would both make the company, or both be the first.
SETUP_LOCK = 0x41435354


class Command(AcuseCommand):
    help = "Prepara una empresa: datos, administrador, WhatsApp, correo y clave de API"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", required=True, metavar="NOMBRE", help="razón social")
        parser.add_argument("--cuit", required=True, help="con guiones o sin ellos")
        parser.add_argument("--admin", required=True, metavar="CORREO", help="correo de quien administra")
        parser.add_argument("--area-code", metavar="CIFRAS", help="característica de la zona: 11, 341, 2966…")
        parser.add_argument("--whatsapp-token-env", metavar="VAR", help="variable con el token de WhatsApp")
        parser.add_argument("--phone-number-id", metavar="ID", help="identificador de número de teléfono de Meta")
        parser.add_argument("--waba-id", metavar="ID", help="cuenta de WhatsApp Business")
        parser.add_argument("--app-id", metavar="ID", help="app de Meta")
        parser.add_argument("--app-secret-env", metavar="VAR", help="variable con la clave secreta de la app")
        parser.add_argument("--throughput", type=_positive, metavar="N", help="mensajes por segundo (80)")
        parser.add_argument("--smtp-url-env", metavar="VAR", help="variable con smtp://usuario:clave@servidor:puerto")
        parser.add_argument("--mail-from", metavar="CORREO", help="dirección desde la que sale el correo")
        parser.add_argument("--automatic", choices=("on", "off"), help="servicio de envío automático")
        parser.add_argument(
            "--automatic-kind",
            action="append",
            default=[],
            metavar="TIPO",
            choices=[k.value for k in VoucherKind],
            help="tipo que se envía solo; se repite por cada uno: " + ", ".join(VoucherKind),
        )
        parser.add_argument("--installation-admin", action="store_true", help="administra también la instalación")
        parser.add_argument("--new-api-key", action="store_true", help="hace una clave y anula la anterior de setup")

    def handle(self, **given: Any) -> None:
        as_json = given["as_json"]
        try:
            with transaction.atomic():
                answer = _set_up(given)
        except (CompanyError, AccountError, DirectoryError) as error:
            self.refuse(error.field, str(error), as_json=as_json)
        if as_json:
            self.print_json(answer)
        else:
            self._tell(answer)

    def _tell(self, answer: dict[str, Any]) -> None:
        self.say(f"Empresa lista: CUIT {answer['company']['cuit']}.")
        if url := answer["admin"]["invitation_url"]:
            self.say(f"Para que {answer['admin']['email']} elija su contraseña: {url}")
        if answer["api_key"]:
            self.say(f"Clave de API (no se vuelve a mostrar): {answer['api_key']}")
        if hook := answer["webhook"]:
            self.say(f"Webhook de WhatsApp: {settings.BASE_URL}{hook['path']}")
            self.say(f"Token de verificación: {hook['verify_token']}")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _set_up(given: dict[str, Any]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SETUP_LOCK])
    first = not User.objects.exists()
    company = companies.save_company(
        cuit=given["cuit"], legal_name=given["company"], default_area_code=given["area_code"], actor=ACTOR
    )
    policies.ensure_policies(company)
    role = Role.objects.get(company=company, name=ADMINISTRATOR)
    admin = companies.add_member(
        company=company, email=check_email(given["admin"], field="admin"), role=role, actor=ACTOR
    )
    if first or given["installation_admin"]:
        companies.grant_installation_admin(user=admin, actor=ACTOR)
    _save_whatsapp(company, given)
    _save_mailbox(company, given)
    _save_automatic(company, given)
    token = invitations.invite_member(user=admin, company=company, actor=ACTOR)
    key = None
    if given["new_api_key"]:
        key = companies.new_api_key(
            company=company, role=role, name=companies.SETUP_KEY, actor=ACTOR, replace=True
        ).plain
    waits.look_later(company)
    return {
        "company": {"id": str(company.pk), "cuit": company.cuit},
        "admin": {
            "email": admin.email,
            "invitation_url": f"{settings.BASE_URL}/invitacion/{token}/" if token else None,
        },
        "api_key": key,
        "webhook": _webhook(company),
    }


def _save_whatsapp(company: Company, given: dict[str, Any]) -> None:
    parameters = WhatsAppParameters(
        access_token=_from_env(given["whatsapp_token_env"], "whatsapp_token_env"),
        phone_number_id=given["phone_number_id"],
        waba_id=given["waba_id"],
        app_id=given["app_id"],
        app_secret=_from_env(given["app_secret_env"], "app_secret_env"),
        throughput=given["throughput"],
    )
    if all(getattr(parameters, name) is None for name in WhatsAppParameters.__slots__):
        return
    senders.change_whatsapp(company, parameters, actor=ACTOR)


def _save_mailbox(company: Company, given: dict[str, Any]) -> None:
    url = _from_env(given["smtp_url_env"], "smtp_url_env")
    if url is None and given["mail_from"] is None:
        return
    if url is None or given["mail_from"] is None:
        raise AccountError("mail_from", "El correo necesita las dos cosas: --smtp-url-env y --mail-from.")
    try:
        registry.check_mailbox_url(url)
    except ValueError as error:
        raise AccountError("smtp_url_env", str(error)) from error
    senders.change_mailbox(
        company, url=url, from_address=check_email(given["mail_from"], field="mail_from"), actor=ACTOR
    )


def _save_automatic(company: Company, given: dict[str, Any]) -> None:
    if given["automatic"] is not None:
        companies.set_automatic_service(company=company, active=given["automatic"] == "on", actor=ACTOR)
    for kind in given["automatic_kind"]:
        policies.set_automatic(company=company, kind=VoucherKind(kind), active=True, actor=ACTOR)


def _from_env(variable: str | None, field: str) -> str | None:
    """The value of the variable: secrets never travel on the command line."""
    if variable is None:
        return None
    value = os.environ.get(variable, "").strip()
    if not value:
        raise AccountError(field, f"La variable {variable} está vacía o no existe. Definila y volvé a correr setup.")
    return value


def _webhook(company: Company) -> dict[str, str] | None:
    app = selectors.whatsapp_app(company)
    if app is None:
        return None
    return {"path": f"/hooks/whatsapp/{app.key}/", "verify_token": app.verify_token.reveal()}
