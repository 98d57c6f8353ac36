"""Creating, changing and deleting a party; setting the class of many."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.directory import parties
from acuse.directory.classes import class_named, create_class
from acuse.directory.models import CustomerClass, Party
from acuse.directory.parties import PartyEntry
from acuse.directory.services import DirectoryError
from acuse.directory.uses import in_words, uses_of
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.directory.forms import PartyForm, differences, refuse
from acuse.web.directory.sections import Section
from acuse.web.directory.showing import look_at_document

_FORM = ["GET", "HEAD", "POST"]


@require_safe
@acting
def document_look(request: ActorRequest) -> HttpResponse:
    # the second name, where a party is created with its voucher
    typed = request.GET.get("tax_id") or request.GET.get("new_tax_id", "")
    look = look_at_document(typed[:200])
    return render(request, "web/directory/_look.html", {"look": look})


def party_or_404(actor: Actor, section: Section, party_id: UUID) -> Party:
    """One that wasn't merged."""
    return own_or_404(
        Party.objects.filter(kind=section.kind.value, merged_into=None).select_related("customer_class", "company"),
        actor,
        pk=party_id,
    )


@require_http_methods(_FORM)
@acting
def create(request: ActorRequest, section: Section) -> HttpResponse:
    request.actor.require(section.page, Action.CREATE)
    form = _form(request, section, None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = parties.create_party(
                    company=request.actor.company, kind=section.kind, entry=_entry(request.actor, form),
                    actor=request.actor.label,
                )  # fmt: skip
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"Guardado. Ahora cargá a quién le llegan los comprobantes de {made.name}.")
            return redirect("web:party", section, made.pk)
    back = reverse("web:party_grid", args=[section])
    context = {"title": f"Crear {section.one}", "form": form, "back": back, "crumb": section.title}
    return form_page(request, "web/form.html", context)


@require_http_methods(_FORM)
@acting
def change(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    found = party_or_404(request.actor, section, party_id)
    form, clash = _form(request, section, found), None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                parties.change_party(
                    party=found, entry=_entry(request.actor, form), actor=request.actor.label,
                    seen=form.cleaned_data["seen"],
                )  # fmt: skip
        except parties.Changed as error:
            # what was written stays, and is saved if they press again, having seen the other
            clash, found = differences(form, PartyForm.initial_of(error.party)), error.party
            form = _form(request, section, found, seen=parties.fingerprint(found))
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, "Guardado.")
            return redirect("web:party", section, found.pk)
    back = reverse("web:party", args=[section, found.pk])
    context = {
        "title": f"Editar {section.one}", "form": form, "back": back, "crumb": found.name,
        "changed": clash is not None, "clash": clash,
    }  # fmt: skip
    return form_page(request, "web/form.html", context)


def _form(request: ActorRequest, section: Section, party: Party | None, *, seen: str = "") -> PartyForm:
    """`seen`: what the person sees of it now, instead of what they saw when they began."""
    data = request.POST.copy()
    if seen:
        data["seen"] = seen
    return PartyForm(
        data if request.method == "POST" else None,
        section=section,
        company=request.actor.company,
        may_create_classes=request.actor.may(Page.CUSTOMER_CLASSES, Action.CREATE),
        initial=PartyForm.initial_of(party) if party else None,
    )


def _entry(actor: Actor, form: PartyForm) -> PartyEntry:
    given = form.cleaned_data
    return PartyEntry(
        name=given["name"],
        tax_id=given["tax_id"],
        external_id=given["external_id"],
        customer_class=_class_named(actor, given.get("customer_class", "")),
    )


def _class_named(actor: Actor, name: str) -> CustomerClass | None:
    if not name:
        return None
    found = class_named(actor.company, name)
    if found is None and not actor.may(Page.CUSTOMER_CLASSES, Action.CREATE):
        raise DirectoryError("customer_class", f"No hay una clase «{name}». Elegí una de la lista.")
    try:
        return found or create_class(company=actor.company, name=name, actor=actor.label)
    except DirectoryError as error:
        raise DirectoryError("customer_class", str(error)) from error


@require_http_methods(_FORM)
@acting
def delete(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.VOID)
    found = party_or_404(request.actor, section, party_id)
    back = reverse("web:party", args=[section, found.pk])
    if request.method == "POST":
        try:
            parties.delete_party(party=found, actor=request.actor.label)
        except DirectoryError as error:
            messages.warning(request, str(error))
            return redirect(back)
        messages.success(request, f"Se borró {found.name}.")
        return redirect("web:party_grid", section)
    uses = uses_of(found)
    if uses:
        messages.warning(request, f"No se puede borrar {found.name}: tiene {in_words(uses)}.")
        return redirect(back)
    context = {
        "title": f"¿Borrar {found.name}?",
        "what": ["No tiene contactos ni comprobantes. Si tu sistema lo manda de nuevo, se vuelve a crear."],
        "submit": "Borrar", "danger": True, "back": back, "crumb": found.name,
    }  # fmt: skip
    return render(request, "web/confirm.html", context)
