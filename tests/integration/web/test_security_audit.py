"""Auditoría."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from acuse.companies import audit
from acuse.companies.models import AuditEntry
from acuse.deliveries.models import Batch
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher

PATH = "/seguridad/auditoria/"


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    AuditEntry.objects.all().delete()
    made = make_voucher(people.company, make_party(people.company, name="Zeta y Compañía"))
    audit.record(company=people.company, actor="user:beto@oeste.example", event="voucher.voided", target=made.pk)
    audit.record(company=people.company, actor="key:acuse_1a2b3c", event="role.created", target="Depósito")
    audit.record(company=people.company, actor="system", event="algo.nuevo", target="x")
    return made


def _grid(client: Client, query: str = "") -> str:
    return client.get(f"{PATH}{query}").content.decode().split('id="grid"')[1]


def test_entries_are_sentences_newest_first(people: Cast, ana: Client, voucher: Voucher) -> None:
    page = _grid(ana)
    sentences = ["Acuse</strong> algo.nuevo x", "creó el rol «Depósito»", f"anuló {voucher.title}", "registró"]
    places = [page.index(sentence) for sentence in sentences]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("?author=user:beto@oeste.example", "anuló", "Depósito"),
        ("?author=system", "algo.nuevo", "anuló"),
        ("?group=Usuarios, roles y claves", "Depósito", "anuló"),
        ("?group=otros", "algo.nuevo", "Depósito"),
        ("?q=dep", "Depósito", "anuló"),
        ("?q=00003-00000042", "anuló", "Depósito"),
        ("?q=nadie", "Ninguno coincide", "anuló"),
    ],
)
def test_filters_choose(people: Cast, ana: Client, voucher: Voucher, query: str, seen: str, unseen: str) -> None:
    page = _grid(ana, query)
    assert seen in page
    assert unseen not in page


def test_a_batch_is_told_by_how_many_it_has_and_opened_by_who_may_send(
    people: Cast, ana: Client, beto: Client, voucher: Voucher
) -> None:
    AuditEntry.objects.all().delete()
    batch = Batch.objects.create(
        company=people.company, kind="sales_invoice", total=1200, requested_by="user:x", created_at=clock.now()
    )
    audit.record(company=people.company, actor="user:x", event="batch.started", target=batch.pk)
    audit.record(company=people.company, actor="user:x", event="batch.paused", target=batch.pk)
    page = _grid(ana)
    assert "pidió enviar 1.200 facturas de venta" in page
    assert "pausó la tanda de 1.200 facturas de venta" in page
    entry = f"{PATH}{AuditEntry.objects.order_by('pk')[0].pk}/"
    assert f'href="/envios/tandas/{batch.pk}/">Ver la tanda</a>' in ana.get(entry).content.decode()
    Batch.objects.update(total=1)
    assert "pidió enviar 1 factura de venta" in _grid(ana)
    seen = beto.get(entry).content.decode()
    assert "pidió enviar 1 factura de venta" in seen
    assert "Ver la tanda" not in seen


def test_what_acuse_did_by_itself_is_told_without_a_code(people: Cast, ana: Client) -> None:
    audit.record(company=people.company, actor="system:refusal", event="role.created", target="x")
    page = _grid(ana)
    assert "Acuse" in page
    assert "system" not in page


def test_what_was_done_to_a_party_is_found_by_its_name(people: Cast, ana: Client, voucher: Voucher) -> None:
    audit.record(company=people.company, actor="system", event="party.changed", target=voucher.party_id)
    page = _grid(ana, "?q=compañia zeta")
    assert "editó a Zeta y Compañía" in page
    assert "Depósito" not in page


def test_a_contact_is_told_with_whose_it_is(people: Cast, ana: Client, voucher: Voucher) -> None:
    named, bare = (
        make_contact(voucher.party, name="Compras"),
        make_contact(voucher.party, name="", mobile="+5493415550111"),
    )
    for contact in (named, bare):
        audit.record(company=people.company, actor="system", event="contact.suppressed", target=contact.pk)
    page = _grid(ana)
    assert "dejó de enviarle a Compras de Zeta y Compañía" in page
    assert "dejó de enviarle a Zeta y Compañía" in page


def test_a_day_is_the_companys_day(people: Cast, ana: Client, voucher: Voucher) -> None:
    # 23:30 of the 20th in Buenos Aires
    AuditEntry.objects.filter(event="role.created").update(at=datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
    assert "Depósito" in _grid(ana, "?since=2026-11-20&until=2026-11-20")
    assert "Depósito" not in _grid(ana, "?since=2026-11-21")


@pytest.mark.parametrize("query", ["since=9999-12-31", "until=9999-12-31", "since=0001-01-01", f"q={'9' * 5000}"])
def test_what_no_entry_has_breaks_nothing(people: Cast, ana: Client, query: str) -> None:
    assert ana.get(f"{PATH}?{query}").status_code == 200


def test_the_detail_says_everything_and_leads_to_the_voucher(people: Cast, ana: Client, voucher: Voucher) -> None:
    entry = AuditEntry.objects.get(event="voucher.voided")
    page = ana.get(f"{PATH}{entry.pk}/").content.decode()
    assert "voucher.voided" in page
    assert f"/comprobantes/sales_invoice/{voucher.pk}/" in page
    panel = ana.get(f"{PATH}{entry.pk}/", headers={"HX-Request": "true", "HX-Target": "panel-body"}).content.decode()
    assert "<html" not in panel
    assert "voucher.voided" in panel


def test_the_detail_of_a_sign_in_says_with_what_in_words(people: Cast, ana: Client) -> None:
    audit.record(
        company=people.company, actor="user:ana@oeste.example", event="sign_in.done", target="", by="password+recovery"
    )
    entry = AuditEntry.objects.get(event="sign_in.done", detail__by="password+recovery")
    assert "contraseña y código de recuperación" in ana.get(f"{PATH}{entry.pk}/").content.decode()


def test_another_companys_entries_are_neither_listed_nor_opened(people: Cast, carla: Client, voucher: Voucher) -> None:
    page = _grid(carla)
    assert "Depósito" not in page
    assert "beto" not in page
    entry = AuditEntry.objects.get(event="role.created")
    assert carla.get(f"{PATH}{entry.pk}/").status_code == 404
    audit.record(company=people.other_company, actor="system", event="voucher.voided", target=voucher.pk)
    assert voucher.title not in _grid(carla)


def test_exporting_needs_its_action_and_is_told(people: Cast, ana: Client, beto: Client, voucher: Voucher) -> None:
    assert beto.get(f"{PATH}?export=csv").status_code == 403
    assert "Exportar" not in beto.get(PATH).content.decode()
    text = ana.get(f"{PATH}?export=csv&q=dep").getvalue().decode("utf-8-sig")
    assert "creó el rol «Depósito»" in text
    assert "voided" not in text
    assert AuditEntry.objects.get(event="export.done").detail["rows"] == 1


def test_what_is_exported_names_what_it_is_about_as_the_page_does(people: Cast, ana: Client, voucher: Voucher) -> None:
    text = ana.get(f"{PATH}?export=csv").getvalue().decode("utf-8-sig")
    assert f"anuló {voucher.title};" in text
