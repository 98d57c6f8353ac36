"""Step 6: the templates of the account, and one that is written here and sent to Meta's review."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.refusals import AccountRefused
from acuse.channels.templates import shape_of
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.onboarding import templates
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.channels.whatsapp.template_draft import Draft
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import syncing
from acuse.intake.trial import sample_pdf
from acuse.kernel import clock
from acuse.web import polling
from acuse.web.access import ActorRequest, acting
from acuse.web.bubbles import Bubble, TemplateText, bubble_of
from acuse.web.whatsapp.frame import Trouble, polled, require_configure, step_page, trouble_of
from acuse.web.whatsapp.status_rows import MOST_SHOWN
from acuse.web.whatsapp.steps.files import PICK_AGAIN, content_of
from acuse.web.whatsapp.steps.template_form import DraftForm, with_text
from acuse.web.whatsapp.steps.template_rows import in_review, rows_of

TEMPLATE = "web/whatsapp/step_template.html"
#: Seconds between looks while Meta reviews one.
LOOK_EVERY = 5
FILE_NAME = f"{template_draft.EXAMPLE}.pdf"
#: The original's text, and the one that is better.
STARTS = (
    (
        "original", "El texto de siempre", "El que traía el sistema anterior, palabra por palabra.",
        template_draft.ORIGINAL_BODY,
    ),
    (
        "better", "Uno mejor", "Dice qué llega, que se puede responder y cómo darse de baja.",
        template_draft.BETTER_BODY,
    ),
)  # fmt: skip


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    """`corregir`: a rejected template whose text is put into the form."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    company = request.actor.company
    named = request.GET.get("corregir", "")
    form = _correcting(company, named) if named else DraftForm(initial=_initial(company))
    return _show(request, form, open_form=bool(named))


@require_POST
@acting
def preview(request: ActorRequest) -> HttpResponse:
    """The message while it is written; without JavaScript the page with what was typed. A POST for its size alone."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    form = DraftForm(request.POST)
    start = next((body for key, _, _, body in STARTS if key == request.POST.get("start")), None)
    if start is not None:
        form = DraftForm(with_text(request.POST, start))
    if not request.htmx:
        return _show(request, form, open_form=True)
    return render(request, "web/whatsapp/_template_preview.html", _preview(form) | {"examples_again": form.lacks_rows})


@require_POST
@acting
def submit(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    form = DraftForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form, open_form=True)
    draft = form.draft()
    form.tell(template_draft.findings(draft))
    if form.errors:
        return _show(request, form, open_form=True)
    own = content_of(form.cleaned_data["sample"], most=templates.MAX_SAMPLE)
    try:
        row = templates.submit(
            company,
            draft=draft,
            sample=own if own is not None else sample_pdf(company),
            actor=request.actor.label,
        )
    except AccountRefused as refused:
        trouble = trouble_of(refused, form=form, form_id="draft-form")
        if own is not None and refused.field != "sample":
            form.add_error("sample", PICK_AGAIN)
        return _show(request, form, open_form=True, trouble=trouble)
    said = "Meta ya la aprobó." if row.status == "APPROVED" else "Meta la está revisando: suele tardar unos minutos."
    messages.success(request, f"La plantilla «{row.name}» está en Meta. {said}")
    return redirect("web:whatsapp_template")


@require_POST
@acting
def read(request: ActorRequest) -> HttpResponse:
    """The templates of the account again, from Meta."""
    company = require_configure(request)
    try:
        syncing.sync_templates(company, now=clock.now())
    except AccountRefused as refused:
        form = DraftForm(initial=_initial(company))
        return _show(request, form, trouble=trouble_of(refused, form_id="templates-read"))
    count = len(templates.of_account(company))
    messages.success(request, f"Leído de Meta: {count} {'plantilla' if count == 1 else 'plantillas'}.")
    return redirect("web:whatsapp_template")


@require_safe
@acting
def state(request: ActorRequest) -> HttpResponse:
    """The list, for its poller; 204 when nothing is new."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    company = request.actor.company
    if in_review(company):
        syncing.watch_templates(company, now=clock.now())
    context = _list(request)
    poll: polling.Poll = context["poll"]
    if poll.every and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    return polled(request, Step.TEMPLATE, "web/whatsapp/_template_list.html", context)


