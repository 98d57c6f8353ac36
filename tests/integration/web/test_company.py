"""Empresa, and Servicio de envío automático."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from acuse.companies.models import AuditEntry, Company, CompanyLogo, RoleGrant, User
from acuse.companies.permissions.pages import Page
from acuse.deliveries.policies import services as policies
from acuse.vouchers.kinds import VoucherKind
from acuse.web.company.forms import zone_choices
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

PATH = "/administracion/empresa/"
SERVICE = "/administracion/envio-automatico/"
GIVEN = {
    "legal_name": "Ferretería Oeste SA", "cuit": "30-00000000-7", "trade_name": "La Ferretería", "address": "Lima 1",
    "phone": "0341 555-1234", "email": "info@oeste.example", "answers_to": "respuestas@oeste.example",
    "default_area_code": " 341 ", "time_zone": "America/Argentina/Ushuaia",
}  # fmt: skip


def _logo(content: bytes, name: str = "logo.png") -> dict[str, Any]:
    return {"logo": SimpleUploadedFile(name, content, content_type="image/png")}


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 300), "teal").save(out, "PNG")
    return out.getvalue()


def test_the_data_is_saved_as_it_is_understood(people: Cast, ana: Client) -> None:
    assert ana.post(PATH, GIVEN)["Location"] == PATH
    company = Company.objects.get(pk=people.company.pk)
    assert (company.trade_name, company.answers_to) == ("La Ferretería", "respuestas@oeste.example")
    assert (company.default_area_code, company.time_zone) == ("341", "America/Argentina/Ushuaia")
    assert "No había nada que cambiar" in ana.post(PATH, GIVEN, follow=True).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("legal_name", " ", "Completá este campo"), ("cuit", "30-00000000-8", "CUIT"),
        ("default_area_code", "999", "caracter"), ("time_zone", "Marte", "Esa opción no está"),
        ("email", "x", "no está bien escrita"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(people: Cast, ana: Client, field: str, value: str, words: str) -> None:
    response = ana.post(PATH, GIVEN | {field: value})
    assert response.status_code == 422
    page = response.content.decode()
    assert "No se guardó" in page
    assert words in page
    assert Company.objects.get(pk=people.company.pk).trade_name == ""


def test_the_cuit_changes_until_there_are_vouchers(people: Cast, ana: Client) -> None:
    ana.post(PATH, GIVEN | {"cuit": "27-11111111-7"})
    assert Company.objects.get(pk=people.company.pk).cuit == "27111111117"
    make_voucher(people.company, make_party(people.company))
    ana.post(PATH, GIVEN)
    assert Company.objects.get(pk=people.company.pk).cuit == "27111111117"
    assert "ya hay comprobantes registrados con él" in ana.get(PATH).content.decode()


def test_the_zones_begin_with_argentinas() -> None:
    choices = zone_choices()
    assert choices[0] == ("America/Argentina/Buenos_Aires", "Argentina: Buenos Aires")
    assert all(name.startswith("Argentina: ") for _, name in choices[:10])
    named = dict(choices)
    assert named["America/Argentina/Cordoba"] == "Argentina: Córdoba"
    assert named["America/Argentina/Rio_Gallegos"] == "Argentina: Río Gallegos"
    assert named["America/New_York"] == "America/New York"
    assert len(choices) > 300


def test_a_logo_is_shown_from_our_own_address_and_removed(people: Cast, ana: Client, carla: Client) -> None:
    assert ana.get(f"{PATH}logo/").status_code == 404
    assert ana.post(f"{PATH}logo/subir/", _logo(_png()))["Location"] == PATH
    shown = ana.get(f"{PATH}logo/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert shown.content.startswith(b"\x89PNG")
    assert carla.get(f"{PATH}logo/").status_code == 404
    assert ana.post(f"{PATH}logo/quitar/").status_code == 302
    assert not CompanyLogo.objects.exists()


def test_a_file_that_only_says_that_it_is_a_picture_is_refused(people: Cast, ana: Client) -> None:
    response = ana.post(f"{PATH}logo/subir/", _logo(b"<svg><script>alert(1)</script></svg>"))
    assert response.status_code == 422
    assert "No es una imagen PNG, JPEG o WebP" in response.content.decode()
    assert ana.post(f"{PATH}logo/subir/", {}).status_code == 422


def test_who_only_sees_the_company_changes_nothing_of_it(people: Cast, beto: Client) -> None:
    page = beto.get(PATH).content.decode()
    assert "Ferretería Oeste SA" in page
    assert "Guardar" not in page
    assert "Subir" not in page
    for path, given in ((PATH, GIVEN), (f"{PATH}logo/subir/", _logo(_png())), (f"{PATH}logo/quitar/", {})):
        assert beto.post(path, given).status_code == 403
    assert not AuditEntry.objects.filter(event__startswith="company.logo").exists()


def test_the_automatic_service_explains_itself(people: Cast, ana: Client) -> None:
    policies.set_automatic(company=people.company, kind=VoucherKind.RECEIPT, active=True, actor="test")
    page = ana.get(SERVICE).content.decode()
    for words in ("Desactivado", "Lo activa quien administra la instalación", VoucherKind.RECEIPT.plural):
        assert words in page
    assert ana.get(f"{SERVICE}activar/").status_code == 403
    assert "quien administra la instalación" in ana.post(f"{SERVICE}activar/").content.decode()
    assert not Company.objects.get(pk=people.company.pk).automatic_service


def test_only_who_administers_the_installation_switches_it(people: Cast, ana: Client) -> None:
    User.objects.filter(pk=people.ana.pk).update(is_installation_admin=True)
    assert "No se envía nada de lo que ya está cargado" in ana.get(f"{SERVICE}activar/").content.decode()
    assert ana.post(f"{SERVICE}activar/").status_code == 302
    page = ana.get(SERVICE).content.decode()
    assert "Activado" in page
    assert "lo activó ana@oeste.example" in page
    ana.post(f"{SERVICE}desactivar/")
    assert not Company.objects.get(pk=people.company.pk).automatic_service
    assert ana.post(f"{SERVICE}otra/").status_code == 404


def test_how_old_is_too_old_is_configured_with_the_policies(people: Cast, ana: Client, beto: Client) -> None:
    assert ana.post(f"{SERVICE}dias/", {"days": "3"}).status_code == 302
    assert Company.objects.get(pk=people.company.pk).automatic_max_age_days == 3
    for wrong in ("", "-1", "366", "x"):
        assert ana.post(f"{SERVICE}dias/", {"days": wrong}).status_code == 422
    assert beto.post(f"{SERVICE}dias/", {"days": "9"}).status_code == 403
    assert "hace más de 3 días" in beto.get(SERVICE).content.decode()
    RoleGrant.objects.filter(role__name="Consulta", page=Page.POLICIES).delete()
    assert beto.get(SERVICE).status_code == 403
    assert Company.objects.get(pk=people.company.pk).automatic_max_age_days == 3
