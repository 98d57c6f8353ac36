"""Step 8: a test voucher to one's own phone, by the way that every voucher goes, and its ticks on the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import accounts, selectors
from acuse.channels.accounts import AccountError
from acuse.channels.models import WhatsAppNumber, WhatsAppTemplate
from acuse.channels.refusals import AccountRefused
from acuse.channels.templates import APPROVED
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.states import Origin, State
from acuse.directory.services import DirectoryError
from acuse.hooks.checks.account import NOT_IN_LIST
from acuse.hooks.selectors import last_heard
from acuse.intake.services import EVERY_PARTY, Bringer, IntakeError
from acuse.intake.trial import SOURCE, last_trial, request_trial
from acuse.kernel import phone
from acuse.kernel.ids import new_secret
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.services import VoucherError
from acuse.web import polling, understood
from acuse.web.access import ActorRequest, acting
from acuse.web.deliveries.timeline import Entry, history_of
from acuse.web.directory.sections import SECTIONS
from acuse.web.directory.showing import look_at_own_mobile
from acuse.web.whatsapp.frame import Trouble, polled, require_configure, step_page, trouble_of

#: What the page of a key may be: of `new_secret`.
_KEY = 40
#: The stages of a test, with what each means.
STAGES = (
    (State.QUEUED, "En cola", "Acuse lo tiene y espera su turno."),
    (State.SENT, "Enviado", "WhatsApp lo aceptó."),
    (State.DELIVERED, "Entregado", "Llegó al teléfono."),
    (State.READ, "Leído", "Lo abriste."),
)
_REACHED = {State.SENT: 1, State.DELIVERED: 2, State.READ: 3}


class TrialForm(forms.Form):
    mobile = forms.CharField(
        label="Tu celular", max_length=80, help_text=understood.HOW_MOBILE,
        error_messages={"required": "Escribí tu celular."},
    )  # fmt: skip
    #: One a page: a second click of the same page is the same test.
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=_KEY)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        understood.show_mobile(self.fields["mobile"], reverse("web:whatsapp_trial_look"))
        # it is one's own
        self.fields["mobile"].widget.attrs["autocomplete"] = "tel"


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    last = last_trial(request.actor.company)
    return _show(request, _fresh(last.to if last is not None else ""))


@require_safe
@acting
def look(request: ActorRequest) -> HttpResponse:
    """What is understood of a mobile while it is typed."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    found = look_at_own_mobile(request.GET.get("mobile", "")[:200], request.actor.company)
    return render(request, "web/directory/_look.html", {"look": found, "visible": []})


