"""Pages and actions: what a role may hold (*Acciones por páginas por rol*). Pure."""

from __future__ import annotations

from enum import StrEnum


class Page(StrEnum):
    #: Facturas de venta, with their notes.
    SALES_INVOICE = "sales_invoice"
    #: Cobros.
    RECEIPT = "receipt"
    #: Presupuestos.
    QUOTE = "quote"
    #: Pedidos de venta.
    SALES_ORDER = "sales_order"
    #: Órdenes de pago.
    PAYMENT_ORDER = "payment_order"
    #: Comprobantes de retención.
    WITHHOLDING_CERTIFICATE = "withholding_certificate"
    #: Órdenes de compra.
    PURCHASE_ORDER = "purchase_order"
    #: Clientes, proveedores, bancos, clases and their contacts.
    PARTIES = "parties"
    #: Envíos.
    DELIVERIES = "deliveries"
    #: Parámetros and configuraciones de envío.
    PARAMETERS = "parameters"
    #: Usuarios, roles, claves de API, auditoría.
    SECURITY = "security"


class Action(StrEnum):
    #: Ver.
    VIEW = "view"
    #: Crear.
    CREATE = "create"
    #: Editar.
    EDIT = "edit"
    #: Anular.
    VOID = "void"
    #: Enviar comprobante.
    SEND = "send"
    #: Exportar.
    EXPORT = "export"
    #: Configurar.
    CONFIGURE = "configure"


#: The pages of the seven kinds of voucher; their values are the kinds' own.
VOUCHER_PAGES = (
    Page.SALES_INVOICE,
    Page.RECEIPT,
    Page.QUOTE,
    Page.SALES_ORDER,
    Page.PAYMENT_ORDER,
    Page.WITHHOLDING_CERTIFICATE,
    Page.PURCHASE_ORDER,
)

#: The ready role that holds everything; given to setup's admin and key.
ADMINISTRATOR = "Administrador"
