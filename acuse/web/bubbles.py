"""A message as its receiver sees it: a WhatsApp bubble with its document, or a mail with its attachment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from acuse.channels.models import WhatsAppTemplate
from acuse.deliveries.models import Delivery

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class TemplateText:
    body: str
    footer: str


@dataclass(frozen=True, slots=True)
class Bubble:
    channel: str
    #: Of a mail.
    subject: str
    #: None: Meta's text isn't known here; `parameters` say what goes into it.
    body: str | None
    footer: str
    template: Mapping[str, Any] | None
    parameters: Sequence[str]


def texts_of(deliveries: Iterable[Delivery]) -> dict[str, TemplateText]:
    """The text that Meta has today for each template of these deliveries, by the delivery's key. One query."""
    keys = {key for delivery in deliveries if (key := delivery.template_key).count("/") >= 2}
    accounts = {account for key in keys if (account := _uuid(key.split("/", 1)[0])) is not None}
    if not accounts:
        return {}
    rows = WhatsAppTemplate.objects.filter(account_id__in=accounts, gone_at=None)
    found = {f"{row.account_id}/{row.name}/{row.language}": text_of(row.components) for row in rows}
    return {key: text for key in keys if (text := found.get(key)) is not None}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def text_of(components: Any) -> TemplateText | None:
    """None where there is no body to read."""
    texts = {
        str(part.get("type", "")).upper(): str(part.get("text") or "") for part in components if isinstance(part, dict)
    }
    return TemplateText(texts["BODY"], texts.get("FOOTER", "")) if texts.get("BODY") else None


def bubble_of(channel: str, content: Mapping[str, Any], text: TemplateText | None = None) -> Bubble:
    template = content.get("template")
    if template is None:
        return Bubble(channel, str(content.get("subject", "")), str(content.get("body", "")), "", None, ())
    parameters = [str(parameter.get("text", "")) for parameter in template.get("parameters", ())]
    body = _fill(text.body, template.get("parameters", ())) if text is not None else None
    return Bubble(channel, "", body, text.footer if text is not None else "", template, parameters)


def _fill(body: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    values = {str(place): str(given.get("text", "")) for place, given in enumerate(parameters, 1)}
    values |= {str(given["name"]): str(given.get("text", "")) for given in parameters if given.get("name")}
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), body)
