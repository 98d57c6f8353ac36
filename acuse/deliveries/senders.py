"""A company's senders change: what waited for it goes on, and what is in the queue leaves by the new ones.

Pages and `acuse setup` change accounts here. What each delivery says was frozen when it was asked, and stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from acuse.channels import accounts
from acuse.channels.accounts import AccountError, Saved, WhatsAppParameters
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import selectors, services, waits, waking
from acuse.deliveries.models import Delivery, MediaUpload, Suspension
from acuse.deliveries.policies.freezing import account_key_of
from acuse.deliveries.states import State
from acuse.kernel import clock

#: Another pace mends nothing of what is suspended.
_MENDS_NOTHING = frozenset({"throughput", "app_id", "app_secret", "from_name"})


@dataclass(frozen=True, slots=True)
class Changed:
    #: The names of what is different now.
    fields: frozenset[str]
    #: Suspensions that the change ended.
    resumed: int


@transaction.atomic
def change_whatsapp(company: Company, given: WhatsAppParameters, *, actor: str) -> Changed:
    """Raises AccountError."""
    saved = accounts.save_whatsapp(company, given, actor=actor)
    if saved.lane is not None and "phone_number_id" in saved.changed:
        # a file that one number uploaded is nothing to another
        MediaUpload.objects.filter(lane=saved.lane).delete()
    # who writes the same token again mended it at Meta
    mended = given.access_token is not None or bool(saved.changed - _MENDS_NOTHING)
    return _go_on(company, saved, mended=mended, templates="waba_id" in saved.changed, actor=actor)


@transaction.atomic
def change_mailbox(
    company: Company,
    *,
    url: str,
    from_address: str,
    actor: str,
    from_name: str | None = None,
    new_password: bool = True,
) -> Changed:
    """As `accounts.save_mailbox`."""
    saved = accounts.save_mailbox(
        company, url=url, from_address=from_address, from_name=from_name, new_password=new_password, actor=actor
    )
    mended = new_password or bool(saved.changed - _MENDS_NOTHING)
    return _go_on(company, saved, mended=mended, templates=False, actor=actor)


@transaction.atomic
def change_max_age(company: Company, days: int, *, actor: str) -> None:
    """Vouchers dated more than so many days ago don't leave by themselves."""
    if company.automatic_max_age_days == days:
        return
    company.automatic_max_age_days = days
    company.save(update_fields=["automatic_max_age_days"])
    audit.record(company=company, actor=actor, event="automatic_service.max_age_set", target=company.cuit, days=days)


def default_number(company: Company) -> WhatsAppNumber | None:
    """The one that sends what nobody gave another to."""
    numbers = WhatsAppNumber.objects.select_related("lane").filter(account__company=company)
    return numbers.filter(lane__is_default=True, lane__is_active=True).first()


def stuck_in(number: WhatsAppNumber) -> int:
    """Deliveries in the number's queue that it can't send: it is switched off, or something stopped it alone."""
    lane = number.lane
    held = Suspension.objects.filter(company_id=lane.company_id, scope="lane", key=str(lane.pk), ended_at=None)
    if lane.is_active and not held.exists():
        return 0
    return Delivery.objects.filter(company_id=lane.company_id, lane=lane, state=State.QUEUED).count()


def can_take_over(company: Company, number: WhatsAppNumber) -> WhatsAppNumber | None:
    """The default number, where it could send what `number` can't."""
    default = default_number(company)
    if default is None or default == number:
        return None
    held = Suspension.objects.filter(company=company, ended_at=None)
    account = Q(scope="account", key=account_key_of(default.lane))
    return None if held.filter(Q(scope="lane", key=str(default.lane_id)) | account).exists() else default


@transaction.atomic
def move_queue(company: Company, *, phone_number_id: str, actor: str) -> int:
    """What waits in a number's queue leaves by the default one: for a number that Meta doesn't have any more. How many.

    Each is asked for once still: the row moves, it isn't made again. Raises AccountError.
    """
    numbers = WhatsAppNumber.objects.select_related("lane").filter(account__company=company)
    number = numbers.filter(phone_number_id=phone_number_id).first()
    if number is None:
        raise AccountError("phone_number_id", "Ese número no es tuyo: elegilo de la lista.")
    default = default_number(company)
    if default is None or default == number:
        raise AccountError("phone_number_id", "Ese es el número principal: elegí antes otro como principal.")
    waiting = Delivery.objects.filter(company=company, lane=number.lane, state=State.QUEUED)
    moved = waiting.update(lane=default.lane, account_key=account_key_of(default.lane), updated_at=clock.now())
    if moved:
        audit.record(
            company=company, actor=actor, event="lane.queue_moved", target=number.lane.name, to=default.lane.name,
            deliveries=moved,
        )  # fmt: skip
        waking.wake_on_commit({default.lane_id})
    return moved


def _go_on(company: Company, saved: Saved, *, mended: bool, templates: bool, actor: str) -> Changed:
    lane = saved.lane
    if lane is None or not mended:
        return Changed(saved.changed, 0)
    held = _suspensions_of(company, lane, templates=templates)
    services.resume(held, actor=actor)
    # what wished to go and had no way out
    waits.look_later(company)
    waking.wake_on_commit({lane.pk})
    return Changed(saved.changed, len(held))


def _suspensions_of(company: Company, lane: Lane, *, templates: bool) -> list[Suspension]:
    """Those of the lane and of its account; those of its templates only where the account is another one now."""
    account = account_key_of(lane)
    return [
        one
        for one in selectors.open_suspensions(company).select_related("company")
        if (one.scope, one.key) in {("lane", str(lane.pk)), ("account", account)}
        or (templates and one.scope == "template" and one.key.startswith(f"{account}/"))
    ]
