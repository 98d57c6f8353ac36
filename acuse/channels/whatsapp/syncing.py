"""The whole account read again: by hand, every day, and after news that say less than they mean.

What the reading finds different becomes the same consequences as if Meta had told it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from acuse.channels.contract import AGAIN, Cause, Consequence, Grade, Scope
from acuse.channels.fitting import put
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.moments import local_day
from acuse.channels.refusals import CREDENTIAL
from acuse.channels.templates import APPROVED
from acuse.channels.whatsapp.facts import AccountFacts, NumberFacts, TemplateFacts, TokenFacts
from acuse.channels.whatsapp.management import Management
from acuse.channels.whatsapp.news.accounts import capability
from acuse.channels.whatsapp.news.numbers import SLOW_THROUGHPUT, pace_of
from acuse.channels.whatsapp.news.templates import category, status
from acuse.channels.whatsapp.news.values import News
from acuse.channels.whatsapp.onboarding import webhook
from acuse.channels.whatsapp.onboarding.asking import (
    OnboardingError,
    ask_for,
    chosen_account,
    refuses_token,
)
from acuse.channels.whatsapp.onboarding.credentials import SCOPES
from acuse.channels.whatsapp.onboarding.numbers import CONNECTED, keep_facts
from acuse.channels.whatsapp.onboarding.templates import keep, read_all
from acuse.channels.whatsapp.pacing import SLOWED, restored, slowed
from acuse.channels.whatsapp.watching import consequence_of
from acuse.companies.models import Company
from acuse.kernel import clock

#: A token that ends within the first is told of, and once more at each of the nearer ones.
ENDS_SOON = timedelta(days=14)
_NEARER = ((1, "en menos de un día"), (3, "en menos de 3 días"), (7, "en menos de 7 días"))
#: Seconds for the whole reading: somebody waits for it, or other accounts do.
DEADLINE = 45.0


#: What Acuse notes of a number that isn't in the account any more.
GONE = "DELETED"
#: With these nothing leaves, and with `SLOWED` it may, if slower (Meta's enum is open: any other one only warns).
STOPPED = frozenset({"DISCONNECTED", "PENDING", GONE, "BANNED", "MIGRATED"})


@dataclass(frozen=True, slots=True)
class _Read:
    token: TokenFacts
    account: AccountFacts
    numbers: Sequence[NumberFacts]
    templates: Sequence[TemplateFacts]


Then = Callable[[list[Consequence]], None]


def sync(company: Company, *, then: Then | None = None) -> list[Consequence]:
    """Read everything and keep it; `then` takes what follows, in the same transaction.

    Raises OnboardingError when Meta can't be asked; then nothing changes, but for a token that it doesn't take any
    more (the error's field is CREDENTIAL): that is kept, and what follows from it taken.
    """
    account = chosen_account(company)
    try:
        found = _read(company, account)
    except OnboardingError as refused:
        if refused.field == CREDENTIAL:
            _lose_token(account, then)
        raise
    subscriptions = webhook.kept(company)
    with transaction.atomic():
        locked = WhatsAppAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        consequences = [
            *_token(locked, found.token),
            *_webhook(locked, subscriptions),
            *_account(locked, found.account),
            *_numbers(locked, found.numbers),
            *_templates(locked, found.templates),
        ]
        if then is not None:
            then(consequences)
    return consequences


def sync_templates(company: Company, *, then: Then | None = None) -> list[Consequence]:
    """The templates alone: while one is in review. As `sync` besides."""
    account, found = chosen_account(company), read_all(company)
    with transaction.atomic():
        locked = WhatsAppAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        consequences = list(_templates(locked, found))
        if then is not None:
            then(consequences)
    return consequences


def _read(company: Company, account: WhatsAppAccount) -> _Read:
    token = account.access_token.reveal()

    async def read(graph: Management) -> _Read:
        async with asyncio.timeout(DEADLINE):
            facts = await graph.token(token)
            if not facts.is_valid:
                raise OnboardingError(CREDENTIAL, "El token ya no vale.", "Generá otro y cargalo en el asistente.")
            return _Read(
                facts,
                await graph.account(account.waba_id),
                await graph.numbers(account.waba_id),
                await graph.templates(account.waba_id),
            )

    try:
        return ask_for(company, read, field="waba_id")
    except TimeoutError as late:
        text = f"Meta no terminó de responder en {DEADLINE:.0f} segundos."
        raise OnboardingError("waba_id", text, AGAIN, passing=True) from late
    except OnboardingError as refused:
        if not refuses_token(refused):
            raise
        raise OnboardingError(CREDENTIAL, str(refused), refused.next_step, said=refused.said) from refused


def _lose_token(account: WhatsAppAccount, then: Then | None) -> None:
    """Nothing leaves with it: what waits doesn't have to find that out one by one."""
    ends, now = account.token_expires_at, clock.now()
    text = "Meta ya no acepta el token de WhatsApp."
    if ends is not None and ends <= now:
        text = f"El token de WhatsApp venció el {local_day(ends)}."
    cause = Cause("token.invalid", text, "Generá otro sin vencimiento y cargalo en el asistente.")
    with transaction.atomic():
        account.token_refused_at = account.token_refused_at or now
        account.save(update_fields=["token_refused_at"])
        if then is not None:
            news = News("token", Grade.ERROR, cause, usable=False)
            then([consequence_of(account, news, scope=Scope.ACCOUNT)])


def _token(account: WhatsAppAccount, facts: TokenFacts) -> Iterator[Consequence]:
    refused, account.token_refused_at = account.token_refused_at, None
    account.token_expires_at, account.token_scopes = facts.expires_at, sorted(facts.scopes)
    account.save(update_fields=["token_expires_at", "token_scopes", "token_refused_at"])
    lacking = sorted(set(SCOPES) - facts.scopes)
    ends, grade = facts.expires_at, Grade.OK
    if lacking:
        text = f"Al token le falta el permiso {' y '.join(lacking)}."
        cause, grade = Cause("token.scopes", text, "Generá otro tildándolo, y cargalo en el asistente."), Grade.ERROR
    elif ends is not None and (left := ends - clock.now()) <= ENDS_SOON:
        near = next((f", {words}" for days, words in _NEARER if left <= timedelta(days=days)), "")
        text = f"El token de WhatsApp vence el {local_day(ends)}{near}."
        step = "Generá otro sin vencimiento y cargalo en el asistente."
        cause, grade = Cause("token.ends", text, step), Grade.WARNING
    else:
        cause = Cause("token.good", "El token de WhatsApp vale.")
    news = News("token", grade, cause, usable=True if refused is not None else None)
    yield consequence_of(account, news, scope=Scope.ACCOUNT)


def _webhook(account: WhatsAppAccount, found: dict[str, Any] | None) -> Iterator[Consequence]:
    """Told when what arrived doesn't any more; an account that was never connected is the assistant's business."""
    if found is None:
        return
    was_good, account.webhook = account.webhook.get("good") is True, found
    account.save(update_fields=["webhook"])
    if found["good"]:
        yield consequence_of(
            account, News("webhook", Grade.OK, Cause("webhook.good", "Meta avisa de nuevo.")), scope=Scope.ACCOUNT
        )
    elif was_good:
        text = "Meta dejó de avisar a Acuse: no se sabe qué se entrega ni qué se lee."
        step = "Conectá los avisos otra vez en el asistente de WhatsApp, paso 5."
        yield consequence_of(
            account, News("webhook", Grade.ERROR, Cause("webhook.lost", text, step)), scope=Scope.ACCOUNT
        )


def _account(account: WhatsAppAccount, facts: AccountFacts) -> Iterator[Consequence]:
    limited = capability({"max_daily_conversations_per_business": facts.limit}, clock.now())
    before = account.status
    put(
        account,
        {
            "name": facts.name,
            "currency": facts.currency,
            "review": facts.review,
            "verification": facts.verification,
            "funded": facts.funded,
            "status": facts.status,
            "limit": limited.changes["limit"] if limited is not None else facts.limit,
            "health": {
                "can_send": facts.health.can_send,
                "problems": [asdict(problem) for problem in facts.health.problems],
            },
            "synced_at": clock.now(),
            "sync_problem": "",
        },
    )
    account.save()
    if facts.review == APPROVED:
        reviewed = Cause("account.reviewed", "Meta aprobó la cuenta de WhatsApp.")
        yield consequence_of(account, News("review", Grade.OK, reviewed), scope=Scope.ACCOUNT)
    if limited is not None:
        yield consequence_of(account, limited, scope=Scope.ACCOUNT)
    yield consequence_of(account, _health(facts), scope=Scope.ACCOUNT)
    if before in ("DISABLED", "DELETED") and facts.status == "ACTIVE":
        back = News(
            "status", Grade.OK, Cause("account.reinstated", "Meta rehabilitó la cuenta de WhatsApp."), usable=True
        )
        yield consequence_of(account, back, scope=Scope.ACCOUNT)


def _health(facts: AccountFacts) -> News:
    """In Meta's own words; no logic hangs on its codes (141xxx)."""
    problems = facts.health.problems
    texts = [text for problem in problems for text in problem.texts]
    solutions = [text for problem in problems for text in problem.solutions]
    said = " ".join(texts)[:400]
    match facts.health.can_send:
        case "BLOCKED":
            cause = Cause("account.health", f"Meta no deja enviar: {said}", " ".join(solutions)[:500])
            return News("health", Grade.ERROR, cause)
        case "LIMITED":
            cause = Cause("account.health", f"Meta deja enviar con límites: {said}", " ".join(solutions)[:500])
            return News("health", Grade.WARNING, cause)
    return News("health", Grade.OK, Cause("account.health", "Meta deja enviar."))


def _numbers(account: WhatsAppAccount, found: Sequence[NumberFacts]) -> Iterator[Consequence]:
    facts = {one.id: one for one in found}
    for number in WhatsAppNumber.objects.select_related("lane").filter(account=account):
        told = facts.get(number.phone_number_id)
        if told is None:
            cause = Cause(
                "number.gone",
                f"El número {number.display or number.phone_number_id} ya no está en la cuenta.",
                "Elegí otro en el asistente.",
            )
            number.status = GONE
            number.save(update_fields=["status"])
            news = News("connection", Grade.ERROR, cause, usable=False)
            yield consequence_of(account, news, scope=Scope.LANE, lane_id=number.lane_id)
            continue
        before, was = pace_of(number.throughput_level, on_biz_app=number.on_biz_app), number.status
        keep_facts(number, told)
        yield from _number(account, number, told, was)
        if told.status not in SLOWED:
            yield from _throughput(account, number, told, SLOW_THROUGHPUT if was in SLOWED else before)


def _number(account: WhatsAppAccount, number: WhatsAppNumber, facts: NumberFacts, was: str) -> Iterator[Consequence]:
    name = facts.display or number.phone_number_id
    connection = _connection(name, facts.status, was)
    if connection.throughput is not None:
        meta = pace_of(facts.throughput_level, on_biz_app=facts.on_biz_app)
        connection = replace(connection, throughput=slowed(number.lane, connection.throughput, meta=meta))
    yield consequence_of(account, connection, scope=Scope.LANE, lane_id=number.lane_id)
    if facts.quality == "RED":
        text, step = f"La calidad del número {name} es baja.", "Revisá a quiénes les mandás: Meta puede limitarlo."
        quality = News("quality", Grade.WARNING, Cause("number.quality", text, step))
    else:
        quality = News("quality", Grade.OK, Cause("number.quality", f"La calidad del número {name} está bien."))
    yield consequence_of(account, quality, scope=Scope.LANE, lane_id=number.lane_id)
    if facts.name_status == APPROVED:
        named = Cause("number.name_approved", f"Meta aprobó el nombre «{facts.verified_name}».")
        yield consequence_of(account, News("name", Grade.OK, named), scope=Scope.LANE, lane_id=number.lane_id)


def _connection(name: str, status: str, was: str) -> News:
    """What stops the number, what slows it down, and what Acuse doesn't know and only tells."""
    if status in ("", CONNECTED, "FLAGGED"):
        cause = Cause("number.connected", f"El número {name} está conectado.")
        return News("connection", Grade.OK, cause, usable=True if was in STOPPED else None)
    if status in SLOWED:
        text = f"Meta limitó el número {name} ({status}): Acuse va más despacio."
        cause = Cause("number.limited", text, "Revisá a quiénes les mandás. Se normaliza solo cuando Meta lo levante.")
        return News("connection", Grade.ERROR, cause, throughput=SLOW_THROUGHPUT)
    text = f"Meta dice que el número {name} no está conectado ({status})."
    cause = Cause("number.disconnected", text, "Registralo en el asistente, paso 3.")
    return News("connection", Grade.ERROR, cause, usable=False if status in STOPPED else None)


def _throughput(
    account: WhatsAppAccount, number: WhatsAppNumber, facts: NumberFacts, before: int | None
) -> Iterator[Consequence]:
    pace, now = pace_of(facts.throughput_level, on_biz_app=facts.on_biz_app), number.lane.throughput
    if pace is None:
        return
    chosen = restored(number.lane, pace, before=before)
    cause = Cause("number.throughput", f"{pace} mensajes por segundo.")
    news = News("throughput", Grade.OK, cause, throughput=chosen if chosen != now else None)
    yield consequence_of(account, news, scope=Scope.LANE, lane_id=number.lane_id)


def _templates(account: WhatsAppAccount, found: Sequence[TemplateFacts]) -> Iterator[Consequence]:
    known = {(row.name, row.language): row for row in WhatsAppTemplate.objects.filter(account=account)}
    seen = set()
    for facts in found:
        key = (facts.name, facts.language.replace("-", "_"))
        before = known.get(key)
        row = keep(account, facts)
        seen.add(row.pk)
        if (before is not None and before.status != row.status) or row.status != APPROVED:
            yield from _status(account, row)
        if before is not None and before.category != row.category:
            yield from _category(account, row)
    for row in known.values():
        if row.pk not in seen and row.gone_at is None:
            row.gone_at, row.status = clock.now(), "DELETED"
            row.save(update_fields=["gone_at", "status"])
            yield from _status(account, row)


def _status(account: WhatsAppAccount, row: WhatsAppTemplate) -> Iterator[Consequence]:
    news = status(_value(row, event=row.status, reason=row.rejected_reason or "NONE"), clock.now())
    if news is not None:
        yield consequence_of(account, news, scope=Scope.TEMPLATE, template=(row.name, row.language))


def _category(account: WhatsAppAccount, row: WhatsAppTemplate) -> Iterator[Consequence]:
    row.category_accepted_at = None
    row.save(update_fields=["category_accepted_at"])
    news = category(_value(row, new_category=row.category), clock.now())
    if news is not None:
        yield consequence_of(account, news, scope=Scope.TEMPLATE, template=(row.name, row.language))


def _value(row: WhatsAppTemplate, **more: str) -> dict[str, str]:
    return {"message_template_name": row.name, "message_template_language": row.language, **more}
