"""Invitations to a company. Nobody is a member before accepting, and who invites doesn't learn who has an account.

Whoever holds the link answers: a new person chooses a name and a password with it; who has an account signs in, and
accepts or refuses. A link never sets the password of an account that exists, save that of the company's own member
who has none yet (`acuse setup` makes them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from acuse.companies import audit
from acuse.companies.membership.members import belongs_elsewhere, require_may_act_on
from acuse.companies.models import Company, Invitation, Membership, Role, User
from acuse.companies.permissions.ready_roles import ensure_administrator_role
from acuse.companies.permissions.roles import covers, held_by, require_may_give
from acuse.companies.scope import Actor, actor_of_user
from acuse.companies.services import CompanyError, check_email, digest_of
from acuse.kernel import clock
from acuse.kernel.ids import new_secret

INVITATION_LIFE = timedelta(days=7)


class State(StrEnum):
    #: Waits for an answer.
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    #: By the company.
    CANCELLED = "cancelled"
    #: Nobody answered in time; it can be sent again.
    EXPIRED = "expired"
    #: Who made it isn't there any more, or holds less than it gives; whoever sends it again answers for it.
    UNBACKED = "unbacked"


class Answer(StrEnum):
    DONE = "done"
    #: Used, cancelled, expired or never made.
    CLOSED = "closed"
    #: The address has an account: it answers signed in.
    SIGN_IN = "sign_in"
    #: Who made it isn't there any more, or holds less than it gives.
    UNBACKED = "unbacked"


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """The only moment in which the token itself is known."""

    row: Invitation
    token: str


def state_of(invitation: Invitation) -> State:
    if invitation.accepted_at:
        return State.ACCEPTED
    if invitation.refused_at:
        return State.REFUSED
    if invitation.cancelled_at:
        return State.CANCELLED
    if invitation.expires_at <= clock.now():
        return State.EXPIRED
    return State.OPEN if is_backed(invitation) else State.UNBACKED


def _unanswered() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, refused_at=None, cancelled_at=None)


@transaction.atomic
def invite(*, by: Actor, email: str, roles: Sequence[Role]) -> NewInvitation:
    """One that waits for the same address is replaced: its link stops working. Raises CompanyError."""
    address = check_email(email, field="email")
    if not roles:
        raise CompanyError("roles", "Elegí al menos un rol.")
    require_may_give(by, roles, field="roles")
    known = Membership.objects.filter(company=by.company, user__email__iexact=address).first()
    if known is not None:
        raise CompanyError(
            "email",
            "Esa persona ya es usuaria de esta empresa: buscala en la lista."
            if known.is_active
            else "Esa persona está desactivada en esta empresa: buscala en la lista y reactivala.",
        )
    return _make(company=by.company, address=address, roles=roles, actor=by.label)


@transaction.atomic
def invite_administrator(*, company: Company, email: str, actor: str) -> NewInvitation:
    """For a company that has none, by the installation's administrator. Raises CompanyError."""
    address = check_email(email, field="email")
    role = ensure_administrator_role(company)
    # of whom `acuse setup` made, and never chose a password: the link chooses it
    member = User.objects.filter(email__iexact=address, memberships__company=company).first()
    unready = member if member is not None and not member.has_usable_password() else None
    return _make(company=company, address=address, roles=[role], actor=actor, user=unready, by_installation=True)


@transaction.atomic
def invite_member(*, user: User, company: Company, actor: str) -> str | None:
    """The token with which a member who has no password yet chooses one; None when there is one already."""
    if user.has_usable_password():
        return None
    held = list(Role.objects.filter(memberships__user=user, company=company))
    return _make(company=company, address=user.email, roles=held, actor=actor, user=user).token


def _make(
    *,
    company: Company,
    address: str,
    roles: Sequence[Role],
    actor: str,
    user: User | None = None,
    by_installation: bool = False,
) -> NewInvitation:
    # two at once for one address take turns
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    waiting = _unanswered().filter(company=company, email__iexact=address).first()
    row = waiting or Invitation(company=company, email=address)
    row.invited_by, row.by_installation, row.user = actor, by_installation, user
    token = _renew(row)
    row.roles.set(roles)
    audit.record(
        company=company, actor=actor, event="member.invited", target=address, roles=sorted(r.name for r in roles)
    )
    return NewInvitation(row, token)


def _renew(row: Invitation) -> str:
    token = new_secret()
    row.token_digest, row.sent_at = digest_of(token), clock.now()
    row.expires_at = row.sent_at + INVITATION_LIFE
    row.save()
    return token


