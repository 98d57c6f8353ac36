"""Telephone numbers as Argentines write them, read into E.164.

A ten-digit number doesn't tell a mobile from a landline, and local writing hides the mobile's 9 behind a 15:
libraries get half of the usual writings wrong, so the Argentine rules are here and the library only validates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType


class PhoneKind(StrEnum):
    #: An Argentine mobile: +54 9 and ten digits.
    MOBILE = "mobile"
    #: An Argentine landline: +54 and ten digits. It may have WhatsApp Business.
    LANDLINE = "landline"
    #: A valid number of another country.
    FOREIGN = "foreign"
    #: 0800, 0810 and 06xx: they never receive WhatsApp.
    SPECIAL = "special"
    #: Not a telephone number.
    INVALID = "invalid"
    #: The area code is missing, so that it could be several people's: a person must complete it.
    AMBIGUOUS = "ambiguous"


class PhoneFlag(StrEnum):
    #: Nothing said that it is a mobile (neither 9 nor 15); it was taken for one.
    ASSUMED_MOBILE = "assumed_mobile"
    #: The text held more than one number.
    FIRST_OF_SEVERAL = "first_of_several"
    #: Its length is right, but the numbering plan at hand doesn't list its block (new ones are missing).
    UNVERIFIED_BLOCK = "unverified_block"


USABLE = frozenset({PhoneKind.MOBILE, PhoneKind.FOREIGN, PhoneKind.LANDLINE})


@dataclass(frozen=True, slots=True)
class Phone:
    #: The text as it came.
    typed: str
    kind: PhoneKind
    #: None unless usable.
    e164: str | None
    #: Spanish: how it was inferred, or why it was refused and what to write instead.
    reason: str
    flags: frozenset[PhoneFlag] = frozenset()

    @property
    def usable(self) -> bool:
        return self.kind in USABLE


_SEPARATOR = re.compile(r"[/;,|]|\s[oy]\s", re.IGNORECASE)
_EXTENSION = re.compile(r"(?<![^\W\d_])(?:interno|int|ext)[\s.:]*\d{1,6}[\s).]*$", re.IGNORECASE)
_SPECIAL = re.compile(r"0?(?:800|810|6\d\d)\d{6,7}")
_AREA_ALONE = re.compile(r"(?:54)?9?0?(?:11|[23]\d{2,3})")
_AREA_CODE = re.compile(r"11|[23][0-9]{2,3}")
_MIN_DIGITS = 6
_E164_MIN_DIGITS = 8

_MARKED = "Tiene el 9 o el 15: es un celular."
_ASSUMED = "No tiene ni 9 ni 15: lo tomamos como celular."
_UNVERIFIED = "No pudimos comprobar que esa numeración exista: fijate que esté bien."
_SEVERAL = "Había más de un número: usamos el primero."
_FOREIGN = "Es un número de otro país."
_LANDLINE = "Es un teléfono fijo: recibe WhatsApp solo si lo tiene activado."
_WARNINGS = {
    PhoneFlag.ASSUMED_MOBILE: "Tomamos {number} como celular: si es una línea fija, WhatsApp no lo entrega.",
    PhoneFlag.FIRST_OF_SEVERAL: "Había varios números y usamos el primero, {number}.",
    PhoneFlag.UNVERIFIED_BLOCK: "{number} tiene buena forma, pero no figura en los planes de numeración.",
}
_REFUSED_SPECIAL = "Los 0800, 0810 y 06xx no reciben WhatsApp. Escribí un celular."
_REFUSED_AMBIGUOUS = "Falta la característica. Escribí el número completo, por ejemplo 11 2345-6789."
_REFUSED_FOREIGN = (
    "No es un número válido de otro país. Revisalo: tiene que empezar con + y el código del país, por ejemplo +598."
)
_REFUSED_EMPTY = "No hay ningún número. Escribí el celular con su característica, por ejemplo 11 2345-6789."


def parse(typed: str, *, default_area: str | None, assume_mobile: bool = True) -> Phone:
    """Read a number as typed; never raises.

    `default_area` (see `check_area_code`) completes local numbers, where it adds up to ten digits. Without
    `assume_mobile`, ten digits with neither 9 nor 15 are a landline if valid as such, else ambiguous.
    """
    pieces = _pieces(typed)
    answers = [_parse_one(piece, default_area or "", assume_mobile) for piece in pieces]
    best = next((a for a in answers if a.kind in (PhoneKind.MOBILE, PhoneKind.FOREIGN)), answers[0])
    if len(pieces) > 1 and best.usable:
        reason, flags = f"{best.reason} {_SEVERAL}", best.flags | {PhoneFlag.FIRST_OF_SEVERAL}
        best = replace(best, reason=reason, flags=flags)
    return replace(best, typed=typed)


@lru_cache(4096)
def display(e164: str) -> str:
    """`+54 9 11 2345-6789`; what can't be read comes back as it is."""
    number = _number(e164)
    return _shown(number) if number is not None else e164


