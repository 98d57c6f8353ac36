"""`acuse send` with the PDFs that real billing systems make."""

from __future__ import annotations

import base64
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.installation import Installation
from tests.data import pdfs
from tests.data.pdfs import Kind, invoice_pdf, valid_qr_text


def one(office: Installation, content: bytes, to: str, *more: str, name: str = "") -> dict[str, Any]:
    """Sent at the first go."""
    code, [line] = office.send(office.file(content, name), "--to", to, *more)
    assert (code, line["delivery"] and line["delivery"]["state"]) == (0, "sent"), line
    return line


def text_of(url: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(base64.b64decode(url.partition("?p=")[2]))
    return {**fields, **(change or {})}


def encoded(fields: dict[str, Any], *, url_safe: bool = False) -> str:
    raw = json.dumps(fields).encode()
    packed = base64.urlsafe_b64encode(raw).rstrip(b"=") if url_safe else base64.b64encode(raw)
    return "https://www.afip.gob.ar/fe/qr/?p=" + packed.decode()


def test_a_line_has_the_shape_that_programs_rely_on(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=100)))
    done = office.acuse("send", file, "--to", "0341 15 555-1100", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    line = json.loads(done.stdout)
    assert set(line) == {"file", "voucher", "delivery", "warnings", "repeated"}
    assert line["file"] == file
    assert line["repeated"] is False
    assert line["warnings"] == []
    assert set(line["voucher"]) == {"id", "kind", "title", "qr"}
    assert line["voucher"]["kind"] == "sales_invoice"
    assert line["voucher"]["title"] == "Factura A 00003-00000100"
    assert line["voucher"]["qr"] == {
        "ver": 1, "fecha": "2026-09-10", "cuit": 30000000007, "ptoVta": 3, "tipoCmp": 1, "nroCmp": 100,
        "importe": 1234567.1, "moneda": "PES", "ctz": 1, "tipoDocRec": 80, "nroDocRec": 30111111118, "tipoCodAut": "E",
        "codAut": 76123456789012,
    }  # fmt: skip
    assert isinstance(line["voucher"]["qr"]["ctz"], int)
    delivery = line["delivery"]
    assert set(delivery) == {
        "id", "voucher", "channel", "to", "state", "provider_id", "reason", "attempts", "created_at", "updated_at",
    }  # fmt: skip
    assert delivery["voucher"] == line["voucher"]["id"]
    assert delivery["channel"] == "whatsapp"
    assert delivery["to"] == "+5493415551100"
    assert delivery["state"] == "sent"
    assert delivery["provider_id"].startswith("wamid.")
    assert delivery["reason"] is None
    assert delivery["attempts"] == 1
    for moment in (delivery["created_at"], delivery["updated_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", moment)


def test_the_message_is_the_template_with_the_pdf(office: Installation) -> None:
    content = invoice_pdf(qr_text=valid_qr_text(number=101))
    line = one(office, content, "341 15 555-1101")
    [message] = office.accepted("5493415551101")
    assert message["opaque"] == line["delivery"]["id"]
    assert message["wamid"] == line["delivery"]["provider_id"]
    assert message["template"] == "comprobantes"
    assert "Factura A 00003-00000101" in json.dumps(message["parameters"])
    assert len(content) in [upload["size"] for upload in office.ledger()["uploads"]]


def test_people_read_a_line_in_words(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=102)))
    done = office.quick("send", file, "--to", "341 15 555-1102")
    assert done.stdout == f"{file}: Factura A 00003-00000102 a +5493415551102: enviado\n"


