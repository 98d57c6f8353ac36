"""`POST /deliveries/{id}/resend` with an `Idempotency-Key`: the answer may get lost, the message isn't sent twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from acuse.deliveries import repeating
from acuse.deliveries.models import Delivery, ResendKey
from acuse.deliveries.states import State
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.integration.api.conftest import Api


def _failed(api: Api, external_id: str = "FV-42", number: int = 42) -> str:
    body = api.registered(external_id=external_id, number=number, deliver="now")
    return _fail(str(body["deliveries"][0]["id"]))


def _fail(delivery: str) -> str:
    Delivery.objects.filter(pk=delivery).update(state=State.FAILED)
    return delivery


def _resends(delivery: str) -> int:
    return Delivery.objects.filter(resend_of=UUID(delivery)).count()


def test_the_same_key_answers_the_same_delivery_also_when_it_has_left(api: Api) -> None:
    failed = _failed(api)
    first = api.resend(failed, "reenvio-1")
    _fail(first.body["id"])
    again = api.resend(failed, "reenvio-1")
    assert (first.status, again.status) == (201, 200)
    assert again.body["id"] == first.body["id"]
    assert _resends(failed) == 1
    # another key is another wish
    other = api.resend(failed, "reenvio-2")
    assert (other.status, other.body["id"] == first.body["id"]) == (201, False)


def test_a_key_that_found_one_waiting_asks_none_later(api: Api) -> None:
    failed = _failed(api)
    waiting = api.resend(failed, "reenvio-1").body["id"]
    assert api.resend(failed, "reenvio-2").body["id"] == waiting
    _fail(waiting)
    assert (api.resend(failed, "reenvio-2").status, api.resend(failed, "reenvio-2").body["id"]) == (200, waiting)


def test_a_key_used_for_another_delivery_is_a_conflict_and_asks_nothing(api: Api) -> None:
    first, second = _failed(api, "FV-1", 1), _failed(api, "FV-2", 2)
    api.resend(first, "reenvio-1")
    answer = api.resend(second, "reenvio-1")
    assert (answer.status, answer.body["errors"][0]["code"]) == (409, "key_reused")
    assert _resends(second) == 0


def test_what_was_refused_uses_up_no_key(api: Api) -> None:
    delivery = str(api.registered(deliver="now")["deliveries"][0]["id"])
    assert api.resend(delivery, "reenvio-1").status == 409
    _fail(delivery)
    assert api.resend(delivery, "reenvio-1").status == 201


def test_another_company_may_use_the_same_key_and_sees_nothing_by_it(api: Api, stranger: Api, office: Cast) -> None:
    make_whatsapp(office.other_company, phone_number_id="106540352242999")
    ours, theirs = _failed(api), _failed(stranger)
    first, second = api.resend(ours, "reenvio-1"), stranger.resend(theirs, "reenvio-1")
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] != second.body["id"]
    assert stranger.resend(ours, "reenvio-1").status == 404


@pytest.mark.parametrize("key", ["", "x" * 101, "con espacio", "ñandú"])
def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    answer = api.resend(_failed(api), key)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_keys_are_forgotten_after_thirty_days(api: Api) -> None:
    failed = _failed(api)
    api.resend(failed, "vieja")
    ResendKey.objects.update(at=clock.now() - timedelta(days=31))
    api.resend(failed, "nueva")
    assert repeating.purge() == 1
    assert list(ResendKey.objects.values_list("key", flat=True)) == ["nueva"]


def test_the_document_describes_the_key(api: Api) -> None:
    document: Any = api.client.get("/api/v1/openapi.json").json()
    (parameter,) = (
        found
        for found in document["paths"]["/api/v1/deliveries/{delivery_id}/resend"]["post"]["parameters"]
        if found["in"] == "header"
    )
    assert (parameter["name"], parameter["required"]) == ("Idempotency-Key", False)
    assert "30 días" in parameter["description"]
