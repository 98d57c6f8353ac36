"""Usuarios, Roles and Claves de API, as the pages do them."""

from __future__ import annotations

import re

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from acuse.companies import services
from acuse.companies.membership import invitations
from acuse.companies.models import ApiKey, AuditEntry, Company, Invitation, Membership, Role, SecondFactor, User
from acuse.companies.permissions.pages import ADMINISTRATOR, Action, Page
from tests.conftest import Cast
from tests.data.offices import acting_as, make_member, make_role, make_user
from tests.integration.web.conftest import signed_in


def _role(people: Cast, name: str) -> Role:
    return Role.objects.get(company=people.company, name=name)


def _member(company: Company, user: User) -> Membership:
    return Membership.objects.get(company=company, user=user)


def test_the_list_says_who_with_what(people: Cast, ana: Client) -> None:
    make_member(people.company, make_user("eva@sur.example", "Eva Íñiguez"), _role(people, "Ventas"), active=False)
    page = ana.get("/seguridad/usuarios/").content.decode()
    for word in ("Eva Íñiguez", "eva@sur.example", "Ventas", "Desactivado", "Nunca", "beto@oeste.example"):
        assert word in page
    assert "carla@otra.example" not in page
    assert "beto" not in ana.get("/seguridad/usuarios/?q=iniguez").content.decode().split('id="grid"')[1]
    active = ana.get("/seguridad/usuarios/?state=on").content.decode().split('id="grid"')[1]
    assert "eva@sur.example" not in active


def test_roles_are_changed_and_told(people: Cast, ana: Client) -> None:
    member = _member(people.company, people.beto)
    given = {"roles": [_role(people, "Ventas").pk, _role(people, "Compras").pk]}
    assert ana.post(f"/seguridad/usuarios/{member.pk}/", given)["Location"] == "/seguridad/usuarios/"
    assert set(member.roles.values_list("name", flat=True)) == {"Ventas", "Compras"}
    entry = AuditEntry.objects.get(event="member.roles_set")
    assert entry.detail == {"before": ["Consulta"], "after": ["Compras", "Ventas"]}


def test_a_role_that_was_taken_away_meanwhile_does_not_come_back(people: Cast, ana: Client) -> None:
    member = _member(people.company, people.beto)
    path, sales = f"/seguridad/usuarios/{member.pk}/", _role(people, "Ventas")
    both = [_role(people, "Consulta").pk, sales.pk]
    member.roles.set(both)
    seen = re.search(r'name="seen" value="([^"]*)"', ana.get(path).content.decode())
    assert seen is not None
    ana.post(path, {"seen": seen[1], "roles": both[:1]})
    asked = {"seen": seen[1], "roles": [*both, _role(people, "Compras").pk]}
    page = ana.post(path, asked).content.decode()
    assert "Alguien le cambió los roles mientras mirabas: ahora tiene Consulta" in page
    assert {role.name for role in member.roles.all()} == {"Consulta"}
    assert re.search(rf'value="{sales.pk}"[^>]*checked', page) is None
    assert re.search(rf'value="{_role(people, "Compras").pk}"[^>]*checked', page)


def test_deactivating_takes_the_company_away_at_once_and_only_that_one(people: Cast, ana: Client) -> None:
    make_member(people.other_company, people.beto, Role.objects.get(company=people.other_company, name="Ventas"))
    beto = signed_in(people.beto)
    beto.post(reverse("web:choose_company"), {"company": people.company.pk})
    assert "Ferretería Oeste SA" in beto.get("/").content.decode()
    path = f"/seguridad/usuarios/{_member(people.company, people.beto).pk}/desactivar/"
    assert "ya mismo" in ana.get(path).content.decode()
    assert ana.post(path).status_code == 302
    page = beto.get("/").content.decode()
    assert "Ferretería Oeste SA" not in page
    assert "Carla Díaz" in page
    assert ana.post(path.replace("desactivar", "reactivar")).status_code == 302
    assert _member(people.company, people.beto).is_active


