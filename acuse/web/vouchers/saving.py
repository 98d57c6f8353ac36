"""What the form says, written: a new voucher by `accept`, changes to one by `revise`; the draft goes with it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from acuse.companies.scope import Actor
from acuse.deliveries.states import Origin
from acuse.directory.models import Party
from acuse.directory.services import editable_kinds
from acuse.intake import drafts
from acuse.intake import services as intake
from acuse.intake.services import Accepted, Arrival, Bringer, Deliver
from acuse.kernel import clock
from acuse.vouchers.models import Voucher, VoucherDraft
from acuse.vouchers.revising import NumberTaken, taken_by
from acuse.web.vouchers.forms import Given

SOURCE = "web"
#: The same without a number, so soon, is the same button pressed twice.
_TWICE_WITHIN = timedelta(minutes=10)


def create(actor: Actor, given: Given, draft: VoucherDraft | None) -> Accepted:
    """Raises VoucherError (NumberTaken among them), DirectoryError, IntakeError: the draft stays then."""
    with transaction.atomic():
        _one_at_a_time(actor)
        if (before := _saved_a_moment_ago(actor, given, draft)) is not None:
            return Accepted(before, created=False, new_version=False, contacts=())
        if (taken := taken_by(actor.company, given.data)) is not None:
            raise taken
        accepted = intake.accept(actor.company, _arrival(given, draft), _bringer(actor))
        if not accepted.created:
            # it came by another way at this very moment
            raise NumberTaken("number", accepted.voucher)
        if draft is not None:
            drafts.discard(draft)
        return accepted


def revise(actor: Actor, voucher: Voucher, given: Given, draft: VoucherDraft | None, *, seen: str) -> Accepted:
    """Raises the same, and Changed."""
    with transaction.atomic():
        accepted = intake.revise(voucher, _arrival(given, draft), seen=seen, bringer=_bringer(actor))
        if draft is not None:
            drafts.discard(draft)
        return accepted


def _arrival(given: Given, draft: VoucherDraft | None) -> Arrival:
    return Arrival(
        voucher=given.data,
        party=given.party,
        contacts=given.contacts,
        pdf=drafts.taken_of(draft) if draft is not None else None,
        deliver=Deliver.AUTO,
    )


def _bringer(actor: Actor) -> Bringer:
    return Bringer(actor.label, Origin.MANUAL, SOURCE, editable_kinds(actor))


def _one_at_a_time(actor: Actor) -> None:
    """Until the transaction ends: whoever presses twice waits here, and finds what the first press saved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"form/{actor.company.pk}/{actor.label}"]
        )


def _saved_a_moment_ago(actor: Actor, given: Given, draft: VoucherDraft | None) -> Voucher | None:
    data = given.data
    if data.number is not None or data.external_id or not isinstance(given.party, Party):
        return None
    same = Voucher.objects.filter(
        company=actor.company, kind=data.kind.value, party=given.party, number=None, issued_on=data.issued_on,
        total=data.total, currency=data.currency, source=SOURCE, voided_at=None,
        file=draft.sha256 if draft is not None else None,
        created_at__gt=clock.now() - _TWICE_WITHIN,
    )  # fmt: skip
    if data.title:
        same = same.filter(title=data.title)
    return same.order_by("-created_at").first()
