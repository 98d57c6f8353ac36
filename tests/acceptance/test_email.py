"""`acuse send --to` an address: what arrives at a real SMTP server, and what is made of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.installation import Installation
from tests.contracts.test_email_sender import PASSWORD
from tests.data.pdfs import invoice_pdf, valid_qr_text
from tests.data.post_office import Post

SETUP = ("setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example")
_numbers = iter(range(5000, 6000))


@pytest.fixture(scope="module")
def running() -> Iterator[Post]:
    post = Post()
    yield post
    post.close()


@pytest.fixture(autouse=True)
def post(office: Installation, running: Post) -> Iterator[Post]:
    """The company's mailbox, right again for each test."""
    mailbox(office, running, PASSWORD)
    running.server.handler.__init__()  # type: ignore[misc]
    yield running
    office.sql("update deliveries_delivery set state = 'cancelled' where state in ('queued', 'sending')")


def mailbox(office: Installation, post: Post, password: str) -> None:
    done = office.quick(
        *SETUP, "--smtp-url-env", "SMTP", "--mail-from", "facturas@prueba.example", SMTP=post.url(password)
    )
    assert done.returncode == 0, done.stderr


def invoice(number: int | None = None) -> bytes:
    return invoice_pdf(qr_text=valid_qr_text(number=next(_numbers) if number is None else number))


def send(office: Installation, to: str, *more: str) -> tuple[int, dict[str, Any]]:
    code, [line] = office.send(office.file(invoice()), "--to", to, *more)
    delivery: dict[str, Any] = line["delivery"]
    return code, delivery


def contact(office: Installation, address: str) -> dict[str, Any]:
    [row] = office.sql("select * from directory_contact where email = %s", address)
    return row


def suspensions(office: Installation) -> list[dict[str, Any]]:
    return office.sql("select * from deliveries_suspension where ended_at is null")


def test_the_pdf_arrives_with_its_name_its_subject_and_its_words(office: Installation, post: Post) -> None:
    content = invoice()
    code, [line] = office.send(office.file(content, "Factura de Ñandú.pdf"), "--to", "ana@cliente.example")
    delivery = line["delivery"]
    assert (code, delivery["state"], delivery["channel"]) == (0, "sent", "email")
    assert delivery["to"] == "ana@cliente.example"
    [mail] = post.received()
    assert mail["From"].addresses[0].addr_spec == "facturas@prueba.example"
    assert mail["To"].addresses[0].addr_spec == "ana@cliente.example"
    assert delivery["provider_id"] == mail["Message-ID"]
    assert line["voucher"]["title"] in mail["Subject"]
    assert "Prueba SA" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert line["voucher"]["title"] in body.get_content()
    assert "{" not in body.get_content() + mail["Subject"]
    [attached] = mail.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == content
    assert (attached.get_filename() or "").endswith(".pdf")
    assert (attached.get_filename() or "") != ".pdf"


def test_an_address_that_is_refused_failed_and_its_contact_is_flagged(office: Installation, post: Post) -> None:
    post.handler.rcpt_reply = "550 5.1.1 No such user here"
    code, delivery = send(office, "nadie@cliente.example")
    assert (code, delivery["state"], delivery["reason"]["code"]) == (1, "failed", "smtp.550")
    assert delivery["attempts"] == 1
    assert contact(office, "nadie@cliente.example")["email_problem"] == "Esa casilla no existe."
    assert post.received() == []
    assert suspensions(office) == []
    post.handler.rcpt_reply = None
    assert send(office, "otra@cliente.example")[0] == 0


def test_not_now_leaves_it_queued(office: Installation, post: Post) -> None:
    post.handler.rcpt_reply = "451 4.3.0 Try again later"
    code, delivery = send(office, "luego@cliente.example", "--wait", "1")
    assert (code, delivery["state"], delivery["reason"]["code"]) == (3, "queued", "smtp.451")
    assert contact(office, "luego@cliente.example")["email_problem"] == ""
    assert post.received() == []
    post.handler.rcpt_reply = None
    office.sql("update deliveries_delivery set due_at = now() where state = 'queued'")
    later = send(office, "despues@cliente.example")
    assert (later[0], len(post.received())) == (0, 1)


def test_a_connection_that_ends_after_the_message_leaves_it_uncertain(office: Installation, post: Post) -> None:
    post.handler.mischief = "cut"
    file = office.file(invoice())
    for repeated in (False, True):
        code, [line] = office.send(file, "--to", "quizas@cliente.example")
        assert (code, line["delivery"]["state"], line["repeated"]) == (3, "uncertain", repeated)
        assert line["delivery"]["reason"]["code"] == "network.lost"
    # it may have arrived, so that nobody sends it once more by himself
    assert len(post.received()) == 1


def test_a_wrong_password_suspends_and_nothing_fails(office: Installation, post: Post) -> None:
    mailbox(office, post, "otra-clave")
    code, first = send(office, "uno@cliente.example")
    assert (code, first["state"], first["reason"]["code"]) == (3, "queued", "smtp.535")
    code, second = send(office, "dos@cliente.example")
    assert (code, second["state"], second["attempts"], second["reason"]["code"]) == (3, "queued", 0, "smtp.535")
    [suspension] = suspensions(office)
    assert suspension["scope"] == "lane"
    assert post.received() == []
    mailbox(office, post, PASSWORD)
    assert suspensions(office) == []
    code, third = send(office, "tres@cliente.example")
    assert (code, third["state"]) == (0, "sent")
    failed = office.sql("select id from deliveries_delivery where state = 'failed' and cause_code = 'smtp.535'")
    assert failed == []


def test_a_suspended_mailbox_is_no_matter_of_whatsapp(office: Installation, post: Post) -> None:
    mailbox(office, post, "otra-clave")
    assert send(office, "uno@cliente.example")[0] == 3
    assert send(office, "341 15 555-5001")[0] == 0


def test_the_same_file_twice_is_one_message(office: Installation, post: Post) -> None:
    file = office.file(invoice())
    first, again = (office.send(file, "--to", "Maria@Cliente.example") for _ in range(2))
    assert (first[0], again[0]) == (0, 0)
    assert (first[1][0]["repeated"], again[1][0]["repeated"]) == (False, True)
    assert first[1][0]["delivery"]["id"] == again[1][0]["delivery"]["id"]
    assert len(post.received()) == 1