def test_the_question_names_what_goes_and_what_stays_of_who_leaves(people: Cast, ana: Client) -> None:
    """Invitations are cancelled; keys go on, and are named with the way to them."""
    by = f"user:{people.beto.email}"
    services.new_api_key(company=people.company, role=_role(people, "Ventas"), name="Facturación", actor=by)
    services.new_api_key(company=people.other_company, role=_role(people, "Ventas"), name="Ajena", actor=by)
    invitations.invite_administrator(company=people.company, email="eva@privada.example", actor=by)
    page = ana.get(f"/seguridad/usuarios/{_member(people.company, people.beto).pk}/desactivar/").content.decode()
    assert "Las claves de API que hizo siguen sirviendo" in page
    assert "Facturación" in page
    assert "Ajena" not in page
    assert 'href="/seguridad/claves/"' in page
    assert "Se cancela la invitación que hizo" in page
    assert "por beto@oeste.example" in ana.get("/seguridad/claves/").content.decode()


def test_the_last_administrator_is_told_why_they_cannot_leave(people: Cast, ana: Client) -> None:
    own = _member(people.company, people.ana)
    page = ana.post(f"/seguridad/usuarios/{own.pk}/desactivar/", follow=True).content.decode()
    assert "Nadie quedaría para administrar la empresa" in page
    page = ana.post(f"/seguridad/usuarios/{own.pk}/", {"roles": [_role(people, "Ventas").pk]}).content.decode()
    assert "Nadie quedaría para administrar la empresa" in page
    assert _member(people.company, people.ana).is_active


def test_a_password_link_is_shown_where_no_mail_leaves(people: Cast, ana: Client) -> None:
    path = f"/seguridad/usuarios/{_member(people.company, people.beto).pk}/contrasena/"
    assert ana.get(path).status_code == 200
    assert not AuditEntry.objects.filter(event="password.link_made").exists()
    page = ana.post(path).content.decode()
    assert re.search(r'value="http://[^"]+/ingresar/nueva/[^"]+"', page)
    assert AuditEntry.objects.filter(event="password.link_made", actor="user:ana@oeste.example").exists()


@pytest.mark.parametrize("how", ["another company", "the installation"])
def test_who_belongs_elsewhere_too_is_helped_elsewhere(people: Cast, ana: Client, how: str) -> None:
    SecondFactor.objects.create(user=people.beto)
    if how == "another company":
        make_member(people.other_company, people.beto, active=False)
    else:
        User.objects.filter(pk=people.beto.pk).update(is_installation_admin=True)
    member = _member(people.company, people.beto)
    for name in ("contrasena", "segundo-factor"):
        page = ana.post(f"/seguridad/usuarios/{member.pk}/{name}/", follow=True).content.decode()
        assert "lo cambia esa persona" in page
    assert SecondFactor.objects.filter(user=people.beto).exists()
    assert not AuditEntry.objects.filter(event="password.link_made").exists()
    page = ana.get(f"/seguridad/usuarios/{member.pk}/").content.decode()
    assert "Mandar enlace de contraseña" not in page


def test_the_second_factor_of_who_lost_it_is_turned_off(people: Cast, ana: Client) -> None:
    SecondFactor.objects.create(user=people.beto)
    member = _member(people.company, people.beto)
    assert ana.post(f"/seguridad/usuarios/{member.pk}/segundo-factor/").status_code == 302
    assert not SecondFactor.objects.exists()
    assert AuditEntry.objects.get(event="two_factor.off").actor == "user:ana@oeste.example"


def test_an_open_session_is_not_enough_to_undo_what_guards_ones_own_account(people: Cast, ana: Client) -> None:
    SecondFactor.objects.create(user=people.ana)
    own = _member(people.company, people.ana)
    for name in ("contrasena", "segundo-factor"):
        page = ana.post(f"/seguridad/usuarios/{own.pk}/{name}/", follow=True).content.decode()
        assert "Es tu propia cuenta" in page
    assert SecondFactor.objects.filter(user=people.ana).exists()
    assert not AuditEntry.objects.filter(event="password.link_made").exists()


