"""Who asks: the client's address, also behind a proxy."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

_WITH_PORT = re.compile(r"(?P<v4>[0-9.]{7,15}):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?")


def client_address(request: HttpRequest) -> str:
    """The nearest address that isn't a trusted proxy's. Of X-Forwarded-For only what those proxies wrote is believed:
    without ACUSE_TRUSTED_PROXIES it is the proxy's own, and a header that makes no sense ends the search. Some proxies
    write the port, which a client changes at will."""
    nearest: str = request.META.get("REMOTE_ADDR", "")
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while told and _trusted(nearest):
        farther = _parsed(_without_port(told.pop()))
        if farther is None:
            break
        nearest = str(farther)
    return nearest


def counted_address(request: HttpRequest) -> str:
    """Under which tries are counted: who has IPv6 has a whole /64, and tries anew from each address of it."""
    address = client_address(request)
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False)[0])
    return address if found is None else str(found)


def _trusted(address: str) -> bool:
    found = _parsed(address)
    return found is not None and any(found in network for network in settings.TRUSTED_PROXIES)


def _without_port(text: str) -> str:
    """`203.0.113.7:51234`, `[2001:db8::1]:443`, `[2001:db8::1]`; anything else as it is."""
    found = _WITH_PORT.fullmatch(text.strip())
    return (found["v4"] or found["v6"]) if found else text


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    # a socket that listens on both tells version 4 so
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
