"""Roles and what they hold. Nobody gives, takes away or uses for others what they don't hold themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company, Membership, Role, RoleGrant
from acuse.companies.permissions.administering import keeping_an_administrator
from acuse.companies.permissions.meanwhile import ChangedMeanwhile, between
from acuse.companies.permissions.page_names import pair_name
from acuse.companies.permissions.pages import ADMINISTRATOR, PAGE_ACTIONS, Action, Page
from acuse.companies.scope import Actor
from acuse.companies.services import CompanyError
from acuse.kernel import clock

Pair = tuple[str, str]

_FIXED = "«Administrador» tiene siempre todo: no se cambia ni se borra. Creá otro rol, copiado de este si querés."


@dataclass(frozen=True, slots=True)
class Changes:
    """Pairs of (page, action)."""

    added: tuple[Pair, ...]
    removed: tuple[Pair, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def held_by(roles: Iterable[Role]) -> frozenset[Pair]:
    """What these roles grant together."""
    return frozenset(RoleGrant.objects.filter(role__in=[role.pk for role in roles]).values_list("page", "action"))


def held_by_member(membership: Membership) -> frozenset[Pair]:
    return held_by(membership.roles.filter(company=membership.company_id))


def covers(by: Actor, pairs: Iterable[Pair]) -> bool:
    """Whether the actor holds all of them."""
    return by.grants.issuperset(pairs)


def require_covers(by: Actor, pairs: Iterable[Pair], *, field: str, what: str) -> None:
    """Raises CompanyError, naming what is lacking."""
    lacking = sorted(pair_name(*pair) for pair in set(pairs) - by.grants)
    if lacking:
        more = f" y {len(lacking) - 2} más" if len(lacking) > 2 else ""
        raise CompanyError(
            field,
            f"{what} permisos que vos no tenés ({', '.join(lacking[:2])}{more}). Pedíselo a quien los tenga.",
        )


def require_may_give(by: Actor, roles: Iterable[Role], *, field: str) -> None:
    """Raises CompanyError: one gives only roles whose grants one holds."""
    for role in roles:
        if role.company_id != by.company.pk:
            raise CompanyError(field, "Ese rol ya no existe. Elegí otro.")
        require_covers(by, held_by([role]), field=field, what=f"El rol «{role.name}» tiene")


def givable(by: Actor) -> list[Role]:
    """The roles that the actor may give."""
    own = Role.objects.filter(company=by.company).prefetch_related("grants").order_by("name")
    return [role for role in own if covers(by, [(grant.page, grant.action) for grant in role.grants.all()])]


@transaction.atomic
def create_role(*, by: Actor, name: str, copied_from: Role | None = None) -> Role:
    """Empty, or with what another one holds. Raises CompanyError."""
    clean = _free_name(by.company, name)
    pairs = sorted(held_by([copied_from])) if copied_from else []
    if copied_from is not None:
        require_may_give(by, [copied_from], field="copied_from")
    role = Role.objects.create(company=by.company, name=clean)
    RoleGrant.objects.bulk_create([RoleGrant(role=role, page=page, action=action) for page, action in pairs])
    detail = {"copied_from": copied_from.name} if copied_from else {}
    audit.record(company=by.company, actor=by.label, event="role.created", target=clean, **detail)
    return role


@transaction.atomic
def rename_role(*, by: Actor, role: Role, name: str) -> None:
    """Raises CompanyError."""
    _require_changeable(by, role)
    clean = _free_name(by.company, name, other_than=role)
    if clean == role.name:
        return
    before, role.name = role.name, clean
    role.save(update_fields=["name"])
    audit.record(company=by.company, actor=by.label, event="role.renamed", target=clean, before=before)


@transaction.atomic
def delete_role(*, by: Actor, role: Role) -> None:
    """Only one that nobody holds. Raises CompanyError."""
    _require_changeable(by, role)
    Role.objects.select_for_update().get(pk=role.pk)
    if held := held_words(role):
        raise CompanyError("role", held)
    audit.record(company=by.company, actor=by.label, event="role.deleted", target=role.name)
    # neither an invitation that nobody can answer any more nor a key that doesn't work keeps it
    role.api_keys.update(role=None)
    role.delete()


def held_words(role: Role) -> str:
    """Who has it and what to do about it; blank when nobody does."""
    holders = holders_of(role)
    if not holders:
        return ""
    has = "tiene" if len(holders.all) == 1 else "tienen"
    return f"Lo {has} {_listed(holders.all)}. {holders.way_out} y después borralo."


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has a role: people, also deactivated; invitations that may still be accepted; keys that work."""

    people: tuple[str, ...]
    invited: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.people, *self.invited, *self.keys)

    def __bool__(self) -> bool:
        return bool(self.all)

    @property
    def way_out(self) -> str:
        """What to do about each, as it can be done."""
        ways = []
        if self.people:
            ways.append("dale otro rol a esa persona" if len(self.people) == 1 else "dales otro rol a esas personas")
        if self.invited:
            ways.append("cancelá la invitación" if len(self.invited) == 1 else "cancelá las invitaciones")
        if self.keys:
            ways.append("anulá la clave" if len(self.keys) == 1 else "anulá las claves")
        joined = f"{', '.join(ways[:-1])} y {ways[-1]}" if len(ways) > 1 else "".join(ways)
        return joined[:1].upper() + joined[1:]


