"""What *Enviar comprobante* would do, voucher by voucher: which messages go, which went before, which can't and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from acuse.companies.models import Company
from acuse.deliveries import planning, previewing
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Plan, Planned
from acuse.deliveries.previewing import Key
from acuse.deliveries.states import OPEN
from acuse.vouchers.models import Voucher
from acuse.web.bubbles import Bubble, TemplateText, bubble_of, text_of


@dataclass(frozen=True, slots=True)
class Line:
    voucher: Voucher
    contact_name: str
    channel: str
    to: str
    content: dict[str, Any]
    file_name: str
    #: The last time that the same was asked.
    before: Delivery | None
    #: Meta's, where it is known here.
    text: TemplateText | None

    @property
    def bubble(self) -> Bubble:
        return bubble_of(self.channel, self.content, self.text)

    @property
    def summary(self) -> str:
        """The message in one line."""
        template = self.content.get("template")
        if template is None:
            return str(self.content["subject"])
        return " · ".join([template["name"], *(parameter["text"] for parameter in template["parameters"])])


@dataclass(slots=True)
class Lines:
    #: Never asked before.
    going: list[Line] = field(default_factory=list)
    #: Asked before, and out of the queue: they go again only if one says so.
    repeats: list[Line] = field(default_factory=list)
    #: In the queue already.
    queued: list[Line] = field(default_factory=list)
    #: Why each of these doesn't go.
    refused: list[Plan] = field(default_factory=list)

    @property
    def samples(self) -> list[Line]:
        """The first message of each channel, to show whole."""
        first: dict[str, Line] = {}
        for line in [*self.going, *self.repeats]:
            first.setdefault(line.channel, line)
        return list(first.values())


def lines_of(company: Company, vouchers: Sequence[Voucher]) -> Lines:
    """As things are at this moment. For the vouchers of one page: each is planned."""
    office = planning.open_office(company, vouchers)
    before = previewing.asked_before(vouchers)
    texts = {kind: text_of(template.components) for kind, template in office.templates.items()}
    found = Lines()
    for voucher in vouchers:
        plan = plan_or_fault(voucher, office)
        if not plan.sendability.sendable:
            found.refused.append(plan)
        for message in previewing.messages_of(plan):
            line = _line(voucher, message, before, texts.get(voucher.kind))
            _pile_of(found, line).append(line)
    return found


def _pile_of(found: Lines, line: Line) -> list[Line]:
    if line.before is None:
        return found.going
    return found.queued if line.before.state in OPEN else found.repeats


def _line(voucher: Voucher, message: Planned, before: Mapping[Key, Delivery], text: TemplateText | None) -> Line:
    return Line(
        voucher=voucher,
        contact_name=message.contact.name,
        channel=message.address.channel.value,
        to=message.address.to,
        content=message.frozen.content,
        file_name=message.frozen.file_name,
        before=before.get(previewing.key_of(voucher, message)),
        text=text,
    )
