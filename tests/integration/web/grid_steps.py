"""What the tests of the grids share."""

from __future__ import annotations

import copy
import re
from html import unescape
from typing import Any

from django.test import Client

from acuse.kernel.ids import new_id
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
    found = link_in(client.get(url), rel)
    assert found, f"{url} has no {rel}"
    return found


def link_in(response: Any, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', response.content.decode())
    return unescape(found[1]) if found else None


def make(people: Cast, numbers: range, **fields: Any) -> list[Voucher]:
    party = fields.pop("party", None) or make_party(people.company)
    return [make_voucher(people.company, party, number=n, **fields) for n in numbers]


def make_many(people: Cast, numbers: range, **fields: Any) -> list[Voucher]:
    """Pages of them: the first is registered, the others are rows like it, which takes a tenth of the time."""
    [first] = make(people, numbers[:1], **fields)
    return [first, *Voucher.objects.bulk_create(_like(first, number) for number in numbers[1:])]


def _like(first: Voucher, number: int) -> Voucher:
    other = copy.copy(first)
    other.pk, other.number = new_id(), number
    return other
