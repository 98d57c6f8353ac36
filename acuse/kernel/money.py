"""Amounts and currencies: ARCA's codes, ISO's, and how both are written in Argentina."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final

_API_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,2})?")
_CENT = Decimal("0.01")
_ARGENTINE = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Currency:
    #: ARCA, MonId (WSFEv1).
    arca: str
    #: ISO 4217; None where ISO has no such unit.
    iso: str | None
    #: Spanish, lower case.
    name: str
    #: What goes before an amount.
    symbol: str


PESO: Final = Currency("PES", "ARS", "peso", "$")
#: Where two share an ISO code, the first is the one that ISO is translated to.
CURRENCIES: Final = (
    PESO,
    Currency("DOL", "USD", "dólar estadounidense", "US$"),
    Currency("060", "EUR", "euro", "€"),
    Currency("012", "BRL", "real", "BRL"),
    Currency("011", "UYU", "peso uruguayo", "UYU"),
    Currency("033", "CLP", "peso chileno", "CLP"),
    Currency("029", "PYG", "guaraní", "PYG"),
    Currency("031", "BOB", "boliviano", "BOB"),
    Currency("032", "COP", "peso colombiano", "COP"),
    Currency("035", "PEN", "sol peruano", "PEN"),
    Currency("010", "MXN", "peso mexicano", "MXN"),
    Currency("021", "GBP", "libra esterlina", "GBP"),
    Currency("009", "CHF", "franco suizo", "CHF"),
    Currency("019", "JPY", "yen", "JPY"),
    Currency("018", "CAD", "dólar canadiense", "CAD"),
    Currency("026", "AUD", "dólar australiano", "AUD"),
    Currency("064", "CNY", "yuan", "CNY"),
    Currency("014", "DKK", "corona danesa", "DKK"),
    Currency("015", "NOK", "corona noruega", "NOK"),
    Currency("016", "SEK", "corona sueca", "SEK"),
    Currency("002", "USD", "dólar libre", "US$"),
    Currency("041", "XDR", "derecho especial de giro", "DEG"),
    # ISO's XAU is a troy ounce, not a gram.
    Currency("049", None, "gramos de oro", "g oro"),
    Currency("RUB", "RUB", "rublo", "RUB"),
    Currency("NZD", "NZD", "dólar neozelandés", "NZD"),
)
_BY_ARCA: Final = {currency.arca: currency for currency in CURRENCIES}
_BY_ISO: Final = {currency.iso: currency for currency in reversed(CURRENCIES) if currency.iso}


def _find(code: str) -> Currency | None:
    return _BY_ARCA.get(code) or _BY_ISO.get(code)


def currency(code: str) -> Currency:
    """By its ARCA or ISO code, in any case. Raises `ValueError` (Spanish) for an unknown one."""
    found = _find(code.strip().upper())
    if found is None:
        raise ValueError(f"No conocemos la moneda «{code.strip()}». Usá el código de ARCA o el ISO, como PES o ARS.")
    return found


def arca_code(text: str) -> str:
    """ARCA's code of an ARCA or ISO code; one that isn't known stays as data, in upper case."""
    code = text.strip().upper()
    found = _find(code)
    return found.arca if found else code


def to_arca(code: str) -> str:
    """ARCA's code of an ARCA or ISO code. Raises `ValueError` (Spanish)."""
    return currency(code).arca


def to_iso(code: str) -> str:
    """ISO's code of an ARCA or ISO code. Raises `ValueError` (Spanish), also where ISO has none."""
    found = currency(code)
    if found.iso is None:
        raise ValueError(f"La moneda «{found.name}» no tiene código ISO.")
    return found.iso


def format_amount(amount: Decimal, arca_currency: str) -> str:
    """`$ 1.234.567,89`, `US$ 1.234,50`, `-$ 1.234,50`: two decimals, halves rounded away from zero.

    A currency that isn't known goes by its code: what ARCA adds to its table is no reason to send nothing.
    """
    if not amount.is_finite():
        raise ValueError("El importe no es un número.")
    with localcontext(prec=max(28, amount.adjusted() + 4)):
        cents = amount.quantize(_CENT, rounding=ROUND_HALF_UP)
        number = f"{abs(cents):,.2f}".translate(_ARGENTINE)
    sign = "-" if cents < 0 else ""
    known = _find(arca_currency.strip().upper())
    return f"{sign}{known.symbol if known else arca_currency} {number}"


def parse_decimal_string(text: str) -> Decimal:
    """The API's amounts: `1234.56`, at most 13 digits and 2 decimals. Raises `ValueError` (Spanish)."""
    if not _API_AMOUNT.fullmatch(text):
        raise ValueError(
            'El importe tiene que ser un texto como "1234.56": hasta 13 dígitos, un punto y hasta 2 decimales.'
        )
    return Decimal(text) + 0  # turns -0 into 0


def parse_typed(text: str, *, places: int = 2) -> Decimal:
    """An amount as people type it: `1.234,56`, `1234,5`, `1234.56`, `$ 1.234`. Raises `ValueError` (Spanish).

    Of two signs the last one is decimal. One point alone with three digits after it is of thousands, as in Argentina.
    """
    typed = re.sub(r"[\s$\u00a0]|US\$|AR\$", "", text)
    if not re.fullmatch(r"-?[0-9][0-9.,]*", typed):
        raise ValueError(f"«{text.strip()[:40]}» no es un importe. Escribilo como 1.234,56.")
    whole, decimals = _split_typed(typed)
    digits = re.sub(r"[.,]", "", whole)
    if len(decimals) > places:
        raise ValueError(f"Un importe lleva hasta {places} decimales.")
    if len(digits.lstrip("-")) > 13:
        raise ValueError("El importe es demasiado grande.")
    return Decimal(f"{digits}.{decimals or 0}") + 0


def _split_typed(typed: str) -> tuple[str, str]:
    last = max(typed.rfind(","), typed.rfind("."))
    if last < 0:
        return typed, ""
    sign, after = typed[last], typed[last + 1 :]
    other = "." if sign == "," else ","
    repeated = typed.count(sign) > 1
    thousands = sign == "." and len(after) == 3 and other not in typed
    if repeated or thousands:
        return typed, ""
    return typed[:last], after
