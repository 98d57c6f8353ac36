"""The installation's own mail: invitations, links, notices. Never through a company's line.

Call it after the transaction: what was done stays done whether or not the mail leaves.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from acuse.kernel import redact

log = structlog.get_logger(__name__)


class MailError(OSError):
    """The mail didn't leave; the cause says why."""


def configured() -> bool:
    """ACUSE_MAIL_URL is set. Without it links are shown to whoever may see them."""
    return bool(settings.EMAIL_HOST)


def send(to: str, subject: str, text: str) -> bool:
    """Whether the mail server took it, within `EMAIL_TIMEOUT` a step. A failure is logged and never raised."""
    try:
        deliver(to, subject, text)
    except MailError as error:
        log.warning("own_mail_failed", to=redact.mask_email(to), error=str(error.__cause__ or error))
        return False
    log.info("own_mail_sent", to=redact.mask_email(to))
    return True


def deliver(to: str | Sequence[str], subject: str, text: str) -> None:
    """As `send`, for whoever tries again; to several, it is one mail. Raises MailError."""
    if not configured():
        raise MailError("ACUSE_MAIL_URL no está configurado.")
    # a name with a line break in it would end the header
    line = " ".join(subject.split())
    try:
        EmailMessage(line, text, settings.DEFAULT_FROM_EMAIL, [to] if isinstance(to, str) else list(to)).send()
    except (OSError, ValueError) as error:
        raise MailError("El servidor de correo no lo tomó.") from error


def send_later(to: str, subject: str, text: str) -> threading.Thread:
    """Beside the answer: how long it takes tells nobody whether there was a mail to send."""
    thread = threading.Thread(target=send, args=(to, subject, text), name="own-mail")
    thread.start()
    return thread
