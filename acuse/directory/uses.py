"""What hangs from a row, counted whatever layer it is of: nothing that is used is deleted."""

from __future__ import annotations

from django.db.models import Model

from acuse.kernel.numerals import thousands

#: The accessor from the row that is used: how one and how many are called.
_WORDS = {
    "vouchers": ("comprobante", "comprobantes"),
    "contacts": ("contacto", "contactos"),
    "merged": ("duplicado unido", "duplicados unidos"),
    "parties": ("cliente", "clientes"),
    "policies": ("configuración de envío", "configuraciones de envío"),
}
_OTHER = ("registro que lo nombra", "registros que lo nombran")


def uses_of(row: Model) -> dict[str, int]:
    """How many of each accessor, without those of which there are none."""
    found: dict[str, int] = {}
    for relation in row._meta.related_objects:
        accessor = relation.get_accessor_name()
        if accessor is None:
            continue
        count = getattr(row, accessor).count()
        if count:
            found[accessor] = count
    return found


def in_words(uses: dict[str, int]) -> str:
    """`3 comprobantes y 1 contacto`."""
    parts = [f"{thousands(count)} {_WORDS.get(name, _OTHER)[count != 1]}" for name, count in uses.items()]
    return " y ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
