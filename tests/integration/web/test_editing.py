"""*Editar*, *Anular* and *Volver a activar* a voucher."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.vouchers import services as vouchers
from acuse.vouchers.models import Voucher, VoucherDraft
from acuse.vouchers.sendability import Authorization
from tests.conftest import Cast
from tests.data.cast import PDF, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.pdfs import invoice_pdf
from tests.data.scenes import ask, put
from tests.integration.web.writing import GRID, edit_values, pdf_upload, upload


@pytest.fixture
def sent(people: Cast) -> Voucher:
    make_whatsapp(people.company)
    party = make_party(people.company, tax_id="30000000007")
    make_contact(party)
    voucher = make_voucher(people.company, party)
    ask([voucher])
    return voucher


def test_a_change_is_a_new_version_and_what_left_stays_as_it_left(people: Cast, ana: Client, sent: Voucher) -> None:
    put(Delivery.objects.get(), State.READ)
    page = ana.get(f"{GRID}{sent.pk}/editar/").content.decode()
    assert "Lo enviado queda como salió" in page
    response = ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent, total="99,50"), follow=True)
    assert "Guardado: ahora es la versión 2." in response.content.decode()
    sent.refresh_from_db()
    assert (sent.version, sent.total) == (2, Decimal("99.50"))
    delivery = Delivery.objects.get()
    assert (delivery.version, delivery.state) == (1, State.READ)
    page = ana.get(f"{GRID}{sent.pk}/").content.decode()
    assert "Versión 1: así salió" in page
    assert "Cambió el total." in page
    entry = AuditEntry.objects.get(event="voucher.edited")
    assert (entry.detail["fields"], entry.detail["version"]) == (["total"], 2)


@pytest.mark.parametrize("arca_type", [0, 198, 32_767])
def test_a_voucher_keeps_codes_that_arent_in_the_lists(
    people: Cast, ana: Client, sent: Voucher, arca_type: int
) -> None:
    Voucher.objects.update(arca_type=arca_type, currency="999", exchange_rate=3)
    sent.refresh_from_db()
    ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent, total="99,50"))
    sent.refresh_from_db()
    assert (sent.arca_type, sent.currency, sent.total) == (arca_type, "999", Decimal("99.50"))


def test_what_waits_in_the_queue_leaves_with_the_new_version(people: Cast, ana: Client, sent: Voucher) -> None:
    ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent, total="99,50"))
    rows = Delivery.objects.order_by("version").values_list("version", "state", "cause_code")
    assert list(rows) == [(1, "cancelled", "superseded"), (2, "queued", "")]


def test_another_pdf_replaces_it_and_the_first_can_still_be_seen(people: Cast, ana: Client, sent: Voucher) -> None:
    put(Delivery.objects.get(), State.SENT)
    edit = f"{GRID}{sent.pk}/editar/"
    new = invoice_pdf(qr_text=None)
    page = upload(ana, pdf_upload(new, "corregida.pdf"), path=edit, **edit_values(ana, sent))
    shown = ana.get(page["Location"])
    assert "corregida.pdf" in shown.content.decode()
    draft = VoucherDraft.objects.get()
    ana.post(edit, edit_values(ana, sent, draft=str(draft.pk)))
    sent.refresh_from_db()
    assert (sent.version, sent.file_id) == (2, draft.sha256)
    old = ana.get(f"{GRID}{sent.pk}/versiones/1/pdf/")
    assert b"".join(old.streaming_content) == PDF  # type: ignore[attr-defined]
    assert b"".join(ana.get(f"{GRID}{sent.pk}/pdf/").streaming_content) == new  # type: ignore[attr-defined]


def test_saving_without_a_change_makes_no_version(people: Cast, ana: Client, sent: Voucher) -> None:
    ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent))
    sent.refresh_from_db()
    assert sent.version == 1
    assert not AuditEntry.objects.filter(event="voucher.edited").exists()


def test_the_cae_by_hand_completes_the_version_that_there_is(people: Cast, ana: Client) -> None:
    voucher = make_voucher(people.company, make_party(people.company), cae="")
    edit = f"{GRID}{voucher.pk}/editar/"
    ana.post(edit, edit_values(ana, voucher, cae="7041 7054 367476", cae_due_on="2026-11-30"))
    voucher.refresh_from_db()
    assert (voucher.cae, voucher.authorization, voucher.version) == ("70417054367476", "approved", 1)
    assert voucher.versions.get().content["cae"] == "70417054367476"
    response = ana.post(edit, edit_values(ana, voucher, cae="123"))
    assert "El CAE tiene 14 dígitos." in response.content.decode()


def test_what_arca_answered_stays_when_something_else_is_edited(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    observed = make_voucher(people.company, party, authorization=Authorization.OBSERVED, observations=["Ojo"])
    refused = make_voucher(people.company, party, number=43, cae="", authorization=Authorization.REJECTED)
    for voucher in (observed, refused):
        ana.post(f"{GRID}{voucher.pk}/editar/", edit_values(ana, voucher, total="1"))
        voucher.refresh_from_db()
    assert (observed.authorization, observed.observations, observed.total) == ("observed", ["Ojo"], Decimal(1))
    assert (refused.authorization, refused.cae) == ("rejected", "")


def test_two_at_once_see_both_and_decide(people: Cast, ana: Client, sent: Voucher) -> None:
    edit = f"{GRID}{sent.pk}/editar/"
    mine = edit_values(ana, sent, total="10")
    ana.post(edit, edit_values(ana, sent, total="20"))
    response = ana.post(edit, mine)
    text = response.content.decode()
    assert "Alguien lo cambió mientras lo editabas" in text
    assert response.context["page"].clash == [("Total", "20,00", "10")]
    sent.refresh_from_db()
    assert sent.total == Decimal(20)
    ana.post(edit, {**mine, "seen": response.context["form"]["seen"].value()})
    sent.refresh_from_db()
    assert (sent.total, sent.version) == (Decimal(10), 3)


def test_the_number_of_another_is_refused_when_editing_too(people: Cast, ana: Client, sent: Voucher) -> None:
    other = make_voucher(people.company, sent.party, number=43)
    response = ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent, number="43"))
    assert f'href="{GRID}{other.pk}/"' in response.content.decode()
    sent.refresh_from_db()
    assert (sent.number, sent.version) == (42, 1)


def test_another_number_stays_the_same_voucher(people: Cast, ana: Client, sent: Voucher) -> None:
    ana.post(f"{GRID}{sent.pk}/editar/", edit_values(ana, sent, number="44"))
    sent.refresh_from_db()
    assert (sent.number, sent.title, Voucher.objects.count()) == (44, "Factura A 00003-00000044", 1)


def test_what_is_void_is_not_edited(people: Cast, ana: Client, sent: Voucher) -> None:
    values = edit_values(ana, sent, total="1")
    vouchers.void(voucher=sent, actor="test")
    response = ana.post(f"{GRID}{sent.pk}/editar/", values, follow=True)
    assert "Volvé a activarlo para editarlo." in response.content.decode()
    sent.refresh_from_db()
    assert sent.total == Decimal("12100.00")


def test_voiding_asks_once_and_cancels_what_waits(people: Cast, ana: Client, sent: Voucher) -> None:
    question = ana.get(f"{GRID}{sent.pk}/anular/").content.decode()
    assert "1 envío está en cola: se cancela." in question
    assert "no lo anula en ARCA" in question
    assert Voucher.objects.get().voided_at is None
    answer = ana.post(f"{GRID}{sent.pk}/anular/", follow=True).content.decode()
    assert "Se canceló 1 envío que estaba en cola." in answer
    assert Delivery.objects.get().state == State.CANCELLED
    assert AuditEntry.objects.filter(event="voucher.voided").count() == 1
    assert "Volver a activar" in answer
    assert "Enviar comprobante" not in answer


def test_voiding_says_what_left_already(people: Cast, ana: Client, sent: Voucher) -> None:
    put(Delivery.objects.get(), State.DELIVERED)
    question = ana.get(f"{GRID}{sent.pk}/anular/").content.decode()
    assert "1 mensaje ya salió: eso no se puede deshacer." in question
    ana.post(f"{GRID}{sent.pk}/anular/")
    assert Delivery.objects.get().state == State.DELIVERED


def test_voiding_is_undone_and_sends_nothing_by_itself(people: Cast, ana: Client, sent: Voucher) -> None:
    Voucher.objects.update(wish={"when": "now", "by": "x", "origin": "api", "contacts": None})
    ana.post(f"{GRID}{sent.pk}/anular/")
    ana.post(f"{GRID}{sent.pk}/activar/")
    sent.refresh_from_db()
    assert (sent.voided_at, sent.wish) == (None, None)
    assert list(Delivery.objects.values_list("state", flat=True)) == ["cancelled"]
    assert AuditEntry.objects.filter(event="voucher.unvoided").count() == 1


WRITING = [
    ("get", "crear/", "create"), ("post", "crear/", "create"),
    ("get", "{}/editar/", "edit"), ("post", "{}/editar/", "edit"), ("get", "{}/anular/", "void"),
    ("post", "{}/anular/", "void"), ("post", "{}/activar/", "void"), ("get", "{}/enviar-a/", "send"),
    ("post", "{}/enviar-a/", "send"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "action"), WRITING)
def test_each_needs_its_action(people: Cast, beto: Client, sent: Voucher, method: str, path: str, action: str) -> None:
    url = GRID + path.format(sent.pk)
    assert getattr(beto, method)(url).status_code == 403
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="sales_invoice", action=action)
    assert getattr(beto, method)(url).status_code in (200, 302, 422)


@pytest.mark.parametrize(("method", "path"), [row[:2] for row in WRITING if "{" in row[1]])
def test_nothing_of_another_company_is_written(carla: Client, sent: Voucher, method: str, path: str) -> None:
    assert getattr(carla, method)(GRID + path.format(sent.pk)).status_code == 404
    sent.refresh_from_db()
    assert (sent.voided_at, sent.version) == (None, 1)
