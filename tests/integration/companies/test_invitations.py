from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from acuse.companies.membership import invitations, members
from acuse.companies.membership.invitations import Answer, State
from acuse.companies.models import AuditEntry, Invitation, Membership, Role, User
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.companies.scope import Actor
from acuse.companies.services import CompanyError, add_member, digest_of
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.data.offices import acting_as, make_member, make_user

ADDRESS = "dora@sur.example"


@pytest.fixture
def ana(people: Cast) -> Actor:
    return acting_as(people.ana, people.company)


def _roles(actor: Actor, *names: str) -> list[Role]:
    return list(Role.objects.filter(company=actor.company, name__in=names))


def _invite(actor: Actor, email: str = ADDRESS, *names: str) -> invitations.NewInvitation:
    return invitations.invite(by=actor, email=email, roles=_roles(actor, *(names or ("Ventas",))))


def test_nobody_is_a_member_before_accepting(people: Cast, ana: Actor) -> None:
    made = _invite(ana)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert invitations.state_of(made.row) is State.OPEN
    assert Invitation.objects.get().token_digest == digest_of(made.token)
    assert made.token not in str(list(AuditEntry.objects.values()))


def test_inviting_is_the_same_whether_or_not_the_address_has_an_account(people: Cast, ana: Actor) -> None:
    _invite(ana, people.carla.email)
    _invite(ana, ADDRESS)
    rows = Invitation.objects.values("invited_by", "user", "accepted_at", "refused_at", "cancelled_at").order_by("pk")
    assert rows[0] == rows[1]
    assert Membership.objects.filter(user=people.carla).count() == 1


def test_a_new_person_sets_name_and_password(people: Cast, ana: Actor) -> None:
    made = _invite(ana, ADDRESS, "Ventas", "Compras")
    answer, user = invitations.accept_as_new(token=made.token, name=" Dora  Paz ", password=PASSWORD)
    assert answer is Answer.DONE
    assert user is not None
    assert (user.name, user.email, user.check_password(PASSWORD)) == ("Dora Paz", ADDRESS, True)
    held = Membership.objects.get(user=user, company=people.company).roles
    assert set(held.values_list("name", flat=True)) == {"Ventas", "Compras"}
    made.row.refresh_from_db()
    assert (invitations.state_of(made.row), made.row.user) == (State.ACCEPTED, user)
    assert invitations.accept_as_new(token=made.token, name="Otra", password="otra-clave-9x")[0] is Answer.CLOSED


def test_a_link_never_sets_the_password_of_an_account_that_exists(people: Cast, ana: Actor) -> None:
    made = _invite(ana, people.carla.email.upper())
    before = people.carla.password
    assert invitations.accept_as_new(token=made.token, name="Yo", password="otra-clave-9x") == (Answer.SIGN_IN, None)
    people.carla.refresh_from_db()
    assert people.carla.password == before
    assert not Membership.objects.filter(user=people.carla, company=people.company).exists()


def test_nor_of_another_companys_member_who_has_none_yet(people: Cast, ana: Actor) -> None:
    admin = Role.objects.get(company=people.other_company, name=ADMINISTRATOR)
    theirs = add_member(company=people.other_company, email=ADDRESS, role=admin, actor="command:setup")
    made = _invite(ana)
    assert invitations.accept_as_new(token=made.token, name="Yo", password=PASSWORD)[0] is Answer.SIGN_IN
    theirs.refresh_from_db()
    assert not theirs.has_usable_password()


def test_who_has_an_account_accepts_signed_in_as_that_address(people: Cast, ana: Actor) -> None:
    made = _invite(ana, people.carla.email)
    assert invitations.accept(token=made.token, user=people.beto) is Answer.CLOSED
    assert invitations.accept(token=made.token, user=people.carla) is Answer.DONE
    assert Membership.objects.filter(user=people.carla, is_active=True).count() == 2


def test_who_refuses_stays_out(people: Cast, ana: Actor) -> None:
    made = _invite(ana, people.carla.email)
    assert invitations.refuse(token=made.token, user=people.carla) is Answer.DONE
    assert invitations.accept(token=made.token, user=people.carla) is Answer.CLOSED
    made.row.refresh_from_db()
    assert invitations.state_of(made.row) is State.REFUSED
    assert not Membership.objects.filter(user=people.carla, company=people.company).exists()


def test_asking_again_replaces_the_link(people: Cast, ana: Actor) -> None:
    first = _invite(ana)
    second = _invite(ana, ADDRESS.upper(), "Compras")
    assert second.row.pk == first.row.pk
    assert invitations.find_open(first.token) is None
    assert invitations.find_open(second.token) is not None
    assert [role.name for role in second.row.roles.all()] == ["Compras"]


def test_sending_again_gives_another_seven_days(people: Cast, ana: Actor) -> None:
    first = _invite(ana)
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    first.row.refresh_from_db()
    assert invitations.state_of(first.row) is State.EXPIRED
    assert invitations.find_open(first.token) is None
    again = invitations.resend(by=ana, invitation=first.row)
    assert again is not None
    assert again.row.expires_at > clock.now() + timedelta(days=6)
    assert invitations.find_open(again.token) is not None


