"""What *Enviar comprobante* would do: which messages go, which went before, which can't and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from acuse.companies.models import Company
from acuse.deliveries import freezing, planning
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Office, Plan, Planned
from acuse.deliveries.states import OPEN
from acuse.vouchers.models import Voucher

#: More lines than these are counted, not listed.
SHOWN = 200


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

    @property
    def summary(self) -> str:
        """The message in one line."""
        template = self.content.get("template")
        if template is None:
            return str(self.content["subject"])
        return " · ".join([template["name"], *(parameter["text"] for parameter in template["parameters"])])


@dataclass(slots=True)
class Preview:
    #: Never asked before.
    going: list[Line] = field(default_factory=list)
    #: Asked before, and out of the queue: they go again only if one says so.
    repeats: list[Line] = field(default_factory=list)
    #: In the queue already.
    queued: list[Line] = field(default_factory=list)
    #: Why each of these doesn't go.
    refused: list[Plan] = field(default_factory=list)
    #: Each word of warning, and the vouchers that may go in spite of it.
    warned: dict[str, list[Voucher]] = field(default_factory=dict)

    @property
    def samples(self) -> list[Line]:
        """The first message of each channel, to show whole."""
        first: dict[str, Line] = {}
        for line in [*self.going, *self.repeats]:
            first.setdefault(line.channel, line)
        return list(first.values())

    @property
    def going_vouchers(self) -> int:
        return len({line.voucher.pk for line in self.going})

    @property
    def both(self) -> int:
        return len(self.going) + len(self.repeats)


def preview_of(company: Company, vouchers: Sequence[Voucher]) -> Preview:
    office = planning.open_office(company, vouchers)
    before = _asked_before(vouchers)
    found = Preview()
    for plan in (planning.plan(voucher, office) for voucher in vouchers):
        if not plan.sendability.sendable:
            found.refused.append(plan)
            continue
        for warning in plan.sendability.warnings:
            found.warned.setdefault(warning.text, []).append(plan.voucher)
        for message in _once_an_address(plan.messages):
            line = _line(plan.voucher, message, office, before)
            _pile_of(found, line).append(line)
    return found


def _pile_of(found: Preview, line: Line) -> list[Line]:
    if line.before is None:
        return found.going
    return found.queued if line.before.state in OPEN else found.repeats


def _once_an_address(messages: Iterable[Planned]) -> list[Planned]:
    """Two contacts with the same address get one message, as when it is asked."""
    return list({(m.address.channel, m.address.to): m for m in reversed(list(messages))}.values())[::-1]


def _line(
    voucher: Voucher, message: Planned, office: Office, before: dict[tuple[UUID, int, str, str], Delivery]
) -> Line:
    channel, policy = message.address.channel, office.policies[voucher.kind]
    values = freezing.values_of(voucher, message.contact)
    return Line(
        voucher=voucher,
        contact_name=message.contact.name,
        channel=channel.value,
        to=message.address.to,
        content=freezing.content_of(channel, policy, values, message.contact),
        file_name=freezing.file_name_of(policy, values),
        before=before.get((voucher.pk, voucher.version, channel.value, message.address.to)),
    )


def _asked_before(vouchers: Sequence[Voucher]) -> dict[tuple[UUID, int, str, str], Delivery]:
    """The newest delivery of each voucher's version, channel and address."""
    found = Delivery.objects.filter(voucher__in=[v.pk for v in vouchers]).order_by("created_at", "id")
    return {(row.voucher_id, row.version, row.channel, row.to): row for row in found.defer("content")}
