"""The grid of vouchers."""

from __future__ import annotations

import django_tables2 as tables
from django.db.models import QuerySet

from acuse.vouchers.models import Voucher
from acuse.web.vouchers.filters import Fold
from acuse.web.vouchers.progress import with_reach


def _cell(name: str, **options: object) -> tables.TemplateColumn:
    css = options.pop("css", f"col-{name}")
    attrs = {"th": {"class": css}, "td": {"class": css}}
    return tables.TemplateColumn(template_name=f"web/vouchers/cells/{name}.html", attrs=attrs, **options)


class VoucherTable(tables.Table):  # type: ignore[misc]
    pick = _cell("pick", orderable=False, verbose_name="")
    number = _cell("number", verbose_name="Comprobante", order_by=("point_of_sale", "number", "title"))
    issued_on = _cell("issued_on", verbose_name="Fecha", css="col-issued_on num", order_by=("issued_on", "id"))
    party = _cell("party", verbose_name="Cliente", accessor="party__name")
    total = _cell("total", verbose_name="Total", css="col-total num text-end")
    state = _cell("state", verbose_name="Envío", accessor="pk")
    act = _cell("act", orderable=False, verbose_name="")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid"}
        order_by = "-issued_on"
        per_page = 50

    def __init__(self, *args: object, may_send: bool, **options: object) -> None:
        hidden = () if may_send else ("pick", "act")
        super().__init__(*args, exclude=hidden, **options)

    def order_party(self, vouchers: QuerySet[Voucher], descending: bool) -> tuple[QuerySet[Voucher], bool]:
        name = Fold("party__name")
        return vouchers.order_by(name.desc() if descending else name.asc(), "-issued_on", "-id"), True

    def order_state(self, vouchers: QuerySet[Voucher], descending: bool) -> tuple[QuerySet[Voucher], bool]:
        reach = with_reach(vouchers)
        return reach.order_by("-reach" if descending else "reach", "-issued_on", "-id"), True
