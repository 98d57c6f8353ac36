"""The e-mail itself. Pure: the same delivery gives the same message but for its date."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from acuse.channels.contract import OutgoingMessage

#: Generated headers of 7 bits, since not every server takes more.
POLICY = SMTP.clone(cte_type="7bit")
#: Characters; longer subjects are cut. No client shows more.
MAX_SUBJECT = 250
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    address: str
    name: str = ""


def compose(message: OutgoingMessage, *, sender: Mailbox, pdf: bytes, at: datetime) -> EmailMessage:
    """`message.content` is {"subject", "body", "to_name"}; `at` is aware. Raises ValueError for what is no address."""
    recipient = Mailbox(message.to, str(message.content.get("to_name") or ""))
    mail = _headed(recipient, str(message.content.get("subject") or ""), sender, message.delivery_id, at)
    body = str(message.content.get("body") or "")
    mail.set_content(body)
    mail.add_alternative(as_html(body), subtype="html")
    kind, _, subtype = message.file.media_type.partition("/")
    mail.add_attachment(
        pdf,
        maintype=kind or "application",
        subtype=subtype or "octet-stream",
        filename=one_line(message.file.name),
    )
    return mail


def note_to(to: str, subject: str, body: str, *, sender: Mailbox, note_id: str, at: datetime) -> EmailMessage:
    """A mail of text alone, of no delivery. Raises ValueError for what is no address."""
    mail = _headed(Mailbox(to), subject, sender, note_id, at)
    mail.set_content(body)
    return mail


def _headed(recipient: Mailbox, subject: str, sender: Mailbox, mail_id: str, at: datetime) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    mail["From"] = _address(sender.address, sender.name)
    mail["To"] = _address(recipient.address, recipient.name)
    mail["Subject"] = one_line(subject)[:MAX_SUBJECT]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id(mail_id, sender.address)
    # RFC 3834: no machine should answer this one.
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def message_id(delivery_id: str, sender: str) -> str:
    """The same in every attempt, so that a copy can be told from another message."""
    domain = Address(addr_spec=sender).domain.encode("idna").decode()
    return f"<{_NOT_IN_ID.sub('-', delivery_id)}@{domain}>"


def one_line(text: str) -> str:
    """Without line ends and other control characters, by which a header would smuggle in another."""
    return _CONTROL.sub(" ", text).strip()


def as_html(body: str) -> str:
    """Each paragraph of the text, with nothing that a mail program must fetch."""
    paragraphs = [p for p in re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip()) if p]
    inner = "\n".join(f"<p>{html.escape(p).replace(chr(10), '<br>')}</p>" for p in paragraphs)
    return f'<!DOCTYPE html>\n<html lang="es-AR"><body>\n{inner}\n</body></html>\n'


def envelope_address(address: str) -> str:
    """As SMTP needs it: the domain in ASCII. Raises ValueError for what is no address."""
    parsed = _parse(address)
    return f"{parsed.username}@{parsed.domain.encode('idna').decode()}"


def _address(address: str, name: str) -> Address:
    parsed = _parse(address)
    return Address(display_name=one_line(name), username=parsed.username, domain=parsed.domain.encode("idna").decode())


def _parse(address: str) -> Address:
    try:
        parsed = Address(addr_spec=address)
        parsed.username.encode("ascii")
        parsed.domain.encode("idna")
    except Exception as error:
        # The stdlib's parser raises IndexError and its own kinds too, for some of what isn't an address.
        raise ValueError("not an e-mail address") from error
    if not parsed.username or not parsed.domain or _CONTROL.search(address):
        raise ValueError("not an e-mail address")
    return parsed
