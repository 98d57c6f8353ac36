"""Mi cuenta: the app that gives codes, the recovery codes, the passkeys."""

from __future__ import annotations

from base64 import b64encode
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

import zxingcpp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies.identity import passkeys, second_factor
from acuse.companies.models import Passkey, User
from acuse.companies.services import CompanyError
from acuse.kernel import totp
from acuse.web.accounts.account import CRUMB
from acuse.web.accounts.entering import PersonRequest, keep_ceremony, person, proved, take_ceremony
from acuse.web.accounts.forms import CodeForm, PasskeyForm
from acuse.web.accounts.sign_in import passkey_answer
from acuse.web.answers import form_page

_KEY = "app_key"
_ISSUER = "Acuse"


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def app(request: PersonRequest) -> HttpResponse:
    """Turn the app's codes on, or move them to another phone."""
    key = request.session.setdefault(_KEY, totp.new_key())
    form = CodeForm(request.POST or None, label="Código que muestra la app")
    if form.is_valid():
        try:
            codes = second_factor.turn_on_app(request.user, key=key, code=form.cleaned_data["code"])
        except CompanyError as error:
            form.add_error("code", str(error))
        else:
            del request.session[_KEY]
            messages.success(request, "Listo: desde ahora, para ingresar te pedimos también un código de la app.")
            return _show_codes(request, codes) if codes else redirect("web:account")
    uri = totp.uri(key, request.user.email, _ISSUER)
    context = {"form": form, "key": totp.spaced(key), "qr": _picture(uri), "uri": uri, "back": reverse("web:account")}
    return form_page(request, "web/accounts/app.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def recovery_codes(request: PersonRequest) -> HttpResponse:
    _require_on(request.user)
    if request.method == "POST":
        return _show_codes(request, second_factor.new_recovery_codes(request.user))
    what = ["Vas a ver diez códigos nuevos, esta única vez.", "Los de antes dejan de servir."]
    return _confirm(request, "¿Hacer códigos de recuperación nuevos?", what, "Hacer códigos nuevos", danger=False)


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def turn_off(request: PersonRequest) -> HttpResponse:
    _require_on(request.user)
    if request.method == "POST":
        second_factor.turn_off(request.user)
        messages.success(request, "Desde ahora ingresás con tu contraseña sola.")
        return redirect("web:account")
    what = [
        "Para ingresar va a alcanzar con tu contraseña: quien la averigüe, entra.",
        "Se borran la app, los códigos de recuperación y las llaves de acceso.",
    ]
    return _confirm(request, "¿Desactivar la verificación en dos pasos?", what, "Desactivar")


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def add_passkey(request: PersonRequest) -> HttpResponse:
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        try:
            codes = passkeys.add(
                request.user, name=form.cleaned_data["name"], answer=passkey_answer(request),
                state=take_ceremony(request), host=request.get_host(),
            )  # fmt: skip
        except CompanyError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Agregamos la llave de acceso.")
            return _show_codes(request, codes) if codes else redirect("web:account")
    context = {"form": form, "possible": _passkeys_possible(request), "back": reverse("web:account")}
    return form_page(request, "web/accounts/add_passkey.html", context)


@require_POST
@person
@proved
def passkey_options(request: PersonRequest) -> HttpResponse:
    options, state = passkeys.begin_adding(request.user, host=request.get_host())
    response = JsonResponse(options)
    keep_ceremony(request, response, state)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def rename_passkey(request: PersonRequest, passkey_id: int) -> HttpResponse:
    passkey = _own(request.user, passkey_id)
    form = PasskeyForm(request.POST or None, initial={"name": passkey.name})
    if form.is_valid():
        passkeys.rename(passkey, name=form.cleaned_data["name"])
        messages.success(request, "Cambiamos el nombre.")
        return redirect("web:account")
    context = {"title": "Cambiar el nombre de la llave", "form": form, "crumb": CRUMB, "back": reverse("web:account")}
    return form_page(request, "web/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@person
@proved
def remove_passkey(request: PersonRequest, passkey_id: int) -> HttpResponse:
    passkey = _own(request.user, passkey_id)
    if request.method == "POST":
        passkeys.remove(passkey)
        messages.success(request, f"Quitamos la llave «{passkey.name}».")
        return redirect("web:account")
    what = ["Con esta llave ya no se puede ingresar. Borrala también del teléfono o del llavero donde esté."]
    if not passkey.factor.key and passkey.factor.passkeys.count() == 1:
        what.append("Es tu última llave y no usás la app: la verificación en dos pasos queda desactivada.")
    return _confirm(request, f"¿Quitar la llave «{passkey.name}»?", what, "Quitar la llave")


def _own(user: User, passkey_id: int) -> Passkey:
    found = second_factor.passkeys_of(user).select_related("factor__user").filter(pk=passkey_id).first()
    if found is None:
        raise Http404
    return found


def _require_on(user: User) -> None:
    if second_factor.of(user) is None:
        raise Http404


def _show_codes(request: PersonRequest, codes: list[str]) -> HttpResponse:
    """In the answer itself: they are nowhere else, and a second look is impossible."""
    text = "\n".join(
        [f"Códigos de recuperación de Acuse, de {request.user.email}", "Cada uno sirve una vez.", "", *codes]
    )
    context = {"codes": codes, "download": f"data:text/plain;charset=utf-8,{quote(text + chr(10))}"}
    return render(request, "web/accounts/codes.html", context)


def _confirm(
    request: PersonRequest, title: str, what: list[str], submit: str, *, danger: bool = True
) -> HttpResponse:  # fmt: skip
    context = {"title": title, "what": what, "submit": submit, "danger": danger, "crumb": CRUMB,
               "back": reverse("web:account")}  # fmt: skip
    return render(request, "web/confirm.html", context)


def _picture(uri: str) -> str:
    """An image of its own: the policy lets no picture in the page carry styles."""
    barcode = zxingcpp.create_barcode(uri, zxingcpp.BarcodeFormat.QRCode)
    return "data:image/svg+xml;base64," + b64encode(barcode.to_svg(scale=6).encode()).decode()


def _passkeys_possible(request: HttpRequest) -> bool:
    """Browsers give them to a name behind TLS, or to this very machine by its name."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost"
    return False
