from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from acuse.companies import services as companies
from acuse.companies.models import Company, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.data.pdfs import invoice_pdf

CAE = "70417054367476"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any


@dataclass(frozen=True)
class Api:
    """A program with a key."""

    client: Client
    key: str

    def call(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> Answer:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            data,
            content_type=content_type,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": content_type, **headers},
        )
        parsed = json.loads(response.content) if "json" in response.headers["Content-Type"] else response.content
        return Answer(response.status_code, parsed, response.headers)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, *, content_type: str = "application/json") -> Answer:
        return self.call("POST", path, body, content_type=content_type)

    def resend(self, delivery: str, key: str) -> Answer:
        """Named by an `Idempotency-Key`."""
        return self.call("POST", f"/deliveries/{delivery}/resend", **{"Idempotency-Key": key})

    def registered(self, **fields: Any) -> Any:
        """The JSON of a new voucher."""
        answer = self.post("/vouchers", posted(**fields))
        assert answer.status == 201, answer.body
        return answer.body


def posted(**fields: Any) -> dict[str, Any]:
    """An authorised invoice with its PDF and a contact, unless told otherwise; None leaves a field out."""
    party = {
        "kind": "customer",
        "name": "Almacén Norte SRL",
        "tax_id": "30-11111111-8",
        "contacts": [{"name": "Compras", "mobile": "341 555-0199"}],
    }
    whole = {
        "external_id": "FV-42", "kind": "sales_invoice", "issued_on": "2026-11-20", "currency": "ARS",
        "total": "12100.00", "arca_type": 1, "point_of_sale": 3, "number": 42, "cae": CAE,
        "pdf_base64": pdf_base64(), "deliver": "never", "party": party, **fields,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


_PDFS: dict[str, bytes] = {}


def pdf_bytes(title: str = "FACTURA A 00003-00000042") -> bytes:
    if title not in _PDFS:
        _PDFS[title] = invoice_pdf(qr_text=None, title=title)
    return _PDFS[title]


def pdf_base64(title: str = "FACTURA A 00003-00000042") -> str:
    return base64.b64encode(pdf_bytes(title)).decode()


def key_of(company: Company, *grants: tuple[str, str]) -> str:
    """A key whose role holds these (page, action) only; everything when none is named."""
    if grants:
        role = Role.objects.create(company=company, name=f"Rol {Role.objects.count()}")
        RoleGrant.objects.bulk_create([RoleGrant(role=role, page=page, action=action) for page, action in grants])
    else:
        role = Role.objects.get(company=company, name=ADMINISTRATOR)
    return companies.new_api_key(company=company, role=role, name="prueba", actor="test").plain


@pytest.fixture
def client_() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def office(people: Cast) -> Cast:
    """The cast, where Ana's company has a number to send from."""
    make_whatsapp(people.company)
    return people


@pytest.fixture
def api(office: Cast, client_: Client) -> Api:
    return Api(client_, key_of(office.company))


@pytest.fixture
def stranger(office: Cast, client_: Client) -> Api:
    """Carla's program: it must see nothing of Ana's company."""
    return Api(client_, key_of(office.other_company))


@pytest.fixture(autouse=True)
def plain_static_files(settings: LazySettings) -> None:
    """Nobody collected the static files of a test run."""
    settings.STORAGES = {
        **settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }  # fmt: skip
