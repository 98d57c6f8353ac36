"""Every act by which a document reaches an address is in the audit, whoever asks for it."""

from __future__ import annotations

import pytest

from acuse.companies.models import AuditEntry
from acuse.deliveries import services
from acuse.deliveries.models import Delivery
from acuse.deliveries.replacing import supersede
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp

ANA = "user:ana@oeste.example"


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return make_voucher(people.company, party)


def _told() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(event="delivery.requested").order_by("pk"))


@pytest.mark.parametrize("origin", [Origin.MANUAL, Origin.API, Origin.COMMAND])
def test_whoever_asks_is_told_with_where_it_goes_masked(people: Cast, voucher: Voucher, origin: Origin) -> None:
    services.request_for([voucher], Asker(ANA, origin))
    [entry] = _told()
    delivery = Delivery.objects.get()
    assert (entry.company, entry.actor, entry.target) == (people.company, ANA, str(voucher.pk))
    assert entry.detail["deliveries"] == [str(delivery.pk)]
    assert delivery.to not in str(entry.detail)
    assert entry.detail["to"][0].endswith(delivery.to[-2:])


def test_asking_again_for_what_was_asked_tells_nothing_new(voucher: Voucher) -> None:
    for _ in range(2):
        services.request_for([voucher], Asker(ANA, Origin.MANUAL))
    assert len(_told()) == 1


def test_several_at_once_have_an_entry_each(people: Cast, voucher: Voucher) -> None:
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    other = make_voucher(people.company, voucher.party, number=43)
    services.request_for([voucher, other], Asker(ANA, Origin.MANUAL))
    assert {entry.target for entry in _told()} == {str(voucher.pk), str(other.pk)}


def test_a_mail_address_is_masked_too(people: Cast) -> None:
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    party = make_party(people.company)
    make_contact(party, mobile="", email="compras@norte.example")
    services.request_for([make_voucher(people.company, party)], Asker(ANA, Origin.MANUAL))
    assert "compras@" not in str(_told()[0].detail)


@pytest.mark.parametrize("origin", [Origin.AUTOMATIC, Origin.SYSTEM])
def test_what_goes_alone_has_its_own_history(voucher: Voucher, origin: Origin) -> None:
    services.request_for([voucher], Asker("system", origin))
    assert Delivery.objects.exists()
    assert _told() == []


def test_another_version_goes_in_the_name_of_who_asked_without_saying_that_they_asked_again(voucher: Voucher) -> None:
    services.request_for([voucher], Asker(ANA, Origin.MANUAL))
    Voucher.objects.filter(pk=voucher.pk).update(version=2)
    voucher.refresh_from_db()
    supersede(voucher, actor="key:erp")
    assert Delivery.objects.filter(version=2, requested_by=ANA).exists()
    assert len(_told()) == 1
