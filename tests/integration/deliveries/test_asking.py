from __future__ import annotations

import pytest

from acuse.deliveries import services
from acuse.deliveries.models import Delivery
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp

ASKER = Asker("user:ana@oeste.example", Origin.MANUAL)


@pytest.mark.django_db
def test_asking_twice_sends_once(people: Cast) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    voucher = make_voucher(people.company, party)
    _, first = services.request_for([voucher], ASKER)
    _, second = services.request_for([voucher], ASKER)
    assert [d.pk for d in first.deliveries[0]] == [d.pk for d in second.deliveries[0]]
    assert second.created == set()
    assert Delivery.objects.count() == 1
    assert first.deliveries[0][0].content["template"]["parameters"] == [{"text": "Factura A 00003-00000042"}]
