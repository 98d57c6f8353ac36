"""*BAJA*: who asked not to be written to any more, and who asked to be written to again."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from acuse.companies import audit
from acuse.directory.models import ConsentOrigin, Contact
from acuse.directory.services import DirectoryError, suppress
from acuse.kernel import clock


def sharing_address(contact: Contact) -> list[Contact]:
    """The contact, and the company's others of the same person: by the mobile, or by the mail where there is none."""
    same = Q(mobile=contact.mobile) if contact.mobile else Q(mobile="", email__iexact=contact.email)
    ours = Contact.objects.filter(Q(pk=contact.pk) | same, company_id=contact.company_id)
    return list(ours.select_related("party", "company").order_by("created_at", "id"))


@transaction.atomic
def suppress_by_hand(contact: Contact, *, reason: str, actor: str) -> list[Contact]:
    """Everywhere where that address is a contact. Raises DirectoryError; the answer is who was suppressed."""
    if not reason.strip():
        raise DirectoryError("reason", "Escribí cómo lo pidió, por ejemplo «Llamó el 3/11».")
    asked = [one for one in sharing_address(contact) if one.suppressed_at is None]
    suppress(asked, reason=reason.strip(), actor=actor)
    return asked


@transaction.atomic
def restore(contact: Contact, *, origin: str, asked_on: date | None, actor: str) -> list[Contact]:
    """The person asked to be written to again, and that is its consent from now on. Raises DirectoryError."""
    if origin not in ConsentOrigin.values:
        raise DirectoryError("consent_origin", "Elegí cómo lo pidió.")
    today = clock.now().astimezone(ZoneInfo(contact.company.time_zone)).date()
    if asked_on is None or asked_on > today:
        raise DirectoryError("consent_on", "Poné qué día lo pidió, hoy o antes.")
    lifted = [one for one in sharing_address(contact) if one.suppressed_at is not None]
    for one in lifted:
        since, reason = one.suppressed_at, one.suppressed_reason
        one.suppressed_at, one.suppressed_reason = None, ""
        one.consent_origin, one.consent_on = origin, asked_on
        one.save(update_fields=["suppressed_at", "suppressed_reason", "consent_origin", "consent_on", "updated_at"])
        audit.record(
            company=one.company, actor=actor, event="contact.restored", target=one.pk, origin=origin,
            asked_on=asked_on.isoformat(), suppressed_at=since.isoformat() if since else "", reason=reason,
        )  # fmt: skip
    return lifted
