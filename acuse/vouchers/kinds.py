"""The seven kinds of voucher, what people call them, and who gets them. Pure."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    #: Those we sell to.
    CUSTOMER = "customer"
    #: Those we buy from.
    SUPPLIER = "supplier"


class VoucherKind(StrEnum):
    #: Factura de venta, with its credit and debit notes.
    SALES_INVOICE = "sales_invoice"
    #: Recibo of a collection (*cobro*); the fiscal ones (types 4, 9, 15, 54) carry a CAE.
    RECEIPT = "receipt"
    #: Presupuesto.
    QUOTE = "quote"
    #: Pedido de venta.
    SALES_ORDER = "sales_order"
    #: Orden de pago: what we pay to a supplier.
    PAYMENT_ORDER = "payment_order"
    #: Comprobante de retención: what we withheld from a supplier.
    WITHHOLDING_CERTIFICATE = "withholding_certificate"
    #: Orden de compra.
    PURCHASE_ORDER = "purchase_order"

    @property
    def singular(self) -> str:
        return _NAMES[self][0]

    @property
    def plural(self) -> str:
        return _NAMES[self][1]

    @property
    def heading(self) -> str:
        """As the document itself is headed, without letter or number."""
        return _TITLES.get(self, self.singular)

    @property
    def audience(self) -> Audience:
        return Audience.CUSTOMER if self in FOR_CUSTOMERS else Audience.SUPPLIER

    def may_go_to(self, party_kind: str) -> bool:
        """Banks may get any kind; a customer or a supplier gets its own."""
        return party_kind == "bank" or party_kind == self.audience


#: What one is called, and all of them together. A *recibo* is the paper of a *cobro*, as its page is called.
_NAMES: dict[VoucherKind, tuple[str, str]] = {
    VoucherKind.SALES_INVOICE: ("Factura de venta", "Facturas de venta"),
    VoucherKind.RECEIPT: ("Recibo", "Cobros"),
    VoucherKind.QUOTE: ("Presupuesto", "Presupuestos"),
    VoucherKind.SALES_ORDER: ("Pedido de venta", "Pedidos de venta"),
    VoucherKind.PAYMENT_ORDER: ("Orden de pago", "Órdenes de pago"),
    VoucherKind.WITHHOLDING_CERTIFICATE: ("Comprobante de retención", "Comprobantes de retención"),
    VoucherKind.PURCHASE_ORDER: ("Orden de compra", "Órdenes de compra"),
}

_TITLES: dict[VoucherKind, str] = {
    VoucherKind.SALES_INVOICE: "Factura",
    VoucherKind.SALES_ORDER: "Pedido",
}

FOR_CUSTOMERS: frozenset[VoucherKind] = frozenset(
    {VoucherKind.SALES_INVOICE, VoucherKind.RECEIPT, VoucherKind.QUOTE, VoucherKind.SALES_ORDER}
)

#: Kinds whose vouchers may be electronic, that is authorised by ARCA.
FISCAL: frozenset[VoucherKind] = frozenset({VoucherKind.SALES_INVOICE, VoucherKind.RECEIPT})

#: Kinds that are electronic unless said otherwise.
ELECTRONIC_BY_DEFAULT: frozenset[VoucherKind] = frozenset({VoucherKind.SALES_INVOICE})
