"""ARCA's QR (RG 4892/2020): a reader that tolerates what real vouchers carry, and a writer that doesn't. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from acuse.kernel.money import arca_code

Value = int | Decimal | str

HOSTS = frozenset(
    {
        "www.afip.gob.ar",
        "afip.gob.ar",
        "www.arca.gob.ar",
        "arca.gob.ar",
        "serviciosweb.afip.gob.ar",
        "servicioscf.afip.gob.ar",
    }
)
PATHS = frozenset({"/fe/qr", "/genericos/comprobantes/cae.aspx"})
URL = "https://www.arca.gob.ar/fe/qr/"

INTEGERS = frozenset({"ver", "cuit", "ptoVta", "tipoCmp", "nroCmp", "tipoDocRec", "nroDocRec", "codAut"})
DECIMALS = frozenset({"importe", "ctz"})
OBLIGATORY = (
    "ver", "fecha", "cuit", "ptoVta", "tipoCmp", "nroCmp", "importe", "moneda", "ctz", "tipoCodAut", "codAut",
)  # fmt: skip
OPTIONAL = ("tipoDocRec", "nroDocRec")

_BYTES_REPR = re.compile(r"b(['\"])(.*?)\1?", re.DOTALL)
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,30}(?=\.\d*$|$)", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{0,30})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ArcaQr:
    #: Under ARCA's own names; only those of the specification, only those that could be read. `fecha` is yyyy-mm-dd.
    fields: Mapping[str, Value]
    #: `falta-<field>`, `<field>-como-texto`, `<field>-ilegible`, `codAut-largo`, `json-truncado`, …
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    #: ARCA's name of the field.
    field: str
    #: What the voucher says.
    expected: str
    #: What the QR says.
    found: str


def is_arca(text: str) -> bool:
    """Whether the text is a link to ARCA's page of vouchers, so not Data Fiscal, nor a look-alike host."""
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and host in HOSTS
        and parts.path.lower().rstrip("/") in PATHS
        and "p=" in parts.query.lower()
    )


def read(text: str) -> ArcaQr | None:
    """None when it is no ARCA QR. Never raises."""
    if not is_arca(text):
        return None
    problems: list[str] = []
    document = _decode(_payload(text), problems)
    data = None if document is None else _parse(document, problems)
    if data is None:
        return ArcaQr({}, tuple(problems))
    fields = _fields(data, problems)
    problems += [f"falta-{key}" for key in OBLIGATORY if key not in fields and f"{key}-ilegible" not in problems]
    if "codAut" in fields and len(str(fields["codAut"])) != 14:
        problems.append("codAut-largo")
    return ArcaQr(fields, tuple(problems))


def _payload(text: str) -> str:
    # By hand: parse_qs would turn the "+" of base64 into a blank.
    query = text[text.index("?") :]
    return unquote(query[query.lower().index("p=") + 2 :]).strip()


