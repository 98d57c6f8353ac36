"""Asked again by a program that may ask twice, because an answer got lost on its way: its key tells."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from acuse.deliveries import services
from acuse.deliveries.models import Delivery, ResendKey
from acuse.deliveries.services import Asker, DeliveryError, Repeated
from acuse.kernel import clock

#: How long a key is remembered.
KEEP = timedelta(days=30)


@transaction.atomic
def resend_once(delivery: Delivery, asker: Asker, *, key: str) -> Repeated:
    """`services.repeat()`, once a key of the company: asked twice, it answers the first one's. Raises DeliveryError."""
    # whoever asks the same at the same time waits here
    Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    known = ResendKey.objects.select_related("answer").filter(company_id=delivery.company_id, key=key).first()
    if known is not None:
        return _as_before(known, delivery)
    repeated = services.repeat(delivery, asker)
    kept, is_first = ResendKey.objects.get_or_create(
        company_id=delivery.company_id, key=key,
        defaults={"delivery": delivery, "answer": repeated.delivery, "at": clock.now()},
    )  # fmt: skip
    return repeated if is_first else _as_before(kept, delivery)


def _as_before(known: ResendKey, delivery: Delivery) -> Repeated:
    if known.delivery_id != delivery.pk:
        raise DeliveryError("key_reused", "Esa Idempotency-Key ya se usó para reenviar otro envío. Usá otra.")
    return Repeated(known.answer, is_new=False)


def purge() -> int:
    """Forget the keys of long ago. How many."""
    deleted, _ = ResendKey.objects.filter(at__lt=clock.now() - KEEP).delete()
    return deleted
