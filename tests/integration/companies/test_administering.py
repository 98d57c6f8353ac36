"""A company keeps somebody who can do everything in it and can sign in; who left gives nobody access any more."""

from __future__ import annotations

import pytest

from acuse.companies.membership import invitations, members
from acuse.companies.membership.invitations import Answer, State
from acuse.companies.models import AuditEntry, Membership, Passkey, Role, RoleGrant, SecondFactor, User
from acuse.companies.permissions import roles
from acuse.companies.permissions.administering import has_administrator, left_without
from acuse.companies.permissions.pages import ADMINISTRATOR, PAGE_ACTIONS, Action, Page
from acuse.companies.scope import Actor
from acuse.companies.secrets import keys
from acuse.companies.services import CompanyError, add_member, grant_installation_admin, revoke_installation_admin
from acuse.hooks.checks.installation import of_people
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.data.offices import acting_as, make_member, make_role, make_user

DORA = "dora@oeste.example"


@pytest.fixture
def ana(people: Cast) -> Actor:
    return acting_as(people.ana, people.company)


def _role(people: Cast, name: str = ADMINISTRATOR) -> Role:
    return Role.objects.get(company=people.company, name=name)


def _member(people: Cast, user: User) -> Membership:
    return Membership.objects.get(company=people.company, user=user)


def _leaves(people: Cast, by: Actor) -> None:
    members.deactivate(by=by, membership=_member(people, people.ana))


def test_who_only_manages_people_and_roles_does_not_take_the_administrators_place(people: Cast, ana: Actor) -> None:
    pairs = [(page, action) for page in (Page.USERS, Page.ROLES) for action in PAGE_ACTIONS[page]]
    make_member(people.company, make_user(DORA), make_role(people.company, "Personal", pairs))
    with pytest.raises(CompanyError, match="Nadie quedaría para administrar"):
        _leaves(people, ana)
    assert _member(people, people.ana).is_active


def test_who_never_chose_a_password_does_not_either(people: Cast, ana: Actor) -> None:
    dora = add_member(company=people.company, email=DORA, role=_role(people), actor="command:setup")
    with pytest.raises(CompanyError, match="ya haya elegido su contraseña"):
        _leaves(people, ana)
    dora.set_password(PASSWORD)
    dora.save()
    _leaves(people, ana)
    assert has_administrator(people.company)


def test_a_passkey_is_as_good_as_a_password(people: Cast, ana: Actor) -> None:
    dora = add_member(company=people.company, email=DORA, role=_role(people), actor="command:setup")
    factor = SecondFactor.objects.create(user=dora)
    Passkey.objects.create(factor=factor, name="Teléfono", credential_id=b"1", credential=b"2")
    _leaves(people, ana)
    assert has_administrator(people.company)


def test_several_roles_that_add_up_to_everything_count(people: Cast, ana: Actor) -> None:
    every = [(page, action) for page in Page for action in PAGE_ACTIONS[page]]
    halves = [make_role(people.company, name, every[at::2]) for at, name in enumerate(("Una", "Otra"))]
    dora = make_member(people.company, make_user(DORA), halves[0])
    with pytest.raises(CompanyError):
        _leaves(people, ana)
    dora.roles.add(halves[1])
    _leaves(people, ana)
    by = acting_as(dora.user, people.company)
    with pytest.raises(CompanyError, match="Nadie quedaría"):
        roles.set_grants(by=by, role=halves[1], pairs=[("audit", "view")])


def test_another_companys_roles_count_for_nothing(people: Cast, ana: Actor) -> None:
    make_member(people.company, people.carla, _role(people, "Consulta"))
    with pytest.raises(CompanyError, match="Nadie quedaría"):
        _leaves(people, ana)


def test_a_page_of_a_newer_version_does_not_make_every_company_be_without(people: Cast, ana: Actor) -> None:
    """Until `acuse setup` or an invitation gives it to *Administrador*."""
    RoleGrant.objects.filter(role=_role(people), page=Page.RATES).delete()
    assert has_administrator(people.company)
    with pytest.raises(CompanyError, match="Nadie quedaría"):
        _leaves(people, ana)


def test_a_company_left_without_is_named_and_mended_from_the_installation(people: Cast) -> None:
    chief = make_user("jefa@nube.example")
    grant_installation_admin(user=chief, actor="test")
    Membership.objects.filter(user=people.ana).update(is_active=False)
    assert list(left_without()) == [people.company]
    assert [check.id for check in of_people(people.company)] == ["acuse.companies.W001"]
    made = invitations.invite_administrator(company=people.company, email=people.ana.email, actor=f"user:{chief.email}")
    assert list(of_people(people.company)) == [], "whoever was asked may still answer"
    assert invitations.accept(token=made.token, user=people.ana) is Answer.DONE
    assert has_administrator(people.company), "who was deactivated is in again"
    assert not left_without().exists()


