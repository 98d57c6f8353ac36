"""Vouchers that wish to go and can't yet: when what a whole company waited for may have come, a worker looks at them.

Never in the transaction of what was changed: they may be many. `wishes.look` does the looking.
"""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from acuse.companies.models import Company
from acuse.deliveries import waking
from acuse.directory.models import Party
from acuse.kernel import clock
from acuse.vouchers.models import Voucher


class WaitingLook(models.Model):
    """A company whose waiting vouchers are to be looked at, from the first one. It goes once that is done."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, primary_key=True, related_name="+")
    #: Asked again meanwhile, it is another: what was looked at before that is looked at once more.
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = "revisión de lo que espera"


class WaitingPartyLook(models.Model):
    """The same of what waits for one party, which may be few of all that waits in its company."""

    party = models.OneToOneField(Party, on_delete=models.CASCADE, primary_key=True, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        verbose_name = "revisión de lo que espera un tercero"


def waiting_of(company: Company, party: Party | None = None) -> QuerySet[Voucher]:
    waiting = Voucher.objects.filter(company=company, wish__isnull=False, voided_at=None)
    return waiting if party is None else waiting.filter(party=party)


def look_later(company: Company, party: Party | None = None) -> None:
    """Something that wishes waited for has come: to the whole company, a lane, a template, a configuration; or to one
    party."""
    if party is None:
        WaitingLook.objects.update_or_create(company=company, defaults={"asked_at": clock.now()})
    else:
        WaitingPartyLook.objects.update_or_create(
            party=party, defaults={"company": company, "asked_at": clock.now()}
        )  # fmt: skip
    waking.wake_waiting_on_commit(company.pk)


def next_look(company_id: UUID) -> WaitingLook | WaitingPartyLook | None:
    """What was asked for and isn't done: first of all, which has its parties in it."""
    whole = WaitingLook.objects.select_related("company").filter(pk=company_id).first()
    return whole or (
        WaitingPartyLook.objects.select_related("company", "party")
        .filter(company=company_id)
        .order_by("asked_at")
        .first()
    )


def looked(look: WaitingLook | WaitingPartyLook) -> None:
    """Done; what was asked for meanwhile stays, and is done next."""
    type(look)._default_manager.filter(pk=look.pk, asked_at=look.asked_at).delete()


def being_looked_at(company: Company) -> int:
    """How many wait to be looked at; 0 when nobody asked for it, or it is done."""
    return waiting_of(company).count() if WaitingLook.objects.filter(company=company).exists() else 0
