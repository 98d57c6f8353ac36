"""The company's WhatsApp app, account and number, and its mailbox: what sending needs."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from acuse.channels.contract import Channel
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies import audit
from acuse.companies.models import Company

#: Messages a second where nobody says otherwise: Meta's default for a number, and a mild pace for a mailbox.
WHATSAPP_THROUGHPUT = 80
MAILBOX_THROUGHPUT = 10


class AccountError(ValueError):
    """Refused; `field` names what, the text says why and the way out, in Spanish."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppParameters:
    """What is given; None leaves what is there."""

    access_token: str | None = None
    phone_number_id: str | None = None
    waba_id: str | None = None
    app_id: str | None = None
    app_secret: str | None = None
    throughput: int | None = None


@transaction.atomic
def save_whatsapp(company: Company, given: WhatsAppParameters, *, actor: str) -> Lane | None:
    """Make or change the company's WhatsApp parameters; answer its lane, None while there is no number."""
    app = _save_app(company, given)
    account = _save_account(company, app, given)
    number = _save_number(company, account, given)
    named = {name for name in WhatsAppParameters.__slots__ if getattr(given, name) is not None}
    audit.record(company=company, actor=actor, event="whatsapp.changed", target=company.cuit, fields=sorted(named))
    return number.lane if number else None


def _save_app(company: Company, given: WhatsAppParameters) -> WhatsAppApp | None:
    app = WhatsAppApp.objects.filter(company=company).order_by("id").last()
    if given.app_id is not None:
        app_id = _digits("app_id", given.app_id)
        app = WhatsAppApp.objects.filter(company=company, app_id=app_id).first() or WhatsAppApp(
            company=company, app_id=app_id
        )
    if given.app_secret is not None:
        if app is None:
            raise AccountError("app_id", "Para guardar el secreto de la app hace falta también su identificador.")
        app.app_secret = given.app_secret.strip()
    if app is not None and (given.app_id is not None or given.app_secret is not None):
        app.save()
    return app


def _save_account(company: Company, app: WhatsAppApp | None, given: WhatsAppParameters) -> WhatsAppAccount:
    account = WhatsAppAccount.objects.select_for_update(of=("self",)).filter(company=company).order_by("id").last()
    account = account or WhatsAppAccount(company=company)
    if given.waba_id is not None:
        account.waba_id = _digits("waba_id", given.waba_id)
    if given.access_token is not None:
        account.access_token = given.access_token.strip()
    account.app = app
    account.save()
    return account


def _save_number(company: Company, account: WhatsAppAccount, given: WhatsAppParameters) -> WhatsAppNumber | None:
    number = WhatsAppNumber.objects.select_related("lane").filter(account=account).order_by("id").last()
    if given.phone_number_id is not None:
        phone_number_id = _digits("phone_number_id", given.phone_number_id)
        taken = WhatsAppNumber.objects.filter(phone_number_id=phone_number_id).exclude(account__company=company)
        if taken.exists():
            raise AccountError("phone_number_id", "Ese número ya lo usa otra empresa de esta instalación.")
        if number is None:
            lane = Lane.objects.create(
                company=company,
                channel=Channel.WHATSAPP,
                name=f"WhatsApp {phone_number_id}",
                throughput=given.throughput or WHATSAPP_THROUGHPUT,
            )
            number = WhatsAppNumber(account=account, lane=lane)
        number.phone_number_id = phone_number_id
        number.lane.name = f"WhatsApp {phone_number_id}"
        number.lane.save(update_fields=["name"])
        number.save()
    if number is not None and given.throughput is not None:
        number.lane.throughput = given.throughput
        number.lane.save(update_fields=["throughput"])
    return number


def _digits(field: str, text: str) -> str:
    value = text.strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 40):
        raise AccountError(field, f"«{value[:40]}» no es un identificador de Meta: son solo números.")
    return value


@transaction.atomic
def save_mailbox(company: Company, *, url: str, from_address: str, actor: str) -> Lane:
    """`url` was checked by the caller, who knows the adapter."""
    lane = Lane.objects.filter(company=company, channel=Channel.EMAIL, is_default=True).first()
    if lane is None:
        lane = Lane.objects.create(
            company=company, channel=Channel.EMAIL, name=from_address, throughput=MAILBOX_THROUGHPUT
        )
    Mailbox.objects.update_or_create(lane=lane, defaults={"url": url, "from_address": from_address})
    audit.record(company=company, actor=actor, event="mailbox.changed", target=company.cuit)
    return lane
