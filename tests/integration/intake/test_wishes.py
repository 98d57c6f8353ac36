"""A wish to send at once waits until nothing is missing, and is then done: once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from acuse.companies.models import Company
from acuse.deliveries import waits, wishes
from acuse.deliveries.models import Delivery
from acuse.deliveries.policies.services import ensure_policies
from acuse.deliveries.states import Origin
from acuse.directory.services import ContactData, PartyData
from acuse.intake.services import EVERY_PARTY, Accepted, Arrival, Bringer, Deliver, accept
from acuse.vouchers.files import keep, stage
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.services import GivenFile, VoucherData, attach_file
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_whatsapp

pytestmark = pytest.mark.django_db

BRINGER = Bringer("key:erp", Origin.API, "api", EVERY_PARTY)
CONTACT = ContactData(name="Ana", mobile=MOBILE)
QUOTE = VoucherData(
    kind=VoucherKind.QUOTE, issued_on=date(2026, 11, 1), currency="PES", total=Decimal(10), external_id="Q-1", number=1
)
ARRIVAL = Arrival(
    voucher=QUOTE,
    party=PartyData(kind="customer", name="Norte", external_id="C-1"),
    contacts=(CONTACT,),
    deliver=Deliver.NOW,
)


@pytest.fixture
def company(people: Cast) -> Company:
    make_whatsapp(people.company)
    ensure_policies(people.company)
    company: Company = people.company
    return company


def give_file(voucher: Voucher) -> None:
    staged, sha256, size = stage([b"%PDF-1.4 " + voucher.pk.bytes])
    attach_file(voucher=voucher, given=GivenFile(keep(staged, sha256, size), None), actor="t")


def come(company: Company, **changes: object) -> Accepted:
    return accept(company, replace(ARRIVAL, **changes), BRINGER)  # type: ignore[arg-type]


def test_the_contact_that_was_missing_may_come_with_the_same_content_again(company: Company) -> None:
    voucher = come(company, contacts=()).voucher
    give_file(voucher)
    come(company)
    assert Delivery.objects.filter(voucher=voucher, to=MOBILE).count() == 1
    come(company)
    assert Delivery.objects.count() == 1


def test_a_new_version_that_says_nothing_of_sending_keeps_the_wish_to_send_at_once(company: Company) -> None:
    voucher = come(company).voucher
    give_file(voucher)
    dearer = replace(QUOTE, total=Decimal(20))
    come(company, voucher=dearer, deliver=Deliver.AUTO, replace=True)
    assert Delivery.objects.filter(voucher=voucher, version=2).count() == 1


def test_it_is_kept_too_where_automatic_sending_was_asked_before(company: Company) -> None:
    voucher = come(company).voucher
    give_file(voucher)
    Voucher.objects.update(automatic_asked_at=voucher.created_at)
    come(company, voucher=replace(QUOTE, total=Decimal(20)), deliver=Deliver.AUTO, replace=True)
    assert Delivery.objects.filter(voucher=voucher, version=2).count() == 1


def test_never_does_not_send_what_was_wished_before(company: Company) -> None:
    voucher = come(company).voucher
    give_file(voucher)
    come(company, deliver=Deliver.NEVER)
    assert not Delivery.objects.exists()


def test_the_contact_that_was_missing_may_come_with_another_voucher(company: Company) -> None:
    voucher = come(company, contacts=()).voucher
    give_file(voucher)
    other = replace(QUOTE, external_id="Q-2", number=2)
    come(company, voucher=other, deliver=Deliver.NEVER)
    assert Delivery.objects.filter(voucher=voucher, to=MOBILE).count() == 1


def test_the_lane_that_was_missing_may_come_later(people: Cast) -> None:
    ensure_policies(people.company)
    voucher = come(people.company).voucher
    give_file(voucher)
    waits.look_later(people.company)
    wishes.look(people.company.pk)
    assert not Delivery.objects.filter(voucher=voucher).exists()
    make_whatsapp(people.company)
    waits.look_later(people.company)
    wishes.look(people.company.pk)
    assert Delivery.objects.filter(voucher=voucher, to=MOBILE).count() == 1


def test_where_the_automatic_service_is_off_no_wish_is_left_behind(company: Company) -> None:
    voucher = come(company, deliver=Deliver.AUTO).voucher
    assert voucher.wish is None
