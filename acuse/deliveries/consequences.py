"""What news of an account means, carried out: stop and go on, faster and slower, and what people should know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection

from acuse.channels import notices
from acuse.channels.contract import Consequence, Grade, Scope
from acuse.channels.models import Lane, WhatsAppTemplate
from acuse.channels.templates import misfit, shape_of
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import policy as rules
from acuse.deliveries import services, waits, waking
from acuse.deliveries.models import Delivery, DeliveryPolicy, Suspension
from acuse.deliveries.statements import statement
from acuse.deliveries.states import State

log = structlog.get_logger(__name__)

ACTOR = "system:provider"
#: Topics for whose change a wish may wait: the template costs less now, or fits its configuration, or somebody wants
#: marketing again.
_FREEING = frozenset({"category", "components", "preference"})


def carry_out(consequences: Iterable[Consequence], *, now: datetime) -> None:
    """In the transaction of what caused them. Twice carried out is once."""
    touched: set[UUID] = set()
    freed: set[UUID] = set()
    for one in consequences:
        if one.template is not None and not _is_used(one.company_id, one.template):
            # nothing of ours goes by it: neither stopped nor told
            continue
        _stop_or_go_on(one, now)
        if one.throughput is not None and one.lane_id is not None:
            Lane.objects.filter(pk=one.lane_id).update(throughput=one.throughput)
        if one.topic == "limit":
            _ask_for_places(one, now)
        _tell(one, now)
        touched.add(one.company_id)
        if one.usable or one.topic in _FREEING:
            freed.add(one.company_id)
        log.info("provider_news", scope=one.scope.value, topic=one.topic, grade=one.grade.value, cause=one.cause.code)
    for company in Company.objects.filter(pk__in=touched):
        check_mappings(company, now=now)
        if company.pk in freed:
            waits.look_later(company)


def _ask_for_places(one: Consequence, now: datetime) -> None:
    """What waits for one of the day's people finds out anew how many there are."""
    waiting = Delivery.objects.filter(
        company=one.company_id, account_key=str(one.account_id), state=State.QUEUED, cause_code=rules.PEOPLE_LIMIT
    )
    lanes = set(waiting.values_list("lane_id", flat=True).distinct())
    waiting.filter(due_at__gt=now).update(due_at=now)
    waking.wake_on_commit(lanes)


def _is_used(company_id: UUID, template: tuple[str, str]) -> bool:
    name, language = template
    used = DeliveryPolicy.objects.filter(company_id=company_id, template_name=name, template_language=language)
    return used.exists()


def _key(one: Consequence) -> str:
    """What a suspension names, as deliveries hold it."""
    template = f"{one.account_id}/{'/'.join(one.template)}" if one.template is not None else ""
    return rules.suspended_thing(one.scope, one.lane_id or 0, str(one.account_id), template)[1]


def _stop_or_go_on(one: Consequence, now: datetime) -> None:
    if one.usable is False:
        with connection.cursor() as cursor:
            cursor.execute(
                statement("suspend"),
                {"company": one.company_id, "scope": one.scope.value, "key": _key(one), "code": one.cause.code[:60],
                 "text": one.cause.text[:500], "step": one.cause.next_step[:500], "now": now,
                 "probe_at": one.until or now + rules.PROBE_PERIOD},
            )  # fmt: skip
    elif one.usable is True:
        held = Suspension.objects.filter(
            company_id=one.company_id, scope=one.scope.value, key=_key(one), ended_at=None
        ).select_related("company")
        services.resume(list(held), actor=ACTOR)


def _tell(one: Consequence, now: datetime) -> None:
    key = f"{one.scope.value}:{_key(one)}:{one.topic}"
    if one.grade is Grade.OK:
        if notices.take_down(one.company_id, key=key, text=one.cause.text, now=now):
            _note(one, "notice.ended")
        return
    notices.put_up(
        one.company_id, key=key, grade=one.grade, text=one.cause.text, next_step=one.cause.next_step, now=now
    )
    _note(one, "notice.raised")


def _note(one: Consequence, event: str) -> None:
    company = Company(pk=one.company_id)
    audit.record(company=company, actor=ACTOR, event=event, target=one.cause.code, text=one.cause.text[:200])


def check_mappings(company: Company, *, now: datetime) -> None:
    """Before a template is used: whether what each configuration fills is what the template has now."""
    rows = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None).exclude(components=[])
    shapes = {(row.name, row.language): shape_of(row.components, row.parameter_format) for row in rows}
    for policy in DeliveryPolicy.objects.filter(company=company, enabled=True):
        shape = shapes.get((policy.template_name, policy.template_language))
        wrong = misfit(shape, len(policy.template_parameters)) if shape is not None else ""
        key = f"mapping:{policy.kind}"
        if wrong:
            step = "Corregila en Configuraciones de envío de comprobantes."
            notices.put_up(company.pk, key=key, grade=Grade.ERROR, text=wrong, next_step=step, now=now)
        else:
            notices.take_down(company.pk, key=key, text="La plantilla y la configuración coinciden.", now=now)


def accept_category(template: WhatsAppTemplate, *, actor: str, now: datetime) -> None:
    """A person accepts what it costs as marketing: automatic sending with it goes on."""
    company = template.account.company
    template.category_accepted_at = now
    template.save(update_fields=["category_accepted_at"])
    key = f"{Scope.TEMPLATE.value}:{template.account_id}/{template.name}/{template.language}:category"
    notices.take_down(company.pk, key=key, text="Alguien aceptó el costo.", now=now)
    audit.record(company=company, actor=actor, event="template.category_accepted", target=str(template))
    waits.look_later(company)
    waking.wake_on_commit(set(Lane.objects.filter(company=company).values_list("pk", flat=True)))
