"""*Crear* a voucher by hand."""

from __future__ import annotations

import base64
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.deliveries.models import Batch
from acuse.directory.models import Contact, Party
from acuse.intake import drafts
from acuse.kernel import clock
from acuse.vouchers import files
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher, VoucherDraft
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher
from tests.data.pdfs import encrypted_pdf, invoice_pdf, valid_qr_text
from tests.integration.web.writing import CREATE, GRID, form_values, pdf_upload, shown_in, upload

#: What the QR of `_invoice` says of its receiver.
CUIT = "27111111117"


@pytest.fixture(scope="module")
def invoice() -> bytes:
    return invoice_pdf(qr_text=valid_qr_text(document_number=int(CUIT)))


def test_a_pdf_fills_in_the_form_from_its_qr(people: Cast, ana: Client, invoice: bytes) -> None:
    response = upload(ana, pdf_upload(invoice))
    assert response.status_code == 302
    page = ana.get(response["Location"])
    shown = shown_in(page)
    assert (shown["arca_type"], shown["point_of_sale"], shown["number"]) == (1, 3, 42)
    assert (shown["total"], shown["cae"], shown["issued_on"]) == ("1.234.567,10", "76123456789012", date(2026, 9, 10))
    assert shown["new_tax_id"] == "27-11111111-7"
    text = page.content.decode()
    assert "Completamos los datos con el QR de ARCA." in text
    assert "no está en tu tabla de clientes" in text


@pytest.mark.parametrize(
    ("name", "value"), [("currency", "ABCD"), ("currency", "ZZZ"), ("arca_type", "99999"), ("arca_type", "9" * 5000)]
)
def test_what_the_lists_dont_offer_is_refused_beside_its_field(
    people: Cast, ana: Client, name: str, value: str
) -> None:
    page = ana.post(CREATE, form_values(make_party(people.company), **{name: value}))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [name]
    assert not Voucher.objects.exists()


def test_codes_that_only_the_qr_knows_are_offered_and_kept(people: Cast, ana: Client) -> None:
    qr = valid_qr_text(arca_type=198, currency="999")
    shown = ana.get(upload(ana, pdf_upload(invoice_pdf(qr_text=qr)))["Location"])
    assert (shown_in(shown)["arca_type"], shown_in(shown)["currency"]) == (198, "999")
    draft = VoucherDraft.objects.get()
    given = form_values(make_party(people.company), draft=str(draft.pk), arca_type="198", currency="999")
    ana.post(CREATE, given | {"exchange_rate": "3"})
    voucher = Voucher.objects.get()
    assert (voucher.arca_type, voucher.currency) == (198, "999")


def test_what_no_voucher_can_hold_is_not_offered_though_the_qr_says_it(people: Cast, ana: Client) -> None:
    address, _, payload = valid_qr_text().partition("?p=")
    said = json.loads(base64.b64decode(payload)) | {"tipoCmp": 99_999, "moneda": "ABCD"}
    qr = f"{address}?p={base64.b64encode(json.dumps(said).encode()).decode()}"
    page = ana.get(upload(ana, pdf_upload(invoice_pdf(qr_text=qr)))["Location"])
    assert page.status_code == 200
    draft = VoucherDraft.objects.get()
    given = form_values(make_party(people.company), draft=str(draft.pk), arca_type="99999", currency="ABCD")
    assert set(ana.post(CREATE, given).context["form"].errors) == {"arca_type", "currency"}


def test_who_the_qr_names_is_found_among_the_customers(people: Cast, ana: Client, invoice: bytes) -> None:
    known = make_party(people.company, tax_id=CUIT)
    make_party(people.other_company, tax_id=CUIT, name="De otra empresa")
    shown = shown_in(ana.get(upload(ana, pdf_upload(invoice))["Location"]))
    assert shown["party"] == known.pk


def test_saving_registers_the_voucher_its_customer_and_its_contact(people: Cast, ana: Client, invoice: bytes) -> None:
    ana.get(upload(ana, pdf_upload(invoice))["Location"])
    draft = VoucherDraft.objects.get()
    staged = files.staged_at(draft.staged)
    typed = form_values(
        draft=str(draft.pk), issued_on="2026-09-10", total="1.234.567,10", cae="76123456789012",
        new_name="Almacén Norte", new_tax_id="27-11111111-7", contact_name="Norma", contact_mobile="341 555-0199",
    )  # fmt: skip
    response = ana.post(CREATE, typed)
    voucher = Voucher.objects.get()
    assert response["Location"] == f"{GRID}{voucher.pk}/"
    assert (voucher.title, voucher.total, voucher.source) == ("Factura A 00003-00000042", Decimal("1234567.10"), "web")
    assert (voucher.party.name, voucher.party.tax_id, voucher.qr_contradictions) == ("Almacén Norte", CUIT, [])
    assert voucher.file_id is not None
    assert files.path_of(voucher.file_id).read_bytes() == invoice
    assert Contact.objects.get().mobile == "+5493415550199"
    assert not VoucherDraft.objects.exists()
    assert AuditEntry.objects.get(event="voucher.registered").actor == "user:ana@oeste.example"
    # its bytes are unlinked once the transaction is over, which a test never is
    assert staged.parent == Path(files.path_of(voucher.file_id)).parents[1] / "incoming"


