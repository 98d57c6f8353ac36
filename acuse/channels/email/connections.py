"""A few SMTP connections, opened when needed and used again. What it raises is a ChannelError."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

from acuse.channels.contract import ChannelError, Refusal
from acuse.channels.email import errors
from acuse.channels.email.errors import Stage
from acuse.channels.email.url import Security, SmtpSettings

#: Seconds after which an idle connection isn't used again: servers close theirs from one minute on.
MAX_IDLE = 30.0
#: Messages by one connection: many servers limit them, and say so only by closing it.
MAX_MESSAGES = 50


@dataclass(slots=True)
class Connection:
    smtp: SMTP
    messages: int = 0
    idle_since: float = 0.0

    def reusable(self, at: float) -> bool:
        return self.smtp.is_connected and self.messages < MAX_MESSAGES and at - self.idle_since < MAX_IDLE


class Connections:
    def __init__(
        self, settings: SmtpSettings, *, limit: int, timeout: float, tls_context: ssl.SSLContext | None
    ) -> None:
        self._settings = settings
        self._timeout = timeout
        self._tls_context = tls_context
        self._slots = asyncio.Semaphore(limit)
        self._idle: list[Connection] = []
        self._closed = False

    def slot(self) -> asyncio.Semaphore:
        """To hold while a message is on its way."""
        return self._slots

    def take_idle(self) -> Connection | None:
        """The connection that was used last, if one can be used again."""
        at = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable(at):
                return connection
            connection.smtp.close()
        return None

    async def open(self) -> Connection:
        """Connected, in TLS where it must be, and logged in."""
        settings = self._settings
        smtp = SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            timeout=self._timeout,
            tls_context=self._tls_context,
            validate_certs=True,
        )
        try:
            await smtp.connect()
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
            if settings.user:
                await smtp.login(settings.user, settings.password or "")
        except (aiosmtplib.SMTPException, OSError) as error:
            smtp.close()
            raise ChannelError(opening_refusal(error)) from error
        except BaseException:
            smtp.close()
            raise
        return Connection(smtp)

    def give_back(self, connection: Connection) -> None:
        connection.messages += 1
        connection.idle_since = asyncio.get_running_loop().time()
        if self._closed or not connection.reusable(connection.idle_since):
            connection.smtp.close()
        else:
            self._idle.append(connection)

    async def aclose(self) -> None:
        """Say goodbye on the idle ones; those in use close when they come back."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_quit(connection.smtp) for connection in idle))


def opening_refusal(error: BaseException) -> Refusal:
    """Until the message begins, whatever fails can be repeated, unless the server refused the account."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return errors.decide(_stage(error), error.code, str(error.message))
    if type(error) in (aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported):
        return errors.unusable_server(str(error))
    causes = (error, error.__cause__, error.__context__)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return errors.not_sent("tls")
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return errors.not_sent("lost")
    if isinstance(error, aiosmtplib.SMTPConnectError):
        return errors.not_sent("connect")
    return errors.not_sent("timeout" if isinstance(error, TimeoutError) else "connect")


def _stage(error: aiosmtplib.SMTPResponseException) -> Stage:
    if isinstance(error, aiosmtplib.SMTPConnectResponseError):
        return Stage.CONNECT
    return Stage.AUTH if isinstance(error, aiosmtplib.SMTPAuthenticationError) else Stage.HELLO


async def _quit(smtp: SMTP) -> None:
    try:
        await smtp.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError):
        # It had gone already, which is what was wanted.
        smtp.close()
