"""A voucher's wish to go, carried out once when it can be: at once where one of them is at hand, by a worker where a
whole company's may have become possible (`waits.look_later`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from acuse.companies.models import Company
from acuse.deliveries import planning, waits
from acuse.deliveries.apart import all_that_can
from acuse.deliveries.planning import Named, Plan
from acuse.deliveries.services import Asked, Asker, request
from acuse.deliveries.states import Origin, Priority
from acuse.deliveries.waits import WaitingPartyLook
from acuse.directory.models import Contact, Party
from acuse.kernel import clock
from acuse.vouchers.models import Voucher

log = structlog.get_logger(__name__)

#: The first number of the advisory lock of who looks at what waits in a company.
LOOK_LOCKS = 0x4C4F4F4B
#: Of one party, while somebody waits; the others are a worker's.
AT_ONCE = 50
#: Vouchers of one transaction.
SLICE = 100


def fulfil_wish(voucher: Voucher) -> Asked:
    """Ask what the voucher's wish wants, if it can be done now: once. Called whenever something of it changes, which
    is kept even when what to ask can't be worked out."""
    found: list[Asked] = []
    _all_that_can([voucher.pk], lambda some: found.extend(_fulfil(_locked(some, skip_locked=False))))
    return found[0] if found else Asked()


def fulfil_waiting(company: Company, *, party: Party, but: Voucher | None = None) -> None:
    """Something of the party has come that its wishes waited for, a contact: do those that can be done now.

    A voucher that somebody else holds is looked at by whoever holds it.
    """
    waiting = waits.waiting_of(company, party)
    if but is not None:
        waiting = waiting.exclude(pk=but.pk)
    ids = list(waiting.order_by("created_at").values_list("pk", flat=True)[: AT_ONCE + 1])
    with transaction.atomic():
        _look_at(ids[:AT_ONCE])
        if len(ids) > AT_ONCE:
            waits.look_later(company, party)


def look(company_id: UUID, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """What was asked for of all that waits in a company, slice by slice. What a crash interrupts is done again, once.

    One looks at a time: of two, one would pass over what the other holds, and say that all of it was looked at.
    """
    with _turn(company_id) as ours:
        if ours:
            _look(company_id, stopping)


@contextmanager
def _turn(company_id: UUID) -> Iterator[bool]:
    lock: list[int | str] = [LOOK_LOCKS, str(company_id)]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, hashtext(%s))", lock)
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        # a connection that was lost has taken it along
        if ours and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, hashtext(%s))", lock)


def _look(company_id: UUID, stopping: Callable[[], bool]) -> None:
    while not stopping():
        asked = waits.next_look(company_id)
        if asked is None:
            return
        party = asked.party if isinstance(asked, WaitingPartyLook) else None
        ids = list(waits.waiting_of(asked.company, party).order_by("created_at").values_list("pk", flat=True))
        for start in range(0, len(ids), SLICE):
            if stopping():
                return
            _look_at(ids[start : start + SLICE])
        waits.looked(asked)


def _look_at(ids: Sequence[UUID]) -> None:
    _all_that_can(ids, lambda some: _fulfil(_locked(some, skip_locked=True)))


def _all_that_can(ids: Sequence[UUID], do: Callable[[Sequence[UUID]], object]) -> None:
    """One that can't be worked out keeps its wish."""

    def leave(voucher_id: UUID) -> None:
        log.exception("waiting_voucher_failed", voucher=str(voucher_id))

    all_that_can(ids, do, leave)


def _locked(ids: Iterable[UUID], *, skip_locked: bool) -> list[Voucher]:
    rows = Voucher.objects.select_for_update(of=("self",), skip_locked=skip_locked).select_related("party", "company")
    return list(rows.filter(pk__in=list(ids), wish__isnull=False).order_by("created_at", "id"))


def _fulfil(vouchers: Sequence[Voucher]) -> list[Asked]:
    """Of one company; the caller holds them locked. What was asked, by who asked."""
    if not vouchers:
        return []
    office = planning.open_office(vouchers[0].company, vouchers)
    ready: dict[Asker, list[Plan]] = defaultdict(list)
    for voucher in vouchers:
        wish = voucher.wish or {}
        if not planning.will_go_alone(voucher, office.policies.get(voucher.kind), office):
            continue
        plan = planning.plan(voucher, office, _named_in(wish, voucher))
        if plan.sendability.sendable:
            ready[_asker_of(wish)].append(plan)
    found = []
    for asker, plans in ready.items():
        found.append(request(plans, asker))
        _done(plans, automatic=asker.origin is Origin.AUTOMATIC)
    return found


def _asker_of(wish: dict[str, Any]) -> Asker:
    automatic = wish.get("when") == "auto"
    return Asker(
        label=wish.get("by", "system"),
        origin=Origin.AUTOMATIC if automatic else Origin(wish.get("origin", Origin.API)),
        priority=Priority.AUTOMATIC if automatic else Priority.BY_HAND,
    )


def _done(plans: Iterable[Plan], *, automatic: bool) -> None:
    vouchers, now = [plan.voucher for plan in plans], clock.now()
    for voucher in vouchers:
        voucher.wish, voucher.updated_at = None, now
        if automatic:
            voucher.automatic_asked_at = now
    Voucher.objects.bulk_update(vouchers, ["wish", "automatic_asked_at", "updated_at"])


def _named_in(wish: dict[str, Any], voucher: Voucher) -> Named:
    ids = wish.get("contacts")
    if ids is None:
        return Named()
    # of the party that it has now: the voucher may have turned out to be another customer's
    return Named(contacts=tuple(Contact.objects.filter(party_id=voucher.party_id, pk__in=ids)))
