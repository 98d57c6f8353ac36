"""Wiring: a lane's row, its adapter, its runner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.channels import registry
from acuse.channels.models import Lane as LaneRow
from acuse.channels.portfolio import people_of
from acuse.deliveries.lane.outbox import LaneInfo
from acuse.deliveries.lane.sending import Lane, LaneRunner
from acuse.deliveries.policies.freezing import account_key_of
from acuse.vouchers.files import path_of
from acuse.workers.connection import conninfo

#: Above this, who was written to in the day isn't read each time that a lane wakes.
MOST_PEOPLE_COUNTED = 10_000


def load(lane_id: int) -> Lane | None:
    """None when the lane is gone or switched off."""
    close_old_connections()
    row = (
        LaneRow.objects.select_related("whatsapp_number__account", "mailbox").filter(pk=lane_id, is_active=True).first()
    )
    if row is None:
        return None
    info = LaneInfo(
        id=row.pk, company_id=row.company_id, account_key=account_key_of(row), throughput=row.throughput,
        people_a_day=_people_a_day(row),
    )  # fmt: skip
    return Lane(info=info, open_sender=partial(registry.open_sender, row.pk), path_of=path_of)


def _people_a_day(row: LaneRow) -> int | None:
    """The limit of the number's portfolio, where it is low enough to be reached; Meta guards the others."""
    number = getattr(row, "whatsapp_number", None)
    people = people_of(number.account.limit) if number is not None else None
    return people if people is not None and people <= MOST_PEOPLE_COUNTED else None


async def run(lane_id: int, *, only: Sequence[UUID] | None = None, stopping: asyncio.Event | None = None) -> bool:
    """Empty the lane. False when another runner holds it, or it is switched off."""
    while (lane := await sync_to_async(load)(lane_id)) is not None:
        runner = LaneRunner(lane, conninfo(), stopping=stopping)
        emptied = await runner.run(only=only)
        if not runner.outdated:
            return emptied
    return False
