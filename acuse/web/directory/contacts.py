"""*Editar contactos envío comprobantes*: the side panel of a party's contacts, and the same as pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor
from acuse.deliveries import contacts as services
from acuse.directory.contacts import Changed, fingerprint
from acuse.directory.models import Contact, Party
from acuse.directory.services import DirectoryError
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.charts.words import many, number
from acuse.web.directory.editing import party_or_404
from acuse.web.directory.forms import ContactForm, differences, refuse
from acuse.web.directory.sections import Section, section_of
from acuse.web.directory.showing import Look, look_at_mobile
from acuse.web.panels import render_panel

_FORM = ["GET", "HEAD", "POST"]
TITLE = "Contactos envío comprobantes"


def contact_or_404(actor: Actor, party: Party, contact_id: UUID) -> Contact:
    return own_or_404(party.contacts.select_related("party", "company"), actor, pk=contact_id)


def frame(section: Section, party: Party, title: str) -> dict[str, Any]:
    """What the panel's and the page's templates need."""
    return {
        "section": section,
        "party": party,
        "title": title,
        "back": reverse("web:party", args=[section, party.pk]),
        "crumb": party.name,
        "list_url": reverse("web:contacts", args=[section, party.pk]),
    }


@require_safe
@acting
def listing(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.VIEW)
    party = party_or_404(request.actor, section, party_id)
    context = {
        **frame(section, party, TITLE),
        "contacts": list(party.contacts.order_by("created_at", "id")),
        "may_edit": request.actor.may(section.page, Action.EDIT),
    }
    return render_panel(request, "web/directory/contacts.html", context)


@require_http_methods(_FORM)
@acting
def create(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    form = _form(request, section, party, None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create(party=party, entry=form.entry(), actor=request.actor.label)
        except DirectoryError as error:
            refuse(form, error)
        else:
            _say_saved(request, [f"Guardado: {made}.", *_said(made)])
            return redirect("web:contacts", section, party.pk)
    context = {**frame(section, party, "Crear contacto"), "form": form, "submit": "Crear"}
    return render_panel(request, "web/directory/contact_form.html", context)


@require_http_methods(_FORM)
@acting
def change(request: ActorRequest, section: Section, party_id: UUID, contact_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    contact = contact_or_404(request.actor, party, contact_id)
    form, clash = _form(request, section, party, contact), None
    if request.method == "POST" and form.is_valid():
        try:
            changed, moved = services.change(
                contact=contact, entry=form.entry(), actor=request.actor.label, seen=form.cleaned_data["seen"]
            )
        except Changed as error:
            # what was written stays, and is saved if they press again, having seen the other
            clash, contact = differences(form, ContactForm.initial_of(error.contact)), error.contact
            form = _form(request, section, party, contact, seen=fingerprint(contact))
        except DirectoryError as error:
            refuse(form, error)
        else:
            _say_saved(request, [f"Guardado: {changed}.", *_said(changed), *_moved(moved)])
            return redirect("web:contacts", section, party.pk)
    context = {
        **frame(section, party, "Editar contacto"), "form": form, "contact": contact, "submit": "Guardar",
        "changed": clash is not None, "clash": clash,
    }  # fmt: skip
    return render_panel(request, "web/directory/contact_form.html", context)


def _form(
    request: ActorRequest, section: Section, party: Party, contact: Contact | None, *, seen: str = ""
) -> ContactForm:
    """`seen`: what the person sees of it now, instead of what they saw when they began."""
    look_url = reverse("web:contact_mobile", args=[section, party.pk])
    data = request.POST.copy()
    if seen:
        data["seen"] = seen
    return ContactForm(
        data if request.method == "POST" else None,
        section=section,
        look_url=look_url,
        initial=ContactForm.initial_of(contact) if contact else None,
    )


def _say_saved(request: ActorRequest, sentences: Sequence[str]) -> None:
    messages.success(request, " ".join(sentences))


def _said(contact: Contact) -> list[str]:
    if contact.suppressed_at is None:
        return []
    return ["Esa dirección ya había pedido la baja: no se le escribe hasta que la persona lo pida."]


def _moved(count: int) -> list[str]:
    if not count:
        return []
    return [
        "El envío en cola va a la dirección nueva." if count == 1 else f"{number(count)} envíos en cola van a la nueva."
    ]


@require_safe
@acting
def mobile_look(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    """What is understood of a mobile while it is typed."""
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    return _show_look(request, look_at_mobile(request.GET.get("mobile", "")[:200], request.actor.company, of=party))


@require_safe
@acting
def new_mobile_look(request: ActorRequest, section: Section) -> HttpResponse:
    """The same, of a party that is being created with its voucher."""
    request.actor.require(section.page, Action.CREATE)
    return _show_look(request, look_at_mobile(request.GET.get("contact_mobile", "")[:200], request.actor.company))


def _show_look(request: ActorRequest, look: Look) -> HttpResponse:
    visible = [one for one in look.others if request.actor.may(section_of(one.party).page, Action.VIEW)]
    return render(request, "web/directory/_look.html", {"look": look, "visible": visible})


@require_http_methods(_FORM)
@acting
def delete(request: ActorRequest, section: Section, party_id: UUID, contact_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    party = party_or_404(request.actor, section, party_id)
    contact = contact_or_404(request.actor, party, contact_id)
    if request.method == "POST":
        services.delete(contact=contact, actor=request.actor.label)
        messages.success(request, f"Se borró {contact}.")
        return redirect("web:contacts", section, party.pk)
    context = {
        **frame(section, party, f"¿Borrar a {contact}?"), "contact": contact,
        "what": _what_goes(contact), "submit": "Borrar", "danger": True,
    }  # fmt: skip
    return render_panel(request, "web/directory/contact_confirm.html", context)


def _what_goes(contact: Contact) -> list[str]:
    queued, waiting = services.queued_for(contact).count(), services.waiting_for(contact).count()
    what = ["Lo que ya se le envió queda, con su fecha. No se puede deshacer."]
    if contact.suppressed_at is not None:
        what.append("Que pidió la baja queda anotado: si ese celular o ese correo vuelve, no se le escribe.")
    if queued:
        going = f"{many(queued, 'envío', 'envíos')} en cola para este contacto"
        what.append(f"Se cancela{'' if queued == 1 else 'n'} {going}.")
    if waiting:
        staying = many(waiting, "comprobante espera", "comprobantes esperan")
        what.append(f"{staying} para ir solo a este contacto: va{'' if waiting == 1 else 'n'} a quedar sin enviar.")
    return what
