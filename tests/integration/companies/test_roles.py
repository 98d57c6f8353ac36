from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from acuse.companies.membership import invitations, members
from acuse.companies.models import AuditEntry, Invitation, Membership, Role, RoleGrant, User
from acuse.companies.permissions import roles
from acuse.companies.permissions.pages import ADMINISTRATOR, EVERYTHING, PAGE_ACTIONS, READY_ROLES, Action, Page
from acuse.companies.scope import Actor, NotAllowed
from acuse.companies.secrets import keys
from acuse.companies.services import CompanyError, revoke_api_key, save_company
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.offices import acting_as, make_member, make_role, make_user

EDITS_USERS = [(Page.USERS, action) for action in (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID)]


@pytest.fixture
def ana(people: Cast) -> Actor:
    return acting_as(people.ana, people.company)


@pytest.fixture
def clerk(people: Cast) -> Actor:
    """Edits users, holds nothing of the roles, and sees sales."""
    user = make_user("delia@oeste.example")
    role = make_role(people.company, "Personal", [*EDITS_USERS, (Page.SALES_INVOICE, Action.VIEW)])
    make_member(people.company, user, role)
    return acting_as(user, people.company)


def _role(people: Cast, name: str) -> Role:
    return Role.objects.get(company=people.company, name=name)


def _member(people: Cast, user: User) -> Membership:
    return Membership.objects.get(company=people.company, user=user)


def test_a_company_begins_with_the_ready_roles(db: None) -> None:
    company = save_company(cuit="30-00000000-7", legal_name="Prueba SA", actor="test")
    assert set(company.roles.values_list("name", flat=True)) == {ADMINISTRATOR, *READY_ROLES}
    assert roles.held_by([company.roles.get(name=ADMINISTRATOR)]) == EVERYTHING
    for name, pairs in READY_ROLES.items():
        assert roles.held_by([company.roles.get(name=name)]) == pairs


def test_what_a_company_did_with_its_ready_roles_stays_done(people: Cast) -> None:
    _role(people, "Compras").delete()
    RoleGrant.objects.filter(role=_role(people, "Ventas")).delete()
    save_company(cuit=people.company.cuit, legal_name="Ferretería Oeste SA", actor="test")
    assert not people.company.roles.filter(name="Compras").exists()
    assert roles.held_by([_role(people, "Ventas")]) == frozenset()


def test_who_edits_users_cannot_make_themselves_administrator(people: Cast, clerk: Actor) -> None:
    own = _member(people, User.objects.get(email="delia@oeste.example"))
    with pytest.raises(CompanyError, match="permisos que vos no tenés") as refused:
        members.set_roles(by=clerk, membership=own, roles=[_role(people, ADMINISTRATOR)])
    assert refused.value.field == "roles"
    assert [role.name for role in own.roles.all()] == ["Personal"]


def test_one_gives_only_roles_whose_grants_one_holds(people: Cast, clerk: Actor) -> None:
    seller = make_role(people.company, "Mostrador", [(Page.SALES_INVOICE, Action.VIEW)])
    sender = make_role(people.company, "Envíos", [(Page.SALES_INVOICE, Action.SEND)])
    assert {role.name for role in roles.givable(clerk)} == {"Personal", "Mostrador"}
    eva = make_member(people.company, make_user("eva@oeste.example"), seller)
    members.set_roles(by=clerk, membership=eva, roles=[seller, _role(people, "Personal")])
    with pytest.raises(CompanyError):
        members.set_roles(by=clerk, membership=eva, roles=[sender])
    assert set(eva.roles.values_list("name", flat=True)) == {"Mostrador", "Personal"}


def test_a_role_of_another_company_cannot_be_given(people: Cast, ana: Actor) -> None:
    theirs = Role.objects.get(company=people.other_company, name="Ventas")
    with pytest.raises(CompanyError):
        members.set_roles(by=ana, membership=_member(people, people.beto), roles=[theirs])