def test_an_error_keeps_the_upload_and_what_was_typed(people: Cast, ana: Client, invoice: bytes) -> None:
    party = make_party(people.company)
    upload(ana, pdf_upload(invoice))
    draft = VoucherDraft.objects.get()
    response = ana.post(CREATE, form_values(party, draft=str(draft.pk), total="mucho", number="77"))
    text = response.content.decode()
    assert "«mucho» no es un importe." in text
    assert 'value="77"' in text
    assert "factura.pdf" in text
    assert files.staged_at(draft.staged).read_bytes() == invoice
    assert not Voucher.objects.exists()
    assert ana.post(CREATE, form_values(party, draft=str(draft.pk))).status_code == 302
    assert Voucher.objects.get().file_id == draft.sha256


def test_what_a_service_refuses_keeps_the_upload_too(people: Cast, ana: Client, invoice: bytes) -> None:
    upload(ana, pdf_upload(invoice))
    draft = VoucherDraft.objects.get()
    typed = form_values(draft=str(draft.pk), new_name="Norte", new_tax_id="30-11111111-1")
    response = ana.post(CREATE, typed)
    assert "El último dígito del CUIT no coincide" in response.content.decode()
    assert "new_tax_id" in response.context["form"].errors
    assert files.staged_at(draft.staged).exists()
    assert not Party.objects.exists()


def test_what_was_typed_before_the_upload_wins_over_the_qr(people: Cast, ana: Client, invoice: bytes) -> None:
    party = make_party(people.company)
    response = upload(ana, pdf_upload(invoice), party=str(party.pk), number="99", total="", currency="PES")
    shown = shown_in(ana.get(response["Location"]))
    assert (shown["party"], shown["number"], shown["point_of_sale"]) == (str(party.pk), "99", 3)


def test_several_files_are_completed_one_by_one(people: Cast, ana: Client, invoice: bytes) -> None:
    party = make_party(people.company, tax_id=CUIT)
    other = invoice_pdf(qr_text=valid_qr_text(document_number=int(CUIT), number=43))
    response = upload(ana, pdf_upload(invoice, "a.pdf"), pdf_upload(b"hola", "nota.pdf"), pdf_upload(other, "b.pdf"))
    page = ana.get(response["Location"])
    text = page.content.decode()
    assert "nota.pdf: El archivo no es un PDF." in text
    assert "1 PDF por completar" in text
    first, second = VoucherDraft.objects.order_by("created_at")
    assert (page.context["draft"], first.file_name, second.file_name) == (first, "a.pdf", "b.pdf")
    saved = ana.post(CREATE, form_values(party, draft=str(first.pk)))
    assert parse_qs(urlsplit(saved["Location"]).query) == {"borrador": [str(second.pk)]}
    assert "¿Quitar b.pdf?" in ana.get(f"{CREATE}{second.pk}/descartar/").content.decode()
    assert VoucherDraft.objects.exists(), "it asks once"
    ana.post(f"{CREATE}{second.pk}/descartar/")
    assert not VoucherDraft.objects.exists()
    entry = AuditEntry.objects.get(event="draft.discarded")
    assert (entry.actor, entry.target) == ("user:ana@oeste.example", "b.pdf")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vac"),
        (b"PK\x03\x04 no", "El archivo no es un PDF."),
        (b"%PDF-1.7\nbasura", "El PDF está dañado."),
    ],
)  # fmt: skip
def test_what_is_no_pdf_is_refused_with_words(people: Cast, ana: Client, content: bytes, words: str) -> None:
    response = upload(ana, pdf_upload(content), number="7", total="")
    assert response.status_code == 200
    assert words in response.content.decode()
    assert 'value="7"' in response.content.decode()
    assert not VoucherDraft.objects.exists()
    assert not Voucher.objects.exists()