KINDS: list[Kind] = [
    "vector", "image", "scan", "photo", "rotated", "logo_over_qr", "small", "two_qrs", "last_page", "copies",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_invoices_of_any_printing_are_understood(office: Installation, kind: Kind) -> None:
    number = 110 + KINDS.index(kind)
    content = invoice_pdf(qr_text=valid_qr_text(number=number), kind=kind, pages=3 if kind == "last_page" else 1)
    line = one(office, content, f"341 15 555-1{number}")
    assert line["voucher"]["title"] == f"Factura A 00003-{number:08}"
    assert line["warnings"] == []


def test_numbers_as_text_are_numbers(office: Installation) -> None:
    fields = text_of(valid_qr_text(number=130))
    content = invoice_pdf(qr_text=encoded({name: str(value) for name, value in fields.items()}))
    line = one(office, content, "341 15 555-1130")
    assert line["voucher"]["qr"]["nroCmp"] == 130
    assert line["voucher"]["qr"]["importe"] == 1234567.1


def test_the_url_safe_alphabet_is_understood(office: Installation) -> None:
    content = invoice_pdf(qr_text=encoded(text_of(valid_qr_text(number=131)), url_safe=True))
    assert one(office, content, "341 15 555-1131")["voucher"]["qr"]["nroCmp"] == 131


def test_what_a_cut_qr_lacks_is_taken_from_the_text(office: Installation) -> None:
    fields = text_of(valid_qr_text(number=132))
    whole = encoded(fields)
    code = list(fields).index("codAut")
    before = dict(list(fields.items())[:code])
    cut = whole[: len(encoded(before)) - 8]
    line = one(office, invoice_pdf(qr_text=cut, cae="76123456789012"), "341 15 555-1132")
    assert "codAut" not in line["voucher"]["qr"]
    assert line["voucher"]["title"] == "Factura A 00003-00000132"
    assert any("CAE" in warning for warning in line["warnings"])
    [row] = office.sql("select cae from vouchers_voucher where id = %s", line["voucher"]["id"])
    assert row["cae"] == "76123456789012"


def test_a_code_that_is_not_of_14_digits_authorises_nothing(office: Installation) -> None:
    for number, code in ((133, 0), (134, 7041705)):
        text = encoded(text_of(valid_qr_text(number=number), {"codAut": code}))
        content = invoice_pdf(qr_text=text, cae="no informado")
        status, [line] = office.send(office.file(content), "--to", "341 15 555-1133")
        assert status == 1, line
        assert line["voucher"] is None
        assert line["reason"]["code"] == "authorization_pending"


def test_an_invoice_in_dollars_keeps_its_currency(office: Installation) -> None:
    text = valid_qr_text(number=135, total=Decimal("12100"), currency="DOL", rate=Decimal("1465.5"))
    line = one(office, invoice_pdf(qr_text=text), "341 15 555-1135")
    assert line["voucher"]["qr"]["moneda"] == "DOL"
    assert line["voucher"]["qr"]["importe"] == 12100
    assert isinstance(line["voucher"]["qr"]["importe"], int)
    assert line["voucher"]["qr"]["ctz"] == 1465.5
    query = "select currency, total, exchange_rate from vouchers_voucher where id = %s"
    [row] = office.sql(query, line["voucher"]["id"])
    assert (row["currency"], row["total"], row["exchange_rate"]) == ("DOL", Decimal(12100), Decimal("1465.5"))


@pytest.mark.parametrize(
    ("arca_type", "kind", "title"),
    [
        (4, "receipt", "Recibo A 00003-00000136"),
        (9, "receipt", "Recibo B 00003-00000136"),
        (15, "receipt", "Recibo C 00003-00000136"),
        (54, "receipt", "Recibo A 00003-00000136"),
        (3, "sales_invoice", "Nota de crédito A 00003-00000136"),
        (201, "sales_invoice", None),
        (777, "sales_invoice", None),
    ],
)
def test_the_kind_follows_arcas_type(office: Installation, arca_type: int, kind: str, title: str | None) -> None:
    content = invoice_pdf(qr_text=valid_qr_text(number=136, arca_type=arca_type))
    line = one(office, content, "341 15 555-1136")
    assert line["voucher"]["kind"] == kind
    if title:
        assert line["voucher"]["title"] == title


def test_a_caea_authorises_too(office: Installation) -> None:
    text = encoded(text_of(valid_qr_text(number=138), {"tipoCodAut": "A"}))
    line = one(office, invoice_pdf(qr_text=text), "341 15 555-1138")
    [row] = office.sql("select cae_type from vouchers_voucher where id = %s", line["voucher"]["id"])
    assert row["cae_type"] == "caea"


def test_the_receivers_document_is_the_party(office: Installation) -> None:
    first = one(office, invoice_pdf(qr_text=valid_qr_text(number=140, document_number=27111111117)), "341 15 555-1140")
    other = one(office, invoice_pdf(qr_text=valid_qr_text(number=141, document_number=27111111117)), "341 15 555-1141")
    assert party(office, first)["tax_id"] == "27111111117"
    assert party(office, first)["id"] == party(office, other)["id"]
    dni = valid_qr_text(number=142, document_type=96, document_number=30111222)
    assert party(office, one(office, invoice_pdf(qr_text=dni), "341 15 555-1142"))["tax_id"] == "30111222"


def test_who_has_no_document_is_named_by_the_sender_or_by_the_address(office: Installation) -> None:
    nobody = {"document_type": 99, "document_number": 0}
    named = invoice_pdf(qr_text=valid_qr_text(number=143, **nobody))
    line = one(office, named, "341 15 555-1143", "--name", "Rosa Ñáñez")
    assert party(office, line)["name"] == "Rosa Ñáñez"
    unnamed = invoice_pdf(qr_text=valid_qr_text(number=144, **nobody))
    other = one(office, unnamed, "341 15 555-1144")
    assert party(office, other)["name"] == "341 15 555-1144"
    assert party(office, line)["id"] != party(office, other)["id"]


def party(office: Installation, line: dict[str, Any]) -> dict[str, Any]:
    query = "select p.* from directory_party p join vouchers_voucher v on v.party_id = p.id where v.id = %s"
    [row] = office.sql(query, line["voucher"]["id"])
    return row


def test_the_contact_that_it_makes_receives_no_kind_by_itself(office: Installation) -> None:
    line = one(office, invoice_pdf(qr_text=valid_qr_text(number=145, document_number=23222222222)), "341 15 555-1145")
    contacts = office.sql("select mobile, kinds from directory_contact where party_id = %s", party(office, line)["id"])
    assert contacts == [{"mobile": "+5493415551145", "kinds": []}]


def test_it_goes_to_that_address_alone(office: Installation) -> None:
    text = {"document_number": 20222222223}
    line = one(office, invoice_pdf(qr_text=valid_qr_text(number=146, **text)), "341 15 555-1146")
    office.sql("update directory_contact set kinds = null where party_id = %s", party(office, line)["id"])
    one(office, invoice_pdf(qr_text=valid_qr_text(number=147, **text)), "341 15 555-1147")
    assert len(office.accepted("5493415551146")) == 1
    assert len(office.accepted("5493415551147")) == 1


def test_the_same_file_and_address_again_is_the_same_delivery(office: Installation) -> None:
    content = invoice_pdf(qr_text=valid_qr_text(number=150))
    first = one(office, content, "341 15 555-1150")
    again = one(office, content, "+54 9 341 555-1150")
    assert again["repeated"] is True
    assert again["delivery"]["id"] == first["delivery"]["id"]
    assert again["voucher"]["id"] == first["voucher"]["id"]
    assert len(office.accepted("5493415551150")) == 1


def test_to_another_address_it_is_another_delivery_of_the_same_voucher(office: Installation) -> None:
    content = invoice_pdf(qr_text=valid_qr_text(number=151))
    first, other = one(office, content, "341 15 555-1151"), one(office, content, "341 15 555-1152")
    assert other["repeated"] is False
    assert other["voucher"]["id"] == first["voucher"]["id"]
    assert other["delivery"]["id"] != first["delivery"]["id"]
    assert len([u for u in office.ledger()["uploads"] if u["size"] == len(content)]) == 1


def test_asking_it_again_makes_a_linked_resend(office: Installation) -> None:
    content = invoice_pdf(qr_text=valid_qr_text(number=153))
    first, again = one(office, content, "341 15 555-1153"), one(office, content, "341 15 555-1153", "--again")
    assert again["repeated"] is False
    [row] = office.sql("select resend_of_id from deliveries_delivery where id = %s", again["delivery"]["id"])
    assert str(row["resend_of_id"]) == first["delivery"]["id"]
    assert len(office.accepted("5493415551153")) == 2


def test_the_same_number_with_other_bytes_is_a_new_version(office: Installation) -> None:
    text = valid_qr_text(number=154)
    first = one(office, invoice_pdf(qr_text=text), "341 15 555-1154")
    second = one(office, invoice_pdf(qr_text=text, title="FACTURA A corregida"), "341 15 555-1154")
    assert second["voucher"]["id"] == first["voucher"]["id"]
    assert second["repeated"] is False
    query = "select version from vouchers_voucherversion where voucher_id = %s order by version"
    assert [r["version"] for r in office.sql(query, first["voucher"]["id"])] == [1, 2]
    assert len(office.accepted("5493415551154")) == 2


def test_without_a_qr_the_title_is_the_files_name(office: Installation) -> None:
    content = invoice_pdf(qr_text=None, title="PRESUPUESTO 1")
    line = one(office, content, "341 15 555-1155", "--kind", "quote", name="Presupuesto galpón ñandú.pdf")
    assert line["voucher"]["title"] == "Presupuesto galpón ñandú"
    assert line["voucher"]["kind"] == "quote"
    assert line["voucher"]["qr"] is None
    again = one(office, content, "341 15 555-1155", "--kind", "quote", name="Presupuesto galpón ñandú.pdf")
    assert again["repeated"] is True


def test_an_invoice_that_is_not_electronic_needs_no_qr(office: Installation) -> None:
    content = invoice_pdf(qr_text=None, title="FACTURA MANUAL")
    line = one(office, content, "341 15 555-1156", "--kind", "sales_invoice", "--not-electronic")
    assert line["voucher"]["kind"] == "sales_invoice"


@pytest.mark.parametrize("kind", ["payment_order", "withholding_certificate", "purchase_order"])
def test_what_suppliers_get_goes_to_a_supplier(office: Installation, kind: str) -> None:
    line = one(office, invoice_pdf(qr_text=None, title=kind), "341 15 555-1157", "--kind", kind)
    assert party(office, line)["kind"] == "supplier"


def test_a_pdf_that_opens_without_its_owners_password_goes(office: Installation) -> None:
    content = pdfs.encrypted_pdf(password="", qr_text=valid_qr_text(number=158))
    assert one(office, content, "341 15 555-1158")["voucher"]["qr"]["nroCmp"] == 158


def test_a_pdf_of_ten_thousand_pages_goes(office: Installation) -> None:
    content = pdfs.many_pages_pdf(10_000, qr_text=valid_qr_text(number=159))
    assert one(office, content, "341 15 555-1159")["voucher"]["qr"]["nroCmp"] == 159


def test_several_files_answer_a_line_each(office: Installation) -> None:
    files = [office.file(invoice_pdf(qr_text=valid_qr_text(number=n))) for n in (160, 161, 162)]
    code, lines = office.send(*files, "--to", "341 15 555-1160")
    assert code == 0
    assert [line["file"] for line in lines] == files
    assert {line["delivery"]["state"] for line in lines} == {"sent"}
    assert len(office.accepted("5493415551160")) == 3


def test_the_company_is_the_one_that_the_qr_names(office: Installation) -> None:
    more = ("--whatsapp-token-env", "TOKEN", "--phone-number-id", "5550001", "--waba-id", "102290129340398")
    number = ("--cuit", "27-11111111-7", "--company", "Carla Díaz", "--admin", "carla@otra.example")
    assert office.quick("setup", *number, *more, "--json").returncode == 0
    office.control("numbers", {"id": "5550001", "display": "+54 9 341 555-9001", "waba": "102290129340398"})
    try:
        text = valid_qr_text(number=170, cuit=27111111117, issued_on=date(2026, 11, 1))
        line = one(office, invoice_pdf(qr_text=text), "+54 9 341 555-1170")
        query = "select c.cuit from companies_company c join vouchers_voucher v on v.company_id = c.id where v.id = %s"
        assert office.sql(query, line["voucher"]["id"]) == [{"cuit": "27111111117"}]
        code, [line] = office.send(office.file(invoice_pdf(qr_text=None)), "--to", "+5493415551171", "--kind", "quote")
        assert code == 1
        assert line["reason"]["code"] == "company_ambiguous"
        one(office, invoice_pdf(qr_text=None), "+5493415551171", "--kind", "quote", "--company", "27-11111111-7")
        text = valid_qr_text(number=172)
        code, [line] = office.send(
            office.file(invoice_pdf(qr_text=text)), "--to", "+5493415551172", "--company", "27-11111111-7"
        )
        assert code == 1
        assert line["reason"]["code"] == "issuer_not_ours"
    finally:
        office.sql("truncate companies_company cascade")
        office.setup()