def holders_of(role: Role) -> Holders:
    people = [str(member.user) for member in role.memberships.select_related("user").order_by("user__email")]
    # one that is too old opens nothing; sent again without its role, it is refused
    open_ones = role.invitations.filter(
        accepted_at=None, refused_at=None, cancelled_at=None, expires_at__gt=clock.now()
    )
    invited = [f"la invitación a {invitation.email}" for invitation in open_ones.order_by("email")]
    keys = [f"la clave de API «{key.name}»" for key in role.api_keys.filter(revoked_at=None).order_by("name")]
    return Holders(tuple(people), tuple(invited), tuple(keys))


def _listed(given: Sequence[str]) -> str:
    names = list(given)
    if len(names) == 1:
        return names[0]
    shown = names[:4] + ([f"{len(names) - 4} más"] if len(names) > 4 else [])
    return f"{', '.join(shown[:-1])} y {shown[-1]}"


def set_grants(*, by: Actor, role: Role, pairs: Iterable[Pair], seen: frozenset[Pair] | None = None) -> Changes:
    """The role holds these and nothing else: an action brings *Ver* of its page with it, and what no page has isn't
    kept. `seen`: what it held when the person saw it. Raises CompanyError, ChangedMeanwhile among them."""
    _require_changeable(by, role)
    wanted = _sensible(pairs)
    with keeping_an_administrator(by.company):
        Role.objects.select_for_update().get(pk=role.pk)
        before = held_by([role])
        require_covers(by, before, field="role", what="Este rol tiene")
        changed = between(seen, before, wanted) if seen is not None else None
        if changed is not None:
            raise ChangedMeanwhile("role", "Alguien cambió este rol mientras lo mirabas.", changed)
        changes = Changes(tuple(sorted(wanted - before)), tuple(sorted(before - wanted)))
        require_covers(by, changes.added, field="role", what="Estás dando")
        for page, action in changes.removed:
            RoleGrant.objects.filter(role=role, page=page, action=action).delete()
        RoleGrant.objects.bulk_create([RoleGrant(role=role, page=p, action=a) for p, a in changes.added])
        if changes:
            audit.record(
                company=by.company, actor=by.label, event="role.grants_set", target=role.name,
                added=[list(pair) for pair in changes.added], removed=[list(pair) for pair in changes.removed],
            )  # fmt: skip
    return changes


def _sensible(pairs: Iterable[Pair]) -> frozenset[Pair]:
    known = {(page.value, action.value) for page in Page for action in PAGE_ACTIONS[page]}
    kept = known & set(pairs)
    return frozenset(kept | {(page, Action.VIEW.value) for page, _ in kept})


def may_change(by: Actor, role: Role) -> bool:
    return role.name != ADMINISTRATOR and covers(by, held_by([role]))


def _require_changeable(by: Actor, role: Role) -> None:
    if role.name == ADMINISTRATOR:
        raise CompanyError("role", _FIXED)
    require_covers(by, held_by([role]), field="role", what=f"El rol «{role.name}» tiene")


def _free_name(company: Company, text: str, *, other_than: Role | None = None) -> str:
    name = " ".join(text.split())
    limit = Role._meta.get_field("name").max_length or 0
    if not name:
        raise CompanyError("name", "Falta el nombre del rol.")
    if len(name) > limit:
        raise CompanyError("name", f"El nombre tiene hasta {limit} letras. Acortalo.")
    same = Role.objects.filter(company=company, name__iexact=name)
    if other_than is not None:
        same = same.exclude(pk=other_than.pk)
    if same.exists():
        raise CompanyError("name", "Ya hay un rol con ese nombre. Elegí otro.")
    return name
