"""The sample company of `acuse demo`: made-up people, vouchers of all kinds, each with its PDF."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from acuse.channels import accounts
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.models import WhatsAppApp
from acuse.companies import services as companies
from acuse.companies.models import Company, Role
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.deliveries import planning
from acuse.deliveries.policies import services as policies
from acuse.deliveries.states import Origin
from acuse.directory.services import ContactData, PartyData
from acuse.intake.services import EVERY_PARTY, Arrival, Bringer, Deliver, accept, take_pdf
from acuse.kernel.ids import new_secret
from acuse.kernel.money import format_amount
from acuse.kernel.taxid import check_digit, format_cuit
from acuse.rendering.pdf import Item, Paper, render
from acuse.vouchers import arca, qr
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.services import VoucherData
from acuse.workers.demo import history

LEGAL_NAME = "Ferretería del Oeste SA"
CUIT = "30000000007"
EMAIL = "demo@acuse.example"
ACTOR = "command:demo"
BRINGER = Bringer(label=ACTOR, origin=Origin.COMMAND, source="demo", may_edit=EVERY_PARTY)
#: As the simulator is told; made up, of this demo only.
APP_ID, WABA_ID, PHONE_NUMBER_ID = "634974688087057", "102290129340398", "106540352242922"

_CUSTOMERS = [
    ("Almacén Norte SRL", "30", "Mayoristas", "Compras", "341 15 555-0101"),
    ("Construcciones Ñandú SA", "30", "Obras", "Administración", "0341 155 550102"),
    ("Panadería La Espiga", "27", "Minoristas", "Rosa", "+54 9 341 555 0103"),
    ("Consorcio Mitre 1250", "30", "", "Encargado", "341 5550104"),
    ("Taller Güemes", "20", "Minoristas", "Hugo", "0341-15-555-0105"),
    ("Estudio Paz y Asociados", "30", "", "Recepción", "341 555 0106"),
    # nobody to write to: the preview says so
    ("Kiosco Pichincha", "27", "Minoristas", "", ""),
]
_SUPPLIERS = [
    ("Aceros del Paraná SA", "30", "Cobranzas", "0341 15 555-0111"),
    ("Pinturas Litoral SRL", "30", "Tesorería", "341 15 555 0112"),
    ("Transporte Arroyo", "20", "Marta", "341 5550113"),
]
_GOODS = ["Tornillos autoperforantes", "Pintura látex 20 l", "Cemento 50 kg", "Cerradura doble paleta", "Cable 2,5 mm"]


@dataclass(frozen=True, slots=True)
class Made:
    email: str
    password: str
    api_key: str
    app_key: str
    app_secret: str
    verify_token: str
    access_token: str
    #: A voucher that can be sent at once.
    voucher_id: str


def make() -> Made:
    """Everything that the demo shows, in an empty database."""
    company = companies.save_company(cuit=CUIT, legal_name=LEGAL_NAME, default_area_code="341", actor=ACTOR)
    policies.ensure_policies(company)
    role = Role.objects.get(company=company, name=ADMINISTRATOR)
    password = _password()
    user = companies.add_member(company=company, email=EMAIL, role=role, actor=ACTOR)
    user.name = "Ana, de la demo"
    user.set_password(password)
    user.save()
    companies.grant_installation_admin(user=user, actor=ACTOR)
    key = companies.new_api_key(company=company, role=role, name="demo", actor=ACTOR)
    token, secret = new_secret(), new_secret()
    accounts.save_whatsapp(
        company,
        WhatsAppParameters(
            access_token=token, phone_number_id=PHONE_NUMBER_ID, waba_id=WABA_ID, app_id=APP_ID, app_secret=secret
        ),
        actor=ACTOR,
    )
    app = WhatsAppApp.objects.get(company=company)
    history.add_colleagues(company, password, ACTOR)
    first = _make_vouchers(company)
    return Made(EMAIL, password, key.plain, app.key, secret, app.verify_token.reveal(), token, first)


def _password() -> str:
    return "-".join(new_secret(3) for _ in range(3))


def _make_vouchers(company: Company) -> str:
    today = planning.today_in(company)
    dice = random.Random(42)  # noqa: S311 - sample data
    vouchers = [accept(company, arrival, BRINGER).voucher for arrival in _arrivals(company, today, dice)]
    # the oldest is what the demo sends, and every fourth is left for whoever looks around
    history.make(company, [voucher for place, voucher in enumerate(vouchers) if place % 4], ACTOR)
    return str(vouchers[0].pk)


def _arrivals(company: Company, today: date, dice: random.Random) -> Iterator[Arrival]:
    # the oldest first, as a business numbers them
    for turn in reversed(range(40)):
        # more and more rarely as they get older: a month of them, and a busy week
        yield _invoice(company, today - timedelta(days=turn // 4 + (turn * turn) // 80), 1081 - turn, turn, dice)
    for kind, count in (
        (VoucherKind.RECEIPT, 6),
        (VoucherKind.QUOTE, 5),
        (VoucherKind.SALES_ORDER, 5),
        (VoucherKind.PAYMENT_ORDER, 6),
        (VoucherKind.WITHHOLDING_CERTIFICATE, 4),
        (VoucherKind.PURCHASE_ORDER, 5),
    ):
        for turn in reversed(range(count)):
            yield _paper_voucher(company, kind, today - timedelta(days=turn * 3), 215 - turn, turn, dice)


def _invoice(company: Company, issued_on: date, number: int, turn: int, dice: random.Random) -> Arrival:
    party, contact = _customer(turn)
    arca_type = 3 if turn % 13 == 12 else 1 if turn % 3 else 6
    total = Decimal(dice.randrange(150_000, 90_000_000)) / 100
    pending = turn % 11 == 10
    cae = "" if pending else f"7{dice.randrange(10**12, 10**13)}"
    data = VoucherData(
        kind=VoucherKind.SALES_INVOICE,
        external_id=f"FAC-{number}",
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=15),
        currency="PES",
        total=total,
        arca_type=arca_type,
        point_of_sale=3,
        number=number,
        exchange_rate=Decimal(1),
        cae=cae,
        cae_due_on=issued_on + timedelta(days=10) if cae else None,
    )
    text = "" if pending else _qr_text(data, company, party)
    return _arrival(company, data, party, contact, text)


def _paper_voucher(
    company: Company, kind: VoucherKind, issued_on: date, number: int, turn: int, dice: random.Random
) -> Arrival:
    party, contact = _customer(turn) if kind.audience == "customer" else _supplier(turn)
    data = VoucherData(
        kind=kind,
        external_id=f"{kind.value}-{number}",
        issued_on=issued_on,
        currency="PES",
        total=Decimal(dice.randrange(150_000, 40_000_000)) / 100,
        point_of_sale=1,
        number=number,
        electronic=False,
    )
    return _arrival(company, data, party, contact, "")


def _arrival(company: Company, data: VoucherData, party: PartyData, contact: ContactData, qr_text: str) -> Arrival:
    paper = _paper(company, data, party, qr_text)
    contacts = (contact,) if contact.mobile else ()
    return Arrival(voucher=data, party=party, contacts=contacts, pdf=take_pdf([render(paper)]), deliver=Deliver.NEVER)


def _paper(company: Company, data: VoucherData, party: PartyData, qr_text: str) -> Paper:
    letter = arca.voucher_type(data.arca_type, data.issued_on).letter if data.arca_type else ""
    goods = _GOODS[(data.number or 0) % len(_GOODS)]
    return Paper(
        title=arca.title(data.kind, data.arca_type, letter, data.point_of_sale, data.number, data.issued_on),
        issuer_name=company.legal_name,
        issuer_cuit=format_cuit(company.cuit),
        party_label="Cliente" if party.kind == "customer" else "Proveedor",
        party_name=party.name,
        party_tax_id=f"CUIT {format_cuit(party.tax_id)}",
        issued_on=data.issued_on,
        due_on=data.due_on,
        items=[Item(goods, "1", format_amount(data.total, data.currency))],
        total=format_amount(data.total, data.currency),
        cae=data.cae,
        cae_due_on=data.cae_due_on,
        qr_text=qr_text,
        legend="" if qr_text else "Documento no válido como factura. Muestra de Acuse, con datos inventados.",
    )


def _qr_text(data: VoucherData, company: Company, party: PartyData) -> str:
    return qr.write(
        issued_on=data.issued_on,
        cuit=int(company.cuit),
        point_of_sale=data.point_of_sale or 0,
        arca_type=data.arca_type or 0,
        number=data.number or 0,
        total=data.total,
        code=int(data.cae),
        document_type=80,
        document_number=int(party.tax_id),
    )


def _customer(turn: int) -> tuple[PartyData, ContactData]:
    index = turn % len(_CUSTOMERS)
    name, prefix, group, contact, mobile = _CUSTOMERS[index]
    party = PartyData(kind="customer", name=name, tax_id=_cuit(prefix, 70_000_100 + index), customer_class=group)
    return party, ContactData(name=contact, mobile=mobile)


def _supplier(turn: int) -> tuple[PartyData, ContactData]:
    index = turn % len(_SUPPLIERS)
    name, prefix, contact, mobile = _SUPPLIERS[index]
    party = PartyData(kind="supplier", name=name, tax_id=_cuit(prefix, 70_000_200 + index))
    return party, ContactData(name=contact, mobile=mobile)


def _cuit(prefix: str, start: int) -> str:
    """The first valid CUIT of that prefix from `start` on."""
    for middle in range(start, start + 50):
        ten = f"{prefix}{middle:08}"
        if (digit := check_digit(ten)) is not None:
            return ten + digit
    raise ValueError(f"no valid CUIT from {prefix}{start}")
