"""Step 4: what customers see of the number: read from Meta unless that was a moment ago, and written there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuse.channels.models import WhatsAppNumber
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import kept, profile, readings
from acuse.channels.whatsapp.onboarding.profile import Profile
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.web.access import ActorRequest, acting
from acuse.web.whatsapp.frame import Trouble, max_age, may_configure, require_configure, step_page, trouble_of
from acuse.web.whatsapp.steps.files import PICK_AGAIN, content_of

TEMPLATE = "web/whatsapp/step_profile.html"


def _counted(label: str, name: str, help_text: str, *, lines: int = 0) -> forms.CharField:
    """With as many characters as Meta takes; what is longer is told, not cut."""
    attrs = {"data-count": str(profile.LIMITS[name]), "data-mirror": f"profile-{name}"}
    widget = forms.Textarea(attrs=attrs | {"rows": str(lines)}) if lines else forms.TextInput(attrs=attrs)
    return forms.CharField(label=label, required=False, help_text=help_text, widget=widget)


class ProfileForm(forms.Form):
    """The shape of what is sent; what it may say is `onboarding.profile`."""

    about = _counted(
        "Info", "about", "La frase corta bajo el nombre. Meta no deja vaciarla: en blanco, queda la de hoy."
    )
    description = _counted("Descripción", "description", "Qué hacen, en unas líneas.", lines=3)
    vertical = forms.ChoiceField(
        label="Rubro", required=False, choices=[("", "Sin elegir"), *profile.VERTICALS.items()],
        widget=forms.Select(attrs={"data-mirror": "profile-vertical"}),
    )  # fmt: skip
    address = _counted("Dirección", "address", "")
    email = _counted("Correo", "email", "")
    websites = forms.CharField(
        label="Páginas web", required=False, help_text="Hasta dos, una por línea, que empiecen con https://.",
        widget=forms.Textarea(attrs={"rows": "2", "data-mirror": "profile-websites", "spellcheck": "false"}),
    )  # fmt: skip
    picture = forms.FileField(
        label="Foto", required=False, help_text="PNG, JPG o WebP de hasta 5 MB. Se recorta cuadrada, de 640 píxeles.",
        widget=forms.FileInput(
            attrs={"accept": "image/png,image/jpeg,image/webp", "data-picture": "profile-picture"}
        ),
        error_messages={"empty": "El archivo está vacío."},
    )  # fmt: skip

    def profile(self) -> Profile:
        """Of a valid form."""
        return profile.of_mapping({name: str(self.cleaned_data[name]) for name in self.fields if name != "picture"})


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    number = _chosen(request.actor.company, request.GET.get("numero", ""))
    if number is None:
        return _show(request, None, None)
    try:
        found, read_at = readings.profile_of(
            request.actor.company, phone_number_id=number.phone_number_id, max_age=max_age(request)
        )
    except AccountRefused as refused:
        # without what Meta has there is nothing to change: saving blanks would erase it
        form_id = "profile-read" if may_configure(request) else ""
        return _show(request, number, None, trouble=trouble_of(refused, form_id=form_id))
    form = ProfileForm(initial=_initial(found))
    return _show(request, number, form, picture_url=found.picture_url, read_at=read_at)


@require_POST
@acting
def read(request: ActorRequest) -> HttpResponse:
    """Ask Meta again, whatever was read a moment ago."""
    company = require_configure(request)
    number = _chosen(company, request.POST.get("numero", ""))
    kept.forget(company)
    return redirect(_url_of(number))


@require_POST
@acting
def save(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    number = _chosen(company, request.POST.get("numero", ""))
    if number is None:
        return redirect("web:whatsapp_profile")
    form = ProfileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, number, form)
    try:
        profile.save(
            company,
            phone_number_id=number.phone_number_id,
            given=form.profile(),
            picture=content_of(form.cleaned_data["picture"], most=profile.MAX_PICTURE),
            actor=request.actor.label,
        )
    except AccountRefused as refused:
        trouble = trouble_of(refused, form=form, form_id="profile-form")
        if form.cleaned_data.get("picture") and refused.field != "picture":
            form.add_error("picture", PICK_AGAIN)
        return _show(request, number, form, trouble=trouble)
    messages.success(request, "El perfil está guardado en Meta. En los teléfonos puede tardar unos minutos en verse.")
    return redirect(_url_of(number))


def _url_of(number: WhatsAppNumber | None) -> str:
    query = f"?numero={number.phone_number_id}" if number is not None else ""
    return f"{reverse('web:whatsapp_profile')}{query}"


def _show(
    request: ActorRequest,
    number: WhatsAppNumber | None,
    form: ProfileForm | None,
    *,
    trouble: Trouble | None = None,
    picture_url: str = "",
    read_at: datetime | None = None,
) -> HttpResponse:
    if form is not None and not may_configure(request):
        for field in form.fields.values():
            field.disabled = True
    context: dict[str, Any] = {
        "numbers": _numbers(request.actor.company),
        "number": number,
        "form": form,
        "trouble": trouble,
        "vertical": dict(profile.VERTICALS).get(str(form["vertical"].value() or ""), "") if form is not None else "",
        "picture_url": picture_url if picture_url.startswith("https://") else "",
        "read_at": read_at,
    }
    return step_page(request, Step.PROFILE, TEMPLATE, context)


def _numbers(company: Company) -> list[WhatsAppNumber]:
    rows = WhatsAppNumber.objects.select_related("lane").filter(account__company=company)
    return list(rows.order_by("-lane__is_default", "id"))


def _chosen(company: Company, phone_number_id: str) -> WhatsAppNumber | None:
    """The one that is named, else the default; None where there is none."""
    ours = _numbers(company)
    if not phone_number_id:
        return ours[0] if ours else None
    found = next((one for one in ours if one.phone_number_id == phone_number_id), None)
    if found is None:
        raise Http404
    return found


def _initial(found: Profile) -> dict[str, str]:
    plain = {name: str(getattr(found, name)) for name in (*profile.LIMITS, "vertical")}
    return plain | {"websites": "\n".join(found.websites)}
