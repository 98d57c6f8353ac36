"""What every step of *Asistente de WhatsApp* stands in: the list of steps, who may act, and how a refusal is shown.

A form posts to its act. Done: `redirect` to a step, with a message. Refused: `step_page` again with what was typed and
`trouble_of(error)`. With htmx (`hx-post` and `hx-target="#contenido"`) the same answers come without the shell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from acuse.channels.accounts import AccountError
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import kept, progress
from acuse.channels.whatsapp.onboarding.clicks import clicks_of
from acuse.channels.whatsapp.onboarding.progress import OPTIONAL, Place, Step
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.hooks.selectors import last_heard
from acuse.intake.trial import was_delivered
from acuse.web.access import ActorRequest, acting
from acuse.web.answers import status_of

#: Where a form of a step puts its answer: what is inside the shell.
TARGET = "contenido"
#: The page of each step.
PAGES = {
    Step.NEEDS: "web:whatsapp_needs",
    Step.CREDENTIALS: "web:whatsapp_credentials",
    Step.NUMBER: "web:whatsapp_number",
    Step.PROFILE: "web:whatsapp_profile",
    Step.WEBHOOK: "web:whatsapp_webhook",
    Step.TEMPLATE: "web:whatsapp_template",
    Step.HEALTH: "web:whatsapp_health",
    Step.TRIAL: "web:whatsapp_trial",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step in the list."""

    step: Step
    number: int
    name: str
    done: bool
    #: What is known of it, in a few words.
    text: str
    url: str
    optional: bool
    current: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was refused, for people: what happened, the way out, and what Meta itself said."""

    text: str
    next_step: str = ""
    said: str = ""
    field: str = ""
    #: The id of the form that may be sent again as it is; blank: there is none, or it would be refused again.
    again: str = ""


@require_safe
@acting
def whatsapp(request: ActorRequest) -> HttpResponse:
    """The first step that isn't done, or what there is when nothing is missing."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    lines = step_lines(request.actor.company)
    missing = next((line for line in lines if not line.done and not line.optional), None)
    if missing is not None:
        return redirect(missing.url)
    return _answer(request, "web/whatsapp/finished.html", {"places": lines})


def step_page(
    request: ActorRequest, step: Step, template: str, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """`template` extends `web/whatsapp/step.html`. It also gets `places`, `place` (this one), `previous`, `next`,
    `may_configure` and `clicks` (Meta's own, drawn below); `trouble`, where it is given, is shown on top."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    lines = step_lines(request.actor.company, current=step)
    at = next(index for index, line in enumerate(lines) if line.current)
    return _answer(
        request,
        template,
        {
            "places": lines,
            "place": lines[at],
            "previous": lines[at - 1] if at else None,
            "next": lines[at + 1] if at + 1 < len(lines) else None,
            "may_configure": may_configure(request),
            "clicks": clicks_of(step),
            **(context or {}),
        },
    )


def polled(request: ActorRequest, step: Step, fragment: str, context: Mapping[str, Any]) -> HttpResponse:
    """What changed in a step that is open, and with it how far the steps are: a tick comes without opening it again."""
    lines = step_lines(request.actor.company, current=step)
    place = next(line for line in lines if line.current)
    more = {"fragment": fragment, "places": lines, "place": place}
    return render(request, "web/whatsapp/polled.html", {**context, **more})


def may_configure(request: ActorRequest) -> bool:
    return request.actor.may(Page.PARAMETERS, Action.CONFIGURE)


def max_age(request: ActorRequest) -> timedelta:
    """How old what is shown of Meta's may be: who may only look doesn't spend the account's calls."""
    return kept.FRESH if may_configure(request) else kept.FOR_ONLOOKERS


def require_configure(request: ActorRequest) -> Company:
    """The first line of every act."""
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    return request.actor.company


def trouble_of(error: AccountRefused | AccountError, *, form: forms.Form | None = None, form_id: str = "") -> Trouble:
    """`form`: the error also goes beside the field that it is about. `form_id`: of the form in the page that is sent
    again by *Probar de nuevo*, which is offered when the same may work in a while."""
    if form is not None and form.is_bound and error.field in form.fields:
        form.add_error(error.field, str(error))
    if not isinstance(error, AccountRefused):
        return Trouble(str(error), field=error.field)
    again = form_id if error.passing else ""
    return Trouble(str(error), error.next_step, error.said, error.field, again)


def step_lines(company: Company, *, current: Step | None = None) -> list[StepLine]:
    places = progress.places(company, heard=last_heard(company) is not None, tried=was_delivered(company))
    return [_line(place, current) for place in places]


def _line(place: Place, current: Step | None) -> StepLine:
    return StepLine(
        step=place.step,
        number=place.number,
        name=place.name,
        done=place.done,
        text=place.text,
        url=reverse(PAGES[place.step]),
        optional=place.step in OPTIONAL,
        current=place.step is current,
    )


def _answer(request: ActorRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    inside = request.htmx.target == TARGET
    frame = "web/whatsapp/fragment.html" if inside else "web/base.html"
    sent = [one for one in context.values() if isinstance(one, forms.BaseForm)]
    response = render(request, template, {**context, "frame": frame, "inside": inside}, status=status_of(*sent))
    if inside and request.method == "GET":
        # an act that is done leads to a page, whose address this is
        response["HX-Push-Url"] = request.get_full_path()
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
