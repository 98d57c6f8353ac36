"""Clientes, Proveedores, Bancos: three grids of one model."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.companies.permissions.pages import Page
from acuse.directory.models import Party, PartyKind
from acuse.directory.services import PAGES
from acuse.vouchers.kinds import VoucherKind


@dataclass(frozen=True, slots=True)
class Section:
    #: In the address.
    slug: str
    kind: PartyKind
    page: Page
    one: str
    many: str

    @property
    def title(self) -> str:
        return self.many.capitalize()

    @property
    def kinds(self) -> tuple[VoucherKind, ...]:
        """What may be sent to these."""
        return tuple(kind for kind in VoucherKind if kind.may_go_to(self.kind.value))

    @property
    def has_classes(self) -> bool:
        return self.kind is PartyKind.CUSTOMER


SECTIONS = (
    Section("clientes", PartyKind.CUSTOMER, PAGES[PartyKind.CUSTOMER], "cliente", "clientes"),
    Section("proveedores", PartyKind.SUPPLIER, PAGES[PartyKind.SUPPLIER], "proveedor", "proveedores"),
    Section("bancos", PartyKind.BANK, PAGES[PartyKind.BANK], "banco", "bancos"),
)
_BY_SLUG = {section.slug: section for section in SECTIONS}
_BY_KIND = {section.kind.value: section for section in SECTIONS}


def section_of(party: Party) -> Section:
    return _BY_KIND[party.kind]


class SectionConverter:
    """One of the three in a path; any other word is no page."""

    regex = "|".join(_BY_SLUG)

    def to_python(self, value: str) -> Section:
        return _BY_SLUG[value]

    def to_url(self, value: Section | str) -> str:
        return value.slug if isinstance(value, Section) else value