def warnings(flags: Iterable[str], e164: str) -> list[tuple[PhoneFlag, str]]:
    """What a person should know about how a number was inferred: each known flag with its sentence."""
    given, number = set(flags), display(e164)
    return [(flag, text.format(number=number)) for flag, text in _WARNINGS.items() if flag in given]


def besides_warnings(reason: str) -> str:
    """What a reason says that `warnings` doesn't say again with the number in it."""
    for told in (_ASSUMED, _SEVERAL, _UNVERIFIED):
        reason = reason.replace(told, "")
    return " ".join(reason.split())


def country_and_rest(e164: str) -> tuple[str, str]:
    """`+5493415550100` → (`54`, `93415550100`). Of a number that `parse` found usable."""
    number = _number(e164)
    country = str(number.country_code) if number is not None else "54"
    return country, e164.removeprefix(f"+{country}")


def check_area_code(text: str) -> str:
    """`11`, `341`, `2966`, without blanks. Raises `ValueError` (Spanish): only 11 has two digits or starts with 1."""
    area = text.strip()
    if not _AREA_CODE.fullmatch(area):
        raise ValueError("La característica va sin el 0 y sin el 15: de 2 a 4 dígitos, por ejemplo 11, 341 o 2966.")
    return area


def candidates(e164: str) -> frozenset[str]:
    """The digits by which receipts and inbound messages may name this number: 549X, 54X, 54<area>15<local>.

    Only a hint (54X can be somebody else's landline): correlate by message id first.
    """
    digits = e164.removeprefix("+")
    if not re.fullmatch(r"549[0-9]{10}", digits):
        return frozenset({digits})
    national = digits[3:]
    return frozenset({digits, "54" + national}) | {
        f"54{national[:length]}15{national[length:]}" for length in area_lengths(national)
    }


def display_and_area(e164: str) -> tuple[str, int]:
    """As `display`, and how many of its digits are country, mobile and area: the fewer, where the plan is silent. Of a
    number that `parse` found usable, read once."""
    number = _number(e164)
    if number is None:
        return e164, 0
    shown, country = _shown(number), len(str(number.country_code))
    if not e164.startswith("+54"):
        return shown, country
    if not e164.startswith("+549"):
        return shown, country + min(area_lengths(e164[3:]))
    area = 2 if e164.startswith("+54911") else _area_length(number) or 3
    return shown, country + 1 + area


def area_lengths(national: str) -> tuple[int, ...]:
    """How many of the ten digits of an Argentine number are its area: one answer, or two where the plan is silent."""
    if national.startswith("11"):
        return (2,)
    known = _area_length(_number("+549" + national))
    return (known,) if known else (3, 4)


def _pieces(typed: str) -> list[str]:
    text = unicodedata.normalize("NFKC", typed).strip()
    pieces: list[str] = []
    area = ""
    for piece in _SEPARATOR.split(text):
        digits = _digits(piece)
        if len(digits) >= _MIN_DIGITS:
            pieces.append(area + piece)
            area = ""
        elif not pieces and _AREA_ALONE.fullmatch(digits):
            # "0341/4210987": dropping the area would complete the rest with somebody else's.
            area = piece + " "
    return pieces or [text]


def _parse_one(piece: str, default_area: str, assume_mobile: bool) -> Phone:
    text = _EXTENSION.sub("", piece)
    digits = _digits(text)
    # The first sign that counts, so that "Tel.: +598 …" isn't read as local.
    plus = next((c for c in text if c == "+" or c.isdecimal()), "") == "+"
    if not plus and digits.startswith("00") and not digits.startswith("000"):
        plus, digits = True, digits[2:]
    if not digits:
        return _refused(PhoneKind.INVALID, _REFUSED_EMPTY)
    if plus and not digits.startswith("54"):
        return _foreign(digits)
    if _SPECIAL.fullmatch(digits.removeprefix("54") if plus else digits):
        return _refused(PhoneKind.SPECIAL, _REFUSED_SPECIAL)
    return _argentine(digits, plus, default_area, assume_mobile)


