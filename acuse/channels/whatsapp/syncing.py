"""The whole account read again: by hand, every day, and after news that say less than they mean.

What the reading finds different becomes the same consequences as if Meta had told it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from acuse.channels import selectors
from acuse.channels.contract import Cause, Consequence, Grade, Scope
from acuse.channels.fitting import put
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.templates import APPROVED
from acuse.channels.whatsapp.facts import AccountFacts, NumberFacts, TemplateFacts, TokenFacts
from acuse.channels.whatsapp.management import Management
from acuse.channels.whatsapp.news.accounts import capability
from acuse.channels.whatsapp.news.numbers import BIZ_APP_THROUGHPUT, HIGH_THROUGHPUT, USUAL_THROUGHPUT
from acuse.channels.whatsapp.news.templates import category, status
from acuse.channels.whatsapp.news.values import News
from acuse.channels.whatsapp.onboarding.asking import ask_for, chosen_account
from acuse.channels.whatsapp.onboarding.credentials import SCOPES
from acuse.channels.whatsapp.onboarding.numbers import CONNECTED, keep_facts
from acuse.channels.whatsapp.onboarding.templates import keep
from acuse.channels.whatsapp.watching import consequence_of
from acuse.companies.models import Company
from acuse.kernel import clock

#: A token that ends within this is told of, at this far and again at the nearer ones.
ENDS_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class _Read:
    token: TokenFacts
    account: AccountFacts
    numbers: Sequence[NumberFacts]
    templates: Sequence[TemplateFacts]


def sync(company: Company) -> list[Consequence]:
    """Read everything and keep it. Raises OnboardingError when Meta can't be asked; then nothing changes."""
    account = chosen_account(company)
    token = account.access_token.reveal()

    async def read(graph: Management) -> _Read:
        return _Read(
            await graph.token(token),
            await graph.account(account.waba_id),
            await graph.numbers(account.waba_id),
            await graph.templates(account.waba_id),
        )

    found = ask_for(company, read, field="waba_id")
    with transaction.atomic():
        locked = WhatsAppAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
        return [
            *_token(locked, found.token),
            *_account(locked, found.account),
            *_numbers(locked, found.numbers),
            *_templates(locked, found.templates),
        ]


def due(company: Company, *, now: datetime, every: timedelta) -> bool:
    """Whether the account was read longer ago than that."""
    account = selectors.whatsapp_account(company)
    if account is None or not account.access_token or not account.waba_id:
        return False
    return account.synced_at is None or now - account.synced_at >= every


def _token(account: WhatsAppAccount, facts: TokenFacts) -> Iterator[Consequence]:
    account.token_expires_at, account.token_scopes = facts.expires_at, sorted(facts.scopes)
    account.save(update_fields=["token_expires_at", "token_scopes"])
    lacking = sorted(set(SCOPES) - facts.scopes)
    left = facts.expires_at - clock.now() if facts.expires_at is not None else None
    if not facts.is_valid:
        cause = Cause("token.invalid", "El token de WhatsApp ya no vale.", "Generá otro y cargalo en el asistente.")
        grade = Grade.ERROR
    elif lacking:
        text = f"Al token le falta el permiso {' y '.join(lacking)}."
        cause, grade = Cause("token.scopes", text, "Generá otro tildándolo, y cargalo en el asistente."), Grade.ERROR
    elif left is not None and left <= ENDS_SOON:
        text = f"El token de WhatsApp vence el {facts.expires_at:%d/%m/%Y}."
        cause, grade = (
            Cause("token.ends", text, "Generá otro sin vencimiento y cargalo en el asistente."),
            Grade.WARNING,
        )
    else:
        cause, grade = Cause("token.good", "El token de WhatsApp vale."), Grade.OK
    yield consequence_of(account, News("token", grade, cause), scope=Scope.ACCOUNT)


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
        },
    )
    account.save()
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
            yield consequence_of(
                account, News("connection", Grade.ERROR, cause), scope=Scope.LANE, lane_id=number.lane_id
            )
            continue
        keep_facts(number, told)
        yield from _number(account, number, told)


def _number(account: WhatsAppAccount, number: WhatsAppNumber, facts: NumberFacts) -> Iterator[Consequence]:
    name = facts.display or number.phone_number_id
    if facts.status in ("", CONNECTED, "FLAGGED"):
        connection = News("connection", Grade.OK, Cause("number.connected", f"El número {name} está conectado."))
    else:
        text = f"Meta dice que el número {name} no está conectado ({facts.status})."
        connection = News(
            "connection", Grade.ERROR, Cause("number.disconnected", text, "Registralo en el asistente, paso 3.")
        )
    yield consequence_of(account, connection, scope=Scope.LANE, lane_id=number.lane_id)
    if facts.quality == "RED":
        text, step = f"La calidad del número {name} es baja.", "Revisá a quiénes les mandás: Meta puede limitarlo."
        quality = News("quality", Grade.WARNING, Cause("number.quality", text, step))
    else:
        quality = News("quality", Grade.OK, Cause("number.quality", f"La calidad del número {name} está bien."))
    yield consequence_of(account, quality, scope=Scope.LANE, lane_id=number.lane_id)
    if pace := _pace(facts):
        told = News(
            "throughput", Grade.OK, Cause("number.throughput", f"{pace} mensajes por segundo."), throughput=pace
        )
        yield consequence_of(account, told, scope=Scope.LANE, lane_id=number.lane_id)


def _pace(facts: NumberFacts) -> int | None:
    """Messages a second, where Meta says it."""
    if facts.on_biz_app:
        return BIZ_APP_THROUGHPUT
    return {"HIGH": HIGH_THROUGHPUT, "STANDARD": USUAL_THROUGHPUT}.get(facts.throughput_level)


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
