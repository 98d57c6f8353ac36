"""What the tests of the grids share."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

GRID = "/comprobantes/sales_invoice/"


def bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def numbers_of(client: Client, url: str = GRID, **query: Any) -> list[int]:
    response = client.get(url, query)
    assert response.status_code == 200
    return [row.number for row in response.context["grid"].rows]


def link_of(client: Client, url: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', client.get(url).content.decode())
    assert found, f"{url} has no {rel}"
    return unescape(found[1])


def make(people: Cast, numbers: range, **fields: Any) -> list[Voucher]:
    party = fields.pop("party", None) or make_party(people.company)
    return [make_voucher(people.company, party, number=n, **fields) for n in numbers]
