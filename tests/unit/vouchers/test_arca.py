from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.vouchers import arca
from acuse.vouchers.arca import VoucherClass
from acuse.vouchers.kinds import VoucherKind

INVOICE = VoucherKind.SALES_INVOICE


@pytest.mark.parametrize(
    ("code", "name", "letter", "voucher_class"),
    [
        (1, "Factura", "A", VoucherClass.INVOICE),
        (7, "Nota de débito", "B", VoucherClass.DEBIT_NOTE),
        (13, "Nota de crédito", "C", VoucherClass.CREDIT_NOTE),
        (15, "Recibo", "C", VoucherClass.RECEIPT),
        (19, "Factura de exportación", "E", VoucherClass.INVOICE),
        (43, "Nota de crédito Liquidación Única Comercial Impositiva", "B", VoucherClass.CREDIT_NOTE),
        (118, "Tique factura", "M", VoucherClass.INVOICE),
        (201, "Factura de Crédito Electrónica MiPyMEs (FCE)", "A", VoucherClass.INVOICE),
        (208, "Nota de Crédito Electrónica MiPyMEs (FCE)", "B", VoucherClass.CREDIT_NOTE),
        (212, "Nota de Débito Electrónica MiPyMEs (FCE)", "C", VoucherClass.DEBIT_NOTE),
    ],
)
def test_a_code_has_its_name_letter_and_class(code: int, name: str, letter: str, voucher_class: VoucherClass) -> None:
    row = arca.voucher_type(code)
    assert (row.name, row.letter, row.voucher_class, row.known) == (name, letter, voucher_class, True)


#: What WSFEv1 accepts (manual v4.0, error 10007).
WSFEV1 = [
    *(1, 2, 3, 4, 5, 34, 39, 60, 63, 201, 202, 203),
    *(6, 7, 8, 9, 10, 35, 40, 61, 64, 206, 207, 208),
    *(11, 12, 13, 15, 211, 212, 213),
    *(51, 52, 53, 54, 49),
]


@pytest.mark.parametrize("code", WSFEV1)
def test_every_code_of_the_web_service_is_known(code: int) -> None:
    assert arca.voucher_type(code).known


@pytest.mark.parametrize("code", [3, 8, 13, 21, 53, 203, 208, 213])
def test_credit_notes_subtract(code: int) -> None:
    assert arca.voucher_type(code).sign == -1


@pytest.mark.parametrize("code", [1, 2, 4, 11, 52, 202, 777])
def test_the_rest_adds(code: int) -> None:
    assert arca.voucher_type(code).sign == 1


@pytest.mark.parametrize("code", [51, 52, 53, 54])
def test_letter_m_ends_with_november_of_2025(code: int) -> None:
    assert arca.voucher_type(code, date(2025, 11, 30)).letter == "M"
    assert arca.voucher_type(code, date(2025, 12, 1)).letter == "A"


@given(st.integers(0, 10**6))
def test_an_unknown_code_is_kept_as_data(code: int) -> None:
    row = arca.voucher_type(code)
    assert row.code == code
    assert row.known or row.name == f"Comprobante cód. {code:03}"


@pytest.mark.parametrize("code", [4, 9, 15, 54])
def test_fiscal_receipts_are_receipts(code: int) -> None:
    assert arca.kind_of(code) is VoucherKind.RECEIPT


@pytest.mark.parametrize("code", [1, 2, 3, 5, 6, 11, 13, 19, 51, 201, 213, 4000])
def test_the_other_codes_are_sales_invoices(code: int) -> None:
    assert arca.kind_of(code) is INVOICE


@pytest.mark.parametrize(
    ("given_data", "title"),
    [
        ((INVOICE, 1, "", 3, 42), "Factura A 00003-00000042"),
        ((INVOICE, 8, "B", 3, 42), "Nota de crédito B 00003-00000042"),
        ((INVOICE, 201, "", 10, 5), "Factura de Crédito Electrónica MiPyMEs (FCE) A 00010-00000005"),
        ((INVOICE, 999, "T", 1, 2), "Comprobante cód. 999 T 00001-00000002"),
        ((INVOICE, None, "C", 3, 42), "Factura C 00003-00000042"),
        ((INVOICE, 6, "", None, 42), "Factura B 00000042"),
        ((INVOICE, 6, "", 3, None), "Factura B"),
        ((INVOICE, None, "", None, None), "Factura"),
        ((VoucherKind.RECEIPT, 4, "", 2, 9), "Recibo A 00002-00000009"),
        ((VoucherKind.RECEIPT, None, "X", 1, 123), "Recibo X 00001-00000123"),
        ((VoucherKind.PAYMENT_ORDER, None, "", None, 123), "Orden de pago 00000123"),
        ((VoucherKind.WITHHOLDING_CERTIFICATE, None, "", None, 20260000000123),
         "Comprobante de retención 20260000000123"),
        ((VoucherKind.QUOTE, None, "", None, 7), "Presupuesto 00000007"),
        ((VoucherKind.SALES_ORDER, None, "", 1, 7), "Pedido 00001-00000007"),
        ((VoucherKind.PURCHASE_ORDER, None, "", None, None), "Orden de compra"),
    ],
)  # fmt: skip
def test_a_voucher_is_titled_as_people_call_it(
    given_data: tuple[VoucherKind, int | None, str, int | None, int | None], title: str
) -> None:
    assert arca.title(*given_data) == title


def test_the_title_of_type_51_depends_on_its_date() -> None:
    assert arca.title(INVOICE, 51, "", 1, 1, date(2025, 6, 1)) == "Factura M 00001-00000001"
    assert arca.title(INVOICE, 51, "M", 1, 1, date(2026, 6, 1)) == "Factura A 00001-00000001"


def test_documents_have_names_and_unknown_ones_stay_data() -> None:
    assert arca.document_type_name(80) == "CUIT"
    assert arca.document_type_name(96) == "DNI"
    assert arca.document_type_name(3) == "CI Córdoba"
    assert arca.document_type_name(55) == "Documento cód. 55"
