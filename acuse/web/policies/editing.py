"""Changing one kind's sending."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.policies import services as policies
from acuse.deliveries.policies.services import PolicyChanged, PolicyError
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.actors import who
from acuse.web.answers import form_page
from acuse.web.policies.forms import initial_of
from acuse.web.policies.known_templates import known, trouble
from acuse.web.policies.page import form_of, render_policy, saved_values
from acuse.web.policies.wording import changed_in_words, names_of


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def edit(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    if request.method != "POST":
        request.actor.require(Page.POLICIES, Action.VIEW)
        return render_policy(request, kind, form_of(request, kind), saved_values(request, kind))
    request.actor.require(Page.POLICIES, Action.CONFIGURE)
    form = form_of(request, kind, request.POST)
    if not form.is_valid():
        return render_policy(request, kind, form, saved_values(request, kind))
    values = form.values()
    try:
        changed = policies.change(
            company=request.actor.company, kind=kind, values=values, actor=request.actor.label, seen=form.seen_marks()
        )
    except PolicyError as error:
        form.tell(error.problems)
        return render_policy(request, kind, form, values)
    except PolicyChanged as clash:
        return _changed_meanwhile(request, kind, clash)
    return _done(request, kind, changed)


def _changed_meanwhile(request: ActorRequest, kind: VoucherKind, clash: PolicyChanged) -> HttpResponse:
    """As it is now, with what this person wrote, for them to see and save."""
    told = AuditEntry.objects.filter(company=request.actor.company, event="policy.changed", target=kind.value)
    last = told.order_by("-at", "-pk").first()
    form = form_of(request, kind)
    form.initial.update(initial_of(clash.merged), seen=initial_of(clash.now)["seen"])
    context = {
        "clash_who": who(last.actor) if last else "Otra persona",
        "clash_at": last.at if last else None,
        "clash_fields": names_of(clash.meanwhile - clash.both),
        "clash_both": names_of(clash.both),
    }
    return render_policy(request, kind, form, clash.merged, more=context, status=409)


class SourceForm(forms.Form):
    source = forms.ChoiceField(label="Copiar de")

    def __init__(self, *args: object, kind: VoucherKind, **given: object) -> None:
        super().__init__(*args, **given)  # type: ignore[arg-type]
        others = [(one.value, one.plural) for one in VoucherKind if one is not kind]
        self.fields["source"].choices = others  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def copy(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.CONFIGURE)
    form = SourceForm(request.POST if request.method == "POST" else None, kind=kind)
    if form.is_valid():
        source = VoucherKind(form.cleaned_data["source"])
        try:
            changed = policies.copy(
                company=request.actor.company, source=source, target=kind, actor=request.actor.label
            )
        except PolicyError as error:
            form.add_error("source", str(error))
        else:
            return _done(request, kind, changed)
    segment = ", y las clases de cliente si los dos son de venta" if kind.audience is Audience.CUSTOMER else ""
    context = {
        "form": form, "title": f"Copiar a {kind.plural}", "submit": "Copiar",
        "lead": "Trae el asunto, el cuerpo, los canales, la plantilla con sus variables y el nombre del archivo"
                f"{segment}. Habilitado, Envío Automático y el número por el que sale quedan como están. "
                "Lo demás se reemplaza.",
        "back": reverse("web:policy", args=[kind]), "crumb": kind.plural,
    }  # fmt: skip
    return form_page(request, "web/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def restore(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.CONFIGURE)
    if request.method == "POST":
        changed = policies.restore(company=request.actor.company, kind=kind, actor=request.actor.label)
        return _done(request, kind, changed)
    context = {
        "title": f"¿Volver {kind.plural} a lo de fábrica?",
        "what": [
            "El asunto, el cuerpo, los canales, la plantilla, sus variables y el nombre del archivo vuelven a ser los "
            "que trae Acuse. Lo que escribiste se pierde.",
            "Queda habilitado, sin envío automático, para todas las clases y por el número principal.",
            "Lo que ya está en cola sale como se pidió.",
        ],
        "submit": "Volver a lo de fábrica", "danger": True, "back": reverse("web:policy", args=[kind]),
        "crumb": kind.plural,
    }  # fmt: skip
    return render(request, "web/confirm.html", context)


def _done(request: ActorRequest, kind: VoucherKind, changed: frozenset[str]) -> HttpResponse:
    messages.success(request, changed_in_words(changed))
    wrong = trouble(known(request.actor.company), saved_values(request, kind))
    if wrong:
        messages.warning(request, wrong)
    return redirect("web:policy", kind)