@require_safe
@acting
def sample(request: ActorRequest) -> HttpResponse:
    """What Meta sees with a template, unless another one is chosen."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    response = HttpResponse(sample_pdf(request.actor.company), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="ejemplo.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _show(
    request: ActorRequest, form: DraftForm, *, open_form: bool = False, trouble: Trouble | None = None
) -> HttpResponse:
    found = _list(request)
    if not request.actor.may(Page.PARAMETERS, Action.CONFIGURE):
        for field in form.fields.values():
            field.disabled = True
    context = {
        **found,
        **_preview(form),
        "trouble": trouble,
        "starts": [(key, title, why, body, _bubble(Draft(body, form.footer_text))) for key, title, why, body in STARTS],
        # what can be used, or may soon be, comes first: another one is made by who wants it
        "open_form": open_form or not found["hopeful"],
    }
    return step_page(request, Step.TEMPLATE, TEMPLATE, context)


def _list(request: ActorRequest) -> dict[str, Any]:
    company = request.actor.company
    rows = rows_of(company)
    shown = Paginator(rows, MOST_SHOWN).get_page(request.GET.get("page"))
    every = LOOK_EVERY if any(row.in_review for row in rows) else 0
    return {
        "rows": shown,
        "hopeful": any(row.hopeful for row in rows),
        "poll": polling.Poll(every, polling.fingerprint(row.seen for row in rows)),
        "may_configure": request.actor.may(Page.PARAMETERS, Action.CONFIGURE),
        "may_use": request.actor.may(Page.POLICIES, Action.CONFIGURE),
        "can_read": _is_connected(company),
    }


def _is_connected(company: Company) -> bool:
    return company.whatsapp_accounts.exclude(access_token="").exclude(waba_id="").exists()


def _preview(form: DraftForm) -> dict[str, Any]:
    draft = form.draft_as_typed()
    # as many examples as the page is about to have
    draft = replace(draft, examples=template_draft.examples_for(draft.body, draft.examples))
    return {
        "form": form,
        "bubble": _bubble(draft),
        "file_name": FILE_NAME,
        "findings": template_draft.findings(draft),
        "length": len(draft.body.strip()),
        "most": template_draft.BODY_LIMIT,
    }


def _bubble(draft: Draft) -> Bubble:
    parameters = [{"text": text} for text in draft.examples]
    content = {"template": {"name": draft.name, "language": draft.language, "parameters": parameters}}
    return bubble_of(Channel.WHATSAPP.value, content, TemplateText(draft.body, draft.footer))


def _initial(company: Company) -> dict[str, Any]:
    return {
        "name": _free_name(company),
        "body": template_draft.BETTER_BODY,
        "footer": template_draft.footer_for(company.legal_name),
        "examples": template_draft.examples_for(template_draft.BETTER_BODY),
    }


def _free_name(company: Company) -> str:
    """`comprobantes`, or with a number: those that Meta deleted are blocked for a while."""
    rows = WhatsAppTemplate.objects.filter(account__company=company, language=template_draft.DEFAULT_LANGUAGE)
    taken, name, number = set(rows.values_list("name", flat=True)), template_draft.DEFAULT_NAME, 1
    while name in taken:
        number += 1
        name = f"{template_draft.DEFAULT_NAME}_{number}"
    return name


def _correcting(company: Company, named: str) -> DraftForm:
    rows = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None)
    row = rows.filter(pk=int(named)).first() if named.isascii() and named.isdigit() and len(named) < 19 else None
    if row is None:
        raise Http404
    shape = shape_of(row.components, row.parameter_format)
    examples = template_draft.examples_for(shape.body)
    return DraftForm(initial={"name": row.name, "body": shape.body, "footer": shape.footer, "examples": examples})
