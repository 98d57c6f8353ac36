"""The cast of the tests, and builders of what they need."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from acuse.channels.contract import Channel
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies import services as companies
from acuse.companies.models import Company, Role, RoleGrant, User
from acuse.companies.permissions.pages import ADMINISTRATOR, Action, Page
from acuse.deliveries.policies import services as policies
from acuse.directory.models import Contact, Party
from acuse.vouchers import files
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import StoredFile, Voucher

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
PASSWORD = "tilo-menta-cedron-1"
MOBILE = "+5493415550199"


def make_company(cuit: str, name: str, email: str) -> tuple[Company, User]:
    company = companies.save_company(cuit=cuit, legal_name=name, actor="test", default_area_code="341")
    policies.ensure_policies(company)
    role = Role.objects.get(company=company, name=ADMINISTRATOR)
    user = companies.add_member(company=company, email=email, role=role, actor="test")
    user.set_password(PASSWORD)
    user.save()
    return company, user


def make_cast() -> dict[str, Any]:
    company, ana = make_company("30-00000000-7", "Ferretería Oeste SA", "ana@oeste.example")
    other, carla = make_company("20-11111111-2", "Carla Díaz", "carla@otra.example")
    clerk = Role.objects.get(company=company, name="Consulta")
    RoleGrant.objects.bulk_create(
        [RoleGrant(role=clerk, page=page.value, action=Action.VIEW.value) for page in Page], ignore_conflicts=True
    )
    beto = companies.add_member(company=company, email="beto@oeste.example", role=clerk, actor="test")
    beto.set_password(PASSWORD)
    beto.save()
    return {"company": company, "ana": ana, "beto": beto, "other_company": other, "carla": carla}


def make_whatsapp(
    company: Company, *, phone_number_id: str = "106540352242922", token: str = "token-de-prueba", throughput: int = 80
) -> Lane:
    app = WhatsAppApp.objects.create(company=company, app_id="634974688087057", app_secret="secreto-de-prueba")
    account = WhatsAppAccount.objects.create(company=company, app=app, waba_id="102290129340398", access_token=token)
    lane = Lane.objects.create(
        company=company, channel=Channel.WHATSAPP, name=f"WhatsApp {phone_number_id}", throughput=throughput
    )
    WhatsAppNumber.objects.create(account=account, lane=lane, phone_number_id=phone_number_id)
    return lane


def make_mailbox(company: Company, url: str, *, throughput: int = 20) -> Lane:
    lane = Lane.objects.create(company=company, channel=Channel.EMAIL, name="Correo", throughput=throughput)
    Mailbox.objects.create(lane=lane, url=url, from_address="facturas@oeste.example")
    return lane


def make_party(company: Company, *, kind: str = "customer", name: str = "Almacén Norte SRL", **fields: Any) -> Party:
    return Party.objects.create(company=company, kind=kind, name=name, **fields)


def make_contact(party: Party, *, mobile: str = MOBILE, email: str = "", **fields: Any) -> Contact:
    return Contact.objects.create(
        company=party.company, party=party, name=fields.pop("name", "Compras"), mobile=mobile, mobile_typed=mobile,
        email=email, **fields,
    )  # fmt: skip


def make_file(content: bytes = PDF) -> StoredFile:
    return files.keep(*files.stage([content]))


def make_voucher(
    company: Company,
    party: Party,
    *,
    number: int = 42,
    content: bytes | None = PDF,
    kind: VoucherKind = VoucherKind.SALES_INVOICE,
    **fields: Any,
) -> Voucher:
    """An authorised invoice with its PDF, unless told otherwise."""
    fiscal = kind is VoucherKind.SALES_INVOICE
    given = {"cae": "70417054367476", "arca_type": 1, "point_of_sale": 3} if fiscal else {}
    data = vouchers.VoucherData(
        kind=kind, issued_on=fields.pop("issued_on", date(2026, 11, 20)), currency="PES",
        total=fields.pop("total", Decimal("12100.00")), number=number, **{**given, **fields},
    )  # fmt: skip
    stored = vouchers.GivenFile(make_file(content), None) if content is not None else None
    return vouchers.register(company=company, party=party, data=data, given=stored, actor="test", source="test").voucher
