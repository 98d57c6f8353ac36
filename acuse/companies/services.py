"""What is done to companies, people and keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import ApiKey, Company, Invitation, Membership, Role, RoleGrant, User
from acuse.companies.pages import ADMINISTRATOR, PAGE_ACTIONS, Page
from acuse.kernel import clock, phone, taxid
from acuse.kernel.ids import new_secret

INVITATION_LIFE = timedelta(days=7)
#: The name of the key that `acuse setup --new-api-key` makes and replaces.
SETUP_KEY = "setup"


class CompanyError(ValueError):
    """Refused; `field` names what, the text says why and the way out, in Spanish."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewKey:
    """The only moment in which the key itself is known."""

    row: ApiKey
    plain: str


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def save_company(
    *,
    cuit: str,
    legal_name: str,
    actor: str,
    default_area_code: str | None = None,
    time_zone: str | None = None,
) -> Company:
    """Create the company of this CUIT, or change what is given. Raises CompanyError."""
    digits = _checked_cuit(cuit)
    company = Company.objects.select_for_update().filter(cuit=digits).first() or Company(cuit=digits)
    created = company._state.adding
    if not legal_name.strip():
        raise CompanyError("company", "Falta la razón social de la empresa.")
    company.legal_name = legal_name.strip()[:200]
    if default_area_code is not None:
        company.default_area_code = _checked_area_code(default_area_code)
    if time_zone is not None:
        company.time_zone = _checked_zone(time_zone)
    company.save()
    ensure_administrator_role(company)
    event = "company.created" if created else "company.changed"
    audit.record(company=company, actor=actor, event=event, target=company.cuit)
    return company


def _checked_cuit(text: str) -> str:
    try:
        return taxid.check_cuit(text)
    except taxid.TaxIdError as error:
        raise CompanyError("cuit", str(error)) from error


def _checked_area_code(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return phone.check_area_code(text)
    except ValueError as error:
        raise CompanyError("area_code", str(error)) from error


def _checked_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CompanyError("time_zone", f"No conocemos la zona horaria «{text}».") from error
    return text


def ensure_administrator_role(company: Company) -> Role:
    """The ready role with everything; what later versions add to the pages is granted too."""
    role, _ = Role.objects.get_or_create(company=company, name=ADMINISTRATOR)
    RoleGrant.objects.bulk_create(
        [RoleGrant(role=role, page=page.value, action=action.value) for page in Page for action in PAGE_ACTIONS[page]],
        ignore_conflicts=True,
    )
    return role


@transaction.atomic
def set_automatic_service(*, company: Company, active: bool, actor: str) -> None:
    if company.automatic_service == active:
        return
    company.automatic_service = active
    company.automatic_service_since = clock.now() if active else None
    company.save(update_fields=["automatic_service", "automatic_service_since"])
    audit.record(company=company, actor=actor, event="automatic_service.set", target=company.cuit, active=active)


@transaction.atomic
def add_member(*, company: Company, email: str, role: Role, actor: str) -> User:
    """The user with that address, made if there is none, holding the role in the company."""
    address = email.strip()
    user = User.objects.filter(email__iexact=address).first()
    if user is None:
        user = User.objects.create_user(address)
    membership, created = Membership.objects.get_or_create(user=user, company=company)
    membership.roles.add(role)
    if created:
        audit.record(company=company, actor=actor, event="member.added", target=user.email, role=role.name)
    return user


@transaction.atomic
def grant_installation_admin(*, user: User, actor: str) -> None:
    if user.is_installation_admin:
        return
    user.is_installation_admin = True
    user.save(update_fields=["is_installation_admin"])
    audit.record(company=None, actor=actor, event="installation_admin.granted", target=user.email)


@transaction.atomic
def invite(*, user: User, company: Company, actor: str) -> str | None:
    """The token of a new invitation; None when the user already has a password. Earlier ones stop working."""
    if user.has_usable_password():
        return None
    Invitation.objects.filter(user=user, accepted_at=None).delete()
    token = new_secret()
    Invitation.objects.create(
        user=user, company=company, token_digest=digest_of(token), expires_at=clock.now() + INVITATION_LIFE
    )
    audit.record(company=company, actor=actor, event="member.invited", target=user.email)
    return token


def open_invitation(token: str) -> Invitation | None:
    """The invitation that this token opens; None when unknown, used, expired, or the user was deactivated."""
    return (
        Invitation.objects.select_related("user", "company")
        .filter(token_digest=digest_of(token), accepted_at=None, expires_at__gt=clock.now(), user__is_active=True)
        .first()
    )


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> User | None:
    """Set the password. None when the invitation isn't open. Raises Django's ValidationError on a poor password."""
    invitation = open_invitation(token)
    if invitation is None:
        return None
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    if user.has_usable_password():
        return None
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
    audit.record(company=invitation.company, actor=f"user:{user.email}", event="invitation.accepted", target=user.email)
    return user


@transaction.atomic
def new_api_key(*, company: Company, role: Role, name: str, actor: str, replace: bool = False) -> NewKey:
    """`replace`: the keys of this name stop working."""
    if replace:
        ApiKey.objects.filter(company=company, name=name, revoked_at=None).update(revoked_at=clock.now())
    plain = "acuse_" + new_secret()
    row = ApiKey.objects.create(company=company, role=role, name=name, prefix=plain[:12], digest=digest_of(plain))
    audit.record(company=company, actor=actor, event="api_key.made", target=name, prefix=row.prefix)
    return NewKey(row=row, plain=plain)


def find_api_key(plain: str) -> ApiKey | None:
    return ApiKey.objects.select_related("company", "role").filter(digest=digest_of(plain), revoked_at=None).first()
