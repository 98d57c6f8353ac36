"""Keys of the API, as people make them: none may do more than who makes it."""

from __future__ import annotations

from django.db import transaction

from acuse.companies.models import ApiKey, Role
from acuse.companies.permissions.roles import require_may_give
from acuse.companies.scope import Actor
from acuse.companies.services import CompanyError, NewKey, new_api_key


@transaction.atomic
def create_key(*, by: Actor, name: str, role: Role) -> NewKey:
    """Raises CompanyError."""
    clean = " ".join(name.split())
    limit = ApiKey._meta.get_field("name").max_length or 0
    if not clean or len(clean) > limit:
        raise CompanyError("name", f"Ponele un nombre de hasta {limit} letras, para reconocerla.")
    require_may_give(by, [role], field="role")
    return new_api_key(company=by.company, role=role, name=clean, actor=by.label)
