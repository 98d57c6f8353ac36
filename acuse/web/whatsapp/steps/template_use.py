"""Which kinds of voucher leave with a template, and what fills its variables."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import shape_of
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.policies import templates as uses
from acuse.deliveries.policies.services import PolicyError
from acuse.rendering.text import MESSAGE_VARIABLES, VARIABLES
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.policies.forms import ManyField
from acuse.web.whatsapp.frame import require_configure, step_page


class UseForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label="Comprobantes que salen con ella", choices=[(kind.value, kind.plural) for kind in VoucherKind],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Elegí al menos un tipo de comprobante.", "invalid_choice": "Ese tipo no existe."},
    )  # fmt: skip
    parameters = ManyField(label="Qué va en cada variable", required=False)

    @property
    def rows(self) -> list[str]:
        return list(self["parameters"].value() or ())


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def page(request: ActorRequest, template_id: int) -> HttpResponse:
    company = require_configure(request)
    request.actor.require(Page.POLICIES, Action.CONFIGURE)
    found = WhatsAppTemplate.objects.filter(account__company=company, pk=template_id, gone_at=None).first()
    if found is None:
        raise Http404
    wrong = uses.why_not(found)
    if wrong:
        messages.warning(request, f"«{found.name}» no se puede elegir todavía. {wrong}")
        return redirect("web:whatsapp_template")
    form = UseForm(request.POST if request.method == "POST" else None, initial=_initial(request, found))
    if request.method == "POST" and form.is_valid():
        kinds = [VoucherKind(one) for one in form.cleaned_data["kinds"]]
        try:
            changed = uses.use(
                company=company,
                template=found,
                kinds=kinds,
                parameters=form.cleaned_data["parameters"],
                actor=request.actor.label,
            )
        except PolicyError as error:
            for problem in error.problems:
                form.add_error("parameters", problem.text)
        else:
            names = ", ".join(kind.plural for kind in changed)
            said = f"{names}: desde ahora con «{found.name}». Lo que está en cola sale como se pidió."
            messages.success(request, said if changed else "No cambiaste nada.")
            return redirect("web:whatsapp_template")
    context = {
        "template": found,
        "shape": shape_of(found.components, found.parameter_format),
        "form": form,
        "variables": VARIABLES.items(),
        "message_variables": MESSAGE_VARIABLES.items(),
    }
    return step_page(request, Step.TEMPLATE, "web/whatsapp/step_template_use.html", context)


def _initial(request: ActorRequest, found: WhatsAppTemplate) -> dict[str, Any]:
    company = request.actor.company
    mine = uses.used_by(company).get((found.name, found.language), [])
    return {"kinds": [kind.value for kind in mine], "parameters": uses.filling_of(company, found)}
