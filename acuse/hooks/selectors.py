"""What is read of the webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from acuse.channels import selectors
from acuse.channels.models import WhatsAppApp
from acuse.companies.models import Company
from acuse.hooks.models import Knock, RawHook


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """From Meta to here, as far as it was seen. None = never, of what is kept."""

    #: Meta proved the address.
    challenged: datetime | None = None
    #: The last webhook that is believed.
    heard: datetime | None = None
    #: Somebody proved the address with another verify token, and since then nobody did with the right one and nothing
    #: was heard: what Meta tells comes to an address that it proved.
    wrong_token: datetime | None = None
    #: A webhook that isn't believed, and none that is since.
    wrong_signature: datetime | None = None
    no_secret: datetime | None = None


def last_heard(company: Company) -> datetime | None:
    """When the last signed webhook of the company's app arrived; None = never, of those that are kept."""
    app = selectors.whatsapp_app(company)
    return None if app is None else _heard(app)


def round_trip(company: Company) -> RoundTrip:
    app = selectors.whatsapp_app(company)
    if app is None:
        return RoundTrip()
    knocks = dict(Knock.objects.filter(app=app).values_list("what", "at"))
    challenged, heard = knocks.get(Knock.What.CHALLENGE), _heard(app)
    return RoundTrip(
        challenged=challenged,
        heard=heard,
        wrong_token=_since(_since(knocks.get(Knock.What.WRONG_TOKEN), challenged), heard),
        wrong_signature=_since(knocks.get(Knock.What.WRONG_SIGNATURE), heard),
        no_secret=_since(knocks.get(Knock.What.NO_SECRET), heard),
    )


def _heard(app: WhatsAppApp) -> datetime | None:
    return RawHook.objects.filter(app=app).order_by("-id").values_list("received_at", flat=True).first()


def _since(wrong: datetime | None, right: datetime | None) -> datetime | None:
    """None where the right thing came after it."""
    return wrong if wrong is not None and (right is None or wrong > right) else None
