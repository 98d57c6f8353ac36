"""What the API takes and gives. A name that isn't here is refused: a misspelt field would be lost in silence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag

from acuse.api.fields import (
    Amount,
    AnyJson,
    AuthorizationName,
    ChannelName,
    CurrencyCode,
    Filled120,
    Filled200,
    Flag,
    IsoDate,
    KindName,
    LongText,
    PartyKindName,
    Rate,
    StateName,
    Text40,
    Text80,
    Text120,
    Text254,
    Whole,
)

MAX_CONTACTS = 100
EXAMPLE: dict[str, JsonValue] = {
    "external_id": "FV-2026-000042",
    "kind": "sales_invoice",
    "issued_on": "2026-11-20",
    "party": {
        "kind": "customer",
        "name": "Almacén Norte SRL",
        "tax_id": "30-11111111-8",
        "contacts": [{"name": "Compras", "mobile": "341 555-0199", "kinds": ["sales_invoice"]}],
    },
    "currency": "ARS",
    "total": "12100.00",
    "arca_type": 1,
    "point_of_sale": 3,
    "number": 42,
    "cae": "70417054367476",
    "cae_due_on": "2026-11-30",
    "deliver": "auto",
}


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactIn(Given):
    """A mobile or an e-mail is needed. Without `kinds` it receives all of them; with `[]`, none by itself."""

    name: Text120 | None = None
    mobile: Text80 | None = None
    email: Text254 | None = None
    kinds: list[KindName] | None = Field(default=None, max_length=20)


class PartyIn(Given):
    kind: PartyKindName
    name: Filled200
    tax_id: Text40 | None = None
    external_id: Text120 | None = None
    customer_class: Text80 | None = Field(default=None, alias="class")
    contacts: list[ContactIn] = Field(default_factory=list, max_length=MAX_CONTACTS)


class VoucherIn(Given):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    external_id: Filled120
    kind: KindName
    issued_on: IsoDate
    party: PartyIn
    currency: CurrencyCode
    total: Amount
    arca_type: Whole | None = Field(default=None, ge=0, le=32767)
    point_of_sale: Whole | None = Field(default=None, ge=0, le=99_999)
    number: Whole | None = Field(default=None, ge=1, le=99_999_999)
    due_on: IsoDate | None = None
    exchange_rate: Rate | None = None
    electronic: Flag | None = None
    cae: Text40 | None = None
    cae_type: Literal["cae", "caea"] | None = None
    cae_due_on: IsoDate | None = None
    authorization: AuthorizationName | None = None
    pdf_base64: LongText | None = None
    deliver: Literal["never", "auto", "now"] = "auto"
    replace: Flag = False


def _shape_of(value: Any) -> str:
    return "<id>" if isinstance(value, str) else "<contact>"


#: A contact's id, or a contact as in a voucher's party.
ContactRef = Annotated[
    Annotated[Text80, Tag("<id>")] | Annotated[ContactIn, Tag("<contact>")], Discriminator(_shape_of)
]


class SendIn(Given):
    """Without `contacts`: the party's contacts for the kind. `again` asks once more what was asked before."""

    contacts: list[ContactRef] | None = Field(default=None, min_length=1, max_length=MAX_CONTACTS)
    channel: ChannelName | None = None
    again: Flag = False


class AuthorizeIn(Given):
    """ARCA's answer."""

    result: Literal["approved", "observed", "rejected"]
    cae: Text40 | None = None
    cae_type: Literal["cae", "caea"] | None = None
    cae_due_on: IsoDate | None = None
    observations: list[AnyJson] = Field(default_factory=list, max_length=100)
    pdf_base64: LongText | None = None


class ResolveIn(Given):
    """What became of an uncertain delivery."""

    outcome: Literal["sent", "not_sent"] = Field(alias="as")


class ReasonOut(Schema):
    code: str
    field: str | None
    text: str


class ContactOut(Schema):
    """`kinds`: null is all of them."""

    id: str
    name: str
    mobile: str | None
    email: str | None
    kinds: list[KindName] | None


class CauseOut(Schema):
    code: str
    text: str


class DeliveryOut(Schema):
    """Times are UTC."""

    id: str
    voucher: str
    channel: ChannelName
    to: str
    state: StateName
    provider_id: str | None
    reason: CauseOut | None
    attempts: int
    created_at: str
    updated_at: str


class EventOut(Schema):
    at: str
    kind: str
    detail: dict[str, Any]


class DeliveryDetailOut(DeliveryOut):
    timeline: list[EventOut]


class VoucherOut(Schema):
    id: str
    external_id: str | None
    kind: KindName
    title: str
    state: Literal["active", "voided"]
    version: int
    authorization: AuthorizationName | None
    sendable: bool
    reasons: list[ReasonOut]
    warnings: list[ReasonOut]
    contacts: list[ContactOut]
    deliveries: list[DeliveryOut]


class ErrorOut(Schema):
    field: str | None
    code: str
    text: str


class ProblemOut(Schema):
    """RFC 9457, `application/problem+json`."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ErrorOut]


class OutcomeOut(Schema):
    """`voucher` when the status is 200 or 201, else `problem`."""

    external_id: str | None
    status: int
    voucher: VoucherOut | None = None
    problem: ProblemOut | None = None


class BatchOut(Schema):
    outcomes: list[OutcomeOut]


class VouchersOut(Schema):
    """`next`: the cursor of the next page; `count`: null beyond 10,000 unless `count=exact`."""

    items: list[VoucherOut]
    next: str | None
    count: int | None


class DeliveriesOut(Schema):
    items: list[DeliveryOut]
    next: str | None
    count: int | None
