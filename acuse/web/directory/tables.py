"""The grids of Tablas."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.db.models import TextField, Value
from django.db.models.functions import Coalesce

from acuse.directory.models import Party
from acuse.web.directory.filters import CustomerFilter, PartyFilter
from acuse.web.directory.sections import Section
from acuse.web.directory.showing import document
from acuse.web.grids.exporting import Column
from acuse.web.grids.grid import BY_NAME, NEWEST, Grid
from acuse.web.grids.keyset import Sort


def _column(name: str, verbose_name: str) -> tables.Column:
    return tables.Column(verbose_name=verbose_name, attrs={"th": {"class": f"col-{name}"}}, accessor="pk")


class PartyTable(tables.Table):  # type: ignore[misc]
    """The heads; `_rows.html` has the cells."""

    rows_template = "web/directory/_rows.html"

    pick = _column("pick", "")
    name = _column("name", "Nombre")
    tax_id = _column("tax_id", "CUIT o documento")
    external_id = _column("external_id", "Código")
    customer_class = _column("customer_class", "Clase")
    contacts = _column("contacts", "Contactos")
    act = _column("act", "")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid grid-parties"}

    def __init__(self, *args: object, has_classes: bool, may_edit: bool, may_pick: bool, **options: object) -> None:
        self.has_classes, self.may_edit, self.may_pick = has_classes, may_edit, may_pick
        shown = {"pick": self.may_pick, "customer_class": has_classes}
        super().__init__(*args, exclude=[name for name, seen in shown.items() if not seen], **options)


_SORTS = (
    Sort("name", "Nombre", ("folded_name", "id"), BY_NAME),
    Sort("tax_id", "CUIT o documento", ("tax_id", "id")),
    Sort("external_id", "Código", ("external_id", "id"), BY_NAME),
    Sort("created_at", "Fecha de alta", ("created_at", "id"), NEWEST, descending_first=True),
)
_CLASS_NAME = Coalesce("customer_class__folded_name", Value(""), output_field=TextField())
_CLASS_SORT = Sort("customer_class", "Clase", (_CLASS_NAME, "id"), BY_NAME)


def _contacts(value: Any) -> Any:
    """One column for all of a party's contacts, as many as it has."""

    def joined(party: Party) -> str:
        return "; ".join(text for text in map(value, party.contacts.all()) if text)

    return joined


_EXPORT = (
    Column("Código", lambda party: party.external_id),
    Column("Nombre", lambda party: party.name, 40),
    Column("CUIT o documento", lambda party: document(party.tax_id), 18),
    Column("Contactos", _contacts(lambda contact: contact.name), 28),
    Column("Celulares", _contacts(lambda contact: contact.mobile), 28),
    Column("Correos", _contacts(lambda contact: contact.email), 36),
    Column("Problemas", _contacts(lambda contact: contact.mobile_problem or contact.email_problem), 40),
    Column("Pidieron la baja", _contacts(lambda contact: str(contact) if contact.suppressed_at else ""), 28),
)
_CLASS_COLUMN = Column("Clase", lambda party: party.customer_class.name if party.customer_class else "", 20)


def grid_of(section: Section) -> Grid:
    customers = section.has_classes
    return Grid(
        page=section.page,
        one=section.one,
        many=section.many,
        filterset=CustomerFilter if customers else PartyFilter,
        table=PartyTable,
        sorts=(*_SORTS, _CLASS_SORT) if customers else _SORTS,
        export=(*_EXPORT[:3], _CLASS_COLUMN, *_EXPORT[3:]) if customers else _EXPORT,
    )
