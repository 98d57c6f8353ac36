"""The one list, for whoever asks: the server's administrator, or one company."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from acuse.channels.contract import Channel, Grade
from acuse.channels.models import Lane, WhatsAppAccount
from acuse.companies.models import Company
from acuse.hooks.checks.account import of_account
from acuse.hooks.checks.credentials import of_credentials
from acuse.hooks.checks.installation import for_companies, of_installation, of_people
from acuse.hooks.checks.sending import of_answers, of_lanes, of_probes, of_waiting
from acuse.hooks.checks.templates import of_templates
from acuse.hooks.checks.values import Check
from acuse.kernel import clock


def everything() -> list[Check]:
    """The installation's and every company's, with trials that ask Meta and the mail servers."""
    found = of_installation()
    companies = list(Company.objects.order_by("legal_name"))
    if not companies:
        text, mend = "No hay ninguna empresa.", "Cargala con «acuse setup»."
        found.append(Check("acuse.companies.E001", Grade.ERROR, text, mend, about="Empresas"))
    for company in companies:
        found += _named(company, of_people(company))
        found += of_company(company, now=clock.now())
        found += _named(company, of_probes(company))
    return found


def seen_by(company: Company, *, now: datetime) -> list[Check]:
    """What a company may see: its own, and what of the installation it depends on. Asks nobody but the database."""
    return [*for_companies(), *of_company(company, now=now)]


def of_company(company: Company, *, now: datetime) -> list[Check]:
    return list(_named(company, _own(company, now)))


def _own(company: Company, now: datetime) -> Iterator[Check]:
    yield from of_lanes(company)
    if _has_whatsapp(company):
        yield from of_credentials(company, now)
        yield from of_account(company, now)
        yield from of_templates(company)
    yield from of_waiting(company)
    yield from of_answers(company)


def _has_whatsapp(company: Company) -> bool:
    return (
        Lane.objects.filter(company=company, channel=Channel.WHATSAPP).exists()
        or WhatsAppAccount.objects.filter(company=company).exists()
    )


def _named(company: Company, found: Iterable[Check]) -> Iterator[Check]:
    return (replace(check, company=company.cuit) for check in found)