def test_who_holds_less_gets_no_link_to_set_the_password_of_who_holds_more(people: Cast, ana: Actor) -> None:
    [sales] = _roles(ana, "Ventas")
    member = add_member(company=people.company, email=ADDRESS, role=sales, actor="command:setup")
    token = invitations.invite_member(user=member, company=people.company, actor="command:setup")
    made = Invitation.objects.get(user=member)
    Membership.objects.get(user=member).roles.add(*_roles(ana, ADMINISTRATOR))
    clerk = make_user("delia@oeste.example")
    make_member(people.company, clerk, sales)
    with pytest.raises(CompanyError, match="permisos que vos no tenés"):
        invitations.resend(by=acting_as(clerk, people.company), invitation=made)
    assert token is not None
    assert invitations.find_open(token) == made, "the link that they have goes on"
    assert invitations.resend(by=ana, invitation=made) is not None


def test_a_cancelled_one_is_closed_for_good(people: Cast, ana: Actor) -> None:
    made = _invite(ana)
    assert invitations.cancel(by=ana, invitation=made.row)
    assert not invitations.cancel(by=ana, invitation=made.row)
    assert invitations.find_open(made.token) is None
    assert invitations.resend(by=ana, invitation=made.row) is None
    _invite(ana)
    assert Invitation.objects.count() == 2


def test_a_poor_password_keeps_the_invitation_open(people: Cast, ana: Actor) -> None:
    made = _invite(ana)
    with pytest.raises(ValidationError):
        invitations.accept_as_new(token=made.token, name="Dora", password="corta")
    assert not User.objects.filter(email=ADDRESS).exists()
    assert invitations.find_open(made.token) is not None


@pytest.mark.parametrize(("active", "words"), [(True, "ya es usuaria"), (False, "reactivala")])
def test_who_is_in_the_company_is_not_invited(people: Cast, ana: Actor, active: bool, words: str) -> None:
    Membership.objects.filter(user=people.beto).update(is_active=active)
    with pytest.raises(CompanyError, match=words):
        _invite(ana, people.beto.email)


@pytest.mark.parametrize("email", ["", "dora", "dora arroba sur"])
def test_the_address_is_checked(people: Cast, ana: Actor, email: str) -> None:
    with pytest.raises(CompanyError) as refused:
        _invite(ana, email)
    assert refused.value.field == "email"


def test_an_invitation_gives_only_what_its_author_holds(people: Cast) -> None:
    beto = acting_as(people.beto, people.company)
    with pytest.raises(CompanyError, match="permisos que vos no tenés"):
        _invite(beto, ADDRESS, ADMINISTRATOR)


def test_the_member_that_setup_made_chooses_a_password_by_the_link(people: Cast) -> None:
    admin = Role.objects.get(company=people.company, name=ADMINISTRATOR)
    user = add_member(company=people.company, email=ADDRESS, role=admin, actor="command:setup")
    token = invitations.invite_member(user=user, company=people.company, actor="command:setup")
    assert token is not None
    answer, entered = invitations.accept_as_new(token=token, name="Dora", password=PASSWORD)
    assert (answer, entered) == (Answer.DONE, user)
    user.refresh_from_db()
    assert invitations.invite_member(user=user, company=people.company, actor="command:setup") is None


def test_a_colleague_cannot_take_the_link_of_who_administers_the_installation(people: Cast, ana: Actor) -> None:
    admin = Role.objects.get(company=people.company, name=ADMINISTRATOR)
    user = add_member(company=people.company, email=ADDRESS, role=admin, actor="command:setup")
    User.objects.filter(pk=user.pk).update(is_installation_admin=True)
    invitations.invite_member(user=user, company=people.company, actor="command:setup")
    with pytest.raises(CompanyError, match="administra la instalación"):
        invitations.resend(by=ana, invitation=Invitation.objects.get())


def test_who_answers_two_companies_at_once_gets_one_account(
    people: Cast, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _invite(ana)

    def meanwhile(password: str, user: User) -> None:
        make_user(ADDRESS.upper())

    monkeypatch.setattr(invitations, "validate_password", meanwhile)
    assert invitations.accept_as_new(token=made.token, name="", password=PASSWORD) == (Answer.SIGN_IN, None)
    assert invitations.find_open(made.token) is not None


def test_a_link_from_before_does_not_lead_a_deactivated_member_back_in(people: Cast, ana: Actor) -> None:
    eva = make_user("eva@sur.example")
    made = _invite(ana, eva.email)
    add_member(company=people.company, email=eva.email, role=_roles(ana, "Ventas")[0], actor="test")
    members.deactivate(by=ana, membership=Membership.objects.get(user=eva))
    assert invitations.accept(token=made.token, user=eva) is Answer.CLOSED
    assert not Membership.objects.get(user=eva).is_active
