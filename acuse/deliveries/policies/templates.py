"""A template for kinds of voucher: which it can be, and what fills its variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import transaction

from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import APPROVED, misfit, shape_of
from acuse.companies.models import Company
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.policies.rules import Problem
from acuse.deliveries.policies.services import PolicyError, change, values_of
from acuse.vouchers.kinds import VoucherKind

#: What people put into a template's variables, in order, until they say otherwise.
USUAL = ("{{comprobante}}", "{{cliente}}", "{{total}}", "{{fecha}}", "{{vencimiento}}")


def why_not(template: WhatsAppTemplate) -> str:
    """Why no kind can use it now, in Spanish; blank when one can."""
    if template.gone_at is not None:
        return "Ya no está en la cuenta."
    shape = shape_of(template.components, template.parameter_format)
    wrong = misfit(shape, len(shape.names))
    if wrong:
        return wrong
    return "" if template.status == APPROVED else "Hay que esperar a que Meta la apruebe."


def used_by(company: Company) -> Mapping[tuple[str, str], Sequence[VoucherKind]]:
    """The kinds of each template, by its name and language; of those that go by WhatsApp."""
    found: dict[tuple[str, str], list[VoucherKind]] = {}
    policies = {policy.kind: policy for policy in DeliveryPolicy.objects.filter(company=company)}
    for kind in VoucherKind:
        policy = policies.get(kind.value)
        if policy is not None and (not policy.channels or Channel.WHATSAPP in policy.channels):
            found.setdefault((policy.template_name, policy.template_language), []).append(kind)
    return found


def filling_of(company: Company, template: WhatsAppTemplate) -> tuple[str, ...]:
    """What goes into each variable: as the first kind that uses it has it, else the usual."""
    wanted = len(shape_of(template.components, template.parameter_format).names)
    for policy in DeliveryPolicy.objects.filter(company=company, template_name=template.name).order_by("id"):
        if policy.template_language == template.language and len(policy.template_parameters) == wanted:
            return tuple(policy.template_parameters)
    return (*USUAL[:wanted], *([USUAL[0]] * (wanted - len(USUAL))))


@transaction.atomic
def use(
    *,
    company: Company,
    template: WhatsAppTemplate,
    kinds: Iterable[VoucherKind],
    parameters: Sequence[str],
    actor: str,
) -> list[VoucherKind]:
    """From now on these kinds leave with it. All or none; answers those that changed. Raises PolicyError."""
    wrong = why_not(template) or misfit(shape_of(template.components, template.parameter_format), len(parameters))
    if wrong:
        raise PolicyError([Problem("template_name", wrong)])
    changed = []
    for kind in kinds:
        policy = DeliveryPolicy.objects.get(company=company, kind=kind.value)
        values = replace(
            values_of(policy),
            template_name=template.name,
            template_language=template.language,
            template_parameters=tuple(parameters),
        )
        if change(company=company, kind=kind, values=values, actor=actor):
            changed.append(kind)
    return changed
