"""What Meta told, written to our tables, and what follows for sending. An app's news touch that app's accounts only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from acuse.channels.contract import AccountNews, Cause, Consequence, Grade, Scope
from acuse.channels.fitting import put
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.whatsapp.news.accounts import capability, preferences
from acuse.channels.whatsapp.news.fields import read
from acuse.channels.whatsapp.news.numbers import SLOW_LEVEL, USUAL_THROUGHPUT, pace_of
from acuse.channels.whatsapp.news.values import News, NumberRef, TemplateRef
from acuse.channels.whatsapp.pacing import restored, slowed
from acuse.directory import marketing
from acuse.kernel import clock

#: Of what changes because the provider told so.
ACTOR = "system:provider"


def take(app_id: int, told: AccountNews, *, now: datetime) -> list[Consequence] | None:
    """None: it isn't understood, or speaks of what isn't that app's. Inside the caller's transaction."""
    accounts = WhatsAppAccount.objects.select_for_update(of=("self",)).filter(app_id=app_id, waba_id=told.account)
    if told.field == "user_preferences":
        return _people(accounts.select_related("company").first(), told, now)
    news = read(told.field, told.value, now=now)
    account = accounts.first() if news is not None else None
    if news is None or account is None:
        return None
    match news.about:
        case TemplateRef() as ref:
            return list(_template(account, ref, news, now))
        case NumberRef() as ref:
            return _number(account, ref, news)
        case None:
            return list(_account(account, news))


def _people(account: WhatsAppAccount | None, told: AccountNews, now: datetime) -> list[Consequence] | None:
    """Who stopped this company's marketing, and who wants it again: for these what waited may go."""
    chosen = preferences(told.value, now)
    if account is None or not chosen:
        return None
    freed = False
    for digits, stopped, at in chosen:
        changed = marketing.choose(account.company, digits=digits, stopped=stopped, at=at, actor=ACTOR)
        freed = freed or (changed and not stopped)
    news = News("preference", Grade.OK, Cause("person.marketing", "Alguien acepta de nuevo mensajes de marketing."))
    return [consequence_of(account, news, scope=Scope.ACCOUNT)] if freed else []


def _template(account: WhatsAppAccount, ref: TemplateRef, news: News, now: datetime) -> Iterator[Consequence]:
    row, _ = WhatsAppTemplate.objects.get_or_create(account=account, name=ref.name, language=ref.language)
    changes = dict(news.changes)
    parts = changes.pop("components", None)
    if isinstance(parts, Mapping):
        row.components = _rewritten(row.components, parts)
    put(row, changes)
    row.save()
    yield consequence_of(account, news, scope=Scope.TEMPLATE, template=(row.name, row.language))


def _rewritten(components: list[dict[str, Any]], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The components with other texts; what Meta didn't mention stays."""
    rewritten = [
        {**part, "text": texts[kind]} if texts.get(kind := str(part.get("type", "")).upper()) else part
        for part in components
    ]
    return rewritten or [{"type": kind, "text": text} for kind, text in texts.items() if text]


def _number(account: WhatsAppAccount, ref: NumberRef, news: News) -> list[Consequence] | None:
    numbers = WhatsAppNumber.objects.select_related("lane").filter(account=account)
    number = next((n for n in numbers if _digits(n.display) == ref.digits), None)
    if number is None and len(numbers) == 1 and not numbers[0].display:
        # the only one, of which Meta's writing isn't known yet
        number = numbers[0]
    if number is None:
        return None
    news = _paced(number, news)
    put(number, news.changes)
    number.save()
    limited = capability({"max_daily_conversations_per_business": news.limit}, clock.now()) if news.limit else None
    of_account = _account(account, limited) if limited is not None else ()
    return [consequence_of(account, news, scope=Scope.LANE, lane_id=number.lane_id), *of_account]


def _paced(number: WhatsAppNumber, news: News) -> News:
    """Never faster than a person chose; as usual again when Meta says that a number that it slowed may go faster."""
    if news.topic != "throughput":
        return news
    before = pace_of(number.throughput_level, on_biz_app=number.on_biz_app)
    if news.grade is not Grade.OK and news.throughput is not None:
        return replace(news, throughput=slowed(number.lane, news.throughput, meta=before))
    if news.throughput is None and number.throughput_level == SLOW_LEVEL:
        news = replace(news, throughput=USUAL_THROUGHPUT, changes={"throughput_level": "STANDARD"})
    if news.throughput is None:
        return news
    level = str(news.changes.get("throughput_level", ""))
    meta = pace_of(level, on_biz_app=number.on_biz_app) or news.throughput
    return replace(news, throughput=restored(number.lane, meta, before=before))


def _account(account: WhatsAppAccount, news: News) -> Iterator[Consequence]:
    put(account, news.changes)
    account.save()
    yield consequence_of(account, news, scope=Scope.ACCOUNT)
    if news.topic == "status" and news.usable:
        # what was restricted isn't any more
        lifted = News("restriction", news.grade, news.cause, usable=True)
        yield consequence_of(account, lifted, scope=Scope.ACCOUNT)


def consequence_of(
    account: WhatsAppAccount,
    news: News,
    *,
    scope: Scope,
    lane_id: int | None = None,
    template: tuple[str, str] | None = None,
) -> Consequence:
    return Consequence(
        company_id=account.company_id,
        account_id=account.pk,
        scope=scope,
        lane_id=lane_id,
        template=template,
        topic=news.topic,
        grade=news.grade,
        cause=news.cause,
        usable=news.usable,
        until=news.until,
        throughput=news.throughput,
    )


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
