"""Two people edit a customer, a supplier or a bank at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry
from acuse.directory.models import Party
from tests.conftest import Cast
from tests.data.cast import make_party

SECTIONS = {"customer": "clientes", "supplier": "proveedores", "bank": "bancos"}


def _given(**changed: str) -> dict[str, Any]:
    return {"name": "Almacén Norte SRL", "tax_id": "", "external_id": "", "customer_class": "", **changed}


@pytest.mark.parametrize("kind", SECTIONS)
def test_who_edits_a_party_that_somebody_else_changed_is_told_and_loses_nothing(
    people: Cast, ana: Client, kind: str
) -> None:
    party = make_party(people.company, kind=kind)
    url = f"/tablas/{SECTIONS[kind]}/{party.pk}/editar/"
    seen = ana.get(url).context["form"]["seen"].value()
    assert seen
    mine = _given(name="Norte SA", external_id="C-1", seen=seen)
    ana.post(url, _given(name="Almacén del Norte", external_id="C-7", seen=seen))
    told = ana.post(url, mine)
    text = told.content.decode()
    assert "Alguien lo cambió mientras lo editabas" in text
    differences = [("Nombre o razón social", "Almacén del Norte", "Norte SA"), ("Código propio", "C-7", "C-1")]
    assert told.context["clash"] == differences
    assert 'value="Norte SA"' in text, "what was typed stays"
    party.refresh_from_db()
    assert (party.name, party.external_id) == ("Almacén del Norte", "C-7")
    ana.post(url, {**mine, "seen": told.context["form"]["seen"].value()})
    party.refresh_from_db()
    assert (party.name, party.external_id) == ("Norte SA", "C-1"), "having seen it, they may"
    assert AuditEntry.objects.filter(event="party.changed").count() == 2


def test_a_form_that_saw_nothing_writes_nothing_unseen(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    told = ana.post(f"/tablas/clientes/{party.pk}/editar/", _given(name="Otro", customer_class="Mayoristas"))
    assert ("Clase", "(vacío)", "Mayoristas") in told.context["clash"]
    assert Party.objects.get().name == party.name
    assert not people.company.customer_classes.exists(), "nor the class that came with it"
