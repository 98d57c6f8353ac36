from __future__ import annotations

import django_tables2 as tables

from acuse.deliveries.models import Delivery


def _cell(name: str, **options: object) -> tables.TemplateColumn:
    attrs = {"th": {"class": f"col-{name}"}, "td": {"class": f"col-{name}"}}
    return tables.TemplateColumn(template_name=f"web/deliveries/cells/{name}.html", attrs=attrs, **options)


class DeliveryTable(tables.Table):  # type: ignore[misc]
    created_at = _cell("created_at", verbose_name="Pedido", order_by=("created_at", "id"))
    voucher = _cell("voucher", verbose_name="Comprobante", accessor="voucher__title")
    to = _cell("to", verbose_name="Para", accessor="to")
    state = _cell("state", verbose_name="Estado", accessor="state")

    class Meta:
        model = Delivery
        fields = ("created_at", "voucher", "to", "state")
        template_name = "web/table.html"
        attrs = {"class": "grid grid-deliveries"}
        order_by = "-created_at"
        per_page = 50
