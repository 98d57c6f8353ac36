"""What a configuration says of the template that it names."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.integration.web.test_policies import GIVEN, INVOICES, preview_of, words_of

NOT_THERE = "Meta no tiene la plantilla «facturas» en tu cuenta: por WhatsApp no sale nada."


@pytest.fixture
def template(people: Cast) -> WhatsAppTemplate:
    make_whatsapp(people.company)
    account = WhatsAppAccount.objects.get(company=people.company)
    return WhatsAppTemplate.objects.create(
        account=account, name="comprobantes", language="es_AR", status="APPROVED", synced_at=clock.now()
    )


def test_a_name_that_meta_does_not_have_is_told_while_it_is_written_and_when_it_is_saved(
    ana: Client, template: WhatsAppTemplate
) -> None:
    assert NOT_THERE in preview_of(ana)
    saved = ana.post(INVOICES, GIVEN, follow=True).content.decode()
    assert "Guardado:" in saved
    assert NOT_THERE in words_of(saved)
    assert '<option value="comprobantes">es_AR, aprobada</option>' in saved
    assert "Meta no tiene" not in preview_of(ana, template="comprobantes")


def test_another_language_and_another_state_are_told_too(ana: Client, template: WhatsAppTemplate) -> None:
    given = {"template": "comprobantes", "template_language": "es_MX"}
    assert "Meta no tiene «comprobantes» en es_MX, sí en es_AR" in preview_of(ana, **given)
    WhatsAppTemplate.objects.update(status="PAUSED")
    assert "En Meta la plantilla está así: en pausa." in preview_of(ana, template="comprobantes")


@pytest.mark.parametrize("change", [{"synced_at": None}, {"gone_at": "2026-11-01T00:00:00Z"}])
def test_what_was_never_read_is_not_judged(ana: Client, template: WhatsAppTemplate, change: dict[str, Any]) -> None:
    WhatsAppTemplate.objects.update(**change)
    assert "Meta no tiene" not in preview_of(ana)


def test_by_mail_alone_no_template_is_missed(ana: Client, template: WhatsAppTemplate) -> None:
    assert "Meta no tiene" not in preview_of(ana, channels=["email"])
