"""A voucher that turns out to be another customer's never goes to the first one."""

from __future__ import annotations

from typing import Any

import pytest

from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from tests.integration.api.conftest import CAE, Api, pdf_base64, posted

FIRST, SECOND = "+5493415550199", "+5491155550123"
OTHER_PARTY: dict[str, Any] = {
    "kind": "customer",
    "name": "Corralón Sur SA",
    "external_id": "C-2",
    "contacts": [{"name": "Pagos", "mobile": "11 5555-0123"}],
}


def _replace(api: Api, **fields: Any) -> Any:
    answer = api.post("/vouchers", posted(replace=True, party=OTHER_PARTY, **fields))
    assert answer.status == 200, answer.body
    return answer.body


def _goes_to() -> set[str]:
    return set(Delivery.objects.exclude(state=State.CANCELLED).values_list("to", flat=True))


@pytest.mark.parametrize(("deliver", "reached"), [("never", set()), ("now", {SECOND})])
def test_what_was_queued_for_the_first_customer_is_not_asked_again_for_them(
    api: Api, deliver: str, reached: set[str]
) -> None:
    api.registered(deliver="now")
    assert _goes_to() == {FIRST}
    _replace(api, deliver=deliver)
    assert _goes_to() == reached


def test_a_wish_that_names_the_first_customers_contacts_sends_nothing_to_them(api: Api) -> None:
    api.registered(deliver="now", cae=None)
    voucher = _replace(api, deliver="never", cae=None)
    answer = api.post(f"/vouchers/{voucher['id']}/authorize", {"result": "approved", "cae": CAE})
    assert answer.status == 200
    assert _goes_to() == set()


def test_a_delivery_to_the_first_customer_is_not_resent_with_the_new_content(api: Api) -> None:
    api.registered(deliver="now")
    failed = Delivery.objects.get()
    Delivery.objects.update(state=State.FAILED)
    _replace(api, deliver="never", pdf_base64=pdf_base64("DE OTRO"))
    answer = api.post(f"/deliveries/{failed.pk}/resend")
    assert (answer.status, answer.body["errors"][0]["code"]) == (409, "other_party")
    assert Delivery.objects.count() == 1
