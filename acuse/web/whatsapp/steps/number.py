"""Step 3: the account and its numbers."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.web.access import ActorRequest, acting
from acuse.web.whatsapp.frame import step_page


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    return step_page(request, Step.NUMBER, "web/whatsapp/step_number.html")
