"""Whether a mail server takes us: connect, log in, and where somebody wants it, one mail to oneself."""

from __future__ import annotations

import asyncio
import ssl

import aiosmtplib

from acuse.channels.contract import ChannelError, Refusal
from acuse.channels.email import errors
from acuse.channels.email.connections import Connections
from acuse.channels.email.errors import Stage
from acuse.channels.email.message import Mailbox, envelope_address, note_to
from acuse.channels.email.url import SmtpSettings
from acuse.channels.probing import LIMIT, Grade, Probe, refused
from acuse.kernel import clock
from acuse.kernel.ids import new_id

PORTS = "Revisá el servidor, el puerto y la seguridad: el 465 va con SSL/TLS, y el 587 con STARTTLS."
SUBJECT = "Prueba de Acuse"
BODY = "Este correo lo pediste vos desde Parámetros.\n\nSi lo estás leyendo, Acuse puede enviar desde esta cuenta."
_NO_TLS = Probe(Grade.ERROR, "El servidor de correo no habla TLS en ese puerto.", PORTS)


async def probe(
    settings: SmtpSettings, *, sender: Mailbox, to: str, tls_context: ssl.SSLContext | None = None
) -> Probe:
    """`to`: who gets a mail; blank = none is sent. Answers within `LIMIT`; raises for nothing that the server does.

    `tls_context` is for servers whose authority isn't the system's.
    """
    connections = Connections(settings, limit=1, timeout=LIMIT, tls_context=tls_context)
    try:
        async with asyncio.timeout(LIMIT):
            return await _try(connections, settings, sender, to)
    except TimeoutError:
        return refused(errors.not_sent("timeout"), again=PORTS)
    except ChannelError as error:
        return _NO_TLS if _speaks_no_tls(error) else refused(error.refusal, again=PORTS)
    finally:
        await connections.aclose()


async def _try(connections: Connections, settings: SmtpSettings, sender: Mailbox, to: str) -> Probe:
    connection = await connections.open()
    try:
        if to:
            await _send(connection.smtp, sender, to)
    finally:
        connections.give_back(connection)
    how = "se conectó y aceptó la clave" if settings.user else "se conectó"
    if to:
        return Probe(Grade.OK, f"Anda: te mandamos un correo a {to}.", "Si no te llega, mirá en no deseados.")
    return Probe(Grade.OK, f"Anda: el servidor {how}.")


async def _send(smtp: aiosmtplib.SMTP, sender: Mailbox, to: str) -> None:
    stage = Stage.MAIL
    try:
        mail = note_to(to, SUBJECT, BODY, sender=sender, note_id=str(new_id()), at=clock.now())
        await smtp.mail(envelope_address(sender.address))
        stage = Stage.RCPT
        await smtp.rcpt(envelope_address(to))
        stage = Stage.DATA
        await smtp.data(mail.as_bytes())
    except aiosmtplib.SMTPResponseException as error:
        raise ChannelError(errors.decide(stage, error.code, str(error.message))) from error
    except ValueError as error:
        raise ChannelError(errors.bad_sender()) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise ChannelError(_lost(error)) from error


def _lost(error: Exception) -> Refusal:
    return errors.not_sent("timeout" if isinstance(error, TimeoutError) else "lost")


def _speaks_no_tls(error: BaseException) -> bool:
    """TLS failed, and not for its certificate: the port speaks something else."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    failed = [link for link in chain if isinstance(link, ssl.SSLError)]
    return bool(failed) and not any(isinstance(link, ssl.SSLCertVerificationError) for link in failed)
