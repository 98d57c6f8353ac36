"""A WhatsApp account as it stands after months of use, for the page and its pictures."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import CheckDay, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.companies.models import Company
from acuse.hooks.checks import running
from acuse.kernel import clock
from tests.data.cast import make_whatsapp

BODY = [{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "Te enviamos el comprobante {{1}}."}]


def make_watched(company: Company) -> WhatsAppAccount:
    """Read an hour ago, and well."""
    number: WhatsAppNumber = make_whatsapp(company).whatsapp_number
    account, now = number.account, clock.now()
    read = now - timedelta(hours=1)
    WhatsAppAccount.objects.filter(pk=account.pk).update(
        name="Ferretería Oeste", currency="ARS", review="APPROVED", verification="verified", funded=True,
        status="ACTIVE", limit="TIER_2K", health={"can_send": "AVAILABLE", "problems": []}, synced_at=read,
        tried_at=read, token_scopes=["whatsapp_business_management", "whatsapp_business_messaging"],
        webhook={"good": True, "app_ok": True, "account_ok": True, "missing_fields": [], "elsewhere": ""},
    )  # fmt: skip
    WhatsAppNumber.objects.filter(pk=number.pk).update(
        display="+54 9 341 555-9000", verified_name="Ferretería Oeste", status="CONNECTED", quality="GREEN",
        name_status="APPROVED", throughput_level="STANDARD", mode="LIVE", synced_at=read,
    )  # fmt: skip
    for name, status, category, quality in (
        ("comprobantes", "APPROVED", "UTILITY", "GREEN"), ("recordatorio_pago", "PENDING", "UTILITY", ""),
    ):  # fmt: skip
        WhatsAppTemplate.objects.create(
            account=account, name=name, language="es_AR", meta_id="1", status=status, category=category,
            quality=quality, components=BODY, synced_at=read,
        )  # fmt: skip
    account.refresh_from_db()
    return account


def give_days(company: Company, bad: dict[int, tuple[str, Grade, str]], days: int = 22) -> None:
    """History of so many days; `bad`: how many days ago, of what, how, and in which words."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(company.time_zone)).date()
    good = {check.about: check for check in running.of_company(company, now=now) if check.grade is Grade.OK}
    for back in range(1, days + 1):
        results = [
            {"id": check.id, "about": about, "grade": "ok", "text": check.text, "mend": ""}
            for about, check in good.items()
        ]
        if back in bad:
            about, grade, text = bad[back]
            results = [one for one in results if one["about"] != about]
            results.append({"id": "acuse.whatsapp.x", "about": about, "grade": grade.value, "text": text, "mend": ""})
        CheckDay.objects.create(company=company, day=today - timedelta(days=back), results=results, looked_at=now)


def make_troubled(company: Company) -> WhatsAppAccount:
    """A paused template, a number with complaints, a token that ends, and what happened once."""
    account, now = make_watched(company), clock.now()
    give_days(company, {
        9: ("Plantilla comprobantes", Grade.ERROR, "«comprobantes» no se puede usar: Meta la pausó por quejas."),
        8: ("Plantilla comprobantes", Grade.ERROR, "«comprobantes» no se puede usar: Meta la pausó por quejas."),
        15: ("Avisos de Meta", Grade.WARNING, "Desde ayer no llega ningún aviso."),
        3: ("Calidad de +54 9 341 555-9000", Grade.WARNING, "La calidad de +54 9 341 555-9000 es media."),
    })  # fmt: skip
    WhatsAppAccount.objects.filter(pk=account.pk).update(token_expires_at=now + timedelta(days=5))
    WhatsAppTemplate.objects.filter(name="comprobantes").update(status="PAUSED", quality="RED")
    WhatsAppNumber.objects.update(quality="YELLOW", mode="SANDBOX", sandbox="without_9")
    raised = (
        (f"template:{account.pk}/comprobantes/es_AR:status", Grade.ERROR,
         "Meta pausó la plantilla «comprobantes» por quejas.", "Se reanuda sola."),
        (f"account:{account.pk}:token", Grade.WARNING, "El token de WhatsApp vence pronto.", "Generá otro."),
        (f"account:{account.pk}:violation", Grade.WARNING, "Meta dice que la cuenta no cumplió una política (SPAM).",
         "Pedí una revisión en Meta: Ayuda para empresas → Inicio de ayuda."),
    )  # fmt: skip
    for key, grade, text, step in raised:
        notices.put_up(company.pk, key=key, grade=grade, text=text, next_step=step, now=now - timedelta(hours=2))
    over = f"account:{account.pk}:webhook"
    notices.put_up(
        company.pk, key=over, grade=Grade.ERROR, text="Meta dejó de avisar a Acuse.", next_step="Conectá los avisos.",
        now=now - timedelta(days=6),
    )  # fmt: skip
    notices.take_down(company.pk, key=over, text="Meta avisa de nuevo.", now=now - timedelta(days=5))
    account.refresh_from_db()
    return account
