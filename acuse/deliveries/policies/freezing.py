"""The message as it will be sent, frozen at request: what is configured later changes nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.channels.templates import Shape
from acuse.deliveries.models import DeliveryPolicy
from acuse.directory.models import Contact
from acuse.kernel.money import format_amount
from acuse.kernel.names import safe_file_name
from acuse.rendering import text
from acuse.vouchers import arca
from acuse.vouchers.models import Voucher


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a delivery keeps of the configuration and the voucher."""

    lane_id: int
    account_key: str
    template_key: str
    content: dict[str, Any]
    file_name: str


def freeze(
    voucher: Voucher, contact: Contact, channel: Channel, *, lane: Lane, policy: DeliveryPolicy, shape: Shape | None
) -> Frozen:
    values, account_key = values_of(voucher, contact), account_key_of(lane)
    return Frozen(
        lane_id=lane.pk,
        account_key=account_key,
        template_key=template_key_of(channel, policy, account_key),
        content=content_of(channel, policy, values, contact, shape),
        file_name=file_name_of(policy, values),
    )


def values_of(voucher: Voucher, contact: Contact) -> dict[str, str]:
    """Every variable of `rendering.text.VARIABLES`."""
    return {
        "cliente": voucher.party.name,
        "contacto": contact.name or voucher.party.name,
        "comprobante": voucher.title,
        "numero": arca.number_text(voucher.point_of_sale, voucher.number) or voucher.title,
        "fecha": f"{voucher.issued_on:%d/%m/%Y}",
        "total": format_amount(voucher.total, voucher.currency),
        "vencimiento": f"{voucher.due_on:%d/%m/%Y}" if voucher.due_on else "",
        "empresa": voucher.company.legal_name,
    }


def content_of(
    channel: Channel, policy: DeliveryPolicy, values: dict[str, str], contact: Contact, shape: Shape | None = None
) -> dict[str, Any]:
    """As `channels.contract.OutgoingMessage.content` wants it."""
    subject, body = " ".join(text.fill(policy.subject, values).split()), text.fill(policy.body, values)
    if channel is not Channel.WHATSAPP:
        return {"subject": subject, "body": body, "to_name": contact.name}
    values = values | {"asunto": subject, "cuerpo": " ".join(body.split())}
    parameters = [text.fill(one, values, text.PARAMETER_VARIABLES) for one in policy.template_parameters]
    return {
        "template": {
            "name": policy.template_name,
            "language": policy.template_language,
            "parameters": _parameters(parameters, shape),
        }
    }


def _parameters(texts: Sequence[str], shape: Shape | None) -> list[dict[str, str]]:
    """By their place, or by their names where the template has names."""
    if shape is None or not shape.named:
        return [{"text": text_} for text_ in texts]
    return [{"name": name, "text": text_} for name, text_ in zip(shape.names, texts, strict=False)]


def file_name_of(policy: DeliveryPolicy, values: dict[str, str]) -> str:
    return safe_file_name(text.fill(policy.file_name, values).replace("/", "-"))


def account_key_of(lane: Lane) -> str:
    """What an account's suspension names: the WhatsApp account, or the mailbox itself."""
    number = getattr(lane, "whatsapp_number", None)
    return str(number.account_id) if number is not None else f"lane:{lane.pk}"


def template_key_of(channel: Channel, policy: DeliveryPolicy, account_key: str) -> str:
    if channel is not Channel.WHATSAPP:
        return ""
    return f"{account_key}/{policy.template_name}/{policy.template_language}"