def _foreign(digits: str) -> Phone:
    number = _number("+" + digits)
    if number is None or not phonenumbers.is_valid_number(number):
        return _refused(PhoneKind.INVALID, _REFUSED_FOREIGN)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # Tokelau's and a few islands' are shorter; the rest of the product takes 8 to 15 digits.
    if len(e164) <= _E164_MIN_DIGITS:
        return _refused(PhoneKind.INVALID, _REFUSED_FOREIGN)
    return Phone("", PhoneKind.FOREIGN, e164, _FOREIGN)


def _argentine(digits: str, plus: bool, default_area: str, assume_mobile: bool) -> Phone:
    national, marked = _strip_prefixes(digits, plus)
    if len(national) == 12 and (without_15 := _without_inner_15(national)):
        national, marked = without_15, True
    completed = ""
    if len(national) < 10 or national.startswith("15"):
        whole, had_15 = _complete(national, default_area)
        if whole:
            national, marked, completed = whole, marked or had_15, default_area
    if len(national) != 10 or national[0] not in "123" or national.startswith("15"):
        return _refused_length(national)
    return _ten_digits(national, marked, completed, assume_mobile)


def _strip_prefixes(digits: str, plus: bool) -> tuple[str, bool]:
    """The digits without 54, 9 and 0, and whether the 9 said that it is a mobile."""
    marked = False
    if digits.startswith("54") and (plus or len(digits) >= 12):
        digits = digits[2:]
    if digits.startswith("9") and 11 <= len(digits) <= 14:
        digits, marked = digits[1:], True
    digits = digits.lstrip("0")
    if digits.startswith("9") and len(digits) == 11:  # "09 11 …"
        digits, marked = digits[1:], True
    return digits, marked


def _without_inner_15(digits: str) -> str | None:
    """Of <area>15<local>, the ten digits without that 15."""
    # At most one place fits, or two that give the same digits (11 15 15…): no need to ask which area exists.
    for length in (2, 3, 4):
        area, rest = digits[:length], digits[length:]
        if rest.startswith("15") and area[0] in "123" and (length > 2 or area == "11"):
            return area + rest[2:]
    return None


def _complete(local: str, default_area: str) -> tuple[str | None, bool]:
    """The ten digits of a number written without its area, and whether it had the mobile's 15."""
    if default_area and local.startswith(default_area + "15"):
        return None, True  # the area and the 15 are there already: what is missing are digits of the number
    if local.startswith("15"):
        whole, had_15 = default_area + local[2:], True
    else:
        whole, had_15 = default_area + local, False
    return (whole if default_area and len(whole) == 10 else None), had_15


def _ten_digits(national: str, marked: bool, completed: str, assume_mobile: bool) -> Phone:
    reasons = [f"Agregamos la característica {completed}."] if completed else []
    flags: set[PhoneFlag] = set()
    if not marked and not assume_mobile:
        return _landline(national, reasons)
    number = _number("+549" + national)
    if number is None or not phonenumbers.is_possible_number(number):
        return _refused_length(national)
    reasons.append(_MARKED if marked else _ASSUMED)
    if not marked:
        flags.add(PhoneFlag.ASSUMED_MOBILE)
    if not phonenumbers.is_valid_number(number):
        reasons.append(_UNVERIFIED)
        flags.add(PhoneFlag.UNVERIFIED_BLOCK)
    return Phone("", PhoneKind.MOBILE, "+549" + national, " ".join(reasons), frozenset(flags))


def _landline(national: str, reasons: list[str]) -> Phone:
    number = _number("+54" + national)
    if number is None or phonenumbers.number_type(number) != PhoneNumberType.FIXED_LINE:
        return _refused(PhoneKind.AMBIGUOUS, "No se sabe si es celular o fijo. Si es celular, escribilo con +54 9.")
    return Phone("", PhoneKind.LANDLINE, "+54" + national, " ".join([*reasons, _LANDLINE]))


def _refused_length(national: str) -> Phone:
    if _MIN_DIGITS <= len(national) <= 10:
        return _refused(PhoneKind.AMBIGUOUS, _REFUSED_AMBIGUOUS)
    return _refused(
        PhoneKind.INVALID,
        f"Tiene {len(national)} dígitos y un número argentino lleva 10 con la característica. "
        "Escribilo por ejemplo 341 234-5678; si es de otro país, empezá con +.",
    )


def _refused(kind: PhoneKind, reason: str) -> Phone:
    return Phone("", kind, None, reason)


def _shown(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _number(e164: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None


def _area_length(number: PhoneNumber | None) -> int:
    """Of a number in the form +549…; the library counts the 9 as part of the area. 0 when unknown."""
    return max(0, phonenumbers.length_of_geographical_area_code(number) - 1) if number else 0


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())
