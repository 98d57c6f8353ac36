"""The account's token and app, and whether Meta tells: what was last read of them, without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from acuse.channels import registry, selectors
from acuse.channels.contract import Channel, Grade
from acuse.channels.models import WhatsAppAccount, WhatsAppApp
from acuse.channels.moments import local_day
from acuse.companies.models import Company
from acuse.deliveries.models import Delivery
from acuse.hooks.checks.values import Check, Place
from acuse.hooks.selectors import last_heard

TOKEN, READING, SECRET, SUBSCRIPTIONS, HEARD = (
    "Token", "Lectura de la cuenta", "Clave secreta de la app", "Suscripción a los avisos", "Avisos de Meta",
)  # fmt: skip
#: A token that ends within this is amber.
ENDS_SOON = timedelta(days=14)
#: A reading is daily: one that is missing for so long is red.
UNREAD = timedelta(days=2)
#: Meta tells of a message within seconds; one that left so long ago and nothing heard since is a sign.
SILENCE = timedelta(hours=1)


def of_credentials(company: Company, now: datetime) -> Iterator[Check]:
    account, app = selectors.whatsapp_account(company), selectors.whatsapp_app(company)
    yield from _token(account, now)
    if account is not None and account.access_token:
        yield from _reading(account, now)
    yield from _secret(app, account)
    if app is not None and app.app_secret:
        if account is not None:
            yield from _subscriptions(account)
        yield from _heard(company, app, now)


def _token(account: WhatsAppAccount | None, now: datetime) -> Iterator[Check]:
    if account is None or not account.access_token:
        yield Check(
            "acuse.channels.E002", Grade.ERROR, "Falta el token de WhatsApp.", "Cargalo en el asistente.",
            about=TOKEN, place=Place.ASSISTANT, command="acuse setup --whatsapp-token-env",
        )  # fmt: skip
        return
    lacking, ends = registry.lacking_scopes(account), account.token_expires_at
    grade, mend = Grade.OK, ""
    if ends is not None and ends <= now:
        grade, text = Grade.ERROR, f"El token de WhatsApp venció el {local_day(ends)}."
    elif account.token_refused_at is not None:
        grade, text = Grade.ERROR, f"Meta no acepta el token desde el {local_day(account.token_refused_at)}."
    elif lacking:
        grade, text = Grade.ERROR, f"Al token le falta el permiso {' y '.join(lacking)}."
        mend = "Generá otro tildándolo, y cargalo en el asistente."
    elif ends is not None and ends - now <= ENDS_SOON:
        grade, text = Grade.WARNING, f"El token de WhatsApp vence el {local_day(ends)}."
    elif ends is not None:
        text = f"El token vale hasta el {local_day(ends)} y tiene los permisos."
    else:
        text = "El token vale, no vence y tiene los permisos." if account.token_scopes else "Hay un token cargado."
    if grade is not Grade.OK:
        mend = mend or "Generá otro sin vencimiento, y cargalo en el asistente."
    yield Check(
        "acuse.whatsapp.token", grade, text, mend, about=TOKEN, place=Place.ASSISTANT if mend else Place.NOWHERE
    )


def _reading(account: WhatsAppAccount, now: datetime) -> Iterator[Check]:
    read = account.synced_at
    if not account.waba_id:
        yield Check(
            "acuse.whatsapp.reading", Grade.WARNING, "Falta elegir la cuenta de WhatsApp: no se puede vigilar.",
            "Elegila en el asistente.", about=READING, place=Place.ASSISTANT, command="acuse setup --waba-id",
        )  # fmt: skip
    elif account.sync_problem:
        grade = Grade.ERROR if read is None or now - read >= UNREAD else Grade.WARNING
        since = f" Lo que se ve es del {_moment(read)}." if read is not None else ""
        yield Check(
            "acuse.whatsapp.reading", grade, f"La última lectura de la cuenta falló.{since}", account.sync_problem,
            about=READING, place=Place.STATUS,
        )  # fmt: skip
    elif read is None:
        yield Check(
            "acuse.whatsapp.reading", Grade.WARNING, "La cuenta todavía no se leyó en Meta.",
            "Se lee sola una vez por día. Para no esperar, sincronizá.", about=READING, place=Place.STATUS,
        )  # fmt: skip
    elif now - read >= UNREAD:
        yield Check(
            "acuse.whatsapp.reading", Grade.ERROR, f"La cuenta no se lee desde el {_moment(read)}.",
            "Fijate que haya un proceso que envía: lee las cuentas una vez por día.", about=READING, place=Place.STATUS,
        )  # fmt: skip
    else:
        yield Check("acuse.whatsapp.reading", Grade.OK, f"La cuenta se leyó en Meta el {_moment(read)}.", about=READING)


def _secret(app: WhatsAppApp | None, account: WhatsAppAccount | None) -> Iterator[Check]:
    if app is None:
        yield Check(
            "acuse.channels.W001", Grade.WARNING,
            "Sin la app de Meta no hay webhook: no vas a saber qué se entregó ni qué se leyó.",
            "Cargala en el asistente.", about=SECRET, place=Place.ASSISTANT,
            command="acuse setup --app-id --app-secret-env",
        )  # fmt: skip
    elif not app.app_secret:
        yield Check(
            "acuse.channels.E003", Grade.ERROR, "Falta la clave secreta de la app: los avisos de Meta se rechazan.",
            "Cargala en el asistente.", about=SECRET, place=Place.ASSISTANT, command="acuse setup --app-secret-env",
        )  # fmt: skip
    elif account is not None and account.webhook.get("field") == "app_secret":
        yield Check(
            "acuse.whatsapp.secret", Grade.ERROR, str(account.webhook.get("problem", "")),
            str(account.webhook.get("next_step", "")), about=SECRET, place=Place.ASSISTANT,
        )  # fmt: skip
    elif account is not None and "app_ok" in account.webhook:
        yield Check("acuse.whatsapp.secret", Grade.OK, "La app y su clave secreta coinciden.", about=SECRET)
    else:
        yield Check("acuse.whatsapp.secret", Grade.OK, "Hay una clave secreta de la app cargada.", about=SECRET)


def _subscriptions(account: WhatsAppAccount) -> Iterator[Check]:
    found = account.webhook
    if not found:
        return
    mend, place = "Conectá los avisos en el asistente, paso 5.", Place.ASSISTANT
    if "problem" in found:
        if found.get("field") == "app_secret":
            return
        grade, text, mend = Grade.WARNING, str(found["problem"]), str(found.get("next_step", ""))
    elif not found.get("app_ok"):
        where = "a otra dirección" if found.get("elsewhere") else "a ninguna dirección"
        grade, text = Grade.ERROR, f"Los avisos de la app apuntan {where}: no llegan acá."
    elif not found.get("account_ok"):
        grade, text = Grade.ERROR, "La cuenta no le avisa a la app: no llega qué se entrega ni qué se lee."
    elif found.get("missing_fields"):
        lacking = ", ".join(str(name) for name in found["missing_fields"])
        grade, text = Grade.WARNING, f"La app no está suscripta a todo lo que Acuse mira: falta {lacking}."
    else:
        grade, text, mend, place = Grade.OK, "La app y la cuenta le avisan a Acuse.", "", Place.NOWHERE
    yield Check("acuse.whatsapp.webhook", grade, text, mend, about=SUBSCRIPTIONS, place=place)


def _heard(company: Company, app: WhatsAppApp, now: datetime) -> Iterator[Check]:
    heard = last_heard(company)
    if heard is None:
        yield Check(
            "acuse.hooks.W001", Grade.WARNING, "Todavía no llegó ningún aviso de Meta.",
            f"En la app de Meta, apuntá el webhook a {registry.hook_address(app)}", about=HEARD, place=Place.ASSISTANT,
        )  # fmt: skip
        return
    unheard = Delivery.objects.filter(
        company=company, channel=Channel.WHATSAPP, sent_at__gt=heard + SILENCE, sent_at__lt=now - SILENCE
    ).order_by()[:100]
    count = len(unheard.values_list("pk"))
    if count:
        many = "99 o más" if count > 99 else str(count)
        yield Check(
            "acuse.hooks.W002", Grade.WARNING,
            f"Desde el {_moment(heard)} no llega ningún aviso, y salieron {many} envíos.",
            "Conectá los avisos otra vez en el asistente, paso 5.", about=HEARD, place=Place.ASSISTANT,
        )  # fmt: skip
    else:
        yield Check(
            "acuse.channels.whatsapp", Grade.OK, f"El último aviso de Meta llegó el {_moment(heard)}.", about=HEARD
        )


def _moment(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y a las %H:%M}"
