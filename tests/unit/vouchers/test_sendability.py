from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.qr import Contradiction
from acuse.vouchers.sendability import (
    Authorization,
    Facts,
    Reason,
    assess,
    contact_reasons,
    voucher_reasons,
    warnings,
)

TODAY = date(2026, 11, 24)

GOOD = Facts(
    kind=VoucherKind.SALES_INVOICE,
    today=TODAY,
    electronic=True,
    authorization=Authorization.APPROVED,
    code="76123456789012",
    cae_due_on=TODAY,
    has_file=True,
    has_qr=True,
    contacts_count=1,
    contacts_for_kind=1,
    contacts_with_address=1,
    contacts_allowed=1,
)


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]


def reasons(**changes: object) -> list[str]:
    return codes(assess(replace(GOOD, **changes)).reasons)  # type: ignore[arg-type]


def test_an_authorised_invoice_with_pdf_and_contact_is_sendable_without_a_word() -> None:
    assessed = assess(GOOD)
    assert assessed.sendable
    assert assessed.reasons == assessed.warnings == ()


def test_observations_of_arca_do_not_stop_it() -> None:
    assert reasons(authorization=Authorization.OBSERVED) == []


def test_a_cae_without_a_stated_authorisation_is_proof_enough() -> None:
    assert reasons(authorization=None) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"voided": True}, ["voided"]),
        ({"code": ""}, ["cae_missing"]),
        ({"code": "7612345678901"}, ["cae_invalid"]),
        ({"code": "٧٦١٢٣٤٥٦٧٨٩٠١٢"}, ["cae_invalid"]),
        ({"code": "76123456789012\n"}, ["cae_invalid"]),
        ({"authorization": None, "code": ""}, ["cae_missing"]),
        ({"authorization": Authorization.PENDING, "code": ""}, ["authorization_pending"]),
        ({"authorization": Authorization.PENDING}, ["authorization_pending"]),
        ({"authorization": Authorization.REJECTED, "code": ""}, ["authorization_rejected"]),
        ({"authorization": Authorization.REJECTED}, ["authorization_rejected"]),
        ({"has_file": False}, ["pdf_missing"]),
        ({"qr_contradictions": (Contradiction("nroCmp", "42", "43"),)}, ["qr_contradicts"]),
        ({"kind_enabled": False}, ["kind_disabled"]),
        (dict.fromkeys(("contacts_count", "contacts_for_kind", "contacts_with_address", "contacts_allowed"), 0),
         ["no_contact"]),
        ({"contacts_for_kind": 0, "contacts_with_address": 0, "contacts_allowed": 0},
         ["party_without_contact_for_kind"]),
        ({"contacts_with_address": 0, "contacts_allowed": 0}, ["contact_without_address"]),
        ({"contacts_allowed": 0}, ["contact_suppressed"]),
    ],
)  # fmt: skip
def test_each_lack_has_its_reason(changes: dict[str, object], expected: list[str]) -> None:
    assert reasons(**changes) == expected


def test_every_reason_is_told_not_only_the_first() -> None:
    assert reasons(
        voided=True,
        authorization=Authorization.REJECTED,
        has_file=False,
        qr_contradictions=(Contradiction("importe", "1", "2"),),
        kind_enabled=False,
        contacts_allowed=0,
    ) == [
        *("voided", "authorization_rejected", "pdf_missing", "qr_contradicts", "kind_disabled"),
        "contact_suppressed",
    ]


def test_data_to_render_the_pdf_is_as_good_as_a_pdf() -> None:
    rendered = replace(GOOD, has_file=False, has_qr=False, renderable=True)
    assert assess(rendered) == assess(GOOD)


@pytest.mark.parametrize(
    "kind", [kind for kind in VoucherKind if kind not in {VoucherKind.SALES_INVOICE, VoucherKind.RECEIPT}]
)
def test_what_is_not_fiscal_needs_no_cae_nor_qr(kind: VoucherKind) -> None:
    assessed = assess(replace(GOOD, kind=kind, authorization=None, code="", has_qr=False, cae_due_on=None))
    assert assessed.sendable
    assert assessed.warnings == ()


def test_an_invoice_that_is_not_electronic_needs_no_cae() -> None:
    assert reasons(electronic=False, authorization=None, code="") == []


def test_a_fiscal_receipt_needs_its_cae() -> None:
    assert reasons(kind=VoucherKind.RECEIPT, code="") == ["cae_missing"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cae_due_on": date(2026, 11, 23)}, ["cae_expired"]),
        ({"cae_due_on": TODAY}, []),
        ({"cae_due_on": None}, []),
        ({"has_qr": False}, ["qr_missing"]),
        ({"class_outside_segment": True}, ["class_outside_segment"]),
    ],
)
def test_warnings_never_stop_it(changes: dict[str, object], expected: list[str]) -> None:
    assessed = assess(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert assessed.sendable
    assert codes(assessed.warnings) == expected


def test_the_words_say_that_it_goes_by_itself_only_where_it_does() -> None:
    by_itself = voucher_reasons(replace(GOOD, code="", automatic=True))
    by_hand = voucher_reasons(replace(GOOD, code=""))
    assert [reason.text for reason in by_itself] == ["Falta el CAE. Se envía solo cuando ARCA lo autorice."]
    assert codes(by_hand) == codes(by_itself)
    assert "Se envía solo" not in by_hand[0].text


def test_a_contradiction_names_the_field_and_both_values() -> None:
    (reason,) = voucher_reasons(
        replace(
            GOOD,
            qr_contradictions=(Contradiction("importe", "100.5", "200"), Contradiction("cuit", "1", "2")),
        )
    )
    for part in ("el total", "100.5", "200", "(y 1 más)"):
        assert part in reason.text


def test_the_kind_is_named_where_it_is_disabled_or_nobody_receives_it() -> None:
    assert (
        "órdenes de pago" in voucher_reasons(replace(GOOD, kind=VoucherKind.PAYMENT_ORDER, kind_enabled=False))[0].text
    )
    assert "facturas de venta" in contact_reasons(replace(GOOD, contacts_for_kind=0, contacts_allowed=0))[0].text


def test_the_parts_make_the_whole() -> None:
    facts = replace(GOOD, voided=True, contacts_allowed=0, has_qr=False)
    assessed = assess(facts)
    assert assessed.reasons == voucher_reasons(facts) + contact_reasons(facts)
    assert assessed.warnings == warnings(facts)


def test_it_is_cheap_enough_to_ask_at_every_claim() -> None:
    """A guard against a change of order (a query, a regex compiled each time): it takes about 2 µs on a slow core."""
    rounds = 2_000
    best = min(_seconds(rounds) for _ in range(5)) / rounds
    assert best < 50e-6


def _seconds(rounds: int) -> float:
    start = time.perf_counter()
    for _ in range(rounds):
        assess(GOOD)
    return time.perf_counter() - start


def test_before_arca_authorises_it_nobody_misses_a_qr() -> None:
    pending = assess(replace(GOOD, authorization=None, code="", has_qr=False, cae_due_on=None))
    assert pending.reasons != ()
    assert pending.warnings == ()
