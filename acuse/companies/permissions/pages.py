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
    #: Tablas > Clientes, with their contacts.
    CUSTOMERS = "customers"
    #: Tablas > Proveedores, with their contacts.
    SUPPLIERS = "suppliers"
    #: Tablas > Bancos, with their contacts.
    BANKS = "banks"
    #: Tablas > Clases de cliente.
    CUSTOMER_CLASSES = "customer_classes"
    #: Envíos, and the messages received.
    DELIVERIES = "deliveries"
    #: Administración > Parámetros.
    PARAMETERS = "parameters"
    #: Administración > Configuraciones de envío de comprobantes.
    POLICIES = "policies"
    #: Administración > Tarifas.
    RATES = "rates"
    #: Administración > Empresa.
    COMPANY = "company"
    #: Seguridad > Usuarios.
    USERS = "users"
    #: Seguridad > Roles, and Acciones por páginas por rol.
    ROLES = "roles"
    #: Seguridad > Claves de API.
    API_KEYS = "api_keys"
    #: Seguridad > Auditoría.
    AUDIT = "audit"


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

_VOUCHER_ACTIONS = (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID, Action.SEND, Action.EXPORT)
_TABLE_ACTIONS = (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID, Action.EXPORT)

#: What may be ticked on each page; on a table, *Anular* is to delete or to merge a row. Another pair grants nothing.
PAGE_ACTIONS: dict[Page, tuple[Action, ...]] = {
    **dict.fromkeys(VOUCHER_PAGES, _VOUCHER_ACTIONS),
    Page.CUSTOMERS: _TABLE_ACTIONS,
    Page.SUPPLIERS: _TABLE_ACTIONS,
    Page.BANKS: _TABLE_ACTIONS,
    Page.CUSTOMER_CLASSES: (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID),
    Page.DELIVERIES: (Action.VIEW, Action.EDIT, Action.EXPORT),
    Page.PARAMETERS: (Action.VIEW, Action.CONFIGURE),
    Page.POLICIES: (Action.VIEW, Action.CONFIGURE),
    Page.RATES: (Action.VIEW, Action.CONFIGURE),
    Page.COMPANY: (Action.VIEW, Action.CONFIGURE),
    Page.USERS: (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID),
    Page.ROLES: (Action.VIEW, Action.CREATE, Action.EDIT, Action.VOID),
    Page.API_KEYS: (Action.VIEW, Action.CREATE, Action.VOID),
    Page.AUDIT: (Action.VIEW, Action.EXPORT),
}

#: Every tick there is: what *Administrador* holds.
EVERYTHING: frozenset[tuple[Page, Action]] = frozenset((page, action) for page in Page for action in PAGE_ACTIONS[page])

#: The ready role that holds everything; can't be edited or deleted.
ADMINISTRATOR = "Administrador"

_TABLES = (Page.CUSTOMERS, Page.SUPPLIERS, Page.BANKS, Page.CUSTOMER_CLASSES)
_SALES = (Page.SALES_INVOICE, Page.RECEIPT, Page.QUOTE, Page.SALES_ORDER)
_PURCHASES = (Page.PURCHASE_ORDER, Page.PAYMENT_ORDER, Page.WITHHOLDING_CERTIFICATE)


def _all_of(*pages: Page) -> set[tuple[Page, Action]]:
    return {(page, action) for page in pages for action in PAGE_ACTIONS[page]}


def _view(*pages: Page) -> set[tuple[Page, Action]]:
    return {(page, Action.VIEW) for page in pages}


#: The other ready roles of every company; from then on they are the company's own.
READY_ROLES: dict[str, frozenset[tuple[Page, Action]]] = {
    "Administración": frozenset(
        _all_of(*VOUCHER_PAGES, *_TABLES, Page.DELIVERIES, Page.POLICIES, Page.RATES, Page.COMPANY)
        | _view(Page.PARAMETERS)
    ),
    "Ventas": frozenset(
        _all_of(*_SALES, Page.CUSTOMERS, Page.DELIVERIES) | _view(Page.BANKS, Page.CUSTOMER_CLASSES, Page.POLICIES)
    ),
    "Compras": frozenset(_all_of(*_PURCHASES, Page.SUPPLIERS, Page.DELIVERIES) | _view(Page.BANKS, Page.POLICIES)),
    "Consulta": frozenset(_view(*VOUCHER_PAGES, *_TABLES, Page.DELIVERIES)),
}