@require_POST
@acting
def send(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    form = TrialForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    mobile, key = form.cleaned_data["mobile"], form.cleaned_data["key"]
    trouble = _ask(request, company, mobile, key, form)
    if trouble is not None:
        return _show(request, form, trouble=trouble)
    return redirect(f"{reverse('web:whatsapp_trial')}#trial-state")


@require_POST
@acting
def sandbox(request: ActorRequest) -> HttpResponse:
    """A test number writes the mobile another way, and the test goes again."""
    company = require_configure(request)
    last = last_trial(company)
    rows = WhatsAppNumber.objects.select_related("lane__company")
    number = rows.filter(lane_id=last.lane_id).first() if last is not None else None
    if last is None or number is None:
        return redirect("web:whatsapp_trial")
    try:
        accounts.set_sandbox(number, request.POST.get("sandbox", ""), actor=request.actor.label)
    except AccountError as refused:
        messages.error(request, str(refused))
        return redirect("web:whatsapp_trial")
    trouble = _ask(request, company, last.to, request.POST.get("key", "")[:_KEY])
    if trouble is not None:
        return _show(request, _fresh(last.to), trouble=trouble)
    return redirect(f"{reverse('web:whatsapp_trial')}#trial-state")


@require_safe
@acting
def state(request: ActorRequest) -> HttpResponse:
    """What became of the last test, for its poller; 204 when nothing is new."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    context = _state(request)
    poll: polling.Poll | None = context["poll"]
    if poll is not None and poll.every and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    return polled(request, Step.TRIAL, "web/whatsapp/_trial_state.html", context)


def _ask(
    request: ActorRequest, company: Company, mobile: str, key: str, form: TrialForm | None = None
) -> Trouble | None:
    """What kept it from being asked; None: it is on its way."""
    bringer = Bringer(request.actor.label, Origin.MANUAL, SOURCE, EVERY_PARTY)
    try:
        request_trial(company, mobile=mobile, bringer=bringer, key=key)
    except AccountRefused as refused:
        return trouble_of(refused, form=form)
    except (DirectoryError, IntakeError, VoucherError) as refused:
        if form is not None:
            form.add_error("mobile" if refused.field == "mobile" else None, str(refused))
        return Trouble(str(refused), field=refused.field)
    return None


def _fresh(mobile: str) -> TrialForm:
    return TrialForm(initial={"mobile": phone.display(mobile) if mobile else ""})


def _show(request: ActorRequest, form: TrialForm, *, trouble: Trouble | None = None) -> HttpResponse:
    if not request.actor.may(Page.PARAMETERS, Action.CONFIGURE):
        form.fields["mobile"].disabled = True
    company = request.actor.company
    context = {
        "form": form,
        "trouble": trouble,
        "ready": selectors.whatsapp_ready(company),
        "template": _template_problem(company),
        # that of a test that was refused is spent
        "key": new_secret(12),
        **_state(request),
    }
    return step_page(request, Step.TRIAL, "web/whatsapp/step_trial.html", context)


def _template_problem(company: Company) -> str:
    """Why the test would wait or be refused; blank when nothing is known against it."""
    policy = DeliveryPolicy.objects.filter(company=company, kind=VoucherKind.QUOTE.value).first()
    account = selectors.whatsapp_account(company)
    if policy is None or account is None:
        return ""
    name = policy.template_name
    rows = WhatsAppTemplate.objects.filter(account=account, gone_at=None, language=policy.template_language)
    row = rows.filter(name=name).first()
    if row is None:
        return f"La prueba sale con la plantilla «{name}», y no la encontramos en la cuenta."
    if row.status == APPROVED:
        return ""
    if row.status in ("PENDING", "IN_APPEAL"):
        return f"Meta todavía revisa la plantilla «{name}»: la prueba espera en cola y sale sola cuando la apruebe."
    return f"La plantilla «{name}» no se puede usar: Meta no la tiene aprobada."


def _state(request: ActorRequest) -> dict[str, Any]:
    company = request.actor.company
    last = last_trial(company)
    nothing = {"last": None, "poll": None, "heard": last_heard(company)}
    if last is None:
        return nothing
    history = history_of(last.voucher, with_answers=False)
    entry = next(one for one in history.entries if one.delivery.pk == last.pk)
    # read a moment later: whoever is told that nothing more comes sees the last of it
    last = entry.delivery
    heard = last_heard(company)
    return {
        "last": last,
        "entry": entry,
        "poll": history.poll,
        "stages": _stages(last),
        "arrived": last.state in (State.DELIVERED, State.READ),
        "heard": heard,
        "unheard": last.state == State.SENT and heard is None,
        "sandboxes": _sandboxes(entry),
        "key": new_secret(12),
        "may_configure": request.actor.may(Page.PARAMETERS, Action.CONFIGURE),
        "sees_voucher": request.actor.may(VoucherKind.QUOTE, Action.VIEW),
        "customers": SECTIONS[0],
    }


def _stages(last: Delivery) -> list[tuple[str, str, str]]:
    """(word, what it means, `done`, `here` or blank)."""
    if last.state not in (State.QUEUED, State.SENDING, *_REACHED):
        return []
    at = _REACHED.get(State(last.state), 0)
    marks = ["done" if place < at else "here" if place == at else "" for place in range(len(STAGES))]
    return [(word, text, mark) for (_, word, text), mark in zip(STAGES, marks, strict=True)]


def _sandboxes(entry: Entry) -> list[tuple[str, str]]:
    """Other ways to write the mobile, where a test number refused it."""
    if entry.delivery.cause_code != NOT_IN_LIST:
        return []
    number = WhatsAppNumber.objects.filter(lane_id=entry.delivery.lane_id).first()
    return [(value, label) for value, label in WhatsAppNumber.Sandbox.choices if number and value != number.sandbox]
