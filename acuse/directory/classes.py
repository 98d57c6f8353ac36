"""*Clases de cliente*."""

from __future__ import annotations

from django.db import connection, transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import CustomerClass
from acuse.directory.services import DirectoryError
from acuse.directory.uses import in_words, uses_of
from acuse.kernel.names import fold


def class_named(company: Company, name: str) -> CustomerClass | None:
    """However it is capitalised or accented; the very name first, where there are two from before."""
    clean = " ".join(name.split())[:80]
    alike = CustomerClass.objects.filter(company=company, folded_name=fold(clean)).order_by("id")
    return min(alike, key=lambda one: one.name != clean, default=None)


@transaction.atomic
def create_class(*, company: Company, name: str, actor: str) -> CustomerClass:
    """Raises DirectoryError."""
    made = CustomerClass.objects.create(company=company, name=_free_name(company, name))
    audit.record(company=company, actor=actor, event="customer_class.created", target=made.pk, name=made.name)
    return made


@transaction.atomic
def rename_class(*, customer_class: CustomerClass, name: str, actor: str) -> None:
    """Raises DirectoryError."""
    before, new = customer_class.name, _free_name(customer_class.company, name, but=customer_class)
    if before == new:
        return
    customer_class.name = new
    customer_class.save(update_fields=["name"])
    audit.record(
        company=customer_class.company, actor=actor, event="customer_class.renamed", target=customer_class.pk,
        before=before, after=new,
    )  # fmt: skip


def _free_name(company: Company, name: str, *, but: CustomerClass | None = None) -> str:
    clean = " ".join(name.split())[:80]
    if not clean:
        raise DirectoryError("name", "Escribí el nombre de la clase.")
    with connection.cursor() as cursor:
        # two at once would both find it free
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"customer classes/{company.pk}"])
    same = CustomerClass.objects.filter(company=company, folded_name=fold(clean))
    other = (same.exclude(pk=but.pk) if but else same).first()
    if other is not None:
        raise DirectoryError("name", f"Ya hay una clase «{other.name}».", conflict=True)
    return clean


@transaction.atomic
def delete_class(*, customer_class: CustomerClass, actor: str) -> None:
    """Its customers are left without one. Raises DirectoryError while a policy names it: it would go to everyone."""
    locked = CustomerClass.objects.select_for_update(of=("self",)).select_related("company").get(pk=customer_class.pk)
    uses = uses_of(locked)
    if policies := uses.get("policies"):
        raise DirectoryError(
            "customer_class",
            f"No se puede borrar: la usa {in_words({'policies': policies})}. Sacala de ahí primero, porque sin ella "
            "esos comprobantes irían a todos.",
        )
    audit.record(
        company=locked.company, actor=actor, event="customer_class.deleted", target=locked.pk, name=locked.name,
        customers=uses.get("parties", 0),
    )  # fmt: skip
    locked.delete()