def _decode(raw: str, problems: list[str]) -> str | None:
    if raw.startswith("{"):
        problems.append("json-sin-base64")
        return raw
    if match := _BYTES_REPR.fullmatch(raw):
        raw = match[2].replace("\\n", "")
    # "&" is outside the alphabet: whatever follows it was added by somebody else.
    raw = "".join(raw.partition("&")[0].strip().replace(" ", "+").split())
    raw = raw.replace("-", "+").replace("_", "/").replace("=", "")
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    try:
        data = base64.b64decode(raw + "=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        problems.append("base64-invalido")
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        problems.append("no-utf8")
        return data.decode("latin-1")


def _parse(document: str, problems: list[str]) -> dict[str, Any] | None:
    document = document.lstrip("\ufeff").removeprefix("ï»¿")
    data = _loads(document)
    if data is None and "," in document:
        data = _loads(document[: document.rindex(",")] + "}")
        if data is not None:
            problems.append("json-truncado")
    if data is None:
        problems.append("json-invalido")
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _loads(document: str) -> dict[str, Any] | None:
    try:
        data = json.loads(document, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, InvalidOperation, RecursionError):
        return None
    return {key.strip(): value for key, value in data.items()} if isinstance(data, dict) else None


def _fields(data: dict[str, Any], problems: list[str]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for key in (*OBLIGATORY, *OPTIONAL):
        value = data.get(key)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            continue
        read_value = _value(key, value, problems)
        if read_value is None:
            problems.append(f"{key}-ilegible")
        else:
            fields[key] = read_value
    return fields


def _value(key: str, value: object, problems: list[str]) -> Value | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and key in INTEGERS | DECIMALS:
        problems.append(f"{key}-como-texto")
    text = _plain(value)
    if text is None:
        return None
    if key in INTEGERS:
        match = _INTEGER.match(text)
        return int(match[0]) if match else None
    if key in DECIMALS:
        text = text.replace(",", ".")
        return Decimal(text) if _DECIMAL.fullmatch(text) else None
    if key == "fecha":
        return _iso_date(text)
    return text if len(text) <= 20 and text.isprintable() else None


def _plain(value: int | Decimal | str) -> str | None:
    """Digits without exponent; None for a number too long to be of a voucher (1e999999999 would fill the memory)."""
    if isinstance(value, str):
        return value
    number = Decimal(value)
    _, digits, exponent = number.as_tuple()
    if len(digits) > 30 or not isinstance(exponent, int) or abs(exponent) > 30:
        return None
    return format(number, "f")


def _iso_date(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat() if match else None
    except ValueError:
        return None


def write(
    *,
    issued_on: date,
    cuit: int,
    point_of_sale: int,
    arca_type: int,
    number: int,
    total: Decimal,
    code: int,
    currency: str = "PES",
    rate: Decimal = Decimal(1),
    document_type: int | None = None,
    document_number: int | None = None,
    code_kind: str = "E",
) -> str:
    """The text of the symbol by ARCA's specification. Raises ValueError for what the specification has no room for."""
    fields: dict[str, Value] = {
        "ver": 1,
        "fecha": issued_on.isoformat(),
        "cuit": _digits("cuit", cuit, 11, exact=True),
        "ptoVta": _digits("ptoVta", point_of_sale, 5),
        "tipoCmp": _digits("tipoCmp", arca_type, 3),
        "nroCmp": _digits("nroCmp", number, 8),
        "importe": _amount("importe", total, 13, 2),
        "moneda": arca_code(currency),
        "ctz": _amount("ctz", rate, 13, 6),
    }
    if len(str(fields["moneda"])) != 3:
        raise ValueError("moneda: 3 characters")
    if document_type is not None and document_number:
        fields["tipoDocRec"] = _digits("tipoDocRec", document_type, 2)
        fields["nroDocRec"] = _digits("nroDocRec", document_number, 20)
    if code_kind not in {"E", "A"}:
        raise ValueError("tipoCodAut: E (CAE) or A (CAEA)")
    fields["tipoCodAut"] = code_kind
    fields["codAut"] = _digits("codAut", code, 14, exact=True)
    body = ",".join(f'"{key}":{_json(value)}' for key, value in fields.items())
    return f"{URL}?p={base64.b64encode(f'{{{body}}}'.encode()).decode()}"


def _json(value: Value) -> str:
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _digits(key: str, value: int, length: int, *, exact: bool = False) -> int:
    if value < 0 or len(str(value)) > length or (exact and len(str(value)) != length):
        raise ValueError(f"{key}: {length} digits")
    return value


def _amount(key: str, value: Decimal, whole: int, places: int) -> Decimal:
    if not value.is_finite() or value < 0 or value.adjusted() >= whole:
        raise ValueError(f"{key}: {whole} digits and {places} decimals")
    if value == 0:
        return Decimal(0)
    shortest = value.normalize()
    exponent = shortest.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -places:
        raise ValueError(f"{key}: {whole} digits and {places} decimals")
    return shortest


def contradictions(
    qr: ArcaQr,
    *,
    issuer_cuit: str | int | None = None,
    arca_type: int | None = None,
    point_of_sale: int | None = None,
    number: int | None = None,
    total: Decimal | None = None,
    currency: str | None = None,
    code: str | int | None = None,
) -> list[Contradiction]:
    """Compare only what both have. Amounts without their sign, within one cent; currencies by ARCA's or ISO code."""
    expected: dict[str, str | None] = {
        "cuit": _only_digits(issuer_cuit),
        "tipoCmp": _text(arca_type),
        "ptoVta": _text(point_of_sale),
        "nroCmp": _text(number),
        "importe": _text(total),
        "moneda": arca_code(currency) if currency else None,
        "codAut": _only_digits(code),
    }
    found = []
    for key, wanted in expected.items():
        value = qr.fields.get(key)
        if wanted is not None and value is not None and not _agree(key, wanted, value):
            found.append(Contradiction(key, wanted, _text(value) or ""))
    return found


def _agree(key: str, wanted: str, value: Value) -> bool:
    if isinstance(value, Decimal):
        return abs(abs(Decimal(wanted)) - abs(value)) <= Decimal("0.01")
    if key == "moneda":
        return arca_code(str(value)) == wanted
    return str(value) == wanted


def _text(value: Value | None) -> str | None:
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _only_digits(value: str | int | None) -> str | None:
    if value is None:
        return None
    digits = "".join(re.findall(r"[0-9]", str(value)))
    return digits.lstrip("0") or None
