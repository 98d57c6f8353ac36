"""The box in the head of every page: what it finds, for whom, and where Enter leads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.directory.models import Party
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.finding import looking
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher

PATH = "/buscar/"


@pytest.fixture
def north(people: Cast) -> Party:
    return make_party(people.company, name="Almacén Ñandú SRL", tax_id="30111111118", external_id="C-7")


@pytest.fixture
def invoice(people: Cast, north: Party) -> Voucher:
    return make_voucher(people.company, north, number=1081)


def found(client: Client, text: str) -> str:
    """As the box asks while one types."""
    page = client.get(PATH, {"q": text}, headers={"HX-Request": "true", "HX-Target": "find-results"})
    assert page.status_code == 200
    assert "<html" not in page.content.decode()
    return page.content.decode()


@pytest.mark.parametrize(
    "text", ["1081", "3-1081", "00003-00001081", "a 3-1081", "factura 1081", "nandu", "30-11111111-8"]
)
def test_a_voucher_is_found_by_its_number_or_its_party(ana: Client, invoice: Voucher, text: str) -> None:
    page = found(ana, text)
    assert f"/comprobantes/sales_invoice/{invoice.pk}/" in page
    assert "Almacén Ñandú SRL · 20/11/2026 · $ 12.100,00" in page


@pytest.mark.parametrize("text", ["ÑANDÚ", "almacen", "30111111118", "C-7", "341 15 555-0190", "compras@"])
def test_a_party_is_found_as_in_its_grid(ana: Client, north: Party, text: str) -> None:
    make_contact(north, mobile="+5493415550190", email="compras@norte.example")
    assert f"/tablas/clientes/{north.pk}/" in found(ana, text)


def test_a_page_is_found_by_what_the_menu_calls_it(ana: Client) -> None:
    assert "/administracion/parametros/" in found(ana, "param")
    assert "/seguridad/acciones/" in found(ana, "acciones rol")
    assert "/administracion/configuraciones/" in found(ana, "configuracion envio")
    assert "/instalacion/" not in found(ana, "instalacion")


def test_a_page_is_found_by_what_it_was_called_elsewhere(ana: Client) -> None:
    for text in ("Configuraciones de E-mails de Envío de Comprobantes", "asunto"):
        assert "/administracion/configuraciones/" in found(ana, text)
    for text in ("WhatsApp: Token Seguridad", "WhatsApp: Número Teléfono"):
        assert "/administracion/parametros/" in found(ana, text)


def test_enter_goes_to_the_only_one_and_else_to_all_of_them(ana: Client, north: Party, invoice: Voucher) -> None:
    assert ana.get(PATH, {"q": "1081"})["Location"] == f"/comprobantes/sales_invoice/{invoice.pk}/"
    page = ana.get(PATH, {"q": "nandu"})
    assert page.status_code == 200
    assert f"/tablas/clientes/{north.pk}/" in page.content.decode()
    assert "<html" in page.content.decode()
    assert "No encontramos «xyzzy»" in ana.get(PATH, {"q": "xyzzy"}).content.decode()
    assert "No encontramos" not in ana.get(PATH).content.decode()


def test_another_company_finds_nothing_of_this_one(carla: Client, invoice: Voucher, north: Party) -> None:
    for text in ("1081", "nandu", "30111111118"):
        assert str(invoice.pk) not in found(carla, text)
        assert str(north.pk) not in found(carla, text)


def test_a_role_finds_what_it_may_see(people: Cast, beto: Client, north: Party, invoice: Voucher) -> None:
    quote = make_voucher(people.company, north, number=1081, kind=VoucherKind.QUOTE)
    grants = RoleGrant.objects.filter(role__name="Consulta", role__company=people.company)
    grants.filter(page__in=["sales_invoice", "customers", "parameters"]).delete()
    page = found(beto, "1081")
    assert str(quote.pk) in page
    assert str(invoice.pk) not in page
    assert str(north.pk) not in found(beto, "nandu")
    assert "parametros" not in found(beto, "param")
    grants.delete()
    assert str(quote.pk) not in found(beto, "1081")


def test_the_newest_come_first_and_the_rest_is_told(
    people: Cast, ana: Client, north: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [
        make_voucher(people.company, north, number=n, issued_on=date(2026, 11, 1) + timedelta(days=n))
        for n in range(1, looking.SHOWN + 3)
    ]
    for common in (200, 2):
        monkeypatch.setattr(looking, "_COMMON", common)
        page = found(ana, "nandu")
        assert "Hay más: seguí escribiendo." in page
        places = [page.find(str(row.pk)) for row in reversed(made)]
        assert places[: looking.SHOWN] == sorted(places[: looking.SHOWN])
        assert places[looking.SHOWN :] == [-1, -1]


def test_what_is_voided_shows_struck_and_a_letter_asks_for_no_row(ana: Client, invoice: Voucher) -> None:
    vouchers.void(voucher=invoice, actor="test")
    assert "found-text voided" in found(ana, "1081")
    assert str(invoice.pk) not in found(ana, "n")
    assert found(ana, "").strip() == ""


def test_what_is_typed_is_shown_as_text(ana: Client) -> None:
    assert "<b>x" not in found(ana, "<b>x")