def test_who_setup_made_chooses_a_password_by_the_installations_invitation(people: Cast) -> None:
    chief = make_user("jefa@nube.example")
    grant_installation_admin(user=chief, actor="test")
    add_member(company=people.company, email=DORA, role=_role(people), actor="command:setup")
    made = invitations.invite_administrator(company=people.company, email=DORA, actor=f"user:{chief.email}")
    answer, dora = invitations.accept_as_new(token=made.token, name="Dora", password=PASSWORD)
    assert answer is Answer.DONE
    assert dora is not None
    assert dora.check_password(PASSWORD)


def test_an_invitation_of_the_installation_falls_with_who_administers_it(people: Cast) -> None:
    chief = make_user("jefa@nube.example")
    for user in (chief, people.ana):
        grant_installation_admin(user=user, actor="test")
    made = invitations.invite_administrator(company=people.company, email=DORA, actor=f"user:{chief.email}")
    assert invitations.is_backed(made.row)
    revoke_installation_admin(user=chief, actor="test")
    assert invitations.accept_as_new(token=made.token, name="Dora", password=PASSWORD) == (Answer.UNBACKED, None)
    assert not User.objects.filter(email=DORA).exists()


# --- who leaves


@pytest.fixture
def seller(people: Cast) -> Actor:
    """Invites, and makes keys."""
    pairs = [(Page.USERS, Action.VIEW), (Page.USERS, Action.CREATE), (Page.API_KEYS, Action.CREATE)]
    user = make_user("delia@oeste.example")
    make_member(people.company, user, make_role(people.company, "Personal", pairs))
    return acting_as(user, people.company)


def _delia(people: Cast) -> Membership:
    return _member(people, User.objects.get(email="delia@oeste.example"))


def test_the_invitations_that_one_made_end_when_one_is_deactivated(people: Cast, ana: Actor, seller: Actor) -> None:
    own = invitations.invite(by=seller, email="delia@privada.example", roles=[_role(people, "Personal")])
    others = invitations.invite(by=ana, email=DORA, roles=[_role(people, "Ventas")])
    members.deactivate(by=ana, membership=_delia(people))
    own.row.refresh_from_db()
    others.row.refresh_from_db()
    assert invitations.state_of(own.row) is State.CANCELLED
    assert invitations.state_of(others.row) is State.OPEN
    assert invitations.accept_as_new(token=own.token, name="Delia", password=PASSWORD)[0] is Answer.CLOSED
    entry = AuditEntry.objects.get(event="member.deactivated")
    assert entry.detail == {"invitations": ["delia@privada.example"]}


def test_an_invitation_by_whom_holds_less_now_is_refused(people: Cast, ana: Actor, seller: Actor) -> None:
    made = invitations.invite(by=seller, email=DORA, roles=[_role(people, "Personal")])
    assert invitations.state_of(made.row) is State.OPEN
    _delia(people).roles.set([_role(people, "Consulta")])
    assert invitations.state_of(made.row) is State.UNBACKED
    assert invitations.accept_as_new(token=made.token, name="Dora", password=PASSWORD) == (Answer.UNBACKED, None)
    carla = invitations.invite(by=ana, email=people.carla.email, roles=[_role(people, "Ventas")])
    Membership.objects.filter(user=people.ana).update(is_active=False)
    assert invitations.accept(token=carla.token, user=people.carla) is Answer.UNBACKED
    assert not Membership.objects.filter(company=people.company, user=people.carla).exists()


def test_who_sends_it_again_answers_for_it(people: Cast, ana: Actor, seller: Actor) -> None:
    made = invitations.invite(by=seller, email=DORA, roles=[_role(people, "Personal")])
    again = invitations.resend(by=ana, invitation=made.row)
    assert again is not None
    members.deactivate(by=ana, membership=_delia(people))
    assert invitations.accept_as_new(token=again.token, name="Dora", password=PASSWORD)[0] is Answer.DONE


def test_the_keys_that_one_made_are_known_and_go_on(people: Cast, ana: Actor, seller: Actor) -> None:
    role = make_role(people.company, "Nada")
    made = keys.create_key(by=seller, name="Facturación", role=role)
    keys.create_key(by=ana, name="Otra", role=role)
    assert list(members.keys_made_by(_delia(people))) == [made.row]
    members.deactivate(by=ana, membership=_delia(people))
    made.row.refresh_from_db()
    assert (made.row.made_by, made.row.revoked_at) == ("user:delia@oeste.example", None)
