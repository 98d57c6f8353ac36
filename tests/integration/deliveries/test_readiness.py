"""*Listos para enviar* is what planning lets go: one voucher for each reason that planning knows, and lists of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acuse.channels.models import Lane, WhatsAppAccount, WhatsAppTemplate
from acuse.companies.models import Company
from acuse.deliveries import planning, readiness
from acuse.deliveries.apart import FAULT
from acuse.deliveries.batches.preview import CHANGED
from acuse.deliveries.models import DeliveryPolicy
from acuse.directory import optout
from acuse.directory.models import Contact, MarketingChoice
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.web.batches.reasons import REASONS
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_mailbox, make_party, make_voucher, make_whatsapp

KIND = VoucherKind.SALES_INVOICE
Break = Callable[[Company, Voucher], object]


def _policy(**fields: Any) -> Break:
    return lambda company, _: DeliveryPolicy.objects.filter(company=company, kind=KIND.value).update(**fields)


def _voucher(**fields: Any) -> Break:
    return lambda _, voucher: Voucher.objects.filter(pk=voucher.pk).update(**fields)


def _contact(**fields: Any) -> Break:
    return lambda _, voucher: Contact.objects.filter(party=voucher.party).update(**fields)


def _template(company: Company, **fields: Any) -> None:
    body = {"type": "BODY", "text": "{{1}}", "example": {"body_text": [["Factura"]]}}
    given = {"components": [{"type": "HEADER", "format": "DOCUMENT"}, body], "status": "APPROVED"}
    WhatsAppTemplate.objects.update_or_create(
        account=WhatsAppAccount.objects.get(company=company), name="comprobantes", language="es_AR",
        defaults={"synced_at": clock.now(), **given, **fields},
    )  # fmt: skip


def _marketing_refused(company: Company, _: Voucher) -> None:
    _template(company, category="MARKETING", category_accepted_at=clock.now())
    MarketingChoice.objects.create(company=company, mobile=MOBILE, stopped=True, told_at=clock.now())


#: What makes each reason out of a voucher that may go.
BREAKS: dict[str, Break] = {
    "voided": _voucher(voided_at=clock.now()),
    "authorization_rejected": _voucher(authorization=Authorization.REJECTED.value),
    "authorization_pending": _voucher(authorization=Authorization.PENDING.value),
    "cae_missing": _voucher(cae=""),
    "cae_invalid": _voucher(cae="7041"),
    "pdf_missing": _voucher(file=None),
    "qr_contradicts": _voucher(qr_contradictions=[{"field": "importe", "found": "1", "expected": "2"}]),
    "kind_disabled": _policy(enabled=False),
    "no_contact": lambda _, voucher: Contact.objects.filter(party=voucher.party).delete(),
    "party_without_contact_for_kind": _contact(kinds=["quote"]),
    "contact_without_address": _policy(channels=["email"]),
    "contact_suppressed": lambda company, _: optout.note(company, [MOBILE], reason="BAJA", actor="test"),
    "marketing_refused": _marketing_refused,
    "no_lane": lambda company, _: Lane.objects.filter(company=company).update(is_active=False),
    "template_misfit": lambda company, _: _template(company, components=[{"type": "BODY", "text": "Hola"}]),
}


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    make_whatsapp(people.company)
    _template(people.company)
    party = make_party(people.company)
    make_contact(party)
    return make_voucher(people.company, party)


def _codes(voucher: Voucher) -> list[str]:
    fresh = Voucher.objects.select_related("company", "party").get(pk=voucher.pk)
    found = planning.plan(fresh, planning.open_office(fresh.company, [fresh])).sendability
    return [reason.code for reason in found.reasons]


def _ready(company: Company) -> list[Voucher]:
    ours = Voucher.objects.filter(company=company, kind=KIND.value)
    return list(readiness.sendable(ours, company, KIND).order_by("number"))


def test_every_reason_has_what_makes_it() -> None:
    # what a batch finds out by itself: that it changed, that working it out failed
    assert BREAKS.keys() == REASONS.keys() - {CHANGED, FAULT.code}


@pytest.mark.parametrize("code", BREAKS)
def test_what_planning_refuses_is_not_listed(people: Cast, voucher: Voucher, code: str) -> None:
    assert (_codes(voucher), _ready(people.company)) == ([], [voucher])
    BREAKS[code](people.company, voucher)
    assert code in _codes(voucher)
    assert _ready(people.company) == []


@pytest.mark.parametrize("every", [True, False], ids=["every channel", "the first channel"])
@pytest.mark.parametrize("order", [["whatsapp", "email"], ["email", "whatsapp"], ["whatsapp"], ["email"]], ids=",".join)
@pytest.mark.parametrize("with_mail", [True, False], ids=["with mail", "without mail"])
@pytest.mark.parametrize("wrong", ["", "template_misfit", "marketing_refused"])
def test_both_agree_on_who_is_reached_by_what(
    people: Cast, voucher: Voucher, every: bool, order: list[str], with_mail: bool, wrong: str
) -> None:
    company = people.company
    if with_mail:
        make_mailbox(company, "smtp://127.0.0.1:2525")
    _policy(channels=order, channels_mode="all" if every else "first")(company, voucher)
    made = [voucher]
    for number, (mobile, email) in enumerate(
        [
            (MOBILE, "a@norte.example"),
            ("", "b@norte.example"),
            ("+5493415550188", ""),
            ("+5493415550187", "c@norte.example"),
        ]
    ):
        party = make_party(company, name=f"Otro {number}")
        make_contact(party, mobile=mobile, email=email)
        made.append(make_voucher(company, party, number=100 + number))
    # two contacts, of which one is reached by mail alone
    make_contact(made[2].party, mobile="+5493415550186", email="")
    if wrong:
        BREAKS[wrong](company, voucher)
    assert _ready(company) == [one for one in made if not _codes(one)]


def test_another_companys_office_decides_nothing(people: Cast, voucher: Voucher) -> None:
    DeliveryPolicy.objects.filter(company=people.other_company).update(enabled=False)
    assert _ready(people.company) == [voucher]
    assert _ready(people.other_company) == []


def test_it_asks_as_much_of_many_as_of_one(
    people: Cast, voucher: Voucher, django_assert_num_queries: Any
) -> None:  # fmt: skip
    for number in range(100, 120):
        make_voucher(people.company, voucher.party, number=number)
    # the office's four, and the list
    with django_assert_num_queries(5):
        assert len(_ready(people.company)) == 21