@transaction.atomic
def resend(*, by: Actor, invitation: Invitation) -> NewInvitation | None:
    """With a new link, for another 7 days; the one before stops working. None when it was answered or cancelled.

    Raises CompanyError.
    """
    row = _unanswered().select_for_update().filter(pk=invitation.pk).first()
    if row is None:
        return None
    roles = list(row.roles.all())
    if not roles:
        raise CompanyError("roles", "El rol que daba se borró. Cancelala, e invitá de nuevo con otro.")
    require_may_give(by, roles, field="roles")
    if row.user is not None:
        # with the link one sets that person's password
        _require_may_become(by, row.user)
    row.invited_by, row.by_installation = by.label, False
    token = _renew(row)
    audit.record(company=row.company, actor=by.label, event="invitation.resent", target=row.email)
    return NewInvitation(row, token)


def _require_may_become(by: Actor, user: User) -> None:
    """Raises CompanyError."""
    if belongs_elsewhere(user, by):
        raise CompanyError("email", "Es también de otra empresa: pedile el enlace a quien administra la instalación.")
    held = Membership.objects.filter(company=by.company, user=user).select_related("user").first()
    if held is not None:
        require_may_act_on(by, held)


@transaction.atomic
def cancel(*, by: Actor, invitation: Invitation) -> bool:
    """False when it was answered before."""
    done = _unanswered().filter(pk=invitation.pk, company=by.company).update(cancelled_at=clock.now())
    if done:
        audit.record(company=by.company, actor=by.label, event="invitation.cancelled", target=invitation.email)
    return bool(done)


def find_open(token: str) -> Invitation | None:
    """None when unknown, answered, cancelled or expired."""
    waiting = _unanswered().select_related("company", "user")
    return waiting.filter(token_digest=digest_of(token), expires_at__gt=clock.now()).first()


def is_backed(invitation: Invitation) -> bool:
    """Whether who made it could still make it. What a command of the server made needs nobody."""
    kind, _, email = invitation.invited_by.partition(":")
    if kind != "user":
        return True
    author = User.objects.filter(email=email, is_active=True).first()
    if author is None:
        return False
    if invitation.by_installation:
        return author.is_installation_admin
    actor = actor_of_user(author, invitation.company)
    return actor is not None and covers(actor, held_by(invitation.roles.all()))


def waiting_for_an_answer(company: Company) -> QuerySet[Invitation]:
    return _unanswered().filter(company=company, expires_at__gt=clock.now())


def is_for(invitation: Invitation, user: User) -> bool:
    return invitation.email.casefold() == user.email.casefold()


@transaction.atomic
def accept_as_new(*, token: str, name: str, password: str) -> tuple[Answer, User | None]:
    """Make the account of a new person, and the membership. Raises Django's ValidationError on a poor password."""
    invitation = _locked(token)
    if invitation is None:
        return Answer.CLOSED, None
    if not is_backed(invitation):
        return Answer.UNBACKED, None
    user = invitation.user
    if user is None and User.objects.filter(email__iexact=invitation.email).exists():
        return Answer.SIGN_IN, None
    if user is not None and (user.has_usable_password() or not user.is_active):
        return Answer.SIGN_IN, None
    user = user or User(email=invitation.email)
    user.name = " ".join(name.split())[:120]
    validate_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # two companies invited the same person, who answered both at this very moment
        return Answer.SIGN_IN, None
    _join(invitation, user)
    return Answer.DONE, user


@transaction.atomic
def accept(*, token: str, user: User) -> Answer:
    """By somebody who is signed in; the address must be theirs."""
    invitation = _locked(token)
    if invitation is None or not is_for(invitation, user):
        return Answer.CLOSED
    if not is_backed(invitation):
        return Answer.UNBACKED
    _join(invitation, user)
    return Answer.DONE


@transaction.atomic
def refuse(*, token: str, user: User) -> Answer:
    invitation = _locked(token)
    if invitation is None or not is_for(invitation, user):
        return Answer.CLOSED
    invitation.refused_at = clock.now()
    invitation.save(update_fields=["refused_at"])
    audit.record(
        company=invitation.company, actor=f"user:{user.email}", event="invitation.refused", target=invitation.email
    )
    return Answer.DONE


def _locked(token: str) -> Invitation | None:
    found = find_open(token)
    # again with the lock: two answers at once are one answer
    return _unanswered().select_for_update(of=("self",)).filter(pk=found.pk).first() if found else None


def _join(invitation: Invitation, user: User) -> None:
    membership, _ = Membership.objects.get_or_create(user=user, company=invitation.company)
    if not membership.is_active:
        # who administers the installation invited them back: deactivating cancels every other invitation
        membership.is_active = True
        membership.save(update_fields=["is_active"])
    membership.roles.add(*invitation.roles.filter(company=invitation.company))
    invitation.user, invitation.accepted_at = user, clock.now()
    invitation.save(update_fields=["user", "accepted_at"])
    audit.record(
        company=invitation.company, actor=f"user:{user.email}", event="invitation.accepted", target=invitation.email
    )
