"""The grid of Envíos: its columns, its orders, and what of it is exported."""

from __future__ import annotations

import django_tables2 as tables

from acuse.companies.permissions.pages import Page
from acuse.deliveries.states import Origin
from acuse.vouchers.kinds import VoucherKind
from acuse.web.actors import by_whom
from acuse.web.deliveries.filters import ORIGINS, DeliveryFilter
from acuse.web.grids.exporting import Column
from acuse.web.grids.grid import NEWEST, Grid
from acuse.web.grids.keyset import Sort
from acuse.web.states import CHANNEL_NAMES, LOOKS


def _column(name: str, verbose_name: str) -> tables.Column:
    return tables.Column(verbose_name=verbose_name, attrs={"th": {"class": f"col-{name}"}}, accessor="pk")


class DeliveryTable(tables.Table):  # type: ignore[misc]
    """The heads; `_rows.html` has the cells."""

    rows_template = "web/deliveries/_rows.html"

    pick = _column("pick", "")
    voucher = _column("voucher", "Comprobante")
    to = _column("to", "Para")
    state = _column("state", "Estado")
    created_at = _column("created_at", "Pedido")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid grid-deliveries"}

    def __init__(self, *args: object, may_act: bool, **options: object) -> None:
        super().__init__(*args, exclude=() if may_act else ("pick",), **options)
        #: For the template of the rows.
        self.may_act = may_act


DELIVERIES = Grid(
    page=Page.DELIVERIES,
    one="envío",
    many="envíos",
    filterset=DeliveryFilter,
    table=DeliveryTable,
    # what an index answers; see the model
    sorts=(
        Sort("created_at", "Pedido", ("created_at", "id"), NEWEST, descending_first=True),
        Sort(
            "state", "Estado", ("state", "created_at", "id"),
            ("juntos, más viejos primero", "juntos, más nuevos primero"), descending_first=True,
        ),
    ),
    export=(
        Column("Pedido", lambda d: d.created_at, 18),
        Column("Comprobante", lambda d: d.voucher.title, 30),
        Column("Tipo", lambda d: VoucherKind(d.kind).plural, 24),
        Column("Cliente o proveedor", lambda d: d.voucher.party.name, 36),
        Column("Contacto", lambda d: d.contact.name if d.contact else "", 24),
        Column("Canal", lambda d: CHANNEL_NAMES.get(d.channel, d.channel), 10),
        Column("Para", lambda d: d.to, 28),
        Column("Estado", lambda d: LOOKS[d.state].word, 14),
        Column("Causa", lambda d: d.cause_text, 50),
        Column("Enviado", lambda d: d.sent_at, 18),
        Column("Entregado", lambda d: d.delivered_at, 18),
        Column("Leído", lambda d: d.read_at, 18),
        Column("Lo pidió", lambda d: by_whom(d.requested_by) if d.origin == Origin.MANUAL else ORIGINS[d.origin], 28),
        Column("Línea", lambda d: d.lane.name, 20),
        Column("Intentos", lambda d: d.tries, 9),
    ),
)  # fmt: skip
