"""Tables by pages."""

from __future__ import annotations

from django.http import HttpRequest
from django_tables2 import RequestConfig, Table


def configure(table: Table, request: HttpRequest) -> None:
    """The order and the page that the address asks for, the nearest there is. How many rows a page has isn't asked.

    For tables made without their `request`: with it, they configure themselves by all that the address says.
    """
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=table._meta.per_page)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