@pytest.mark.parametrize("act", ["set_roles", "deactivate", "reactivate"])
def test_who_holds_less_touches_nobody_who_holds_more(people: Cast, clerk: Actor, act: str) -> None:
    """An account that is taken over gives what it holds."""
    admin = _member(people, people.ana)
    given = {"roles": [_role(people, "Personal")]} if act == "set_roles" else {}
    with pytest.raises(CompanyError, match="tiene permisos que vos no tenés"):
        getattr(members, act)(by=clerk, membership=admin, **given)
    admin.refresh_from_db()
    assert admin.is_active
    assert [role.name for role in admin.roles.all()] == [ADMINISTRATOR]


def test_a_key_may_not_do_more_than_who_makes_it(people: Cast, clerk: Actor, ana: Actor) -> None:
    with pytest.raises(CompanyError, match="permisos que vos no tenés"):
        keys.create_key(by=clerk, name="Facturación", role=_role(people, "Ventas"))
    made = keys.create_key(by=ana, name="  Facturación ", role=_role(people, "Ventas"))
    assert (made.row.name, made.row.role) == ("Facturación", _role(people, "Ventas"))


def test_nobody_ticks_what_they_do_not_hold(people: Cast) -> None:
    manager = make_user("gema@oeste.example")
    own = make_role(
        people.company, "Roles", [(Page.ROLES, action) for action in (Action.VIEW, Action.EDIT, Action.CREATE)]
    )
    make_member(people.company, manager, own)
    by = acting_as(manager, people.company)
    empty = make_role(people.company, "Vacío")
    with pytest.raises(CompanyError, match="Estás dando permisos que vos no tenés"):
        roles.set_grants(by=by, role=empty, pairs=[("audit", "view")])
    roles.set_grants(by=by, role=empty, pairs=[("roles", "edit")])
    assert roles.held_by([empty]) == {("roles", "view"), ("roles", "edit")}
    with pytest.raises(CompanyError):
        roles.create_role(by=by, name="Copia", copied_from=_role(people, ADMINISTRATOR))
    with pytest.raises(CompanyError):
        roles.rename_role(by=by, role=_role(people, "Ventas"), name="Otro")


def test_an_action_brings_seeing_with_it(people: Cast, ana: Actor) -> None:
    role = make_role(people.company, "Nuevo", [(Page.QUOTE, Action.VIEW), (Page.QUOTE, Action.SEND)])
    changes = roles.set_grants(by=ana, role=role, pairs=[("receipt", "send"), ("audit", "send"), ("nada", "view")])
    assert roles.held_by([role]) == {("receipt", "view"), ("receipt", "send")}
    assert set(changes.removed) == {("quote", "view"), ("quote", "send")}
    entry = AuditEntry.objects.get(event="role.grants_set")
    assert entry.target == "Nuevo"
    assert entry.detail["added"] == [["receipt", "send"], ["receipt", "view"]]
    assert entry.detail["removed"] == [["quote", "send"], ["quote", "view"]]


def test_the_administrators_role_is_neither_changed_nor_deleted(people: Cast, ana: Actor) -> None:
    admin = _role(people, ADMINISTRATOR)
    for act in (
        lambda: roles.set_grants(by=ana, role=admin, pairs=[]),
        lambda: roles.rename_role(by=ana, role=admin, name="Jefe"),
        lambda: roles.delete_role(by=ana, role=admin),
    ):
        with pytest.raises(CompanyError, match="tiene siempre todo"):
            act()
    assert roles.held_by([admin]) == EVERYTHING


def test_a_role_in_use_says_who_holds_it(people: Cast, ana: Actor) -> None:
    with pytest.raises(CompanyError, match=r"Lo tiene beto@oeste\.example"):
        roles.delete_role(by=ana, role=_role(people, "Consulta"))
    role = make_role(people.company, "De la clave")
    keys.create_key(by=ana, name="Facturación", role=role)
    with pytest.raises(CompanyError, match="la clave de API «Facturación»"):
        roles.delete_role(by=ana, role=role)
    roles.delete_role(by=ana, role=_role(people, "Compras"))
    assert AuditEntry.objects.get(event="role.deleted").target == "Compras"


