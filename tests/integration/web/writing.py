"""The form of a voucher, as a browser posts it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from acuse.directory.models import Party
from acuse.vouchers.models import Voucher

GRID = "/comprobantes/sales_invoice/"
CREATE = f"{GRID}crear/"


def pdf_upload(content: bytes, name: str = "factura.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def upload(client: Client, *uploads: SimpleUploadedFile, path: str = CREATE, **typed: Any) -> Any:
    return client.post(path, {"pdf": list(uploads), "read": "1", **typed})


def form_values(party: Party | None = None, **changes: Any) -> dict[str, Any]:
    """A form that can be saved."""
    filled = {
        "party": str(party.pk) if party else "", "arca_type": "1", "point_of_sale": "3", "number": "42",
        "issued_on": "2026-11-20", "total": "12.100,00", "currency": "PES", "electronic": "on",
        "cae": "70417054367476", "save": "1",
    }  # fmt: skip
    return {name: value for name, value in {**filled, **changes}.items() if value is not None}


def shown_in(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields}


def edit_values(client: Client, voucher: Voucher, **changes: Any) -> dict[str, Any]:
    shown = client.get(f"{GRID}{voucher.pk}/editar/").context["form"]
    posted = {}
    for name in shown.fields:
        value = shown[name].value()
        if name == "electronic":
            value = "on" if value else None
        posted[name] = shown.fields[name].prepare_value(value) if value is not None else None
    merged = {**posted, **changes, "save": "1"}
    return {name: value for name, value in merged.items() if value is not None}
