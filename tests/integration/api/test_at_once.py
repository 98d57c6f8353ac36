"""Real requests in real threads, on committed data."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client

from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory.models import Contact, Party
from acuse.vouchers.models import Voucher, VoucherVersion
from tests.integration.api.conftest import Answer, Api, posted

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(key: str, call: Callable[[Api, int], Answer], *, times: int = 4) -> list[Answer]:
    start = Barrier(times)

    def one(index: int) -> Answer:
        try:
            start.wait()
            return call(Api(Client(raise_request_exception=False), key), index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.parametrize("identified", [True, False])
def test_the_same_voucher_posted_at_once_is_registered_once(api: Api, identified: bool) -> None:
    body = posted(deliver="now")
    if not identified:
        del body["party"]["tax_id"]
    answers = _at_once(api.key, lambda program, _: program.post("/vouchers", body))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201], [a.body for a in answers]
    assert len({answer.body["id"] for answer in answers}) == 1
    counts = [model.objects.count() for model in (Voucher, VoucherVersion, Party, Contact, Delivery)]
    assert counts == [1, 1, 1, 1, 1]


def test_one_number_under_two_ids_at_once_is_one_voucher_and_a_conflict(api: Api) -> None:
    def post(program: Api, index: int) -> Answer:
        return program.post("/vouchers", posted(external_id=f"FV-{index}"))

    answers = _at_once(api.key, post)
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409], [a.body for a in answers]
    assert Voucher.objects.count() == 1


def test_vouchers_of_one_party_posted_at_once_make_one_party(api: Api) -> None:
    def post(program: Api, index: int) -> Answer:
        return program.post("/vouchers", posted(external_id=f"FV-{index}", number=100 + index))

    answers = _at_once(api.key, post)
    assert [answer.status for answer in answers] == [201] * 4, [a.body for a in answers]
    assert (Voucher.objects.count(), Party.objects.count()) == (4, 1)


def test_sending_at_once_sends_once(api: Api) -> None:
    voucher = api.registered()
    answers = _at_once(api.key, lambda program, _: program.post(f"/vouchers/{voucher['id']}/send", {}))
    found: set[Any] = {delivery["id"] for answer in answers for delivery in answer.body["deliveries"]}
    assert [answer.status for answer in answers] == [200] * 4
    assert len(found) == Delivery.objects.count() == 1


def test_one_resend_asked_at_once_with_its_key_is_one_new_delivery(api: Api) -> None:
    failed = _failed(api, "FV-1", 1)
    answers = _at_once(api.key, lambda program, _: program.resend(failed, "reenvio-1"))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201], [a.body for a in answers]
    assert len({answer.body["id"] for answer in answers}) == 1
    assert Delivery.objects.filter(resend_of=UUID(failed)).count() == 1


def test_one_key_for_two_deliveries_at_once_resends_one_of_them(api: Api) -> None:
    failed = [_failed(api, f"FV-{number}", number) for number in (1, 2)]
    answers = _at_once(api.key, lambda program, index: program.resend(failed[index], "reenvio-1"), times=2)
    assert sorted(answer.status for answer in answers) == [201, 409], [a.body for a in answers]
    assert Delivery.objects.filter(resend_of__in=[UUID(id_) for id_ in failed]).count() == 1


def _failed(api: Api, external_id: str, number: int) -> str:
    body = api.registered(external_id=external_id, number=number, deliver="now")
    Delivery.objects.filter(pk=body["deliveries"][0]["id"]).update(state=State.FAILED)
    return str(body["deliveries"][0]["id"])
