"""*Tarifas*: what a message costs, from which day on."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import scoped
from acuse.deliveries import planning
from acuse.deliveries.figures import rates as services
from acuse.deliveries.models import Rate
from acuse.web import formats
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.rates.forms import RateForm
from acuse.web.rates.words import category_name, market_name, price_text

_FORM = ["GET", "HEAD", "POST"]
#: Of the fields that a form takes from a rate.
_FIELDS = ("category", "market", "price", "currency", "valid_from")


@dataclass(frozen=True, slots=True)
class Row:
    rate: Rate
    category: str
    market: str
    price: str
    #: Whether it is in force today.
    standing: str


@require_safe
@acting
def rates(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.RATES, Action.VIEW)
    found = list(scoped(Rate.objects.order_by("category", "-market", "-valid_from"), request.actor))
    today = planning.today_in(request.actor.company)
    rows, seen = [], set[tuple[str, str]]()
    for rate in found:
        what = (rate.category, rate.market)
        if rate.valid_from > today:
            standing = "todavía no"
        else:
            standing = "ya no" if what in seen else "rige hoy"
            seen.add(what)
        price = price_text(rate.price, rate.currency)
        rows.append(Row(rate, category_name(rate.category), market_name(rate.market), price, standing))
    may = request.actor.may(Page.RATES, Action.CONFIGURE)
    return render(request, "web/rates/rates.html", {"rows": rows, "may_configure": may})


@require_http_methods(_FORM)
@acting
def create(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.RATES, Action.CONFIGURE)
    today = planning.today_in(request.actor.company)
    form = RateForm(request.POST or None, company=request.actor.company, initial={"valid_from": today})
    return _form(request, form, "Crear tarifa", "Tarifa cargada.")


@require_http_methods(_FORM)
@acting
def edit(request: ActorRequest, rate_id: int) -> HttpResponse:
    rate = _rate(request, rate_id)
    initial = {name: getattr(rate, name) for name in _FIELDS}
    initial["price"] = f"{rate.price.normalize():f}".replace(".", ",")
    form = RateForm(request.POST or None, company=request.actor.company, rate=rate, initial=initial)
    return _form(request, form, "Editar tarifa", "Tarifa cambiada.")


def _form(request: ActorRequest, form: RateForm, title: str, said: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and form.save(request.actor.label) is not None:
        messages.success(request, said)
        return redirect("web:rates")
    context = {"title": title, "form": form, "submit": "Guardar", "back": reverse("web:rates"), "crumb": "Tarifas"}
    return form_page(request, "web/form.html", context)


@require_http_methods(_FORM)
@acting
def delete(request: ActorRequest, rate_id: int) -> HttpResponse:
    rate = _rate(request, rate_id)
    if request.method == "POST":
        services.delete_rate(rate=rate, actor=request.actor.label)
        messages.success(request, "Tarifa borrada.")
        return redirect("web:rates")
    what = f"{category_name(rate.category)}, {market_name(rate.market)}: {price_text(rate.price, rate.currency)}"
    context = {
        "title": "¿Borrar esta tarifa?",
        "what": [
            f"{what} desde el {formats.day(rate.valid_from)}.",
            "Lo que se calculaba con ella pasa a la anterior de lo mismo; si no hay otra, queda sin tarifa cargada.",
        ],
        "submit": "Borrar la tarifa",
        "danger": True,
        "back": reverse("web:rates"),
        "crumb": "Tarifas",
    }
    return render(request, "web/confirm.html", context)


def _rate(request: ActorRequest, rate_id: int) -> Rate:
    found = own_or_404(Rate.objects.select_related("company"), request.actor, pk=rate_id)
    request.actor.require(Page.RATES, Action.CONFIGURE)
    return found
