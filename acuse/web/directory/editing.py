"""Creating, changing and deleting a party; setting the class of many."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
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
from acuse.web.directory.forms import PartyForm, SetClassForm, refuse
from acuse.web.directory.sections import Section
from acuse.web.directory.showing import look_at_document
from acuse.web.directory.tables import grid_of
from acuse.web.directory.views import parties_of

_FORM = ["GET", "HEAD", "POST"]


@require_safe
@acting
def document_look(request: ActorRequest) -> HttpResponse:
    look = look_at_document(request.GET.get("tax_id", "")[:200])
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
    return render(request, "web/form.html", context)


@require_http_methods(_FORM)
@acting
def change(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    found = party_or_404(request.actor, section, party_id)
    form = _form(request, section, found)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                parties.change_party(party=found, entry=_entry(request.actor, form), actor=request.actor.label)
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, "Guardado.")
            return redirect("web:party", section, found.pk)
    back = reverse("web:party", args=[section, found.pk])
    context = {"title": f"Editar {section.one}", "form": form, "back": back, "crumb": found.name}
    return render(request, "web/form.html", context)


def _form(request: ActorRequest, section: Section, party: Party | None) -> PartyForm:
    return PartyForm(
        request.POST if request.method == "POST" else None,
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


@require_http_methods(_FORM)
@acting
def set_class(request: ActorRequest, section: Section) -> HttpResponse:
    """Of those ticked (`?id=`), or of all that the grid's filters leave (`?all=1&…`)."""
    request.actor.require(section.page, Action.EDIT)
    if not section.has_classes:
        raise Http404
    chosen = _chosen(request, section)
    form = SetClassForm(request.POST if request.method == "POST" else None, company=request.actor.company)
    if request.method == "POST" and form.is_valid():
        pk = form.cleaned_data["customer_class"]
        wanted = own_or_404(CustomerClass.objects.all(), request.actor, pk=pk) if pk else None
        count = parties.set_class(
            company=request.actor.company, ids=chosen.values_list("pk", flat=True), customer_class=wanted,
            actor=request.actor.label,
        )  # fmt: skip
        many = "1 cliente cambió" if count == 1 else f"{count} clientes cambiaron"
        messages.success(request, f"{many} de clase." if count else "Ya estaban todos en esa clase.")
        return redirect("web:party_grid", section)
    count = chosen.count()
    if not count:
        messages.info(request, "No elegiste ningún cliente.")
        return redirect("web:party_grid", section)
    many = "1 cliente" if count == 1 else f"{count} clientes"
    context = {
        "title": f"Cambiar la clase de {many}",
        "lead": "La clase decide a quién le llega lo automático, en las configuraciones que filtran por clase.",
        "form": form, "submit": f"Cambiar {many}", "back": reverse("web:party_grid", args=[section]),
        "crumb": section.title,
    }  # fmt: skip
    return render(request, "web/form.html", context)


def _chosen(request: ActorRequest, section: Section) -> QuerySet[Party]:
    ours = parties_of(request.actor, section)
    if "all" in request.GET:
        shown = grid_of(section).open(request, ours, filters={"section": section})
        return shown.matching if shown.filter.form.is_valid() else ours.none()
    try:
        ids = {UUID(text) for text in request.GET.getlist("id")}
    except ValueError as error:
        raise Http404 from error
    found = ours.filter(pk__in=ids)
    if found.count() != len(ids):
        raise Http404
    return found
