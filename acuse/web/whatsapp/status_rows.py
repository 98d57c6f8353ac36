"""The numbers and templates of Estado de WhatsApp, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acuse.channels.models import WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.portfolio import people_of
from acuse.channels.templates import APPROVED, MARKETING
from acuse.companies.models import Company
from acuse.deliveries import senders
from acuse.hooks.checks import account as account_checks
from acuse.hooks.checks.templates import in_use
from acuse.vouchers.kinds import VoucherKind
from acuse.web.charts.words import number as counted
from acuse.web.whatsapp.status_words import CATEGORIES, NUMBER_STATUSES, QUALITIES, TEMPLATE_STATUSES, Said


@dataclass(frozen=True, slots=True)
class NumberLine:
    number: WhatsAppNumber
    name: str
    status: Said
    quality: Said
    mode: str
    #: Different people written to first in 24 hours, of the whole portfolio.
    limit: str
    #: Offer how a test number writes the mobiles.
    offers_sandbox: bool
    #: Deliveries in its queue that it can't send.
    stuck: int
    #: The default number can send them.
    may_move: bool


@dataclass(frozen=True, slots=True)
class TemplateLine:
    template: WhatsAppTemplate
    status: Said
    category: str
    quality: Said
    used_in: str
    may_unpause: bool
    may_accept: bool


def numbers(company: Company, now: datetime) -> list[NumberLine]:
    return [_number(company, number, now) for number in account_checks.numbers_of(company)]


def _number(company: Company, number: WhatsAppNumber, now: datetime) -> NumberLine:
    sandbox = (
        number.mode == "SANDBOX"
        or number.sandbox != WhatsAppNumber.Sandbox.OFF
        or account_checks.refused_by_test_number(company, number, now)
    )
    stuck = senders.stuck_in(number)
    return NumberLine(
        number=number,
        name=account_checks.name_of(number),
        status=NUMBER_STATUSES.get(
            number.status, Said(number.status or "Sin leer", "error" if number.status else "none")
        ),
        quality=QUALITIES.get(number.quality, Said("Sin datos", "none")),
        mode={"LIVE": "Real", "SANDBOX": "De prueba"}.get(number.mode, number.mode or "Sin leer"),
        limit=_limit(number.account, now),
        offers_sandbox=sandbox,
        stuck=stuck,
        may_move=stuck > 0 and senders.can_take_over(company, number) is not None,
    )


def _limit(account: WhatsAppAccount, now: datetime) -> str:
    if not account.limit:
        return "Sin leer"
    most = people_of(account.limit)
    if most is None:
        return "Sin límite de personas"
    used = account_checks.people_today(account, now)
    return f"{counted(most)} personas por día; van {counted(used)}"


#: Templates in a page: an account may have thousands, of other systems.
MOST_SHOWN = 50


def templates(company: Company, account: WhatsAppAccount | None) -> list[TemplateLine]:
    if account is None:
        return []
    used = in_use(company)
    rows = WhatsAppTemplate.objects.filter(account=account, gone_at=None).order_by("name", "language")
    # those in use first
    return sorted((_template(row, used.get((row.name, row.language), [])) for row in rows), key=lambda t: not t.used_in)


def _template(row: WhatsAppTemplate, kinds: list[str]) -> TemplateLine:
    names = [VoucherKind(kind).plural for kind in kinds]
    return TemplateLine(
        template=row,
        status=TEMPLATE_STATUSES.get(row.status, Said(row.status or "Sin leer", "warning")),
        category=CATEGORIES.get(row.category, row.category or "Sin leer"),
        quality=QUALITIES.get(row.quality, Said("Sin datos", "none")),
        used_in="Todos los comprobantes" if len(names) == len(VoucherKind) else ", ".join(names),
        may_unpause=row.status == "PAUSED" and bool(row.meta_id),
        may_accept=row.category == MARKETING and row.category_accepted_at is None and row.status == APPROVED,
    )
