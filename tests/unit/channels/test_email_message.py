import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.contract import OutgoingFile, OutgoingMessage
from acuse.channels.email.message import Mailbox, compose, envelope_address, message_id

AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
PDF = b"%PDF-1.7\n\xe2\xe3 .\r\n.\n"
SENDER = Mailbox("facturas@ejemplo.com.ar", "Ejemplo S.A.")


def mail(
    *, to: str = "ana@cliente.com.ar", name: str = "Factura.pdf", sender: Mailbox = SENDER, **content: Any
) -> EmailMessage:
    file = OutgoingFile("0" * 64, Path("/nowhere"), len(PDF), "application/pdf", name)
    message = OutgoingMessage("018f-1", to, file, None, content)
    composed = compose(message, sender=sender, pdf=PDF, at=AT)
    raw = composed.as_bytes()
    assert raw.isascii()
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_it_has_text_a_simple_html_and_the_document() -> None:
    parsed = mail(subject="Factura A", body="Hola Ana,\nva la factura.\n\n<b>Gracias</b> ñ", to_name="Ana")
    plain, rich = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n") == "Hola Ana,\nva la factura.\n\n<b>Gracias</b> ñ\n"
    html = rich.get_content().replace("\r\n", "\n")
    assert "<p>Hola Ana,<br>va la factura.</p>" in html
    assert "&lt;b&gt;Gracias&lt;/b&gt; ñ" in html
    assert "http" not in html
    (attached,) = parsed.iter_attachments()
    assert attached.get_content() == PDF
    assert attached.get_content_type() == "application/pdf"


def test_its_headers_say_who_when_and_that_it_is_automatic() -> None:
    parsed = mail(subject="Factura A 00003-00000042 — Ñandú", to_name="Ana Peña")
    assert parsed["From"] == '"Ejemplo S.A." <facturas@ejemplo.com.ar>'
    assert parsed["To"] == "Ana Peña <ana@cliente.com.ar>"
    assert parsed["Subject"] == "Factura A 00003-00000042 — Ñandú"
    assert parsed["Date"] == "Tue, 24 Nov 2026 12:30:00 +0000"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["Message-ID"] == "<018f-1@ejemplo.com.ar>"


@pytest.mark.parametrize("name", ["Recibo Nº 4 — Peña.pdf", "日本.pdf", 'con "comillas".pdf', "x" * 200 + ".pdf"])
def test_the_document_keeps_its_name(name: str) -> None:
    (attached,) = mail(name=name).iter_attachments()
    assert attached.get_filename() == name


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_smuggles_a_header_in(subject: str, to_name: str, name: str, body: str) -> None:
    evil = "\r\nBcc: otra@persona.com\r\n\r\n"
    printable = {"subject": subject + evil, "to_name": to_name + evil, "body": body + evil}
    encodable = {key: text.encode("utf-8", "replace").decode() for key, text in printable.items()}
    file_name = (name + evil).encode("utf-8", "replace").decode()
    parsed = mail(
        name=file_name, sender=Mailbox(SENDER.address, to_name.encode("utf-8", "replace").decode() + evil), **encodable
    )
    assert "Bcc" not in parsed
    assert len(parsed["To"].addresses) == 1
    assert len(parsed["From"].addresses) == 1
    assert set(parsed.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    }  # fmt: skip


@given(st.text())
def test_an_address_is_one_or_is_refused(address: str) -> None:
    try:
        envelope = envelope_address(address)
    except ValueError:
        return
    assert envelope.isascii()
    assert "@" in envelope
    assert not set(envelope) & set("\r\n\0")


def test_a_message_id_has_no_sign_of_its_own() -> None:
    assert message_id("job:018f <x>@y\r\n", "a@peña.com.ar") == "<job-018f--x--y--@xn--pea-8ma.com.ar>"