def test_the_way_out_is_one_that_there_is(people: Cast, ana: Actor) -> None:
    """To an invitation and to a key one gives no other role."""
    role = make_role(people.company, "De paso")
    key = keys.create_key(by=ana, name="Facturación", role=role).row
    invitation = invitations.invite(by=ana, email="eva@oeste.example", roles=[role]).row
    with pytest.raises(CompanyError, match="Cancelá la invitación y anulá la clave y después borralo"):
        roles.delete_role(by=ana, role=role)
    invitations.cancel(by=ana, invitation=invitation)
    revoke_api_key(key=key, actor=ana.label)
    roles.delete_role(by=ana, role=role)
    key.refresh_from_db()
    assert (key.role, key.revoked_at is None) == (None, False)


def test_an_invitation_that_is_too_old_keeps_no_role(people: Cast, ana: Actor) -> None:
    role = make_role(people.company, "De paso")
    invitation = invitations.invite(by=ana, email="eva@oeste.example", roles=[role]).row
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    roles.delete_role(by=ana, role=role)
    with pytest.raises(CompanyError, match="El rol que daba se borró"):
        invitations.resend(by=ana, invitation=invitation)


@pytest.mark.parametrize("name", ["", "   ", "ventas", "x" * 61])
def test_a_role_needs_a_name_of_its_own(people: Cast, ana: Actor, name: str) -> None:
    with pytest.raises(CompanyError) as refused:
        roles.create_role(by=ana, name=name)
    assert refused.value.field == "name"


def test_a_copy_holds_the_same_and_changes_apart(people: Cast, ana: Actor) -> None:
    copy = roles.create_role(by=ana, name="Ventas del sur", copied_from=_role(people, "Ventas"))
    assert roles.held_by([copy]) == READY_ROLES["Ventas"]
    roles.set_grants(by=ana, role=copy, pairs=[])
    assert roles.held_by([_role(people, "Ventas")]) == READY_ROLES["Ventas"]


def test_the_last_administrator_stays(people: Cast, ana: Actor) -> None:
    own = _member(people, people.ana)
    with pytest.raises(CompanyError, match="Nadie quedaría para administrar la empresa"):
        members.deactivate(by=ana, membership=own)
    with pytest.raises(CompanyError, match="Nadie quedaría para administrar la empresa"):
        members.set_roles(by=ana, membership=own, roles=[_role(people, "Ventas")])
    own.refresh_from_db()
    assert own.is_active
    assert not AuditEntry.objects.filter(event__in=["member.deactivated", "member.roles_set"]).exists()
    # with another one, also under a role of another name, one may go
    deputy = roles.create_role(by=ana, name="Segunda", copied_from=_role(people, ADMINISTRATOR))
    members.set_roles(by=ana, membership=_member(people, people.beto), roles=[deputy])
    members.deactivate(by=ana, membership=own)
    with pytest.raises(CompanyError, match="Nadie quedaría"):
        roles.set_grants(by=acting_as(people.beto, people.company), role=deputy, pairs=[("users", "view")])


def test_a_member_keeps_at_least_one_role(people: Cast, ana: Actor) -> None:
    with pytest.raises(CompanyError, match="Elegí al menos un rol"):
        members.set_roles(by=ana, membership=_member(people, people.beto), roles=[])


def test_a_refusal_names_page_and_action_as_people_know_them(people: Cast, clerk: Actor) -> None:
    with pytest.raises(NotAllowed, match="«Enviar comprobante» en «Cobros»"):
        clerk.require(Page.RECEIPT, Action.SEND)


def test_what_no_page_has_any_more_stands_in_nobodys_way(people: Cast) -> None:
    """Grants of an older version, which nobody holds today: a role that kept them couldn't be given."""
    clerk, ana = _role(people, "Consulta"), acting_as(people.ana, people.company)
    old = [("deliveries", "send"), ("customers", "configure")]
    RoleGrant.objects.bulk_create([RoleGrant(role=clerk, page=page, action=action) for page, action in old])
    assert clerk not in roles.givable(ana)
    import_module("acuse.companies.migrations.0007_drop_idle_grants").drop(apps, None)
    assert clerk in roles.givable(ana)
    assert roles.held_by([clerk]) == {(page.value, "view") for page in PAGE_ACTIONS}
