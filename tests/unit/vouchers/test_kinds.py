from __future__ import annotations

import pytest

from acuse.vouchers.kinds import ELECTRONIC_BY_DEFAULT, FISCAL, Audience, VoucherKind


def test_there_are_seven_kinds_with_names_of_their_own() -> None:
    assert len(VoucherKind) == 7
    assert len({kind.singular for kind in VoucherKind}) == 7
    assert len({kind.plural for kind in VoucherKind}) == 7


@pytest.mark.parametrize(
    ("kind", "audience"),
    [
        ("sales_invoice", Audience.CUSTOMER),
        ("receipt", Audience.CUSTOMER),
        ("quote", Audience.CUSTOMER),
        ("sales_order", Audience.CUSTOMER),
        ("payment_order", Audience.SUPPLIER),
        ("withholding_certificate", Audience.SUPPLIER),
        ("purchase_order", Audience.SUPPLIER),
    ],
)
def test_each_kind_has_its_audience(kind: str, audience: Audience) -> None:
    assert VoucherKind(kind).audience is audience


@pytest.mark.parametrize("kind", VoucherKind)
def test_banks_may_get_any_kind(kind: VoucherKind) -> None:
    assert kind.may_go_to("bank")


def test_a_supplier_gets_no_invoice_of_ours_and_a_customer_no_payment_order() -> None:
    assert not VoucherKind.SALES_INVOICE.may_go_to("supplier")
    assert not VoucherKind.PAYMENT_ORDER.may_go_to("customer")
    assert VoucherKind.SALES_INVOICE.may_go_to("customer")
    assert VoucherKind.PAYMENT_ORDER.may_go_to("supplier")


def test_only_invoices_are_electronic_unless_said_otherwise() -> None:
    assert frozenset({VoucherKind.SALES_INVOICE}) == ELECTRONIC_BY_DEFAULT
    assert frozenset({VoucherKind.SALES_INVOICE, VoucherKind.RECEIPT}) == FISCAL


def test_the_names_are_those_of_the_trade() -> None:
    assert VoucherKind.PAYMENT_ORDER.plural == "Órdenes de pago"
    assert VoucherKind.WITHHOLDING_CERTIFICATE.singular == "Comprobante de retención"
    assert VoucherKind.SALES_INVOICE.heading == "Factura"
