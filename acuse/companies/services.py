"""What is done to companies, people and keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import ApiKey, Company, Membership, Role, User
from acuse.companies.permissions.ready_roles import ensure_administrator_role, make_ready_roles
from acuse.kernel import clock, phone, redact, taxid
from acuse.kernel.ids import new_secret

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyData:
    """*Empresa*, as it is typed."""

    legal_name: str
    trade_name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    answers_to: str = ""
    time_zone: str = "America/Argentina/Buenos_Aires"
    default_area_code: str = ""


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
    company.legal_name = _checked_name(legal_name, field="company")
    if default_area_code is not None:
        company.default_area_code = _checked_area_code(default_area_code, field="area_code")
    if time_zone is not None:
        company.time_zone = _checked_zone(time_zone)
    company.save()
    if created:
        make_ready_roles(company)
    else:
        ensure_administrator_role(company)
    event = "company.created" if created else "company.changed"
    audit.record(company=company, actor=actor, event=event, target=company.cuit)
    return company


@transaction.atomic
def create_company(*, cuit: str, legal_name: str, actor: str) -> Company:
    """One that isn't there yet. Raises CompanyError."""
    if Company.objects.filter(cuit=_checked_cuit(cuit)).exists():
        raise CompanyError("cuit", "Ya hay una empresa con ese CUIT en esta instalación. Buscala en la lista.")
    return save_company(cuit=cuit, legal_name=legal_name, actor=actor)


@transaction.atomic
def change_company(*, company: Company, data: CompanyData, actor: str, cuit: str | None = None) -> frozenset[str]:
    """Answer the names of what is different now. Whoever asks for another CUIT knows that no voucher holds the old one.

    Raises CompanyError.
    """
    locked = Company.objects.select_for_update().get(pk=company.pk)
    wanted = _checked(data) | ({} if cuit is None else {"cuit": _free_cuit(locked, cuit)})
    changed = {name: getattr(locked, name) for name, value in wanted.items() if getattr(locked, name) != value}
    if not changed:
        return frozenset()
    for name in changed:
        setattr(locked, name, wanted[name])
        setattr(company, name, wanted[name])
    locked.save(update_fields=list(changed))
    audit.record(
        company=locked, actor=actor, event="company.changed", target=locked.cuit,
        before=_masked(changed), after=_masked({name: wanted[name] for name in changed}),
    )  # fmt: skip
    return frozenset(changed)


def _masked(values: Mapping[str, str]) -> dict[str, str]:
    return {name: redact.mask_email(text) if text and "@" in text else text for name, text in values.items()}


def _checked(data: CompanyData) -> dict[str, str]:
    given = {field.name: " ".join(getattr(data, field.name).split()) for field in fields(data)}
    for name, text in given.items():
        limit = getattr(Company._meta.get_field(name), "max_length", None)
        if limit is not None and len(text) > limit:
            raise CompanyError(name, f"Tiene hasta {limit} letras. Acortalo.")
    for name in ("email", "answers_to"):
        given[name] = check_email(given[name], field=name) if given[name] else ""
    given["legal_name"] = _checked_name(given["legal_name"], field="legal_name")
    given["time_zone"] = _checked_zone(given["time_zone"])
    given["default_area_code"] = _checked_area_code(given["default_area_code"], field="default_area_code")
    return given


def check_email(text: str, *, field: str) -> str:
    """Raises CompanyError."""
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise CompanyError(field, "Esa dirección de correo no está bien escrita. Revisala: nombre@dominio.") from error
    return address


def _free_cuit(company: Company, cuit: str) -> str:
    digits = _checked_cuit(cuit)
    if Company.objects.filter(cuit=digits).exclude(pk=company.pk).exists():
        raise CompanyError("cuit", "Otra empresa de esta instalación ya tiene ese CUIT. Revisalo.")
    return digits


def _checked_name(text: str, *, field: str) -> str:
    if not text.strip():
        raise CompanyError(field, "Falta la razón social de la empresa.")
    return text.strip()[:200]


def _checked_cuit(text: str) -> str:
    try:
        return taxid.check_cuit(text)
    except taxid.TaxIdError as error:
        raise CompanyError("cuit", str(error)) from error


def _checked_area_code(text: str, *, field: str) -> str:
    if not text.strip():
        return ""
    try:
        return phone.check_area_code(text)
    except ValueError as error:
        raise CompanyError(field, str(error)) from error


def _checked_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CompanyError("time_zone", f"No conocemos la zona horaria «{text}».") from error
    return text


@transaction.atomic
def set_automatic_service(*, company: Company, active: bool, actor: str) -> None:
    if company.automatic_service == active:
        return
    company.automatic_service = active
    company.automatic_service_since = clock.now() if active else None
    company.automatic_service_by = actor if active else ""
    company.save(update_fields=["automatic_service", "automatic_service_since", "automatic_service_by"])
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
        audit.record(company=company, actor=actor, event="member.added", target=user.email, roles=[role.name])
    return user


@transaction.atomic
def grant_installation_admin(*, user: User, actor: str) -> None:
    if user.is_installation_admin:
        return
    user.is_installation_admin = True
    user.save(update_fields=["is_installation_admin"])
    audit.record(company=None, actor=actor, event="installation_admin.granted", target=user.email)


@transaction.atomic
def revoke_installation_admin(*, user: User, actor: str) -> None:
    """Never the last one who can sign in. Raises CompanyError."""
    admins = list(User.objects.select_for_update().filter(is_installation_admin=True, is_active=True).order_by("pk"))
    if user not in admins:
        return
    if not any(other != user and other.has_usable_password() for other in admins):
        raise CompanyError(
            "user", "Es la única persona que administra la instalación. Antes, dale ese permiso a otra que ya entre."
        )
    user.is_installation_admin = False
    user.save(update_fields=["is_installation_admin"])
    audit.record(company=None, actor=actor, event="installation_admin.revoked", target=user.email)


@transaction.atomic
def new_api_key(*, company: Company, role: Role, name: str, actor: str, replace: bool = False) -> NewKey:
    """`replace`: the keys of this name stop working."""
    if replace:
        ApiKey.objects.filter(company=company, name=name, revoked_at=None).update(revoked_at=clock.now())
    plain = "acuse_" + new_secret()
    row = ApiKey.objects.create(
        company=company, role=role, name=name, prefix=plain[:12], digest=digest_of(plain), made_by=actor
    )
    audit.record(company=company, actor=actor, event="api_key.made", target=name, prefix=row.prefix, role=role.name)
    return NewKey(row=row, plain=plain)


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: str) -> None:
    """It stops working at once, for good."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        audit.record(company=key.company, actor=actor, event="api_key.revoked", target=key.name, prefix=key.prefix)


def find_api_key(plain: str) -> ApiKey | None:
    return ApiKey.objects.select_related("company", "role").filter(digest=digest_of(plain), revoked_at=None).first()
