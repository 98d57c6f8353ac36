"""What a batch's items add up to: how many messages go, by what, and why the others don't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection

from acuse.deliveries.models import Batch
from acuse.deliveries.statements import statement

#: Since the preview, as a reason why nothing of a voucher goes, and as warnings of one of which something does: there
#: are messages that it didn't show, which don't go; and some that it did aren't any more.
CHANGED, MORE, FEWER = "changed_since_preview", "more_since_preview", "fewer_since_preview"


@dataclass(frozen=True, slots=True)
class Preview:
    #: Vouchers by outcome; see `BatchItem.Outcome`.
    vouchers: Mapping[str, int] = field(default_factory=dict)
    #: Messages by market (see `previewing.market_of`): never asked, and asked before.
    going: Mapping[str, int] = field(default_factory=dict)
    repeats: Mapping[str, int] = field(default_factory=dict)
    #: Vouchers by the code of each reason, and of each warning of those that go: again, where nothing is new.
    reasons: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    #: Another preview has another one.
    digest: str = ""

    @property
    def going_count(self) -> int:
        return sum(self.going.values())

    @property
    def repeats_count(self) -> int:
        return sum(self.repeats.values())

    @property
    def both_count(self) -> int:
        return self.going_count + self.repeats_count

    @property
    def refused(self) -> int:
        return self.vouchers.get("refused", 0)

    @property
    def queued(self) -> int:
        return self.vouchers.get("queued", 0)

    @property
    def going_vouchers(self) -> int:
        return self.vouchers.get("goes", 0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def preview_of(batch: Batch) -> Preview:
    """As it was summed up when it was worked out; empty until then."""
    return Preview(**batch.previewed) if batch.previewed else Preview()


def reasons_of(batch: Batch) -> dict[str, int]:
    """Each reason for which vouchers were refused, with how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_reasons"), {"batch": batch.pk})
        return dict(cursor.fetchall())


def changes_of(batch: Batch) -> dict[str, int]:
    """What wasn't as it had been shown when it was asked, with how many vouchers."""
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_changed"), {"batch": batch.pk, "codes": [MORE, FEWER]})
        return dict(cursor.fetchall())


def sum_up(batch: Batch) -> Preview:
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_sum"), {"batch": batch.pk})
        for what, key, count in cursor.fetchall():
            found.setdefault(what, {})[key] = count
    (digest,) = found.pop("digest")
    return Preview(**found, digest=digest)