def test_a_pdf_with_a_password_is_refused_with_the_way_out(people: Cast, ana: Client) -> None:
    response = upload(ana, pdf_upload(encrypted_pdf()))
    assert "El PDF tiene contraseña. Guardalo sin ella y volvé a cargarlo." in response.content.decode()


def test_a_number_that_is_taken_says_by_which_voucher(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    before = make_voucher(people.company, party)
    response = ana.post(CREATE, form_values(party, total="1"))
    text = response.content.decode()
    assert "ya está registrado con ese número" in text
    assert f'href="{GRID}{before.pk}/"' in text
    assert Voucher.objects.count() == 1


def test_pressing_twice_saves_once(people: Cast, ana: Client, invoice: bytes) -> None:
    party = make_party(people.company)
    upload(ana, pdf_upload(invoice))
    typed = form_values(party, draft=str(VoucherDraft.objects.get().pk))
    ana.post(CREATE, typed)
    again = ana.post(CREATE, typed, follow=True)
    assert "Puede que ya lo hayas guardado." in again.content.decode()
    assert Voucher.objects.count() == 1


def test_without_a_number_pressing_twice_saves_once_too(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    quote = {"party": str(party.pk), "issued_on": "2026-11-20", "total": "10", "currency": "PES", "title": "Rollo 5 m"}
    first = ana.post("/comprobantes/quote/crear/", quote)
    assert ana.post("/comprobantes/quote/crear/", quote)["Location"] == first["Location"]
    assert ana.post("/comprobantes/quote/crear/", {**quote, "total": "11"})["Location"] != first["Location"]
    assert Voucher.objects.count() == 2


def test_saving_and_sending_leads_to_the_preview(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    response = ana.post(CREATE, form_values(party, save=None, send="1"))
    batch = Batch.objects.get()
    assert response["Location"] == f"/envios/tandas/{batch.pk}/"
    assert batch.items.get().voucher_id == Voucher.objects.get().pk


def test_a_file_chosen_and_saved_at_once_is_taken_with_the_data(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    response = ana.post(CREATE, {**form_values(party), "pdf": pdf_upload(invoice_pdf(qr_text=None))})
    voucher = Voucher.objects.get()
    assert response["Location"] == f"{GRID}{voucher.pk}/"
    assert voucher.file_id is not None


def test_each_kind_asks_for_its_own(people: Cast, ana: Client) -> None:
    make_party(people.company, name="Cliente Uno")
    make_party(people.company, kind="supplier", name="Proveedor Dos")
    make_party(people.company, kind="bank", name="Banco Tres")
    page = ana.get("/comprobantes/payment_order/crear/").content.decode()
    assert "Proveedor Dos" in page
    assert "Banco Tres" in page
    assert "Cliente Uno" not in page
    assert 'name="cae"' not in page
    for typed, told in (("dos", [("Proveedor Dos", "")]), ("banc", [("Banco Tres", "Banco")]), ("uno", [])):
        found = ana.get("/comprobantes/payment_order/terceros/", {"q": typed}).json()["results"]
        assert [(row["text"], row["note"]) for row in found] == told


def test_another_companys_party_is_no_choice(people: Cast, ana: Client) -> None:
    theirs = make_party(people.other_company, name="Ajeno SA")
    assert "Ajeno SA" not in ana.get(CREATE).content.decode()
    assert ana.get(f"{GRID}terceros/", {"q": "ajeno"}).json() == {"results": []}
    ana.post(CREATE, form_values(theirs))
    assert not Voucher.objects.exists()


def test_the_name_that_arca_gives_its_files_tells_the_number(people: Cast, ana: Client) -> None:
    plain = pdf_upload(invoice_pdf(qr_text=None), "30000000007_006_00004_00000017.pdf")
    shown = shown_in(ana.get(upload(ana, plain)["Location"]))
    assert (shown["arca_type"], shown["point_of_sale"], shown["number"]) == (6, 4, 17)


def test_a_pdf_without_a_qr_says_that_the_data_is_to_be_written(people: Cast, ana: Client) -> None:
    said = "no tiene el QR de ARCA: completá los datos a mano"
    page = ana.get(upload(ana, pdf_upload(invoice_pdf(qr_text=None)))["Location"])
    assert said in page.content.decode()
    # a quote never has one
    for text in (
        ana.get(upload(ana, pdf_upload(invoice_pdf(qr_text=None)), path="/comprobantes/quote/crear/")["Location"]),
        ana.get("/comprobantes/quote/crear/"),
    ):
        # as a word: a form's token may have the two letters
        assert not re.search(r"\bQR\b", text.content.decode().split("<main", 1)[1])


def test_a_pdf_of_another_kind_says_where_it_goes(people: Cast, ana: Client, invoice: bytes) -> None:
    response = upload(ana, pdf_upload(invoice), path="/comprobantes/quote/crear/")
    text = ana.get(response["Location"]).content.decode()
    assert "eso va en Facturas de venta" in text
    assert f'href="{CREATE}"' in text


def test_a_pdf_of_another_issuer_says_so(people: Cast, ana: Client) -> None:
    theirs = invoice_pdf(qr_text=valid_qr_text(cuit=20111111112))
    text = ana.get(upload(ana, pdf_upload(theirs))["Location"]).content.decode()
    assert "Lo emitió el CUIT 20-11111111-2" in text


def test_a_draft_is_seen_by_whoever_uploaded_it_alone(people: Cast, ana: Client, beto: Client, carla: Client) -> None:
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="sales_invoice", action="create")
    upload(ana, pdf_upload(invoice_pdf(qr_text=None), "privado.pdf"))
    draft = VoucherDraft.objects.get()
    for client in (beto, carla):
        assert "privado.pdf" not in client.get(f"{CREATE}?borrador={draft.pk}").content.decode()
        assert client.get(f"{CREATE}{draft.pk}/pdf/").status_code == 404
        assert client.post(f"{CREATE}{draft.pk}/descartar/").status_code == 404
    assert ana.get(f"{CREATE}{draft.pk}/pdf/")["Content-Type"] == "application/pdf"


def test_a_draft_is_no_longer_seen_by_who_may_not_create_any_more(people: Cast, beto: Client) -> None:
    role = Role.objects.get(company=people.company, name="Consulta")
    grant = RoleGrant.objects.create(role=role, page="sales_invoice", action="create")
    upload(beto, pdf_upload(invoice_pdf(qr_text=None), "privado.pdf"))
    draft = VoucherDraft.objects.get()
    grant.delete()
    assert beto.get(f"{CREATE}{draft.pk}/pdf/").status_code == 403
    assert beto.get(f"{CREATE}{draft.pk}/descartar/").status_code == 403


def test_who_may_not_create_customers_chooses_among_those_there_are(people: Cast, beto: Client) -> None:
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="sales_invoice", action="create")
    assert 'name="new_name"' not in beto.get(CREATE).content.decode()
    beto.post(CREATE, form_values(new_name="Coló SA"))
    assert not Party.objects.exists()


def test_drafts_and_what_an_upload_left_go_after_their_time(people: Cast, ana: Client) -> None:
    upload(ana, pdf_upload(invoice_pdf(qr_text=None)))
    fresh = VoucherDraft.objects.get()
    stray, _, _ = files.stage([b"sobra"])
    assert drafts.purge() == 0
    VoucherDraft.objects.update(created_at=clock.now() - timedelta(days=8))
    assert drafts.purge() >= 1
    assert not VoucherDraft.objects.filter(pk=fresh.pk).exists()
    assert stray.exists()
    assert files.sweep_staged([], older_than=-1) >= 1
    assert not stray.exists()


def test_a_receipt_may_have_no_type_of_arca(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    typed = form_values(party, arca_type="", electronic=None, cae="", point_of_sale="")
    ana.post("/comprobantes/receipt/crear/", typed)
    voucher = Voucher.objects.get()
    assert (voucher.kind, voucher.title, voucher.electronic) == (VoucherKind.RECEIPT, "Recibo 00000042", False)


def test_who_may_create_customers_and_not_edit_them_adds_no_contact_to_one_that_there_is(
    people: Cast, beto: Client, ana: Client
) -> None:
    """Typed as new, with the CUIT of one that is registered."""
    role = Role.objects.get(company=people.company, name="Consulta")
    for page in ("sales_invoice", "customers"):
        RoleGrant.objects.create(role=role, page=page, action="create")
    known = make_party(people.company, tax_id="27111111117", tax_id_type=80)
    typed = form_values(new_name="x", new_tax_id="27-11111111-7", contact_mobile="341 555-0188")
    refused = beto.post(CREATE, typed)
    assert "Elegilo de la lista" in str(refused.context["form"].errors["new_tax_id"])
    assert "Editar" in str(refused.context["form"].errors["contact_mobile"])
    assert (Voucher.objects.count(), known.contacts.count()) == (0, 0)
    beto.post(CREATE, {**typed, "contact_mobile": ""})
    assert Voucher.objects.get().party == known
    ana.post(CREATE, {**typed, "number": "43"})
    assert known.contacts.get().mobile == "+5493415550188"
