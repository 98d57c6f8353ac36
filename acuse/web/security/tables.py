from __future__ import annotations

import django_tables2 as tables


def _cell(name: str, **options: object) -> tables.TemplateColumn:
    attrs = {"th": {"class": f"col-{name}"}, "td": {"class": f"col-{name}"}}
    return tables.TemplateColumn(template_name=f"web/security/cells/{name}.html", attrs=attrs, **options)


class MemberTable(tables.Table):  # type: ignore[misc]
    name = _cell("name", verbose_name="Nombre", accessor="user")
    roles = _cell("roles", verbose_name="Roles", accessor="pk")
    last_login = _cell("last_login", verbose_name="Último ingreso", accessor="user__last_login", empty_values=())
    two_factor = _cell("two_factor", verbose_name="Dos pasos", accessor="pk")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid grid-members"}
        orderable = False


class AuditTable(tables.Table):  # type: ignore[misc]
    at = _cell("at", verbose_name="Cuándo")
    what = _cell("what", verbose_name="Qué pasó", accessor="pk")

    class Meta:
        template_name = "web/table.html"
        attrs = {"class": "grid grid-audit"}
        orderable = False
