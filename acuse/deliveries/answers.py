"""What customers answer, once kept: read in words, dealt with, forwarded by e-mail to whom the company says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from acuse.companies import audit
from acuse.deliveries.models import InboundMessage
from acuse.directory.models import Party
from acuse.kernel import clock, phone
from acuse.vouchers.models import Voucher

log = structlog.get_logger(__name__)

#: (to, subject, text): sent, or OSError.
Send = Callable[[str, str, str], None]
#: The address of a message's page, whole.
Link = Callable[[InboundMessage], str]

#: What couldn't be forwarded for so long stays in Mensajes recibidos alone.
FORWARD_WITHIN = timedelta(days=7)
#: One forwarder in the whole installation: two would send the same message twice.
_LOCK = 0x41434D52

#: What a message without words is, by the provider's type.
_DONE = {
    "image": "Mandó una imagen",
    "document": "Mandó un documento",
    "video": "Mandó un video",
    "audio": "Mandó un audio",
    "sticker": "Mandó un sticker",
    "location": "Mandó una ubicación",
    "contacts": "Mandó un contacto",
    "order": "Mandó un pedido",
    "reaction": "Reaccionó",
    "unsupported": "Mandó algo que WhatsApp no nos muestra",
}
_SPOKEN = frozenset({"text", "button", "interactive", "system"})


@dataclass(frozen=True, slots=True)
class Said:
    #: `Mandó una imagen`; blank for plain words.
    act: str
    #: Their words: a text, a caption, the name of a file, an emoji.
    words: str

    def __str__(self) -> str:
        if not self.act:
            return self.words
        return f"{self.act}: {self.words}" if self.words else f"{self.act}."


def said(message: InboundMessage) -> Said:
    if message.type in _SPOKEN and message.text:
        return Said("", message.text)
    # the reader of the provider's bodies says `[imagen] a caption`
    words = message.text.partition("] ")[2] if message.text.startswith("[") else message.text
    return Said(_DONE.get(message.type, "Mandó algo que Acuse no sabe leer"), words)


def writer(message: InboundMessage) -> str:
    """Who wrote, by the surest name there is."""
    if message.contact is not None and message.contact.name:
        return message.contact.name
    return message.sender_name or number(message) or "Alguien sin nombre"


def number(message: InboundMessage) -> str:
    return phone.display(f"+{message.sender}") if message.sender else ""


def party_of(message: InboundMessage) -> Party | None:
    if message.contact is not None:
        return message.contact.party
    voucher = voucher_of(message)
    return voucher.party if voucher is not None else None


def voucher_of(message: InboundMessage) -> Voucher | None:
    return message.delivery.voucher if message.delivery is not None else None


@transaction.atomic
def handle(message: InboundMessage, *, handled: bool, actor: str) -> bool:
    """Somebody dealt with it, or takes that back. False when it was so already."""
    locked = InboundMessage.objects.select_for_update(of=("self",)).select_related("company").get(pk=message.pk)
    if (locked.handled_at is not None) == handled:
        return False
    locked.handled_at = clock.now() if handled else None
    locked.handled_by = actor if handled else ""
    locked.save(update_fields=["handled_at", "handled_by"])
    event = "answer.handled" if handled else "answer.reopened"
    audit.record(company=locked.company, actor=actor, event=event, target=locked.pk)
    return True


def forward(send: Send, link: Link, *, but: frozenset[UUID] = frozenset()) -> UUID | None:
    """Forward the oldest message that waits, of a company that isn't in `but`; the company, or None with nothing to do.

    It is noted as forwarded after the mail server took it: a crash between the two sends it again, never loses it.
    Raises NotForwarded.
    """
    with transaction.atomic():
        if not _alone():
            return None
        message = _next(but)
        if message is None:
            return None
        company = message.company
        if company.answers_to:
            try:
                send(company.answers_to, _subject(message), _text(message, link(message)))
            except OSError as error:
                raise NotForwarded(company.pk) from error
            InboundMessage.objects.filter(pk=message.pk).update(forwarded_at=clock.now())
            log.info("answer_forwarded", company=str(company.pk), message=message.pk)
        else:
            # nobody wants them any more
            InboundMessage.objects.filter(pk=message.pk).update(to_forward=False)
        return company.pk


class NotForwarded(Exception):
    """The mail couldn't go; the cause says why. It waits."""

    def __init__(self, company_id: UUID) -> None:
        super().__init__(str(company_id))
        self.company_id = company_id


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _next(but: frozenset[UUID]) -> InboundMessage | None:
    waiting = InboundMessage.objects.filter(
        to_forward=True, forwarded_at=None, received_at__gt=clock.now() - FORWARD_WITHIN
    )
    rows = waiting.exclude(company_id__in=but).select_related(
        "company", "contact__party", "delivery__voucher__party", "lane"
    )
    return rows.order_by("id").first()


def _subject(message: InboundMessage) -> str:
    voucher, party = voucher_of(message), party_of(message)
    who = party.name if party is not None else writer(message)
    about = f" por {voucher.title}" if voucher is not None else ""
    mark = "BAJA de" if message.opted_out else "Respuesta de"
    # a name with a line break in it would end the header
    return " ".join(f"{mark} {who}{about}".split())


def _text(message: InboundMessage, link: str) -> str:
    voucher, party = voucher_of(message), party_of(message)
    who = " · ".join(dict.fromkeys(part for part in (writer(message), party and party.name, number(message)) if part))
    lines = [f"De: {who}"]
    if voucher is not None:
        lines.append(f"Comprobante: {voucher.title}")
    lines += ["", str(said(message)), ""]
    if message.opted_out:
        lines += ["Pidió no recibir más mensajes: Acuse ya no le envía nada a ese celular.", ""]
    lines += [f"Verlo en Acuse: {link}", "", "No respondas este correo: no le llega. Escribile desde tu WhatsApp."]
    return "\n".join(lines)
