"""An SMTP account as one line: `smtp+starttls://usuario:clave@host:587`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import SplitResult, quote, unquote, urlsplit


class Security(StrEnum):
    #: No TLS: only to this same machine.
    PLAIN = "plain"
    #: The connection begins in the clear and must become TLS before anything is said.
    STARTTLS = "starttls"
    #: TLS from the first byte.
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    security: Security


_SCHEMES = {"smtp": Security.PLAIN, "smtps": Security.TLS, "smtp+starttls": Security.STARTTLS}
DEFAULT_PORTS = {Security.PLAIN: 25, Security.STARTTLS: 587, Security.TLS: 465}
_NAMES = {security: scheme for scheme, security in _SCHEMES.items()}
#: A name or an address, IPv6 too.
_HOST = re.compile(r"[\w.:-]+")
_BAD_HOST = "El servidor no se entiende: va el nombre solo, por ejemplo smtp.ejemplo.com.ar."
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def parse_smtp_url(url: str) -> SmtpSettings:
    """`smtp://` is plain on this machine and STARTTLS anywhere else. User and password are percent-encoded.

    Raises ValueError, in Spanish and without the URL, which holds a password."""
    parts, port = _split(url)
    security = _SCHEMES.get(parts.scheme.lower())
    if security is None:
        raise ValueError("La dirección tiene que empezar con smtp://, smtps:// o smtp+starttls://.")
    if not parts.hostname:
        raise ValueError("Falta el servidor: por ejemplo, smtps://usuario:clave@smtp.ejemplo.com.ar.")
    _require_name(parts.hostname)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(
            "Después del servidor va sólo el puerto. Si la clave tiene /, ? o #, escribilos como %2F, %3F o %23."
        )
    if security is Security.PLAIN and parts.hostname not in _LOOPBACK:
        security = Security.STARTTLS
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if password and not user:
        raise ValueError("Hay una clave pero falta el usuario.")
    return SmtpSettings(parts.hostname, port or DEFAULT_PORTS[security], user, password, security)


def _require_name(host: str) -> None:
    """Looking for one with an empty or endless part would fail as no other does."""
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError(_BAD_HOST) from None


def smtp_url(settings: SmtpSettings) -> str:
    """The line that `parse_smtp_url` reads as the same account. Raises ValueError, in Spanish."""
    host = settings.host.strip().lower()
    if not _HOST.fullmatch(host):
        raise ValueError(_BAD_HOST)
    if settings.security is Security.PLAIN and host not in _LOOPBACK:
        raise ValueError("Sin cifrar sólo se puede a esta misma máquina. Elegí SSL/TLS o STARTTLS.")
    user = quote(settings.user or "", safe="")
    password = f":{quote(settings.password, safe='')}" if settings.password else ""
    at = "@" if user or password else ""
    url = f"{_NAMES[settings.security]}://{user}{password}{at}{f'[{host}]' if ':' in host else host}:{settings.port}"
    if parse_smtp_url(url) != replace(settings, host=host):
        raise ValueError("Los datos del servidor de correo no se entienden.")
    return url


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise ValueError("La dirección del servidor de correo no se entiende.") from None
    try:
        port = parts.port
    except ValueError:
        raise ValueError("El puerto tiene que ser un número de 1 a 65535.") from None
    if port == 0:
        raise ValueError("El puerto tiene que ser un número de 1 a 65535.")
    return parts, port