def test_who_edits_users_cannot_take_over_an_administrators_account(people: Cast) -> None:
    clerk = make_user("delia@oeste.example")
    every = [(Page.USERS, a) for a in (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID)]
    make_member(people.company, clerk, make_role(people.company, "Personal", every))
    delia, admin = signed_in(clerk), _member(people.company, people.ana)
    page = delia.get(f"/seguridad/usuarios/{admin.pk}/").content.decode()
    assert "Tiene permisos que vos no tenés" in page
    assert "Guardar" not in page
    for name in ("contrasena", "segundo-factor", "desactivar"):
        assert "permisos que vos no tenés" in delia.post(
            f"/seguridad/usuarios/{admin.pk}/{name}/", follow=True
        ).content.decode()  # fmt: skip
    given = {"email": "yo@otra.example", "roles": [_role(people, ADMINISTRATOR).pk]}
    refused = delia.post("/seguridad/usuarios/invitar/", given).content.decode()
    assert "no lo podés dar" in refused
    assert "Los que no aparecen tienen permisos que vos no tenés." in refused
    assert not Invitation.objects.exists()


def test_who_invites_reads_what_each_role_may_do(people: Cast, ana: Client) -> None:
    page = ana.get("/seguridad/usuarios/invitar/").content.decode()
    assert 'Compras<small class="role-words">Envía en Compras. Atiende Envíos. Edita Proveedores.' in page
    assert 'Administrador<small class="role-words">Puede todo.</small>' in page
    assert "Los que no aparecen" not in page, "all of them do"
    assert "Envía en Compras. Atiende Envíos." in ana.get("/seguridad/roles/").content.decode()


def test_an_invitation_goes_by_mail_when_there_is_one(people: Cast, ana: Client, settings: object) -> None:
    settings.EMAIL_HOST = "mail.example"  # type: ignore[attr-defined]
    given = {"email": "dora@sur.example", "roles": [_role(people, "Ventas").pk], "how": "mail"}
    page = ana.post("/seguridad/usuarios/invitar/", given, follow=True).content.decode()
    assert "Le mandamos la invitación a dora@sur.example" in page
    [sent] = outbox.outbox
    assert sent.to == ["dora@sur.example"]
    token = re.search(r"/invitacion/([^/]+)/", str(sent.body))
    assert token is not None
    assert invitations.find_open(token[1]) is not None
    assert token[1] not in page


def test_the_page_after_inviting_is_the_same_for_an_address_with_an_account(people: Cast, ana: Client) -> None:
    def said(email: str) -> str:
        given = {"email": email, "roles": [_role(people, "Ventas").pk]}
        page = ana.post("/seguridad/usuarios/invitar/", given).content.decode().replace(email, "…")
        return re.sub(r'/invitacion/[^/"]+|name="csrfmiddlewaretoken" value="[^"]+"|data-now="[^"]+"', "", page)

    assert said("dora@sur.example") == said(people.carla.email)
    listed = ana.get("/seguridad/usuarios/").content.decode()
    assert listed.count("Espera respuesta") == 2


def test_an_invitation_is_cancelled_and_sent_again(people: Cast, ana: Client) -> None:
    made = invitations.invite(
        by=acting_as(people.ana, people.company), email="dora@sur.example", roles=[_role(people, "Ventas")]
    )
    base = f"/seguridad/usuarios/invitaciones/{made.row.pk}/"
    page = ana.post(f"{base}reenviar/").content.decode()
    assert "/invitacion/" in page
    assert invitations.find_open(made.token) is None
    assert ana.get(f"{base}cancelar/").status_code == 200
    assert "ya no sirve" in ana.post(f"{base}cancelar/", follow=True).content.decode()
    assert "ya se respondió o se canceló" in ana.post(f"{base}reenviar/", follow=True).content.decode()


