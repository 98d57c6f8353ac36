"""E-mail as a channel."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import aiosmtplib

from acuse.channels.contract import Accepted, ChannelError, MarkStarted, OutgoingFile, OutgoingMessage
from acuse.channels.email import errors
from acuse.channels.email.connections import Connection, Connections
from acuse.channels.email.errors import Stage
from acuse.channels.email.message import Mailbox, compose, envelope_address, message_id
from acuse.channels.email.url import SmtpSettings
from acuse.kernel.clock import now

#: Bytes a second: the slowest link for which a message is given the time that it needs.
SLOWEST_LINK = 250_000


@dataclass(frozen=True, slots=True)
class _Mail:
    sender: str
    recipient: str
    id: str
    data: bytes


class EmailSender:
    """A mailbox's connections to its SMTP server (contract.Sender)."""

    uploads = False

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        from_address: str,
        from_name: str = "",
        max_connections: int = 4,
        timeout: float = 30.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout` in seconds, for each step. `tls_context` is for servers whose authority isn't the system's."""
        self._settings = settings
        self._sender = Mailbox(from_address, from_name)
        self._timeout = timeout
        self._connections = Connections(settings, limit=max_connections, timeout=timeout, tls_context=tls_context)

    def __repr__(self) -> str:
        return f"EmailSender({self._settings.host!r})"

    async def upload(self, file: OutgoingFile) -> str:
        """E-mail carries its file: there is nothing to upload."""
        raise NotImplementedError("e-mail doesn't upload")

    async def send(self, message: OutgoingMessage, started: MarkStarted) -> Accepted:
        async with self._connections.slot():
            mail = await asyncio.to_thread(self._compose, message)
            connection = await self._envelope(mail)
            try:
                await started()
                await self._data(connection, mail)
            except BaseException:
                # Half a conversation can't be taken up again.
                connection.smtp.close()
                raise
            self._connections.give_back(connection)
        return Accepted(provider_id=mail.id)

    async def aclose(self) -> None:
        await self._connections.aclose()

    def _compose(self, message: OutgoingMessage) -> _Mail:
        try:
            sender = envelope_address(self._sender.address)
        except ValueError as error:
            raise ChannelError(errors.bad_sender()) from error
        try:
            recipient = envelope_address(message.to)
        except ValueError as error:
            raise ChannelError(errors.bad_recipient()) from error
        try:
            pdf = message.file.path.read_bytes()
        except OSError as error:
            raise ChannelError(errors.file_unreadable(error)) from error
        mail = compose(message, sender=self._sender, pdf=pdf, at=now())
        return _Mail(sender, recipient, message_id(message.delivery_id, self._sender.address), mail.as_bytes())

    async def _envelope(self, mail: _Mail) -> Connection:
        """A connection that accepted sender and recipient. One used before may have died unseen: then a new one."""
        connection = self._connections.take_idle()
        if connection:
            try:
                await self._mail_and_rcpt(connection, mail)
            except aiosmtplib.SMTPServerDisconnected:
                connection.smtp.close()
            else:
                return connection
        connection = await self._connections.open()
        try:
            await self._mail_and_rcpt(connection, mail)
        except aiosmtplib.SMTPServerDisconnected as error:
            connection.smtp.close()
            raise ChannelError(errors.not_sent("lost")) from error
        return connection

    async def _mail_and_rcpt(self, connection: Connection, mail: _Mail) -> None:
        """Raises ChannelError, or SMTPServerDisconnected."""
        smtp = connection.smtp
        try:
            options = [f"SIZE={len(mail.data)}"] if smtp.supports_extension("size") else []
            await smtp.mail(mail.sender, options=options)
            await smtp.rcpt(mail.recipient)
        except aiosmtplib.SMTPResponseException as error:
            stage = Stage.RCPT if isinstance(error, aiosmtplib.SMTPRecipientRefused) else Stage.MAIL
            await self._forget_envelope(connection)
            raise ChannelError(errors.decide(stage, error.code, str(error.message))) from error
        except TimeoutError as error:
            smtp.close()
            raise ChannelError(errors.not_sent("timeout")) from error
        except BaseException:
            smtp.close()
            raise

    async def _forget_envelope(self, connection: Connection) -> None:
        """A refused recipient is no reason to give up the connection."""
        try:
            await connection.smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            connection.smtp.close()
        self._connections.give_back(connection)

    async def _data(self, connection: Connection, mail: _Mail) -> None:
        if not connection.smtp.is_connected:
            # It died while the attempt was being marked: DATA never left.
            raise ChannelError(errors.not_sent("lost"))
        try:
            await connection.smtp.data(mail.data, timeout=self._timeout + len(mail.data) / SLOWEST_LINK)
        except aiosmtplib.SMTPResponseException as error:
            raise ChannelError(errors.decide(Stage.DATA, error.code, str(error.message))) from error
        except TimeoutError as error:
            raise ChannelError(errors.message_lost("timeout")) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ChannelError(errors.message_lost("lost")) from error
