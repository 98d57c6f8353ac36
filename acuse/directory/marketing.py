"""Who told their phone that a company's marketing isn't wanted: of the person's number, whoever has it as a contact.

It says nothing of what isn't marketing, and nothing of mails: that is *BAJA* (optout.py).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import ChoiceOrigin, Contact, MarketingChoice
from acuse.directory.selectors import contacts_by_address


@transaction.atomic
def choose(company: Company, *, digits: str, stopped: bool, at: datetime, actor: str) -> bool:
    """What the person chose at that moment; what was chosen later stays. Whether anything is different now."""
    contacts = contacts_by_address(company, digits=digits)
    mobiles = sorted({contact.mobile for contact in contacts if contact.mobile} or {f"+{digits}"})
    changed = {mobile for mobile in mobiles if _keep(company, mobile, stopped=stopped, at=at)}
    event = "contact.marketing_stopped" if stopped else "contact.marketing_resumed"
    for contact in contacts:
        if contact.mobile in changed:
            audit.record(company=company, actor=actor, event=event, target=contact.pk)
    return bool(changed)


def _keep(company: Company, mobile: str, *, stopped: bool, at: datetime) -> bool:
    given = {"stopped": stopped, "told_at": at}
    rows = MarketingChoice.objects.select_for_update()
    row, made = rows.get_or_create(company=company, mobile=mobile[:16], defaults=given)
    if made:
        return stopped
    if at < row.told_at or row.stopped == stopped:
        return False
    row.stopped, row.told_at, row.origin = stopped, at, ChoiceOrigin.TOLD
    row.save()
    return True


def stopped_mobiles(company: Company) -> frozenset[str]:
    return frozenset(MarketingChoice.objects.filter(company=company, stopped=True).values_list("mobile", flat=True))


def stopped_by(contact: Contact) -> MarketingChoice | None:
    """The choice against it; None: nothing known."""
    if not contact.mobile:
        return None
    return MarketingChoice.objects.filter(company_id=contact.company_id, mobile=contact.mobile, stopped=True).first()
