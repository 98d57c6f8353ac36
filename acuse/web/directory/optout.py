"""*BAJA* by hand, and *Volver a escribirle*."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from acuse.companies.permissions.pages import Action
from acuse.deliveries import contacts as services
from acuse.directory import optout
from acuse.directory.models import Contact
from acuse.directory.services import DirectoryError
from acuse.web.access import ActorRequest, acting
from acuse.web.directory.contacts import contact_or_404, frame
from acuse.web.directory.editing import party_or_404
from acuse.web.directory.forms import OptOutForm, RestoreForm, refuse
from acuse.web.directory.sections import Section
from acuse.web.panels import render_panel

_FORM = ["GET", "HEAD", "POST"]


@require_http_methods(_FORM)
@acting
def suppress(request: ActorRequest, section: Section, party_id: UUID, contact_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    contact = contact_or_404(request.actor, party, contact_id)
    form = OptOutForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            optout.suppress_by_hand(contact, reason=form.cleaned_data["reason"], actor=request.actor.label)
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"Dado de baja: a {contact} no se le escribe más.")
            return redirect("web:contacts", section, party.pk)
    what = ["No se le envía nada más: ni lo automático, ni lo que pida una persona, ni lo que ya está en cola."]
    context = {
        **frame(section, party, f"¿Dar de baja a {contact}?"), "contact": contact, "form": form,
        "what": [*what, *_elsewhere(contact, optout.sharing_address(contact))], "submit": "Dar de baja", "danger": True,
    }  # fmt: skip
    return render_panel(request, "web/directory/contact_confirm.html", context)


@require_http_methods(_FORM)
@acting
def restore(request: ActorRequest, section: Section, party_id: UUID, contact_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    contact = contact_or_404(request.actor, party, contact_id)
    if contact.suppressed_at is None:
        messages.info(request, f"{contact} no está dado de baja.")
        return redirect("web:contacts", section, party.pk)
    form = RestoreForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _restore(contact, form, request.actor.label)
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"A {contact} se le vuelve a escribir.")
            return redirect("web:contacts", section, party.pk)
    what = ["Hacelo solo si la persona lo pidió: queda en la auditoría con tu nombre."]
    what += _elsewhere(contact, optout.out_with(contact))
    context = {
        **frame(section, party, f"¿Volver a escribirle a {contact}?"), "contact": contact, "form": form,
        "what": what, "submit": "Volver a escribirle",
    }  # fmt: skip
    return render_panel(request, "web/directory/contact_confirm.html", context)


@transaction.atomic
def _restore(contact: Contact, form: RestoreForm, actor: str) -> None:
    given = form.cleaned_data
    lifted = optout.restore(contact, origin=given["consent_origin"], asked_on=given["consent_on"], actor=actor)
    for party in {one.party for one in lifted}:
        services.restored(party)


def _elsewhere(contact: Contact, others: Sequence[Contact]) -> list[str]:
    """The same person, as a contact of others."""
    names = sorted({one.party.name for one in others if one.party_id != contact.party_id})
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" y {len(names) - 3} más" if len(names) > 3 else "")
    return [f"La misma dirección es contacto de {shown}: vale también ahí."]
