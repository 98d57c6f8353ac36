import asyncio
import email
import email.policy
import ssl
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from acuse.channels.contract import ChannelError, Refusal, Scope, Verdict
from acuse.channels.email.sender import EmailSender
from acuse.channels.email.url import Security, SmtpSettings
from tests.contracts.channel_contract import ChannelContract, Marks, Rig

PASSWORD = "clave-muy-secreta"


class Handler:
    """What the server answers; None = accept."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.mail_reply: str | None = None
        self.rcpt_reply: str | None = None
        self.data_reply: str | None = None
        #: "cut" or "stall", when the message has arrived.
        self.mischief: str | None = None
        self.connections = 0
        #: Close the connection after each message.
        self.once = False
        self.closed = asyncio.Event()

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.mail_reply:
            return self.mail_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt_reply:
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.bodies.append(envelope.content)
        if self.mischief == "cut":
            server.transport.abort()
        elif self.mischief == "stall":
            await asyncio.sleep(5)
        if self.once:
            asyncio.get_running_loop().call_later(0.02, self._close, server)
        return self.data_reply or "250 OK"

    def _close(self, server: Any) -> None:
        server.transport.abort()
        self.closed.set()


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


class MailServer:
    def __init__(self, tls: ssl.SSLContext | None = None, security: Security = Security.PLAIN) -> None:
        self.handler = Handler()
        self._tls = tls
        self.security = security
        self.port = 0
        self._server: asyncio.Server | None = None
        self._protocols: list[SMTP] = []

    def _protocol(self) -> SMTP:
        self.handler.connections += 1
        starttls = self._tls if self.security is Security.STARTTLS else None
        protocol = SMTP(
            self.handler, hostname="localhost", tls_context=starttls, require_starttls=starttls is not None,
            authenticator=authenticate, auth_require_tls=False, ident="test",
        )  # fmt: skip
        self._protocols.append(protocol)
        return protocol

    async def start(self) -> None:
        context = self._tls if self.security is Security.TLS else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for protocol in self._protocols:
            if protocol.transport:
                protocol.transport.close()
        await asyncio.sleep(0)

    def settings(self, user: str | None = None, password: str | None = None) -> SmtpSettings:
        return SmtpSettings("127.0.0.1", self.port, user, password, self.security)


def sender_to(settings: SmtpSettings, **options: Any) -> EmailSender:
    options = {"timeout": 5.0, **options}
    return EmailSender(settings, from_address="facturas@ejemplo.com.ar", from_name="Ejemplo S.A.", **options)


class EmailRig(Rig):
    to = "ana@cliente.com.ar"
    content = {"subject": "Factura A", "body": "Hola Ana,\n\nva la factura.", "to_name": "Ana Peña"}
    uploads = False

    def __init__(self, folder: Path, server: MailServer) -> None:
        super().__init__(folder)
        self.server = server
        self.handler = server.handler
        self.sender = sender_to(server.settings())

    def arrived(self) -> int:
        return len(self.handler.bodies)

    def received(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.handler.bodies[-1], policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    async def refuse(self) -> None:
        self.handler.data_reply = "554 5.7.1 Message refused"

    async def lose_answers(self) -> None:
        self.handler.mischief = "cut"

    async def vanish(self) -> None:
        await self.server.stop()

    async def refusal(self, marks: Marks | None = None) -> Refusal:
        with pytest.raises(ChannelError) as caught:
            await self.sender.send(self.message(), marks or Marks(self))
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))
        return caught.value.refusal


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[EmailRig]:
    server = MailServer()
    await server.start()
    rig = EmailRig(tmp_path, server)
    yield rig
    await rig.sender.aclose()
    await server.stop()


class TestEmailSender(ChannelContract):
    async def test_the_message_arrives_whole(self, rig: EmailRig) -> None:
        accepted = await rig.sender.send(rig.message(), Marks(rig))
        mail = rig.received()
        assert mail["Message-ID"] == accepted.provider_id == "<018f-0@ejemplo.com.ar>"
        assert mail["From"] == '"Ejemplo S.A." <facturas@ejemplo.com.ar>'
        assert mail["To"] == "Ana Peña <ana@cliente.com.ar>"
        (attached,) = mail.iter_attachments()
        assert attached.get_content() == rig.path.read_bytes()
        assert attached.get_filename() == rig.file.name

    async def test_every_attempt_has_the_same_message_id(self, rig: EmailRig) -> None:
        first = await rig.sender.send(rig.message(), Marks(rig))
        again = await rig.sender.send(rig.message(), Marks(rig))
        assert first.provider_id == again.provider_id

    async def test_connections_are_used_again(self, rig: EmailRig) -> None:
        for number in range(5):
            await rig.sender.send(rig.message(number), Marks(rig))
        assert rig.handler.connections == 1

    async def test_no_more_connections_than_allowed(self, rig: EmailRig) -> None:
        await rig.sender.aclose()
        rig.sender = sender_to(rig.server.settings(), max_connections=2)
        await asyncio.gather(*(rig.sender.send(rig.message(n), Marks(rig)) for n in range(10)))
        assert rig.handler.connections <= 2

    async def test_a_connection_that_died_idle_is_replaced_unseen(self, rig: EmailRig) -> None:
        rig.handler.once = True
        for number in range(3):
            await rig.sender.send(rig.message(number), Marks(rig))
            await rig.handler.closed.wait()
            rig.handler.closed.clear()
            # its end is told to the sender in the loop's next rounds
            for _ in range(10):
                await asyncio.sleep(0.001)
        assert rig.handler.connections == 3

    async def test_a_connection_that_dies_while_marking_sends_nothing(self, rig: EmailRig) -> None:
        async def started() -> None:
            await rig.server.stop()
            await asyncio.sleep(0.05)

        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), started)
        assert caught.value.refusal.verdict is Verdict.RETRY
        assert rig.arrived() == 0

    async def test_a_refused_recipient_stops_before_the_start(self, rig: EmailRig) -> None:
        rig.handler.rcpt_reply = "550 5.1.1 No such user"
        marks = Marks(rig)
        refusal = await rig.refusal(marks)
        assert (refusal.verdict, refusal.scope) == (Verdict.REJECTED, Scope.RECIPIENT)
        assert marks.calls == 0
        rig.handler.rcpt_reply = None
        await rig.sender.send(rig.message(), Marks(rig))
        assert rig.handler.connections == 1

    async def test_greylisting_is_tried_again(self, rig: EmailRig) -> None:
        rig.handler.rcpt_reply = "451 4.7.1 Greylisted"
        assert (await rig.refusal()).verdict is Verdict.RETRY

    async def test_a_refused_sender_stops_the_lane(self, rig: EmailRig) -> None:
        rig.handler.mail_reply = "553 5.7.1 Sender address rejected"
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.SUSPENDED, Scope.LANE)

    async def test_a_later_at_the_end_of_data_is_tried_again(self, rig: EmailRig) -> None:
        rig.handler.data_reply = "452 4.3.1 Insufficient system storage"
        assert (await rig.refusal()).verdict is Verdict.RETRY

    async def test_silence_after_data_is_unknown(self, rig: EmailRig) -> None:
        await rig.sender.aclose()
        # enough for a machine with other things to do to come as far as the data
        rig.sender = sender_to(rig.server.settings(), timeout=1.0)
        rig.handler.mischief = "stall"
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.UNKNOWN, "network.timeout")

    @pytest.mark.parametrize("to", ["ana", "ana@", "@x.com", "a@b.com\r\nBcc: c@d.com", "", "a b@c.com", "ñandú@c.com"])
    async def test_what_is_no_address_never_connects(self, rig: EmailRig, to: str) -> None:
        rig.to = to
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.REJECTED, Scope.RECIPIENT)
        assert rig.handler.connections == 0

    async def test_a_domain_with_accents_travels_in_ascii(self, rig: EmailRig) -> None:
        rig.to = "ana@peña.com.ar"
        await rig.sender.send(rig.message(), Marks(rig))
        assert rig.received()["To"].addresses[0].domain == "xn--pea-8ma.com.ar"

    async def test_a_file_that_is_gone_is_tried_again(self, rig: EmailRig) -> None:
        rig.path.unlink()
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.RETRY, "file.unreadable")

    async def test_a_wrong_password_stops_the_lane(self, rig: EmailRig) -> None:
        rig.sender = sender_to(rig.server.settings("facturas", "otra"))
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope, refusal.cause.code) == (
            Verdict.SUSPENDED,
            Scope.LANE,
            "smtp.535",
        )

    async def test_it_logs_in(self, rig: EmailRig) -> None:
        settings = rig.server.settings("facturas", PASSWORD)
        assert PASSWORD not in repr(settings)
        rig.sender = sender_to(settings)
        assert PASSWORD not in repr(rig.sender) + repr(vars(rig.sender))
        assert (await rig.sender.send(rig.message(), Marks(rig))).provider_id

    async def test_a_server_without_starttls_is_never_spoken_to_in_the_clear(self, rig: EmailRig) -> None:
        settings = rig.server.settings("facturas", PASSWORD)
        secure = SmtpSettings(settings.host, settings.port, "facturas", PASSWORD, Security.STARTTLS)
        rig.sender = sender_to(secure)
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.SUSPENDED, "smtp.unsupported")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(params=[Security.TLS, Security.STARTTLS])
async def tls_rig(request: pytest.FixtureRequest, certificate: Path, tmp_path: Path) -> AsyncIterator[EmailRig]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = MailServer(context, request.param)
    await server.start()
    rig = EmailRig(tmp_path, server)
    yield rig
    await rig.sender.aclose()
    await server.stop()


async def test_it_sends_over_tls_to_a_server_that_it_trusts(tls_rig: EmailRig, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    tls_rig.sender = sender_to(tls_rig.server.settings("facturas", PASSWORD), tls_context=trusting)
    assert (await tls_rig.sender.send(tls_rig.message(), Marks(tls_rig))).provider_id


async def test_it_says_nothing_to_a_server_that_it_does_not_trust(tls_rig: EmailRig) -> None:
    tls_rig.sender = sender_to(tls_rig.server.settings("facturas", PASSWORD))
    refusal = await tls_rig.refusal()
    assert (refusal.verdict, refusal.cause.code) == (Verdict.RETRY, "network.tls")
    assert tls_rig.arrived() == 0
