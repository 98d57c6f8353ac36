"""Acciones por páginas por rol."""

from __future__ import annotations

import re

from django.test import Client

from acuse.companies.models import Role
from acuse.companies.permissions import roles
from acuse.companies.permissions.page_names import ACTION_NAMES, PAGE_GROUPS, PAGE_NAMES
from acuse.companies.permissions.pages import EVERYTHING, PAGE_ACTIONS, READY_ROLES, Action, Page
from acuse.web.navigation import MENU
from tests.conftest import Cast
from tests.data.offices import make_member, make_role, make_user
from tests.integration.web.conftest import signed_in


def _boxes(page: str) -> dict[str, str]:
    return {
        match[1]: match[0]
        for match in re.finditer(r'<input type="checkbox"[^>]*name="grant" value="([^"]+)"[^>]*>', page)
    }


def test_pages_and_actions_are_called_as_in_the_menu() -> None:
    in_menu = {line.page: line.name for *_, lines in MENU for line in lines if line.page}
    for page in Page:
        assert PAGE_NAMES[page] in [line.name for *_, lines in MENU for line in lines if line.page == page], page
    assert set(in_menu) == {page.value for page in Page}
    assert set(ACTION_NAMES) == set(Action)
    assert [page for _, pages in PAGE_GROUPS for page in pages] == list(dict.fromkeys(PAGE_NAMES))
    modules = {line.page: name for _, name, _, _, lines in MENU for line in lines if line.page}
    for name, pages in PAGE_GROUPS:
        assert {modules[page] for page in pages} == {name}


def test_every_pair_that_may_be_ticked_has_a_box_and_no_other(people: Cast, ana: Client) -> None:
    role = Role.objects.get(company=people.company, name="Ventas")
    page = ana.get(f"/seguridad/acciones/?rol={role.pk}").content.decode()
    boxes = _boxes(page)
    assert set(boxes) == {f"{p.value}:{a.value}" for p, a in EVERYTHING}
    ticked = {tuple(name.split(":")) for name, box in boxes.items() if " checked" in box}
    assert ticked == READY_ROLES["Ventas"]
    assert page.count("–</span>") == len(Page) * len(Action) - len(EVERYTHING)


def test_saving_brings_seeing_along_and_says_how_much_changed(people: Cast, ana: Client) -> None:
    role = make_role(people.company, "Nuevo", [(Page.QUOTE, Action.VIEW)])
    path = f"/seguridad/acciones/?rol={role.pk}"
    page = ana.post(path, {"grant": ["receipt:send", "receipt:nada", "x"]}, follow=True).content.decode()
    assert "tiene 2 acciones más y 1 menos" in page
    assert roles.held_by([role]) == {("receipt", "view"), ("receipt", "send")}
    assert "No había nada que cambiar" in ana.post(path, {"grant": ["receipt:send"]}, follow=True).content.decode()


def test_what_is_copied_is_only_shown_until_it_is_saved(people: Cast, ana: Client) -> None:
    role = make_role(people.company, "Nuevo")
    source = Role.objects.get(company=people.company, name="Compras")
    page = ana.get(f"/seguridad/acciones/?rol={role.pk}&copiar={source.pk}").content.decode()
    assert "Copiado de «Compras», sin guardar" in page
    ticked = {tuple(name.split(":")) for name, box in _boxes(page).items() if " checked" in box}
    assert ticked == READY_ROLES["Compras"]
    assert roles.held_by([role]) == frozenset()


def test_the_administrators_role_is_shown_and_cannot_be_changed(people: Cast, ana: Client) -> None:
    role = Role.objects.get(company=people.company, name="Administrador")
    page = ana.get(f"/seguridad/acciones/?rol={role.pk}").content.decode()
    assert all(" disabled" in box and " checked" in box for box in _boxes(page).values())
    response = ana.post(f"/seguridad/acciones/?rol={role.pk}", {})
    assert response.status_code == 422
    assert "tiene siempre todo" in response.content.decode()
    assert roles.held_by([role]) == EVERYTHING


def test_nobody_ticks_what_they_do_not_hold(people: Cast) -> None:
    user = make_user("gema@oeste.example")
    own = make_role(people.company, "Roles", [(Page.ROLES, a) for a in PAGE_ACTIONS[Page.ROLES]])
    make_member(people.company, user, own)
    gema, empty = signed_in(user), make_role(people.company, "Vacío")
    boxes = _boxes(gema.get(f"/seguridad/acciones/?rol={empty.pk}").content.decode())
    assert {name for name, box in boxes.items() if " disabled" not in box} == {
        f"roles:{action.value}" for action in PAGE_ACTIONS[Page.ROLES]
    }
    response = gema.post(f"/seguridad/acciones/?rol={empty.pk}", {"grant": ["audit:view", "roles:view"]})
    assert response.status_code == 422
    assert "Auditoría: Ver" in response.content.decode()
    assert roles.held_by([empty]) == frozenset()


def test_a_role_of_another_company_is_not_there(people: Cast, carla: Client) -> None:
    role = Role.objects.get(company=people.company, name="Ventas")
    assert carla.get(f"/seguridad/acciones/?rol={role.pk}").status_code == 404
    own = Role.objects.get(company=people.other_company, name="Ventas")
    assert carla.get(f"/seguridad/acciones/?rol={own.pk}&copiar={role.pk}").status_code == 404


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def _ticked(page: str) -> set[str]:
    return {name for name, box in _boxes(page).items() if " checked" in box}


def test_a_right_that_was_taken_away_meanwhile_does_not_come_back(people: Cast, ana: Client) -> None:
    """Dora drew the page before Ana took *Enviar* away, and ticks another thing."""
    role = make_role(people.company, "Mostrador", [(Page.QUOTE, Action.VIEW), (Page.QUOTE, Action.SEND)])
    dora = make_user("dora@oeste.example")
    make_member(people.company, dora, Role.objects.get(company=people.company, name="Administrador"))
    path, client = f"/seguridad/acciones/?rol={role.pk}", signed_in(dora)
    seen = _seen(client.get(path).content.decode())
    ana.post(path, {"seen": seen, "grant": ["quote:view"]})
    asked = ["quote:view", "quote:send", "receipt:view"]
    answer = client.post(path, {"seen": seen, "grant": asked})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "No se guardó: ana@oeste.example cambió este rol" in page
    assert "Quitó: Presupuestos: Enviar comprobante" in page
    assert roles.held_by([role]) == {("quote", "view")}, "nothing is saved"
    assert _ticked(page) == {"quote:view", "receipt:view"}, "hers is kept, and what Ana took away stays away"
    client.post(path, {"seen": _seen(page), "grant": sorted(_ticked(page))})
    assert roles.held_by([role]) == {("quote", "view"), ("receipt", "view")}


def test_what_one_unticked_stays_unticked_though_another_saved_first(people: Cast, ana: Client) -> None:
    role = make_role(people.company, "Mostrador", [(Page.QUOTE, Action.VIEW), (Page.QUOTE, Action.SEND)])
    path = f"/seguridad/acciones/?rol={role.pk}"
    seen = _seen(ana.get(path).content.decode())
    ana.post(path, {"seen": seen, "grant": ["quote:view", "quote:send", "audit:view"]})
    page = ana.post(path, {"seen": seen, "grant": ["quote:view"]}).content.decode()
    assert _ticked(page) == {"quote:view", "audit:view"}
    assert "Agregó: Auditoría: Ver" in page
