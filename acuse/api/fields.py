"""The kinds of value that requests hold. Strict: a number isn't a text, nor a text a number."""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Strict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from acuse.kernel import money

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RATE = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?")
_BIGGEST = 10**18


def refuse(code: str, spanish: str) -> PydanticCustomError:
    return PydanticCustomError(code, "{spanish}", {"spanish": spanish})


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    if "\x00" in text:
        raise refuse("invalid_text", "Tiene un carácter nulo. Sacalo.")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise refuse("blank", "No puede estar en blanco.")
    return text


def _as_date(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refuse("invalid_date", "Tiene que ser una fecha como 2026-11-20.")


def _as_amount(value: object) -> Decimal:
    try:
        return money.parse_decimal_string(value if isinstance(value, str) else "")
    except ValueError as error:
        raise refuse("invalid_amount", str(error)) from error


def _as_rate(value: object) -> Decimal:
    if isinstance(value, str) and _RATE.fullmatch(value):
        return Decimal(value)
    raise refuse("invalid_rate", 'La cotización es un texto como "1455.50": hasta 13 dígitos, un punto y 6 decimales.')


def _as_currency(text: str) -> str:
    try:
        return money.to_arca(text)
    except ValueError as error:
        raise refuse("unknown_currency", str(error)) from error


def _plain_json(value: Any) -> Any:
    """What a JSONB column can hold."""
    match value:
        case str():
            return _clean(_encodable(value))
        case bool() | None:
            return value
        case int() if abs(value) < _BIGGEST:
            return value
        case float() if math.isfinite(value):
            return value
        case list():
            return [_plain_json(item) for item in value]
        case dict():
            return {_clean(_encodable(key)): _plain_json(item) for key, item in value.items()}
    raise refuse("out_of_range", "El número es demasiado grande.")


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise refuse("invalid_text", "Tiene caracteres que no son texto válido.") from error
    return text


def _schema(**shape: Any) -> WithJsonSchema:
    return WithJsonSchema(shape)


Text40 = Annotated[str, Strict(), StringConstraints(max_length=40), AfterValidator(_clean)]
Text80 = Annotated[str, Strict(), StringConstraints(max_length=80), AfterValidator(_clean)]
Text120 = Annotated[str, Strict(), StringConstraints(max_length=120), AfterValidator(_clean)]
Text254 = Annotated[str, Strict(), StringConstraints(max_length=254), AfterValidator(_clean)]
Filled120 = Annotated[Text120, AfterValidator(_filled)]
Filled200 = Annotated[str, Strict(), StringConstraints(max_length=200), AfterValidator(_clean), AfterValidator(_filled)]
#: Without a limit of its own: the body's is enough.
LongText = Annotated[str, Strict()]

IsoDate = Annotated[date, BeforeValidator(_as_date), _schema(type="string", format="date")]
Amount = Annotated[
    Decimal, BeforeValidator(_as_amount), _schema(type="string", pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,2})?$")
]
Rate = Annotated[Decimal, BeforeValidator(_as_rate), _schema(type="string", pattern=r"^[0-9]{1,13}(\.[0-9]{1,6})?$")]
#: ISO's or ARCA's code; ARCA's inside.
CurrencyCode = Annotated[
    str, Strict(), StringConstraints(max_length=8), AfterValidator(_clean), AfterValidator(_as_currency)
]
AnyJson = Annotated[Any, AfterValidator(_plain_json)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]

KindName = Literal[
    "sales_invoice", "receipt", "payment_order", "withholding_certificate", "purchase_order", "quote", "sales_order"
]
PartyKindName = Literal["customer", "supplier", "bank"]
ChannelName = Literal["whatsapp", "email"]
AuthorizationName = Literal["pending", "approved", "observed", "rejected"]
StateName = Literal["queued", "sending", "sent", "delivered", "read", "failed", "uncertain", "cancelled"]
