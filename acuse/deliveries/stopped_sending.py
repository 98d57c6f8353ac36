"""What stands still is told once it lasts, whoever found out; of WhatsApp it is looked into at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice, Mailbox, WhatsAppAccount, WhatsAppNumber
from acuse.deliveries.models import Suspension

#: The last part of the keys of these notices.
TOPIC = "suspended"
#: What passes sooner is nobody's business.
LASTING = timedelta(minutes=10)


def look_into(*, now: datetime) -> None:
    """An account of which something stands still since its last reading is to be read now: Meta may say why."""
    for one, account in _standing(now):
        if account is None:
            continue
        WhatsAppAccount.objects.filter(pk=account.pk, tried_at__lt=one.since).update(tried_at=None)


def tell(*, now: datetime) -> None:
    """Raise what began to last, unless something as grave was said of the same thing; end what goes on again."""
    told = AccountNotice.objects.filter(cleared_at=None)
    lasting = [(one, account is None) for one, account in _standing(now) if now - one.since >= LASTING]
    standing = {_key(one, of_mailbox): (one, of_mailbox) for one, of_mailbox in lasting}
    for notice in told.filter(key__endswith=f":{TOPIC}"):
        if notice.key not in standing:
            notices.take_down(notice.company_id, key=notice.key, text="Los envíos siguen.", now=now)
    for key, (one, of_mailbox) in standing.items():
        about = key.removesuffix(TOPIC)
        same = told.filter(company_id=one.company_id, grade=Grade.ERROR, key__startswith=about)
        # what costs more stops nothing of this
        if not same.exclude(key=key).exclude(key__endswith=":category").exists():
            by = "correo" if of_mailbox else "WhatsApp"
            text = f"Lo que sale por {by} está en pausa: {one.cause_text}"
            notices.put_up(
                one.company_id, key=key, grade=Grade.ERROR, text=text, next_step=one.cause_next_step, now=now
            )


def _key(one: Suspension, of_mailbox: bool) -> str:
    about = f"{notices.MAILBOX}{one.key}" if of_mailbox else f"{one.scope}:{one.key}"
    return f"{about[: 639 - len(TOPIC)]}:{TOPIC}"


def _standing(now: datetime) -> Iterator[tuple[Suspension, WhatsAppAccount | None]]:
    """With the account that each is of; None: of a mailbox."""
    open_ones = list(Suspension.objects.filter(ended_at=None, since__lte=now))
    if not open_ones:
        return
    companies = {one.company_id for one in open_ones}
    accounts = {str(a.pk): a for a in WhatsAppAccount.objects.filter(company_id__in=companies)}
    numbers = WhatsAppNumber.objects.filter(account__company_id__in=companies)
    mailboxes = {str(box.lane_id) for box in Mailbox.objects.filter(lane__company_id__in=companies)}
    of_lane = {str(number.lane_id): accounts[str(number.account_id)] for number in numbers}
    for one in open_ones:
        account = of_lane.get(one.key) if one.scope == "lane" else accounts.get(one.key.split("/", 1)[0])
        if account is not None or (one.scope == "lane" and one.key in mailboxes):
            yield one, account
