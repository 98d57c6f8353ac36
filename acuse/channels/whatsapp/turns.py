"""Whose account is read next: every one daily, soon after a reading that failed, and at once with another token."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from acuse.channels import selectors
from acuse.channels.models import WhatsAppAccount
from acuse.companies.models import Company

#: The daily reading. Accounts read in the same minute part by up to an hour, so that they don't all ask at once.
EVERY = timedelta(hours=23)
#: After a reading that failed.
AGAIN = timedelta(minutes=15)


def claim_due(now: datetime) -> Company | None:
    """A company whose account is to be read; whoever gets it has the turn, and nobody else does for a while."""
    # whoever wants a reading at once blanks `tried_at`
    old = Q(synced_at=None) | Q(tried_at=None) | Q(synced_at__lte=now - EVERY) | Q(token_saved_at__gt=F("synced_at"))
    rested = Q(tried_at=None) | Q(tried_at__lte=now - AGAIN) | Q(token_saved_at__gt=F("tried_at"))
    rows = WhatsAppAccount.objects.filter(old, rested).exclude(access_token="").exclude(waba_id="")
    for account in rows.select_related("company").order_by(F("synced_at").asc(nulls_first=True), "pk"):
        if not _is_due(account, now) or selectors.whatsapp_account(account.company) != account:
            continue
        # another worker may have taken it since it was read
        mine = WhatsAppAccount.objects.filter(pk=account.pk, tried_at=account.tried_at)
        if mine.update(tried_at=now):
            return account.company
    return None


def _is_due(account: WhatsAppAccount, now: datetime) -> bool:
    read, saved = account.synced_at, account.token_saved_at
    if read is None or account.tried_at is None or (saved is not None and saved > read):
        return True
    return now - read >= EVERY + timedelta(minutes=account.pk.int % 60)
