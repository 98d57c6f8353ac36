"""*Clases de cliente*."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import scoped
from acuse.deliveries.models import DeliveryPolicy
from acuse.directory import classes
from acuse.directory.models import CustomerClass, Party
from acuse.directory.services import DirectoryError
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.charts.words import number
from acuse.web.directory.forms import ClassForm, refuse

_FORM = ["GET", "HEAD", "POST"]
_NAMED = 5


@require_safe
@acting
def listing(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    actor.require(Page.CUSTOMER_CLASSES, Action.VIEW)
    ours = scoped(CustomerClass.objects.all(), actor).order_by("folded_name", "id")
    rows = list(ours.prefetch_related("policies"))
    customers = _counted(actor.company)
    for row in rows:
        row.customers = customers.get(row.pk, 0)  # type: ignore[attr-defined]
    context = {
        "title": "Clases de cliente",
        "rows": [(row, _kinds_of(row.policies.all())) for row in rows],
        "may": {name: actor.may(Page.CUSTOMER_CLASSES, getattr(Action, name)) for name in ("CREATE", "EDIT", "VOID")},
        "sees_customers": actor.may(Page.CUSTOMERS, Action.VIEW),
    }
    return render(request, "web/directory/classes.html", context)


def _customers(company: Company) -> QuerySet[Party]:
    """Those merged into another aren't any more."""
    return Party.objects.filter(company=company, merged_into=None)


def _counted(company: Company) -> dict[int, int]:
    """How many have each class: joined with the classes, all of them would be sorted."""
    with_one = _customers(company).exclude(customer_class=None).order_by()
    counted = with_one.values_list("customer_class").annotate(count=Count("pk"))
    return {class_id: count for class_id, count in counted if class_id is not None}


def _kinds_of(policies: object) -> list[str]:
    kinds = [VoucherKind(policy.kind).plural for policy in policies]  # type: ignore[attr-defined]
    return sorted(kinds)


@require_http_methods(_FORM)
@acting
def create(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.CUSTOMER_CLASSES, Action.CREATE)
    form = ClassForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = classes.create_class(
                company=request.actor.company, name=form.cleaned_data["name"], actor=request.actor.label
            )
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, f"Creada: «{made.name}».")
            return redirect("web:customer_classes")
    return _render_form(request, form, "Crear clase de cliente")


@require_http_methods(_FORM)
@acting
def rename(request: ActorRequest, class_id: int) -> HttpResponse:
    request.actor.require(Page.CUSTOMER_CLASSES, Action.EDIT)
    found = own_or_404(CustomerClass.objects.select_related("company"), request.actor, pk=class_id)
    form = ClassForm(request.POST if request.method == "POST" else None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            classes.rename_class(customer_class=found, name=form.cleaned_data["name"], actor=request.actor.label)
        except DirectoryError as error:
            refuse(form, error)
        else:
            messages.success(request, "Guardado.")
            return redirect("web:customer_classes")
    return _render_form(request, form, "Cambiar el nombre de la clase")


def _render_form(request: ActorRequest, form: ClassForm, title: str) -> HttpResponse:
    back = reverse("web:customer_classes")
    return form_page(
        request, "web/form.html", {"title": title, "form": form, "back": back, "crumb": "Clases de cliente"}
    )


@require_http_methods(_FORM)
@acting
def delete(request: ActorRequest, class_id: int) -> HttpResponse:
    request.actor.require(Page.CUSTOMER_CLASSES, Action.VOID)
    found = own_or_404(CustomerClass.objects.select_related("company"), request.actor, pk=class_id)
    if request.method == "POST":
        try:
            classes.delete_class(customer_class=found, actor=request.actor.label)
        except DirectoryError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, f"Se borró la clase «{found.name}».")
        return redirect("web:customer_classes")
    policies = DeliveryPolicy.objects.filter(segment=found)
    if policies:
        kinds = ", ".join(_kinds_of(policies))
        messages.warning(
            request,
            f"No se puede borrar «{found.name}»: la usa la configuración de envío de {kinds}. Sacala de ahí primero, "
            "porque sin ella esos comprobantes irían a todos.",
        )
        return redirect("web:customer_classes")
    context = {
        "title": f"¿Borrar la clase «{found.name}»?", "what": _what_goes(found), "submit": "Borrar", "danger": True,
        "back": reverse("web:customer_classes"), "crumb": "Clases de cliente",
    }  # fmt: skip
    return render(request, "web/confirm.html", context)


def _what_goes(found: CustomerClass) -> list[str]:
    customers = _customers(found.company).filter(customer_class=found).order_by("folded_name")
    count = customers.count()
    if not count:
        return ["Ningún cliente la tiene."]
    names = ", ".join(customer.name for customer in customers[:_NAMED])
    rest = f" y {number(count - _NAMED)} más" if count > _NAMED else ""
    if count == 1:
        return [f"Un cliente queda sin clase: {names}."]
    return [f"{number(count)} clientes quedan sin clase: {names}{rest}."]