def test_a_role_is_made_renamed_and_deleted(people: Cast, ana: Client) -> None:
    given = {"name": "Depósito", "copied_from": _role(people, "Compras").pk}
    made = ana.post("/seguridad/roles/nuevo/", given)
    role = _role(people, "Depósito")
    assert made["Location"] == f"/seguridad/acciones/?rol={role.pk}"
    ana.post(f"/seguridad/roles/{role.pk}/nombre/", {"name": "Almacén"})
    assert "Almacén" in ana.get("/seguridad/roles/").content.decode()
    make_member(people.company, make_user("eva@sur.example", "Eva"), role)
    asked = ana.get(f"/seguridad/roles/{role.pk}/borrar/").content.decode()
    assert "Lo tiene Eva" in asked
    assert ">Borrar el rol</button>" not in asked
    assert "Lo tiene Eva" in ana.post(f"/seguridad/roles/{role.pk}/borrar/", follow=True).content.decode()
    Membership.objects.filter(user__email="eva@sur.example").delete()
    ana.post(f"/seguridad/roles/{role.pk}/borrar/")
    assert not Role.objects.filter(pk=role.pk).exists()


def test_a_key_is_shown_once_and_revoked_for_good(people: Cast, ana: Client, client: Client) -> None:
    given = {"name": "Facturación", "role": _role(people, "Administración").pk}
    page = ana.post("/seguridad/claves/nueva/", given).content.decode()
    found = re.search(r'value="(acuse_[^"]+)"', page)
    assert found is not None
    plain = found[1]
    assert f"Authorization: Bearer {plain}" in page.replace("&quot;", '"')
    assert plain not in ana.get("/seguridad/claves/").content.decode()
    headers = {"Authorization": f"Bearer {plain}"}
    assert client.get("/api/v1/vouchers", headers=headers).status_code == 200
    key = ApiKey.objects.get(name="Facturación")
    assert "No se puede deshacer" in ana.get(f"/seguridad/claves/{key.pk}/anular/").content.decode()
    ana.post(f"/seguridad/claves/{key.pk}/anular/")
    assert client.get("/api/v1/vouchers", headers=headers).status_code == 401
    assert "Anuladas" in ana.get("/seguridad/claves/").content.decode()


def _writes(people: Cast) -> list[str]:
    ana = acting_as(people.ana, people.company)
    member = _member(people.company, people.ana)
    row = invitations.invite(by=ana, email="dora@sur.example", roles=[_role(people, "Ventas")]).row
    key = services.new_api_key(company=people.company, role=_role(people, "Ventas"), name="x", actor="test").row
    role = _role(people, "Ventas")
    return [
        f"/seguridad/usuarios/{member.pk}/",
        *(f"/seguridad/usuarios/{member.pk}/{name}/" for name in ("desactivar", "reactivar", "contrasena")),
        f"/seguridad/usuarios/{member.pk}/segundo-factor/",
        *(f"/seguridad/usuarios/invitaciones/{row.pk}/{name}/" for name in ("reenviar", "cancelar")),
        *(f"/seguridad/roles/{role.pk}/{name}/" for name in ("nombre", "borrar")),
        f"/seguridad/acciones/?rol={role.pk}",
        f"/seguridad/claves/{key.pk}/anular/",
    ]


def test_who_only_sees_gets_no_button_and_writes_nothing(people: Cast, beto: Client) -> None:
    pages = [*_writes(people), "/seguridad/usuarios/invitar/", "/seguridad/roles/nuevo/", "/seguridad/claves/nueva/"]
    before = AuditEntry.objects.count()
    for path in pages:
        response = beto.post(path, {"name": "x", "grant": "audit:view", "roles": "1", "email": "x@y.example"})
        assert response.status_code == 403, path
        assert "No tenés permiso para esto" in response.content.decode()
    assert AuditEntry.objects.count() == before
    shown = "".join(
        beto.get(path).content.decode()
        for path in (
            "/seguridad/usuarios/",
            "/seguridad/roles/",
            "/seguridad/claves/",
            pages[0],
            "/seguridad/acciones/",
        )
    )
    for word in (">Invitar<", ">Crear</a>", ">Borrar<", ">Anular</a>", ">Desactivar<", ">Guardar<", ">Cancelar<"):
        assert word not in shown, word


def test_another_companys_people_roles_and_keys_do_not_exist(people: Cast, carla: Client) -> None:
    before = AuditEntry.objects.filter(company=people.company).count
    pages = _writes(people)
    written = before()
    for path in pages:
        assert carla.post(path).status_code == 404, path
    assert before() == written
