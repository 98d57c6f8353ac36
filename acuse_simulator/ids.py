"""Identifiers in Meta's forms."""

import base64
import hashlib
import secrets

_COUNTRIES = {
    "54": "AR", "598": "UY", "595": "PY", "591": "BO", "56": "CL", "55": "BR", "51": "PE", "57": "CO", "52": "MX",
    "34": "ES", "1": "US",
}  # fmt: skip


def numeric_id() -> str:
    return str(10**15 + secrets.randbelow(9 * 10**15))


def wamid(customer: str) -> str:
    """`wamid.` and, in base64, the number and 18 hexadecimal digits, laid out like Meta's."""
    digits = customer.encode()
    raw = b"\x1c\x18" + bytes([len(digits)]) + digits + b"\x15\x02\x00\x11\x18\x12"
    return "wamid." + base64.b64encode(raw + secrets.token_hex(9).upper().encode() + b"\x00").decode()


def user_id(portfolio: str, customer: str) -> str:
    """The business-scoped user id: a country and a number, the same for the same portfolio and person."""
    country = next((c for prefix, c in _COUNTRIES.items() if customer.startswith(prefix)), "ZZ")
    digest = hashlib.sha256(f"{portfolio}:{customer}".encode()).digest()
    return f"{country}.{int.from_bytes(digest[:8], 'big'):020d}"
