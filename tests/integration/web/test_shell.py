from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

import acuse.web
from acuse.companies.models import RoleGrant
from acuse.deliveries.models import InboundMessage
from acuse.kernel import clock
from acuse.web.errors import refused_page
from acuse.web.navigation import Menu
from tests.conftest import Cast
from tests.data.cast import make_whatsapp

TEMPLATES = Path(acuse.web.__file__).parent / "templates"


def test_no_template_holds_inline_scripts_or_styles() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=|hx-on", text), path


def test_the_policy_of_a_page_allows_itself_only(people: Cast, ana: Client) -> None:
    policy = ana.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_every_file_that_a_page_names_is_collected(tmp_path: Path, people: Cast, ana: Client, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}}):
        call_command("collectstatic", interactive=False, verbosity=0)
        page = ana.get("/").content.decode()
    names = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(names) >= 8
    assert all((tmp_path / name).is_file() for name in names)
    assert issubclass(ManifestStaticFilesStorage, object)


def test_a_fault_of_ours_says_so_without_needing_anything(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("acuse.web.home.views.figures", broken)
    ana.raise_request_exception = False
    response = ana.get("/")
    assert response.status_code == 500
    assert "Algo falló de nuestro lado" in response.content.decode()


def menu_of(page: Any) -> Menu:
    found: Menu = page.context["menu"]()
    return found


def _menu(client: Client, path: str = "/") -> dict[str, list[str]]:
    return {module.name: [item.name for item in module.items] for module in menu_of(client.get(path)).modules}


def test_the_menu_has_each_screen_by_its_name(people: Cast, ana: Client) -> None:
    people.ana.is_installation_admin = True
    people.ana.save()
    assert _menu(ana) == {
        "Inicio": ["Inicio"],
        "Ventas": ["Facturas de venta", "Cobros", "Presupuestos", "Pedidos de venta"],
        "Compras": ["Órdenes de compra", "Órdenes de pago", "Comprobantes de retención"],
        "Tablas": ["Clientes", "Proveedores", "Bancos", "Clases de cliente"],
        "Envíos": ["Envíos", "Tandas", "Mensajes recibidos"],
        "Administración": [
            "Parámetros", "Asistente de WhatsApp", "Estado de WhatsApp",
            "Configuraciones de envío de comprobantes", "Tarifas", "Empresa", "Servicio de envío automático",
        ],
        "Seguridad": ["Usuarios", "Roles", "Acciones por páginas por rol", "Claves de API", "Auditoría"],
        "Instalación": ["Instalación"],
    }  # fmt: skip


def test_the_menu_has_no_page_that_one_may_not_see(people: Cast, beto: Client) -> None:
    assert "Instalación" not in _menu(beto)
    RoleGrant.objects.exclude(page="receipt").delete()
    assert _menu(beto) == {"Inicio": ["Inicio"], "Ventas": ["Cobros"]}


def test_every_page_of_the_menu_opens(people: Cast, ana: Client) -> None:
    people.ana.is_installation_admin = True
    people.ana.save()
    for module in menu_of(ana.get("/")).modules:
        for item in module.items:
            page = ana.get(item.url, follow=True)
            assert page.status_code == 200, item.url
            here = [i.name for m in menu_of(page).modules for i in m.items if i.current]
            assert here == [item.name]


def test_a_page_below_another_marks_the_nearest(people: Cast, ana: Client) -> None:
    page = ana.get("/comprobantes/receipt/crear/")
    assert [i.name for m in menu_of(page).modules for i in m.items if i.current] == ["Cobros"]


def test_the_menu_is_drawn_as_it_was_left(people: Cast, ana: Client) -> None:
    def opened() -> set[str]:
        return {module.key for module in menu_of(ana.get("/")).modules if module.is_open}

    assert {"ventas", "compras", "envios"} <= opened()
    assert "seguridad" not in opened()
    ana.cookies["acuse_menu"] = "ventas-0.seguridad-1"
    assert "ventas" not in opened()
    assert "seguridad" in opened()
    # where one is shows, closed or not
    assert [m.key for m in menu_of(ana.get("/comprobantes/quote/")).modules if m.current and m.is_open] == ["ventas"]
    ana.cookies["acuse_menu"] = "nav-1.ventas-1"
    page = ana.get("/")
    assert 'data-nav="narrow"' in page.content.decode()
    assert opened() == set()


@pytest.mark.parametrize("cookie", ["", "-", "...", "ventas", "ventas-2", "nav-1-1.x-", "a" * 4000])
def test_a_broken_cookie_breaks_nothing(people: Cast, ana: Client, cookie: str) -> None:
    ana.cookies["acuse_menu"] = cookie
    assert ana.get("/").status_code == 200


def test_a_phone_has_four_modules_and_the_rest_behind_more(people: Cast, ana: Client, beto: Client) -> None:
    menu = menu_of(ana.get("/"))
    assert [module.name for module in menu.bottom] == ["Inicio", "Ventas", "Compras", "Envíos"]
    assert [module.name for module in menu.more] == ["Tablas", "Administración", "Seguridad"]
    RoleGrant.objects.exclude(page__in=["receipt", "customers", "users"]).delete()
    menu = menu_of(beto.get("/"))
    assert [module.name for module in menu.bottom] == ["Inicio", "Ventas", "Tablas", "Seguridad"]
    assert menu.more == []


def test_unread_messages_are_counted_in_the_menu(people: Cast, ana: Client, carla: Client) -> None:
    lane = make_whatsapp(people.company)
    for number in range(3):
        InboundMessage.objects.create(
            company=people.company, lane=lane, provider_id=f"w{number}", type="text", at=clock.now(), raw={}
        )
    item = next(i for m in menu_of(ana.get("/")).modules for i in m.items if i.name == "Mensajes recibidos")
    assert item.count == 3
    assert not any(item.count for module in menu_of(carla.get("/")).modules for item in module.items)


def test_no_more_messages_are_counted_than_the_menu_tells(people: Cast, ana: Client) -> None:
    lane = make_whatsapp(people.company)
    InboundMessage.objects.bulk_create(
        InboundMessage(company=people.company, lane=lane, provider_id=f"w{n}", type="text", at=clock.now(), raw={})
        for n in range(102)
    )
    item = next(i for m in menu_of(ana.get("/")).modules for i in m.items if i.name == "Mensajes recibidos")
    assert (item.count, item.count_text) == (100, "99+")


@pytest.mark.parametrize(("path", "status", "words"), [("/nada/", 404, "Esta página no existe")])
def test_an_error_is_told_inside_the_office(people: Cast, ana: Client, path: str, status: int, words: str) -> None:
    page = ana.get(path)
    text = page.content.decode()
    assert page.status_code == status
    assert words in text
    assert "Ir al inicio" in text
    assert 'aria-label="Módulos"' in text
    outside = Client().get(path).content.decode()
    assert words in outside
    assert 'aria-label="Módulos"' not in outside
    assert "Volver atrás" in outside


@pytest.mark.parametrize("status", [408, 413])
def test_what_is_refused_ahead_of_the_office_has_a_way_back_to_its_form(status: int) -> None:
    page = refused_page(status, files=True)
    assert "data-go-back" in page
    assert "web/back.js" in page


def test_a_missing_right_is_named(people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(page="users").delete()
    text = beto.get("/seguridad/usuarios/").content.decode()
    assert "«Ver» en «Usuarios»" in text
    assert 'aria-label="Módulos"' in text


def test_a_bad_request_is_told_inside_the_office_too(people: Cast, ana: Client) -> None:
    ana.raise_request_exception = False
    # more fields than Django reads
    answer = ana.post("/empresa/", {f"f{n}": "" for n in range(1100)})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "El pedido no se entiende" in text
    assert 'aria-label="Módulos"' in text


def test_a_host_that_isnt_ours_gets_the_plain_page(people: Cast) -> None:
    answer = Client(raise_request_exception=False).get("/", headers={"host": "otro.example"})
    assert answer.status_code == 400
    assert "El pedido no se entiende" in answer.content.decode()
