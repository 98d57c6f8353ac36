"""Argentine tax ids and documents, as people and files write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum.ar import cuit as stdnum_cuit

_PREFIXES = frozenset({"20", "23", "24", "27", "30", "33", "34", "50", "51", "55"})
#: They exist, but are so rare that a slip of the finger is likelier (python-stdnum refuses them).
_RARE_PREFIXES = frozenset({"25", "26"})
_DNI_LABEL = re.compile(r"\b(?:d\.?\s*n\.?\s*i|doc(?:umento)?|n(?:ro|úm|um)?)\b", re.IGNORECASE)


class TaxIdKind(StrEnum):
    #: 11 digits with their check digit: a CUIT, a CUIL or a CDI (the digits alone don't tell which).
    CUIT = "cuit"
    #: 7 or 8 digits: the national identity document.
    DNI = "dni"
    #: Anything else, a foreign tax id or a passport: kept as it was written.
    OTHER = "other"
    #: No digit but zeros ("0", "Consumidor final"): nobody was identified. Never a key to find a party by.
    UNIDENTIFIED = "unidentified"


#: ARCA, DocTipo: 80 CUIT, 96 DNI, 99 other or unidentified.
_ARCA_CODES = {
    TaxIdKind.CUIT: "80",
    TaxIdKind.DNI: "96",
    TaxIdKind.OTHER: "99",
    TaxIdKind.UNIDENTIFIED: "99",
}


class TaxIdError(ValueError):
    """The text can't be a CUIT; its message is Spanish, for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class TaxId:
    kind: TaxIdKind
    #: Digits only for CUIT and DNI, the text as written for OTHER, blank for UNIDENTIFIED.
    value: str
    #: Spanish; None when there is nothing to say.
    warning: str | None = None

    @property
    def arca_code(self) -> str:
        return _ARCA_CODES[self.kind]

    @property
    def identifies(self) -> bool:
        """Whether a party may be found by it."""
        return self.kind is not TaxIdKind.UNIDENTIFIED


def parse(text: str) -> TaxId:
    """11 digits are a CUIT and must check; 7 or 8 are a DNI; the rest is kept. Raises `TaxIdError`."""
    written = " ".join(text.split())
    unlabelled = _DNI_LABEL.sub("", re.sub("[ºª]", " ", written))
    digits = _digits(text)
    if not digits.strip("0"):
        return TaxId(TaxIdKind.UNIDENTIFIED, "")
    if len(digits) == 11:
        return TaxId(TaxIdKind.CUIT, check_cuit(digits), _prefix_warning(digits))
    # A passport such as AB1234567 has seven digits too: its letters tell it from a DNI.
    if len(digits) in (7, 8) and not any(c.isalpha() for c in unlabelled):
        return TaxId(TaxIdKind.DNI, digits[1:] if len(digits) == 8 and digits[0] == "0" else digits)
    return TaxId(TaxIdKind.OTHER, written)


def check_cuit(text: str) -> str:
    """The 11 digits of a CUIT, CUIL or CDI. Raises `TaxIdError`."""
    digits = _digits(text)
    if len(digits) != 11:
        raise TaxIdError(f"Un CUIT tiene 11 dígitos y este tiene {len(digits)}.")
    if digits[:2] not in _PREFIXES | _RARE_PREFIXES:
        raise TaxIdError(f"Ningún CUIT empieza con {digits[:2]}. Revisá los primeros dos dígitos.")
    if stdnum_cuit.calc_check_digit(digits[:10]) != digits[10]:
        raise TaxIdError("El último dígito del CUIT no coincide con los demás. Revisá si hay alguno mal copiado.")
    return digits


def format_cuit(digits: str) -> str:
    """30000000007 as 30-00000000-7. Raises `TaxIdError` if there aren't 11 digits."""
    if len(digits) != 11 or not digits.isdecimal():
        raise TaxIdError("Un CUIT tiene 11 dígitos.")
    return f"{digits[:2]}-{digits[2:10]}-{digits[10]}"


def check_digit(first_ten: str) -> str | None:
    """The eleventh digit; None where the sum asks for 10 (ARCA gives those people another prefix)."""
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    if len(first_ten) != 10 or not first_ten.isdecimal():
        raise TaxIdError("Hacen falta los primeros 10 dígitos del CUIT.")
    rest = 11 - sum(int(d) * w for d, w in zip(first_ten, weights, strict=True)) % 11
    return None if rest == 10 else str(rest % 11)


def _prefix_warning(digits: str) -> str | None:
    if digits[:2] not in _RARE_PREFIXES:
        return None
    return f"Es raro que un CUIT empiece con {digits[:2]}. Revisá que esté bien escrito."


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
