"""Instalación."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from acuse.companies import audit
from acuse.companies.models import AuditEntry, Company, Invitation, Membership, SecondFactor, User
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.deliveries.models import DeliveryPolicy
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher
from tests.data.offices import make_user
from tests.integration.web.conftest import signed_in

HERE = "/instalacion/"


@pytest.fixture
def chief(people: Cast) -> Client:
    """Administers the installation and holds no role anywhere."""
    user = make_user("jefa@nube.example", "Jefa")
    User.objects.filter(pk=user.pk).update(is_installation_admin=True)
    user.refresh_from_db()
    return signed_in(user)


def test_it_is_only_for_who_administers_the_installation(people: Cast, ana: Client, client: Client) -> None:
    for path in (HERE, f"{HERE}usuarios/", f"{HERE}empresas/nueva/"):
        response = ana.get(path)
        assert response.status_code == 403
        assert "quien administra la instalación" in response.content.decode()
        assert client.get(path)["Location"].startswith("/ingresar/?next=")
    assert "Instalación" not in ana.get("/").content.decode()


def test_it_works_without_any_company(people: Cast, chief: Client) -> None:
    assert chief.get("/")["Location"] == HERE
    page = chief.get(HERE).content.decode()
    assert "Ferretería Oeste SA" in page
    assert "30-00000000-7" in page
    assert "2 usuarios" in page


def test_it_shows_nothing_of_what_the_companies_do(people: Cast, chief: Client) -> None:
    voucher = make_voucher(people.company, make_party(people.company, name="Zeta y Compañía"))
    pages = "".join(chief.get(path).content.decode() for path in (HERE, f"{HERE}usuarios/"))
    assert voucher.title not in pages
    assert "Zeta" not in pages
    for path in (f"/comprobantes/sales_invoice/{voucher.pk}/", "/seguridad/usuarios/", "/envios/"):
        assert chief.get(path).status_code == 403


def test_a_company_is_made_and_its_administrator_invited(people: Cast, chief: Client) -> None:
    given = {"legal_name": "Nueva SRL", "cuit": "27-11111111-7", "email": "dora@nueva.example"}
    page = chief.post(f"{HERE}empresas/nueva/", given).content.decode()
    company = Company.objects.get(cuit="27111111117")
    invitation = Invitation.objects.get(company=company)
    assert re.search(r'value="http://[^"]+/invitacion/[^"]+"', page)
    assert [role.name for role in invitation.roles.all()] == [ADMINISTRATOR]
    assert DeliveryPolicy.objects.filter(company=company).count() == 7
    assert not Membership.objects.filter(company=company).exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cuit": "27-11111111-8"}, "CUIT"), ({"cuit": "30-00000000-7"}, "Ya hay una empresa con ese CUIT"),
        ({"legal_name": " "}, "Completá este campo"), ({"email": "dora"}, "no está bien escrita"),
    ],
)  # fmt: skip
def test_a_company_that_cannot_be_is_not_made(people: Cast, chief: Client, given: dict[str, str], words: str) -> None:
    before = Company.objects.count()
    base = {"legal_name": "Nueva SRL", "cuit": "27-11111111-7", "email": "dora@nueva.example"}
    response = chief.post(f"{HERE}empresas/nueva/", base | given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Company.objects.count() == before
    assert not Invitation.objects.exists()


def test_a_company_that_has_an_administrator_gets_none_from_here(people: Cast, chief: Client) -> None:
    path = f"{HERE}empresas/{people.company.pk}/invitar/"
    assert path not in chief.get(HERE).content.decode()
    answer = chief.post(path, {"email": "jefa@nube.example"}, follow=True).content.decode()
    assert "ya tiene quien la administre" in answer
    assert not Invitation.objects.exists()


def test_a_company_left_without_an_administrator_is_told_and_mended(people: Cast, chief: Client) -> None:
    """Beto is in, and has entered: it is not enough."""
    User.objects.filter(pk=people.beto.pk).update(last_login="2026-11-01T00:00Z")
    Membership.objects.filter(user=people.ana).update(is_active=False)
    path = f"{HERE}empresas/{people.company.pk}/invitar/"
    page = chief.get(HERE).content.decode()
    assert "Nadie la puede administrar" in page
    assert path in page
    assert f"{people.other_company.pk}/invitar/" not in page
    link = re.search(
        r'value="http://[^/"]+(/invitacion/[^"]+)"', chief.post(path, {"email": "ana@oeste.example"}).content.decode()
    )
    assert link is not None
    assert signed_in(people.ana).post(link[1]).status_code == 302
    assert "Nadie la puede administrar" not in chief.get(HERE).content.decode()


def test_a_badly_written_address_is_told_beside_its_field(people: Cast, chief: Client) -> None:
    Membership.objects.filter(user=people.ana).update(is_active=False)
    page = chief.post(f"{HERE}empresas/{people.company.pk}/invitar/", {"email": "ana"}).content.decode()
    assert "no está bien escrita" in page


def test_the_automatic_service_of_any_company_is_switched(people: Cast, chief: Client) -> None:
    path = f"{HERE}empresas/{people.company.pk}/activar/"
    assert "¿Activar el envío automático en Ferretería Oeste SA?" in chief.get(path).content.decode()
    chief.post(path)
    company = Company.objects.get(pk=people.company.pk)
    assert (company.automatic_service, company.automatic_service_by) == (True, "user:jefa@nube.example")
    chief.post(path.replace("activar", "desactivar"))
    company.refresh_from_db()
    assert not company.automatic_service


def test_the_last_administrator_of_the_installation_stays(people: Cast, chief: Client) -> None:
    own = User.objects.get(email="jefa@nube.example")
    page = chief.post(f"{HERE}usuarios/{own.pk}/no-administra/", follow=True).content.decode()
    assert "única persona que administra la instalación" in page
    chief.post(f"{HERE}usuarios/{people.ana.pk}/administra/")
    assert User.objects.get(pk=people.ana.pk).is_installation_admin
    chief.post(f"{HERE}usuarios/{own.pk}/no-administra/")
    assert chief.get(HERE).status_code == 403
    events = AuditEntry.objects.filter(company=None, event__startswith="installation_admin")
    assert [entry.event for entry in events.order_by("pk")] == [
        "installation_admin.granted", "installation_admin.revoked",
    ]  # fmt: skip


def test_people_come_by_name_as_one_looks_for_them_or_in_another_order(people: Cast, chief: Client) -> None:
    def shown(query: str = "") -> list[str]:
        return [str(person) for person in chief.get(f"{HERE}usuarios/{query}").context["people"]]

    User.objects.filter(email="carla@otra.example").update(name="Ángela", last_login="2026-01-02T00:00Z")
    User.objects.filter(email="ana@oeste.example").update(name="Zoe")
    by_name = shown()
    assert by_name[:2] == ["Ángela", "beto@oeste.example"]
    assert by_name[-1] == "Zoe"
    # she signed in just now
    assert shown("?orden=ingreso")[:2] == ["Jefa", "Ángela"]
    assert shown("?orden=administra")[:2] == ["Jefa", "Ángela"]
    assert shown("?orden=otra") == by_name
    assert shown("?q=angel&orden=ingreso") == ["Ángela"]


def test_people_are_helped_with_what_they_lost(people: Cast, chief: Client) -> None:
    SecondFactor.objects.create(user=people.beto)
    base = f"{HERE}usuarios/{people.beto.pk}"
    assert "/ingresar/nueva/" in chief.post(f"{base}/contrasena/").content.decode()
    assert chief.post(f"{base}/dos-pasos/").status_code == 302
    assert not SecondFactor.objects.exists()
    assert "beto@oeste.example" in chief.get(f"{HERE}usuarios/?q=beto").content.decode()
    assert "beto@oeste.example" not in chief.get(f"{HERE}usuarios/?q=nadie").content.decode()


def test_ones_own_account_is_changed_elsewhere(people: Cast, chief: Client) -> None:
    own = User.objects.get(email="jefa@nube.example")
    SecondFactor.objects.create(user=own)
    for name in ("contrasena", "dos-pasos"):
        path = f"{HERE}usuarios/{own.pk}/{name}/"
        assert "Es tu propia cuenta" in chief.post(path, follow=True).content.decode()
        assert path not in chief.get(f"{HERE}usuarios/").content.decode()
    assert SecondFactor.objects.filter(user=own).exists()
    assert not AuditEntry.objects.filter(event="password.link_made").exists()


@pytest.mark.parametrize("name", ["contrasena", "dos-pasos", "administra", "no-administra"])
def test_who_does_not_administer_the_installation_helps_nobody(people: Cast, ana: Client, name: str) -> None:
    before = AuditEntry.objects.count()
    assert ana.post(f"{HERE}usuarios/{people.carla.pk}/{name}/").status_code == 403
    assert ana.post(f"{HERE}empresas/{people.company.pk}/activar/").status_code == 403
    assert AuditEntry.objects.count() == before


# --- the installation's own audit


AUDIT = f"{HERE}auditoria/"


@pytest.fixture
def movements(people: Cast) -> AuditEntry:
    audit.record(company=people.company, actor="user:ana@oeste.example", event="role.created", target="Depósito")
    audit.record(company=None, actor="user:jefa@nube.example", event="sign_in.done", target="jefa@nube.example")
    audit.record(company=None, actor="command:setup", event="installation_admin.granted", target="eva@nube.example")
    return AuditEntry.objects.get(event="installation_admin.granted", target="eva@nube.example")


def _movements(client: Client, query: str = "") -> str:
    return client.get(f"{AUDIT}{query}").content.decode().split('id="grid"')[1]


def test_every_movement_of_the_installation_is_there_and_none_of_a_company(
    people: Cast, chief: Client, movements: AuditEntry
) -> None:
    assert f'href="{AUDIT}"' in chief.get(HERE).content.decode()
    page = _movements(chief)
    assert "le dio la administración de la instalación a eva@nube.example" in page
    assert "ingresó" in page
    assert "Depósito" not in page
    assert "Guardar filtros" not in chief.get(f"{AUDIT}?q=eva").content.decode()


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ("?author=command:setup", "eva@nube", "ingresó"),
        ("?group=Ingresos y contraseñas", "ingresó", "eva@nube"),
        ("?group=otros", "Ninguno coincide", "ingresó"),
        ("?q=eva", "eva@nube", "ingresó"),
        ("?until=2020-01-01", "Ninguno coincide", "ingresó"),
    ],
)
def test_the_installations_movements_are_filtered(
    people: Cast, chief: Client, movements: AuditEntry, query: str, seen: str, unseen: str
) -> None:
    page = _movements(chief, query)
    assert seen in page
    assert unseen not in page


def test_the_installations_movements_are_exported_and_that_is_told(
    people: Cast, chief: Client, movements: AuditEntry
) -> None:
    text = chief.get(f"{AUDIT}?export=csv&q=eva").getvalue().decode("utf-8-sig")
    assert "installation_admin.granted" in text
    assert "sign_in.done" not in text
    entry = AuditEntry.objects.get(event="export.done")
    assert (entry.company, entry.actor, entry.detail["rows"]) == (None, "user:jefa@nube.example", 1)


def test_a_movement_of_the_installation_opens_and_a_companys_does_not(
    people: Cast, chief: Client, movements: AuditEntry
) -> None:
    assert "installation_admin.granted" in chief.get(f"{AUDIT}{movements.pk}/").content.decode()
    theirs = AuditEntry.objects.get(event="role.created", target="Depósito")
    assert chief.get(f"{AUDIT}{theirs.pk}/").status_code == 404


def test_only_who_administers_the_installation_sees_its_movements(
    people: Cast, ana: Client, carla: Client, movements: AuditEntry
) -> None:
    """Ana holds everything in her company, *Auditoría: Exportar* too."""
    for client in (ana, carla):
        for path in (AUDIT, f"{AUDIT}?export=csv", f"{AUDIT}{movements.pk}/"):
            assert client.get(path).status_code == 403
    assert ana.get(f"/seguridad/auditoria/{movements.pk}/").status_code == 404
