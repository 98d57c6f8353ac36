"""The grid of vouchers: its columns, its orders, its sums, and what of it is exported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import cache

import django_tables2 as tables
from django.db.models import Case, DecimalField, F, Value, When

from acuse.companies.permissions.pages import Action
from acuse.deliveries.figures.reach import REACHES
from acuse.deliveries.states import State
from acuse.vouchers.arca import VOUCHER_TYPES, voucher_type
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.vouchers.models import BY_NUMBER, Voucher
from acuse.web.grids.counting import Adding
from acuse.web.grids.exporting import Cell, Column
from acuse.web.grids.grid import BY_NAME, NEWEST, Grid
from acuse.web.grids.keyset import Sort
from acuse.web.states import LOOKS, NOT_SENT
from acuse.web.vouchers.filters import VoucherFilter


def _column(name: str, verbose_name: str, css: str = "") -> tables.Column:
    return tables.Column(verbose_name=verbose_name, attrs={"th": {"class": f"col-{name} {css}".strip()}}, accessor="pk")


class VoucherTable(tables.Table):  # type: ignore[misc]
    """The heads; `_rows.html` has the cells."""

    rows_template = "web/vouchers/_rows.html"

    pick = _column("pick", "")
    number = _column("number", "Comprobante")
    issued_on = _column("issued_on", "Fecha")
    party = _column("party", "Cliente")
    total = _column("total", "Total", "text-end")
    state = _column("state", "Envío")
    act = _column("act", "")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid grid-vouchers"}

    def __init__(self, *args: object, kind: VoucherKind, may: Collection[Action], **options: object) -> None:
        self.may_edit, self.may_void, self.may_send = (
            action in may for action in (Action.EDIT, Action.VOID, Action.SEND)
        )
        shown = {"pick": self.may_send, "act": self.may_edit or self.may_void or self.may_send}
        super().__init__(*args, exclude=[name for name, seen in shown.items() if not seen], **options)
        self.columns["party"].column.verbose_name = _who(kind)


def _who(kind: VoucherKind) -> str:
    return "Cliente" if kind.audience is Audience.CUSTOMER else "Proveedor"


_BY_STATE = Sort(
    "state", "Envío", ("reach__rank", "reach__issued_on", "reach__voucher_id"),
    ("los que menos avanzaron primero", "los que más avanzaron primero"),
)  # fmt: skip
#: What an index answers; see the model.
_SORTS = (
    Sort("issued_on", "Fecha", ("issued_on", "id"), NEWEST, descending_first=True),
    Sort("number", "Número", (*BY_NUMBER, "id")),
    Sort("party", "Nombre", ("party_name", "id"), BY_NAME),
    Sort("total", "Total", ("total", "id"), descending_first=True),
    _BY_STATE,
)
#: By date among those in one state, as the index of `Reach` has them.
_DATE_OF_STATE = replace(_SORTS[0], keys=("reach__issued_on", "reach__voucher_id"))

_CREDIT_NOTES = [code for code, row in VOUCHER_TYPES.items() if row.sign < 0]
#: What of the sum of sales isn't plain.
_OF_SALES = "Los anulados no suman y las notas de crédito restan."
_ADDING = Adding(
    "currency",
    Case(
        When(voided_at__isnull=False, then=Value(0)),
        When(arca_type__in=_CREDIT_NOTES, then=-F("total")),
        default=F("total"),
        output_field=DecimalField(),
    ),
    "Los anulados no suman.",
)

_WORDS = {REACHES[state]: LOOKS[state].word for state in State if state is not State.SENDING}


def _signed(voucher: Voucher) -> Cell:
    """So that the column adds up to what the grid says, but for what is voided."""
    code = voucher.arca_type
    return voucher.total * (voucher_type(code).sign if code is not None else 1)


def _columns(kind: VoucherKind) -> tuple[Column, ...]:
    return (
        Column("Comprobante", lambda v: v.title, 30),
        Column("Punto de venta", lambda v: v.point_of_sale, 14),
        Column("Número", lambda v: v.number, 12),
        Column("Fecha", lambda v: v.issued_on, 12),
        Column("Vencimiento", lambda v: v.due_on, 12),
        Column(_who(kind), lambda v: v.party.name, 36),
        Column("CUIT o documento", lambda v: v.party.tax_id, 16),
        Column("Moneda", lambda v: v.currency, 8),
        Column("Total", _signed, 16),
        Column("CAE", lambda v: v.cae, 16),
        Column("Vencimiento del CAE", lambda v: v.cae_due_on, 12),
        Column("Envío", lambda v: _WORDS.get(v.reach.rank, NOT_SENT.word), 16),
        Column("Anulado", lambda v: v.voided_at, 16),
        Column("Código propio", lambda v: v.external_id, 20),
    )


@cache
def grid_of(kind: VoucherKind, *, by_state: bool) -> Grid:
    """`by_state`: the rows are joined with how far they got, for a filter or the order."""
    return Grid(
        page=kind.value,
        one="comprobante",
        many="comprobantes",
        filterset=VoucherFilter,
        table=VoucherTable,
        sorts=(_DATE_OF_STATE, *_SORTS[1:]) if by_state else _SORTS,
        export=_columns(kind),
        adding=replace(_ADDING, note=_OF_SALES) if kind is VoucherKind.SALES_INVOICE else _ADDING,
    )
