"""Two people at one configuration, and what the audit tells of a change."""

from __future__ import annotations

import re

from django.test import Client

from acuse.companies.models import AuditEntry
from tests.conftest import Cast
from tests.integration.web.test_policies import GIVEN, INVOICES, policy_of, words_of


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_a_kind_that_was_switched_off_meanwhile_stays_off(people: Cast, ana: Client) -> None:
    """Who only changes *Asunto* on a page from before sends every other field as it was."""
    ana.post(INVOICES, GIVEN)
    seen = _seen(ana.get(INVOICES).content.decode())
    ana.post(INVOICES, {key: value for key, value in GIVEN.items() if key != "enabled"} | {"seen": seen})
    stale = GIVEN | {"seen": seen, "subject": "Tu {{comprobante}}"}
    answer = ana.post(INVOICES, stale)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "No se guardó: ana@oeste.example cambió esta configuración" in words_of(page)
    assert "Cambió Habilitado: abajo está como quedó." in words_of(page)
    policy = policy_of(people)
    assert (policy.enabled, policy.subject) == (False, "{{comprobante}}")
    assert 'value="Tu {{comprobante}}"' in page, "nothing typed is lost"
    assert re.search(r'name="enabled"[^>]* checked', page) is None
    ana.post(INVOICES, {key: value for key, value in stale.items() if key != "enabled"} | {"seen": _seen(page)})
    policy = policy_of(people)
    assert (policy.enabled, policy.subject) == (False, "Tu {{comprobante}}")


def test_what_both_wrote_is_told_and_ones_own_stays_on_the_page(people: Cast, ana: Client) -> None:
    seen = _seen(ana.get(INVOICES).content.decode())
    ana.post(INVOICES, GIVEN | {"seen": seen})
    page = ana.post(INVOICES, GIVEN | {"seen": seen, "file_name": "mio-{{numero}}.pdf"}).content.decode()
    assert "También cambió Asunto, Cuerpo" in words_of(page)
    assert 'value="mio-{{numero}}.pdf"' in page
    assert policy_of(people).file_name == "{{numero}}.pdf"


def test_what_was_changed_is_told_before_and_after(people: Cast, ana: Client) -> None:
    before = policy_of(people).body
    ana.post(INVOICES, GIVEN)
    entry = AuditEntry.objects.get(event="policy.changed")
    page = words_of(ana.get(f"/seguridad/auditoria/{entry.pk}/").content.decode())
    assert f"Cuerpo, antes {before.split()[0]}" in page
    assert "Cuerpo, ahora Hola {{contacto}}: Va {{comprobante}}." in page
    assert "Por cuáles sale por el primero que se pueda → por todos" in page
    assert "Canales WhatsApp, Correo → Correo, WhatsApp" in page
