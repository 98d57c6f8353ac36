"""What `acuse send` refuses: each with its code and its reason, and nothing kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.installation import PHONE_NUMBER_ID, TOKEN, Installation, installation
from tests.data import pdfs
from tests.data.pdfs import invoice_pdf, valid_qr_text


def refused(office: Installation, file: str, *more: str, to: str = "341 15 555-2000") -> dict[str, str]:
    """The reason; nothing of it is kept."""
    before = everything(office)
    code, [line] = office.send(file, "--to", to, *more)
    assert code == 1, line
    assert set(line) == {"file", "voucher", "delivery", "reason"}
    assert line["file"] == file
    assert line["voucher"] is None
    assert line["delivery"] is None
    assert set(line["reason"]) == {"code", "text"}
    assert everything(office) == before
    reason: dict[str, str] = line["reason"]
    assert len(reason["text"]) > 10
    return reason


def everything(office: Installation) -> list[int]:
    tables = ("vouchers_voucher", "directory_party", "directory_contact", "deliveries_delivery")
    counts = [office.sql(f"select count(*) from {table}")[0]["count"] for table in tables]
    incoming = office.data / "files" / "incoming"
    left = len(list(incoming.iterdir())) if incoming.exists() else 0
    return [*counts, left]


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("pdf_empty", pdfs.empty_pdf),
    "not a PDF": ("pdf_not_a_pdf", lambda: b"<html>no</html>"),
    "encrypted": ("pdf_encrypted", pdfs.encrypted_pdf),
    "corrupt": ("pdf_corrupt", pdfs.corrupt_pdf),
    "cut in half": ("pdf_corrupt", lambda: pdfs.truncated_pdf(invoice_pdf(qr_text=None))[:120]),
    "101 MB": ("pdf_too_large", lambda: b"%PDF-1.4\n" + bytes(101 * 1024 * 1024)),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_no_pdf(office: Installation, case: str) -> None:
    code, build = FILES[case]
    assert refused(office, office.file(build()), "--kind", "quote")["code"] == code


def test_a_bomb_is_read_within_limits(office: Installation) -> None:
    """Its only harm is that no QR is found: the file itself may be sent as what it is said to be."""
    reason = refused(office, office.file(pdfs.bomb_pdf()))
    assert reason["code"] in ("kind_needed", "pdf_unreadable")


def test_a_missing_file(office: Installation) -> None:
    assert refused(office, str(office.folder / "no-existe.pdf"))["code"] == "file_not_found"
    assert refused(office, str(office.folder))["code"] == "file_unreadable"


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("", "número"),
        ("no es un número", "número"),
        ("341 15 55", "número"),
        ("0800 555 1234", "0800"),
        ("0810-555-1234", "0810"),
        ("+1 555", "país"),
        ("ana@", "correo"),
        ("ana @cliente.example", "correo"),
    ],
)
def test_addresses_that_are_none(office: Installation, to: str, words: str) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=200)))
    reason = refused(office, file, to=to)
    assert reason["code"] == "invalid_to"
    assert words in reason["text"]


def test_an_issuer_that_is_none_of_ours(office: Installation) -> None:
    text = valid_qr_text(number=201, cuit=20222222223)
    file = office.file(invoice_pdf(qr_text=text))
    reason = refused(office, file)
    assert reason["code"] == "issuer_not_ours"
    assert "20-22222222-3" in reason["text"]
    code, [line] = office.send(file, "--to", "341 15 555-2001", "--any-issuer")
    assert (code, line["delivery"]["state"]) == (0, "sent")
    assert line["voucher"]["qr"]["cuit"] == 20222222223


def test_without_a_qr_the_kind_is_needed(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=None))
    assert refused(office, file)["code"] == "kind_needed"
    assert refused(office, file, "--kind", "sales_invoice")["code"] == "qr_missing"
    other = office.file(invoice_pdf(qr_text="https://www.ejemplo.com.ar/promo"))
    assert refused(office, other)["code"] == "kind_needed"


def test_a_qr_of_another_site_is_no_qr(office: Installation) -> None:
    text = valid_qr_text(number=202).replace("www.arca.gob.ar", "www.arca.gob.ar.ejemplo.com")
    text = text.replace("www.afip.gob.ar", "www.afip.gob.ar.ejemplo.com")
    assert refused(office, office.file(invoice_pdf(qr_text=text)))["code"] == "kind_needed"


def test_two_different_vouchers_in_one_file_are_not_guessed(office: Installation) -> None:
    both = pdfs.joined(
        invoice_pdf(qr_text=valid_qr_text(number=203)), invoice_pdf(qr_text=valid_qr_text(number=204), kind="image")
    )
    code, [line] = office.send(office.file(both), "--to", "341 15 555-2003")
    if code == 0:
        # the first page's is the file's
        assert line["voucher"]["title"] == "Factura A 00003-00000203"
    else:
        assert line["reason"]["code"] == "kind_needed"


def test_a_kind_that_the_qr_contradicts(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=205)))
    assert refused(office, file, "--kind", "receipt")["code"] == "invalid_arca_type"


def test_a_company_that_nobody_knows(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=None))
    assert refused(office, file, "--kind", "quote", "--company", "20-22222222-3")["code"] == "company_unknown"


def test_a_channel_that_the_company_has_not(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=206)))
    reason = refused(office, file, to="ana@cliente.example")
    assert reason["code"] == "no_lane"
    assert "correo" in reason["text"]


def test_a_kind_that_is_disabled(office: Installation) -> None:
    office.sql("update deliveries_deliverypolicy set enabled = false where kind = 'sales_order'")
    assert refused(office, office.file(invoice_pdf(qr_text=None)), "--kind", "sales_order")["code"] == "kind_disabled"


def test_a_contact_who_asked_for_no_more(office: Installation) -> None:
    text = valid_qr_text(number=207, document_number=20111111112)
    file = office.file(invoice_pdf(qr_text=text))
    code, _ = office.send(file, "--to", "341 15 555-2007")
    assert code == 0
    office.sql(
        "insert into directory_optout"
        " (company_id, address, asked_at, reason, provider_id, noted_by, lifted_by, lifted_reason)"
        " select id, '+5493415552007', now(), 'BAJA', '', 'test', '', '' from companies_company"
    )
    other = office.file(invoice_pdf(qr_text=valid_qr_text(number=208, document_number=20111111112)))
    assert refused(office, other, to="341 15 555-2007")["code"] == "contact_suppressed"
    assert len(office.accepted("5493415552007")) == 1


def test_a_voucher_that_was_voided(office: Installation) -> None:
    file = office.file(invoice_pdf(qr_text=valid_qr_text(number=209)))
    code, [line] = office.send(file, "--to", "341 15 555-2009")
    assert code == 0
    office.sql("update vouchers_voucher set voided_at = now() where id = %s", line["voucher"]["id"])
    assert refused(office, file, to="341 15 555-2010")["code"] == "voided"


def test_one_refused_of_several_decides_the_exit(office: Installation) -> None:
    good = office.file(invoice_pdf(qr_text=valid_qr_text(number=210)))
    bad, other = office.file(b"nada"), office.file(invoice_pdf(qr_text=valid_qr_text(number=211)))
    code, lines = office.send(good, bad, other, "--to", "341 15 555-2011")
    assert code == 1
    assert [line["delivery"] and line["delivery"]["state"] for line in lines] == ["sent", None, "sent"]


def test_refused_comes_before_open_and_open_before_done(office: Installation) -> None:
    files = [office.file(invoice_pdf(qr_text=valid_qr_text(number=n))) for n in (212, 213)]
    code, lines = office.send(*files, "--to", "341 15 555-2012", "--wait", "0")
    assert (code, {line["delivery"]["state"] for line in lines}) == (3, {"queued"})
    code, _ = office.send(office.file(b"nada"), *files, "--to", "341 15 555-2012", "--wait", "0")
    assert code == 1
    code, lines = office.send(*files, "--to", "341 15 555-2012")
    assert (code, [line["repeated"] for line in lines]) == (0, [True, True])


def test_people_read_the_refusal_on_the_standard_error(office: Installation) -> None:
    file = office.file(b"nada")
    done = office.quick("send", file, "--to", "341 15 555-2000")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"{file}: no se envió. El archivo no es un PDF.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "341 15 555-2000"),
        ("a.pdf",),
        ("a.pdf", "--to", "341 15 555-2000", "--kind", "carta"),
        ("a.pdf", "--to", "341 15 555-2000", "--wait", "mucho"),
        ("a.pdf", "--to", "341 15 555-2000", "--wait", "-1"),
    ],
)
def test_bad_usage_exits_2(office: Installation, arguments: tuple[str, ...]) -> None:
    assert office.quick("send", *arguments, "--json").returncode == 2


def test_before_any_setup_it_says_what_to_do() -> None:
    with installation(migrated=False) as fresh:
        done = fresh.acuse("send", fresh.file(invoice_pdf(qr_text=None)), "--to", "341", "--kind", "quote", "--json")
        assert done.returncode == 1
        line: dict[str, Any] = json.loads(done.stdout)
        assert line["reason"]["code"] == "company_missing"
        assert "acuse setup" in line["reason"]["text"]


def test_without_a_number_that_sends_nothing_goes() -> None:
    with installation() as fresh:
        fresh.hold_database()
        base = ("--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example")
        assert fresh.quick("setup", *base, "--area-code", "341").returncode == 0
        file = fresh.file(invoice_pdf(qr_text=valid_qr_text()))
        assert refused(fresh, file)["code"] == "no_lane"
        done = fresh.quick("setup", *base, "--phone-number-id", PHONE_NUMBER_ID, "--whatsapp-token-env", "TOKEN")
        assert done.returncode == 0
        assert fresh.environment["TOKEN"] == TOKEN
        assert fresh.send(file, "--to", "341 15 555-2013")[0] == 0
