"""What is read of the webhooks."""

from __future__ import annotations

from datetime import datetime

from acuse.channels import selectors
from acuse.companies.models import Company
from acuse.hooks.models import RawHook


def last_heard(company: Company) -> datetime | None:
    """When the last signed webhook of the company's app arrived; None = never, of those that are kept."""
    app = selectors.whatsapp_app(company)
    if app is None:
        return None
    return RawHook.objects.filter(app=app).order_by("-id").values_list("received_at", flat=True).first()
