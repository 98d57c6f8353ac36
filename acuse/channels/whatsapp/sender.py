"""WhatsApp as a channel."""

from __future__ import annotations

from collections.abc import Callable

from acuse.channels.contract import (
    Accepted,
    Cause,
    ChannelError,
    MarkStarted,
    OutgoingFile,
    OutgoingMessage,
    Refusal,
    Scope,
    Verdict,
)
from acuse.channels.whatsapp.client import GraphClient, first_of
from acuse.channels.whatsapp.http import HttpClient
from acuse.channels.whatsapp.payloads import template_message


class WhatsAppSender:
    """A number's connection to Meta (contract.Sender)."""

    uploads = True

    def __init__(
        self,
        *,
        phone_number_id: str,
        access_token: str,
        base_url: str,
        version: str,
        max_connections: int = 800,
        timeout: float = 30.0,
        rewrite: Callable[[str], str] | None = None,
    ) -> None:
        """`timeout` in seconds, for a whole request; an upload gets more by its size. `rewrite`: see sandbox.py."""
        self._rewrite = rewrite
        self._phone_number_id = phone_number_id
        self._http = HttpClient(base_url, access_token.strip(), max_connections=max_connections, timeout=timeout)
        self._client = GraphClient(self._http, version=version, phone_number_id=phone_number_id)

    def __repr__(self) -> str:
        return f"WhatsAppSender({self._phone_number_id!r})"

    async def upload(self, file: OutgoingFile) -> str:
        return await self._client.upload_media(file)

    async def send(self, message: OutgoingMessage, started: MarkStarted) -> Accepted:
        payload = _payload(message, self._rewrite(message.to) if self._rewrite else message.to)
        await started()
        wamid, told = await self._client.send_message(payload)
        contact = first_of(told, "contacts")
        note = first_of(told, "messages").get("message_status")
        return Accepted(
            provider_id=wamid,
            note=note if isinstance(note, str) and note != "accepted" else None,
            identities={k: v for k in ("wa_id", "input", "user_id") if isinstance(v := contact.get(k), str) and v},
        )

    async def aclose(self) -> None:
        await self._http.aclose()


def _payload(message: OutgoingMessage, to: str) -> dict[str, object]:
    try:
        if not message.media_id:
            raise ValueError("no media id")
        return template_message(
            to=to,
            media_id=message.media_id,
            file_name=message.file.name,
            template=message.content["template"],
            opaque=message.delivery_id,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        cause = Cause(
            "whatsapp.content",
            "El mensaje no se puede armar con esa plantilla.",
            "Revisá la plantilla y sus variables en la configuración de envío.",
        )
        refusal = Refusal(Verdict.REJECTED, Scope.DELIVERY, cause, detail={"error": str(error)})
        raise ChannelError(refusal) from error
